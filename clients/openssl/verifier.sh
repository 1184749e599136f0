#!/bin/bash
# Verifies the seal of a REST answer with openssl alone: no software of ours.
#
#   clients/openssl/verifier.sh REPONSE.json CACHET.pem
#
# The seal is a detached JWS over the canonical JSON of « message » (RFC 7515,
# 7797 and 8785): what is signed is PROTECTED "." MESSAGE. Écluse writes the
# message in canonical form already, so that its bytes can be taken as they are.
set -euo pipefail
reponse=$1 cachet=$2
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

# base64url without padding, to bytes
decoder() { local t; t=$(tr -- '-_' '+/'); while ((${#t} % 4)); do t+="="; done; base64 -d <<<"$t"; }

scellement=$(sed -n 's/.*,"scellement":"\([^"]*\)"}$/\1/p' "$reponse")
[ -n "$scellement" ] || { echo "réponse sans scellement" >&2; exit 1; }
protege=${scellement%%..*}
{ printf '%s.' "$protege"; sed -n 's/.*"message":\(.*\),"scellement":.*/\1/p' "$reponse" | tr -d '\n'; } >"$temp/signe"
printf '%s' "${scellement##*..}" | decoder >"$temp/valeur"

# The certificate that the seal shows is only a hint: it must be the one we expect.
entete=$(printf '%s' "$protege" | decoder)
montre=$(sed -n 's/.*"x5c":\["\([^"]*\)".*/\1/p' <<<"$entete")
attendu=$(openssl x509 -in "$cachet" -outform DER | base64 -w 0)
[ "$montre" = "$attendu" ] || { echo "scellé par un autre certificat" >&2; exit 1; }
openssl x509 -in "$cachet" -pubkey -noout >"$temp/cle"

case $(sed -n 's/.*"alg":"\([^"]*\)".*/\1/p' <<<"$entete") in
ES256) # r‖s, 32 bytes each, to the DER that openssl reads
  hexa=$(od -An -v -tx1 "$temp/valeur" | tr -d ' \n')
  [ ${#hexa} -eq 128 ] || { echo "signature qui n'est pas r‖s" >&2; exit 1; }
  printf 'asn1=SEQUENCE:rs\n[rs]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "${hexa:0:64}" "${hexa:64}" >"$temp/rs.cnf"
  openssl asn1parse -genconf "$temp/rs.cnf" -noout -out "$temp/der"
  openssl dgst -sha256 -verify "$temp/cle" -signature "$temp/der" "$temp/signe" ;;
PS256)
  openssl dgst -sha256 -verify "$temp/cle" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -signature "$temp/valeur" "$temp/signe" ;;
*) echo "algorithme inattendu" >&2; exit 1 ;;
esac
