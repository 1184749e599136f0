# Shared by the shell examples: where the laboratory is, and one line a check.
#   LABO   a directory written by `ecluse quickstart` (labo)
#   BASE   where it listens (https://127.0.0.1:8443)
#   ECLUSE the program (ecluse)
ICI=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LABO=${LABO:-labo} BASE=${BASE:-https://127.0.0.1:8443} ECLUSE=${ECLUSE:-ecluse}
TEMP=$(mktemp -d)
trap 'rm -rf "$TEMP"' EXIT
MAUVAIS=0

# Mutual TLS: our certificate of authentication, and the authorities of the laboratory.
cat "$LABO"/confiance/racines/*.pem "$LABO"/confiance/intermediaires/*.pem >"$TEMP/autorites.pem"
ES=$LABO/cles-ch-combe
CURL=(curl -sS --max-time 20 --cacert "$TEMP/autorites.pem" --cert "$ES/authentification.pem" --key "$ES/authentification.cle")

# dire TITRE COMMANDE…: runs a command and says whether it succeeded.
dire() {
  local titre=$1 sortie
  shift
  if sortie=$("$@" 2>&1); then
    echo "ok $titre : $(tail -n 1 <<<"$sortie")"
  else
    echo "not ok $titre : $(tr '\n' ' ' <<<"$sortie")"
    MAUVAIS=$((MAUVAIS + 1))
  fi
}

# refuse TITRE COMMANDE…: the command must fail.
refuse() {
  local titre=$1 sortie
  shift
  if sortie=$("$@" 2>&1); then
    echo "not ok $titre : accepté"
    MAUVAIS=$((MAUVAIS + 1))
  else
    echo "ok $titre : $(tail -n 1 <<<"$sortie")"
  fi
}

# vaut TITRE ATTENDU OBTENU: the value obtained matches the pattern.
vaut() {
  # shellcheck disable=SC2053 # a pattern on purpose
  if [[ $3 == $2 ]]; then
    echo "ok $1 : $3"
  else
    echo "not ok $1 : « $3 », attendu « $2 »"
    MAUVAIS=$((MAUVAIS + 1))
  fi
}

# message SERVICE [NOM=VALEUR…]: a question of the examples, for today, without its
# seal; each NOM is added to the body. DESTINATAIRE=NUMÉRO changes the insurer.
message() {
  python3 - "$ICI/exemple.json" "$@" <<'PYTHON'
import datetime, json, os, re, sys, uuid
jour = datetime.date.today()
texte = open(sys.argv[1]).read().replace("@ANNEE@", str(jour.year))
x = json.loads(re.sub("@JOUR([+-][0-9]+)?@", lambda m: str(jour + datetime.timedelta(int(m[1] or 0))), texte))
service = sys.argv[2]
corps = x["corps"][service] | dict(a.split("=", 1) for a in sys.argv[3:])
destinataire = x["annuaire" if service == "ANN" else "amc"]
if os.environ.get("DESTINATAIRE"):
    destinataire["id"] = os.environ["DESTINATAIRE"]
enveloppe = {
    "normeVersion": "ecluse-roc/1", "service": service, "sens": "Q", "idMessage": str(uuid.uuid4()), "idEchange": str(uuid.uuid4()),
    "idDossierES": os.environ.get("DOSSIER", "SHELL-0001"), "environnement": "T", "emetteur": x["emetteur"], "destinataire": destinataire,
    "horodatage": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")}
print(json.dumps({"enveloppe": enveloppe, "corps": corps}, ensure_ascii=False))
PYTHON
}

# membre NOM <FICHIER: the first text member of that name in a JSON answer.
membre() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' | head -n 1; }
