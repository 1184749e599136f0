#!/bin/bash
# What the TLS of Écluse accepts and refuses, seen by openssl and curl.
#
#   LABO=labo ECLUSE=ecluse clients/tls/controler.sh
#
# Issues two certificates in the laboratory and revokes one.
set -euo pipefail
. "$(dirname "$0")/../commun.sh"
hote=${BASE#https://}
nu=(curl -sS --max-time 20 --cacert "$TEMP/autorites.pem")

# poster CERTIFICAT CLÉ: an ETAT question over TLS with this pair; status, then the body in reponse.json.
poster() {
  message ETAT >"$TEMP/m.json"
  "$ECLUSE" sceau signer --maintenant --certificat "$ES/cachet.pem" --cle "$ES/cachet.cle" "$TEMP/m.json" >"$TEMP/q.json"
  "${nu[@]}" --cert "$1" --key "$2" -H 'Content-Type: application/json' --data-binary "@$TEMP/q.json" \
    -o "$TEMP/reponse.json" -w '%{http_code}' "$BASE/v1/roc/etat"
}
code() { membre codeRetour <"$TEMP/reponse.json"; }

# Versions of TLS and of HTTP.
for v in 1.0 1.1; do
  refuse "TLS $v refusé" "${nu[@]}" --tlsv1.0 --tls-max "$v" --ciphers 'DEFAULT@SECLEVEL=0' --cert "$ES/authentification.pem" --key "$ES/authentification.cle" "$BASE/v1/roc/roc.xsd" -o /dev/null
done
for v in 1.2 1.3; do
  vaut "TLS $v" 200 "$("${CURL[@]}" "--tlsv$v" --tls-max "$v" "$BASE/v1/roc/roc.xsd" -o /dev/null -w '%{http_code}')"
done
vaut "HTTP/1.1" "200 1.1" "$("${CURL[@]}" --http1.1 "$BASE/v1/roc/roc.xsd" -o /dev/null -w '%{http_code} %{http_version}')"
vaut "HTTP/2" "200 2" "$("${CURL[@]}" --http2 "$BASE/v1/roc/roc.xsd" -o /dev/null -w '%{http_code} %{http_version}')"
s_client() {
  timeout 20 openssl s_client -connect "$hote" -CAfile "$TEMP/autorites.pem" -verify_return_error "$@" </dev/null >"$TEMP/s_client" 2>&1
  grep "Verify return code: 0" "$TEMP/s_client"
}
dire "chaîne du serveur, pour openssl" s_client -cert "$ES/authentification.pem" -key "$ES/authentification.cle" -verify_ip 127.0.0.1
dire "autorités annoncées au client" grep -x "C = FR.*CN = LABO AC IGC ELEMENTAIRE ORGANISATIONS" "$TEMP/s_client"
tls11() { timeout 20 openssl s_client -connect "$hote" -tls1_1 -cipher 'ALL@SECLEVEL=0' </dev/null >"$TEMP/s_client" 2>&1; }
refuse "TLS 1.1 refusé, pour openssl" tls11
vaut "TLS 1.1, alerte" "*protocol version*" "$(grep -o 'tlsv1 alert protocol version' "$TEMP/s_client" | head -n 1)"

# Who holds the connection.
vaut "certificat d'authentification" "200 000" "$(poster "$ES/authentification.pem" "$ES/authentification.cle") $(code)"
refuse "sans certificat" "${nu[@]}" "$BASE/v1/roc/roc.xsd" -o /dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$TEMP/soi.cle" -out "$TEMP/soi.pem" -days 2 -subj "/O=CH DE L'EXEMPLE/CN=autosigné" 2>/dev/null
refuse "certificat d'une autorité inconnue" "${nu[@]}" --cert "$TEMP/soi.pem" --key "$TEMP/soi.cle" "$BASE/v1/roc/roc.xsd" -o /dev/null
vaut "certificat de cachet pour TLS" "403 S503" "$(poster "$ES/cachet.pem" "$ES/cachet.cle") $(code)"
vaut "certificat de cachet pour TLS, motif" "*signature présenté à la place*" "$(membre precision <"$TEMP/reponse.json")"
vaut "certificat de confidentialité pour TLS" "403 S503" "$(poster "$ES/confidentialite.pem" "$ES/confidentialite.cle") $(code)"
refuse "certificat de serveur pour TLS de client" test "$(poster "$LABO/cles/serveur.pem" "$LABO/cles/serveur.cle") $(code)" = "200 000"

# Revocation, while the server runs: the list is published and followed.
emis=$("$ECLUSE" igc emettre --config "$LABO/ecluse.toml" --profil ORG-AUTH_CLI --organisation "CH DE L'EXEMPLE" --structure 1990001018 --cn "TLS A REVOQUER" --sortie "$TEMP/tls")
vaut "certificat neuf" "200 000" "$(poster "$TEMP/tls.pem" "$TEMP/tls.cle") $(code)"
autorite=$(sed 's/.*émis par \([^,]*\),.*/\1/' <<<"$emis") serie=$(sed 's/.*série \([0-9a-f]*\),.*/\1/' <<<"$emis")
"$ECLUSE" igc revoquer --config "$LABO/ecluse.toml" --autorite "$autorite" --serie "$serie" --raison 1
debut=$SECONDS
for _ in $(seq 90); do
  etat="$(poster "$TEMP/tls.pem" "$TEMP/tls.cle") $(code)"
  [ "$etat" = "200 000" ] || break
  sleep 1
done
vaut "certificat révoqué" "403 S503" "$etat"
vaut "certificat révoqué, motif" "*révoqué*" "$(membre precision <"$TEMP/reponse.json")"
echo "# révocation vue $((SECONDS - debut)) s après sa publication"
exit $((MAUVAIS > 0))
