#!/bin/bash
# REST answers of two insurers, verified by openssl alone, and changed ones refused.
#
#   LABO=labo ECLUSE=ecluse clients/openssl/controler.sh
set -euo pipefail
. "$(dirname "$0")/../commun.sh"
for amc in 99000101:amc-moulin 99000404:amc-verger; do
  cachet=$LABO/cles-${amc#*:}/cachet.pem
  genre=$(openssl x509 -in "$cachet" -noout -text | sed -n 's/ *Public Key Algorithm: //p')
  DESTINATAIRE=${amc%:*} message ETAT >"$TEMP/m.json"
  "$ECLUSE" sceau signer --certificat "$ES/cachet.pem" --cle "$ES/cachet.cle" "$TEMP/m.json" >"$TEMP/q.json"
  "${CURL[@]}" -H 'Content-Type: application/json' --data-binary "@$TEMP/q.json" "$BASE/v1/roc/etat" >"$TEMP/r.json"
  [ -z "${MESSAGES:-}" ] || cp "$TEMP/r.json" "$MESSAGES/rest-openssl-${amc%:*}-ETAT-R.json"
  dire "openssl vérifie une réponse REST, $genre" "$ICI/openssl/verifier.sh" "$TEMP/r.json" "$cachet"
  sed 's/OPERATIONNEL/DEGRADE/' "$TEMP/r.json" >"$TEMP/altere.json"
  refuse "openssl, réponse altérée, $genre" "$ICI/openssl/verifier.sh" "$TEMP/altere.json" "$cachet"
  refuse "openssl, autre certificat, $genre" "$ICI/openssl/verifier.sh" "$TEMP/r.json" "$LABO/cles-annuaire/cachet.pem"
done
exit $((MAUVAIS > 0))
