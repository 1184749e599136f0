#!/bin/bash
# IDB, then CLC, then DEL, with curl and `ecluse sceau`.
#
#   LABO=labo clients/curl/parcours.sh     (a laboratory that runs: see clients/README.md)
#
# A question is {"enveloppe": …, "corps": …}. `ecluse sceau signer --maintenant`
# gives it a fresh instant and identifiers, and seals it: {"message": …,
# "scellement": "…"}. It is posted to /v1/roc/SERVICE over mutual TLS; the answer
# has the same form, and is not believed before its seal is verified.
set -euo pipefail
. "$(dirname "$0")/../commun.sh"
export DOSSIER="CURL-$RANDOM$RANDOM"

# demander SERVICE [NOM=VALEUR…]: seals, sends, verifies; the answer is in reponse.json.
demander() {
  local service=${1,,}
  message "$@" >"$TEMP/question.json"
  "$ECLUSE" sceau signer --maintenant --certificat "$ES/cachet.pem" --cle "$ES/cachet.cle" "$TEMP/question.json" >"$TEMP/scelle.json"
  "${CURL[@]}" -H 'Content-Type: application/json' --data-binary "@$TEMP/scelle.json" "$BASE/v1/roc/$service" >"$TEMP/reponse.json"
  [ -z "${MESSAGES:-}" ] || cp "$TEMP/scelle.json" "$MESSAGES/rest-curl-$1-Q.json"
  [ -z "${MESSAGES:-}" ] || cp "$TEMP/reponse.json" "$MESSAGES/rest-curl-$1-R.json"
  # The seal, and its certificate judged by the trust directory (chain, usage, revocation).
  dire "curl $1, sceau de la réponse" "$ECLUSE" sceau verifier --autorites "$LABO/confiance" "$TEMP/reponse.json"
  vaut "curl $1" 000 "$(membre codeRetour <"$TEMP/reponse.json")"
}

demander IDB # is the patient known and covered?
reference=$(membre idReponseIDB <"$TEMP/reponse.json")

demander CLC "idReponseIDB=$reference" # what does the insurer pay, and will it?
engagement=$(membre numeroEngagement <"$TEMP/reponse.json")
vaut "curl CLC, part de l'AMC" 39.27 "$(membre totalAMC <"$TEMP/reponse.json")"

demander DEL "numeroEngagement=$engagement" # an error was found: the engagement is cancelled
vaut "curl DEL, état de l'engagement" ANNULE "$(membre etatEngagement <"$TEMP/reponse.json")"

# An answer changed by one letter is no longer what was sealed.
sed 's/ANNULE/ENGAGE/' "$TEMP/reponse.json" >"$TEMP/altere.json"
refuse "curl réponse altérée" "$ECLUSE" sceau verifier "$TEMP/altere.json"
exit $((MAUVAIS > 0))
