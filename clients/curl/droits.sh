#!/bin/bash
# A patient's rights, as a pharmacy asks them: curl, no certificate, no seal.
#
#   LABO=labo DROITS=https://127.0.0.1:8461 clients/curl/droits.sh
#
# A question is {"message": {"enveloppe": …, "corps": …}}, posted to /v1/droits/dld.
# The answer is sealed all the same, and is not believed before its seal is verified.
set -euo pipefail
. "$(dirname "$0")/../commun.sh"
DROITS=${DROITS:-https://127.0.0.1:8461}

message IDB >"$TEMP/idb.json"
python3 - "$TEMP/idb.json" >"$TEMP/question.json" <<'PYTHON'
import datetime, json, sys, uuid
idb = json.load(open(sys.argv[1]))
b, c = idb["corps"]["beneficiaire"], idb["corps"]["carte"]
print(json.dumps({"message": {
    "enveloppe": {
        "normeVersion": "ecluse-droits/1", "service": "DLD", "sens": "Q", "idMessage": str(uuid.uuid4()), "idEchange": str(uuid.uuid4()),
        "idDossierES": "1", "horodatage": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "emetteur": {"type": "PS", "id": "752000012"}, "destinataire": idb["enveloppe"]["destinataire"], "environnement": "T"},
    "corps": {
        "ps": {"numeroFacturation": "752000012", "categorie": "PHAR"},
        "patient": {k: b[k] for k in ("numeroAdherent", "dateNaissance", "rangGemellaire")},
        "carte": {k: c[k] for k in ("numeroAMC", "typeConvention", "csr")},
        "dateReference": idb["corps"]["dateReference"], "niveauService": "BASE", "prestationsSpecifiques": False}}}))
PYTHON
poster() { curl -sS --max-time 20 --cacert "$TEMP/autorites.pem" -H 'Content-Type: application/json' --data-binary "@$1" "$DROITS/v1/droits/$2" >"$TEMP/reponse.json"; }

poster "$TEMP/question.json" dld
dire "curl DLD, sceau de la réponse" "$ECLUSE" sceau verifier --autorites "$LABO/confiance" "$TEMP/reponse.json"
vaut "curl DLD, sans certificat ni sceau" 000 "$(membre codeRetour <"$TEMP/reponse.json")"
vaut "curl DLD, état" OUVERT "$(membre etat <"$TEMP/reponse.json")"

# The same door answers nothing that asks for a seal.
poster "$TEMP/question.json" fao
vaut "curl FAO sans sceau" S503 "$(membre codeRetour <"$TEMP/reponse.json")"
exit $((MAUVAIS > 0))
