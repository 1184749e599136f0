#!/bin/bash
# Proves the exchange against clients that we did not write: zeep, npm soap, npm
# jose, curl, openssl, xmlsec1, xmllint and ajv, all against one laboratory.
#
#   apt-get install -y python3-zeep python3-xmlsec python3-ldap3 xmlsec1 libxml2-utils openssl curl
#   (cd clients/node && npm ci) && (cd clients/ldapts && npm ci)
#   .ci/clients.sh [PROGRAMME]
#
# PROGRAMME is built when it is not given. One line a check, "ok", "not ok" or
# "skip"; a closing line counts them. With ECLUSE_CI=1 a missing tool is a failure.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
TRAVAIL=$(mktemp -d)
SERVEUR=
VILLE_SERT=() # the parties of the second laboratory
fin() {
  [ -z "$SERVEUR" ] || kill "$SERVEUR" 2>/dev/null
  [ ${#VILLE_SERT[@]} -eq 0 ] || kill "${VILLE_SERT[@]}" 2>/dev/null
  rm -rf "$TRAVAIL"
}
trap fin EXIT

JOURNAL=$TRAVAIL/resultats
: >"$JOURNAL"
dire() { echo "$*" | tee -a "$JOURNAL"; }

# lancer TITRE COMMANDE…: runs a group of checks; a group that stops half-way is a failure too.
lancer() {
  local titre=$1 debut=$SECONDS statut
  shift
  echo "== $titre"
  "$@" 2>"$TRAVAIL/erreurs" | tee "$TRAVAIL/sortie"
  statut=${PIPESTATUS[0]}
  cat "$TRAVAIL/sortie" >>"$JOURNAL"
  if ! grep -Eq '^(not )?ok ' "$TRAVAIL/sortie" || { [ "$statut" -ne 0 ] && ! grep -q '^not ok ' "$TRAVAIL/sortie"; }; then
    dire "not ok $titre : arrêté, statut $statut"
    tail -n 15 "$TRAVAIL/erreurs"
  fi
  echo "== $titre : $((SECONDS - debut)) s"
}

# absent TITRE QUOI
absent() {
  if [ "${ECLUSE_CI:-}" = 1 ]; then dire "not ok $1 : $2 absent"; else dire "skip $1 : $2 absent"; fi
}

# avec TITRE "OUTILS" COMMANDE…: lancer when the tools are there.
avec() {
  local titre=$1 outil
  for outil in $2; do
    command -v "$outil" >/dev/null || { absent "$titre" "$outil"; return; }
  done
  shift 2
  lancer "$titre" "$@"
}

for outil in curl openssl python3; do
  command -v "$outil" >/dev/null || { echo "$outil est nécessaire à tout le reste" >&2; exit 1; }
done

export ECLUSE=${1:-$TRAVAIL/ecluse}
if [ $# -eq 0 ]; then go build -o "$ECLUSE" ./cmd/ecluse || exit 1; fi

# A laboratory where one insurer seals in RSA, and where a revocation is seen in seconds.
export LABO=$TRAVAIL/labo MESSAGES=$TRAVAIL/messages
mkdir "$MESSAGES"
"$ECLUSE" quickstart --ports-libres "$LABO" >/dev/null || exit 1
sed -i 's/^\[confiance\]$/[confiance]\nactualiser = "2s"/' "$LABO/ecluse.toml"
emettre() {
  "$ECLUSE" igc emettre --config "$LABO/ecluse.toml" --profil ORG-SIGN --organisation "$1" --structure "$2" --cn "LABO RSA" \
    --algorithme RSA-2048 --sortie "$3" >/dev/null || exit 1
}
emettre "MUTUELLE DU VERGER D'AUTOMNE (fictive)" 2999101207 "$LABO/verger"
for x in pem cle; do mv "$LABO/verger.$x" "$LABO/cles-amc-verger/cachet.$x"; done
emettre "CH DE LA COMBE AUX FEES (fictif)" 1990001018 "$LABO/rsa"
adresse() { python3 -c 'import sys, tomllib; print(tomllib.load(open(sys.argv[1], "rb"))[sys.argv[2]][sys.argv[3]])' "${3:-$LABO}/ecluse.toml" "$1" "${2:-adresse}"; }
# attendre PROCESSUS JOURNAL RÉPERTOIRE: until a server is ready.
attendre() {
  local _
  for _ in $(seq 100); do
    curl -sf "http://$(adresse surveillance adresse "$3")/pret" >/dev/null && return
    kill -0 "$1" 2>/dev/null || break
    sleep 0.2
  done
  cat "$2" >&2
  exit 1
}
BASE=https://$(adresse ecoute) && DROITS=https://$(adresse ecoute ouverte) && export BASE DROITS
"$ECLUSE" config check --config "$LABO/ecluse.toml" >/dev/null || exit 1
"$ECLUSE" serve --config "$LABO/ecluse.toml" >"$TRAVAIL/serveur.log" 2>&1 &
SERVEUR=$!
attendre "$SERVEUR" "$TRAVAIL/serveur.log" "$LABO"

# zeep: Debian's, with its own signature module.
PYTHON=python3
[ -x /usr/bin/python3 ] && PYTHON=/usr/bin/python3
if "$PYTHON" -c 'import zeep, xmlsec' 2>/dev/null; then
  lancer "zeep, sceau ECDSA" "$PYTHON" clients/zeep/appeler.py
  lancer "zeep, sceau RSA" "$PYTHON" clients/zeep/appeler.py --rsa "$LABO/rsa"
  lancer "zeep, droits en ville" "$PYTHON" clients/zeep/droits.py
  lancer "zeep, refus" "$PYTHON" clients/zeep/controler.py "$LABO/rsa"
else
  absent "zeep" "python3-zeep ou python3-xmlsec"
fi

# npm soap and npm jose.
if command -v npm >/dev/null && { [ -d clients/node/node_modules ] || (cd clients/node && npm ci --ignore-scripts >/dev/null 2>&1); }; then
  lancer "npm soap" node --no-deprecation clients/node/soap.mjs "$LABO/rsa"
  lancer "npm jose" node clients/node/rest.mjs "$LABO/rsa"
else
  absent "npm soap et npm jose" "npm, ou ses modules (cd clients/node && npm ci)"
fi

lancer "curl" clients/curl/parcours.sh
lancer "curl, droits en ville" clients/curl/droits.sh
lancer "openssl" clients/openssl/controler.sh
for amc in 99000101:amc-moulin 99000404:amc-verger; do
  cachet=$LABO/cles-${amc#*:}/cachet.pem
  avec "xmlsec1, ECDSA, ${amc#*:}" xmlsec1 clients/xmlsec/sceller.sh "ECDSA vers ${amc#*:}" "$LABO/cles-ch-combe/cachet" ecdsa-sha256 "${amc%:*}" "$cachet"
  avec "xmlsec1, RSA, ${amc#*:}" xmlsec1 clients/xmlsec/sceller.sh "RSA vers ${amc#*:}" "$LABO/rsa" rsa-sha256 "${amc%:*}" "$cachet"
done

# Every SOAP answer that the other clients received, of each service.
verifier_tout() {
  local f cachet
  for f in "$MESSAGES"/soap-*-R.xml; do
    case $f in
    *soap-autre*) cachet=amc-verger ;;
    *-ANN-R.xml) cachet=annuaire ;;
    *) cachet=amc-moulin ;;
    esac
    if clients/xmlsec/verifier.sh "$f" "$LABO/cles-$cachet/cachet.pem" >/dev/null 2>"$TRAVAIL/detail"; then
      echo "ok xmlsec1 vérifie $(basename "$f")"
    else
      echo "not ok xmlsec1 vérifie $(basename "$f") : $(tail -n 1 "$TRAVAIL/detail")"
    fi
  done
}
avec "xmlsec1, réponses reçues" xmlsec1 verifier_tout

# The sealed examples that we publish, with the published certificates of their sealers.
verifier_exemples() {
  local f cachet outil
  for f in roc/testdata/scelle/*; do
    case $f in *.question*) cachet=hopital ;; *) cachet=mutuelle ;; esac
    case $f in *.xml) outil=xmlsec ;; *) outil=openssl ;; esac
    if "clients/$outil/verifier.sh" "$f" "roc/testdata/labo/$cachet-cachet.pem" >/dev/null 2>"$TRAVAIL/detail"; then
      echo "ok $outil vérifie l'exemple $(basename "$f")"
    else
      echo "not ok $outil vérifie l'exemple $(basename "$f") : $(tail -n 1 "$TRAVAIL/detail")"
    fi
  done
}
avec "exemples scellés" xmlsec1 verifier_exemples

avec "schéma XML" xmllint clients/schemas/xsd.sh "$MESSAGES"
if [ -d clients/node/node_modules ]; then
  lancer "schéma JSON" node clients/node/schemas.mjs "$MESSAGES"
  lancer "schéma JSON, messages d'exemple" node clients/node/schemas.mjs roc/testdata
else
  absent "schéma JSON" "npm ajv"
fi
# A second laboratory, each party alone: nothing else prices, for the third party and the
# pricing service never share a process with an insurer.
VILLE=$TRAVAIL/ville
jouer_la_ville() {
  local p f cachet
  "$ECLUSE" quickstart --ports-libres --separees "$VILLE" >/dev/null || exit 1
  mkdir -p "$VILLE/messages/droits" "$VILLE/messages/tarif"
  for p in igc amc-moulin tarif tiers; do
    "$ECLUSE" serve --config "$VILLE/$p/ecluse.toml" >"$VILLE/$p.log" 2>&1 &
    VILLE_SERT+=($!)
    attendre "$!" "$VILLE/$p.log" "$VILLE/$p"
  done
  MESSAGES=$VILLE/messages VILLE=$VILLE lancer "npm soap, droits et tarification" node --no-deprecation clients/node/ville.mjs
  if command -v xmllint >/dev/null; then
    LABO=$VILLE/ch-combe BASE=$(adresse_ville amc-moulin ouverte) lancer "schéma XML, droits" clients/schemas/xsd.sh "$VILLE/messages/droits" droits
    LABO=$VILLE/ch-combe BASE=$(adresse_ville tiers adresse) lancer "schéma XML, tarification" clients/schemas/xsd.sh "$VILLE/messages/tarif" tarif
  else
    absent "schéma XML, droits et tarification" xmllint
  fi
  avec "xmlsec1, droits et tarification" xmlsec1 verifier_ville
  if grep -Eiq 'MB1007919|KERBRIANT|SOLENE|9900022|210\.00' "$VILLE"/*.log; then
    dire "not ok journaux de la ville : une donnée du patient ou de la délivrance y est écrite"
  else
    dire "ok journaux de la ville : rien du patient, rien de la délivrance"
  fi
}
adresse_ville() { echo "https://$(adresse ecoute "$2" "$VILLE/$1")"; }
verifier_ville() {
  local f cachet
  for f in "$VILLE"/messages/*/npm-*-R.xml; do
    case $f in */tarif/*) cachet=tiers/cles ;; *) cachet=amc-moulin/cles-amc-moulin ;; esac
    if clients/xmlsec/verifier.sh "$f" "$VILLE/$cachet/cachet.pem" >/dev/null 2>"$TRAVAIL/detail"; then
      echo "ok xmlsec1 vérifie $(basename "$f")"
    else
      echo "not ok xmlsec1 vérifie $(basename "$f") : $(tail -n 1 "$TRAVAIL/detail")"
    fi
  done
}
if [ -d clients/node/node_modules ]; then jouer_la_ville; else absent "npm soap, droits et tarification" "npm soap"; fi

# The national directory by LDAP: the public, then a reader with his key.
cat "$LABO"/confiance/racines/*.pem "$LABO"/confiance/intermediaires/*.pem >"$TRAVAIL/ca.pem"
ldap() {
  LDAPS=ldaps://$(adresse annuaire-sante ldaps) CA=$TRAVAIL/ca.pem LECTEUR="cn=editeur,ou=lecteurs,o=annuaire,c=fr" \
    MOT_DE_PASSE=$(cat "$LABO/annuaire-editeur.cle") "$@"
}
if [ -d clients/ldapts/node_modules ]; then
  lancer "npm ldapts" ldap node clients/ldapts/annuaire.mjs
else
  absent "npm ldapts" "npm ldapts (cd clients/ldapts && npm ci)"
fi
if /usr/bin/python3 -c 'import ldap3' 2>/dev/null; then
  lancer "ldap3" ldap clients/ldap3/annuaire.py
else
  absent "ldap3" "python3-ldap3"
fi

lancer "TLS" clients/tls/controler.sh

# Nothing of the patient in the server's log, no error, and a stop that drains.
if grep -Eiq '291042998110708|KERBRIANT|SOLENE|MB1007919' "$TRAVAIL/serveur.log"; then
  dire "not ok journal du serveur : une donnée du patient y est écrite"
else
  dire "ok journal du serveur : rien du patient"
fi
if grep '"level":"ERROR"' "$TRAVAIL/serveur.log"; then dire "not ok journal du serveur : erreurs"; else dire "ok journal du serveur : aucune erreur"; fi
kill -TERM "$SERVEUR"
if wait "$SERVEUR"; then dire "ok arrêt du serveur"; else dire "not ok arrêt du serveur : statut $?"; fi
SERVEUR=

bons=$(grep -c '^ok ' "$JOURNAL")
mauvais=$(grep -c '^not ok ' "$JOURNAL")
sautes=$(grep -c '^skip ' "$JOURNAL")
[ "$mauvais" -eq 0 ] || { echo; grep '^not ok ' "$JOURNAL"; }
echo "$bons passed, $mauvais failed, $sautes skipped"
[ "$mauvais" -eq 0 ] && [ "$bons" -gt 0 ]
