#!/bin/bash
# A question sealed by xmlsec1 alone, sent by curl, whose answer xmlsec1 verifies.
#
#   LABO=labo clients/xmlsec/sceller.sh TITRE PRÉFIXE ALGORITHME NUMÉRO_AMC CACHET_ATTENDU.pem
#
# PRÉFIXE.cle and PRÉFIXE.pem are what the hospital seals with; ALGORITHME is
# ecdsa-sha256, rsa-sha256, …
set -euo pipefail
. "$(dirname "$0")/../commun.sh"
titre=$1 prefixe=$2 algorithme=$3 amc=$4 attendu=$5

DESTINATAIRE=$amc message ETAT >"$TEMP/message.json"
python3 - "$TEMP/message.json" "$algorithme" >"$TEMP/modele.xml" <<'PYTHON'
import json, sys
x = json.load(open(sys.argv[1]))["enveloppe"]
def partie(p):
    return "".join(f"<{k}>{p[k]}</{k}>" for k in ("type", "id", "finessGeo", "libelle") if k in p)
ordre = ("normeVersion", "service", "sens", "idMessage", "idEchange", "idDossierES", "horodatage", "emetteur", "destinataire", "environnement")
enveloppe = "".join(f"<{k}>{partie(x[k]) if isinstance(x[k], dict) else x[k]}</{k}>" for k in ordre)
print(f"""<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
  <e:Header>
    <wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" e:mustUnderstand="true">
      <Signature xmlns="http://www.w3.org/2000/09/xmldsig#">
        <SignedInfo>
          <CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
          <SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#{sys.argv[2]}"/>
          <Reference URI="#corps"><Transforms><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms>
            <DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>
        </SignedInfo>
        <SignatureValue/>
        <KeyInfo><X509Data/></KeyInfo>
      </Signature>
    </wsse:Security>
  </e:Header>
  <e:Body wsu:Id="corps"><r:DemandeEtat xmlns:r="urn:x-ecluse:roc:1" xmlns="urn:x-ecluse:roc:1"><enveloppe>{enveloppe}</enveloppe><corps></corps></r:DemandeEtat></e:Body>
</e:Envelope>""")
PYTHON
openssl x509 -in "$prefixe.pem" -out "$TEMP/feuille.pem" # the holder's alone, not its authorities
xmlsec1 --sign --privkey-pem "$prefixe.cle,$TEMP/feuille.pem" --id-attr:Id http://www.w3.org/2003/05/soap-envelope:Body \
  "$TEMP/modele.xml" >"$TEMP/question.xml"

# envoyer FICHIER: posts it; the answer is in reponse.xml.
envoyer() { "${CURL[@]}" -H 'Content-Type: application/soap+xml; charset=utf-8' --data-binary "@$1" "$BASE/v1/roc/soap" >"$TEMP/reponse.xml"; }
code() { sed -n 's/.*<codeRetour>\([^<]*\)<.*/\1/p' "$TEMP/reponse.xml"; }

envoyer "$TEMP/question.xml"
vaut "xmlsec1 scelle, $titre" 000 "$(code)"
dire "xmlsec1 vérifie la réponse, $titre" "$ICI/xmlsec/verifier.sh" "$TEMP/reponse.xml" "$attendu"
[ -z "${MESSAGES:-}" ] || cp "$TEMP/reponse.xml" "$MESSAGES/xmlsec-$algorithme-$amc-ETAT-R.xml"
dire "ecluse sceau verifier, message d'xmlsec1, $titre" "$ECLUSE" sceau verifier --autorites "$LABO/confiance" "$TEMP/question.xml"
sed 's/OPERATIONNEL/DEGRADE/' "$TEMP/reponse.xml" >"$TEMP/altere.xml"
refuse "xmlsec1, réponse altérée, $titre" "$ICI/xmlsec/verifier.sh" "$TEMP/altere.xml" "$attendu"
sed 's/SHELL-0001/AUTRE/' "$TEMP/question.xml" >"$TEMP/question-alteree.xml"
envoyer "$TEMP/question-alteree.xml"
vaut "xmlsec1, question altérée refusée, $titre" S502 "$(code)"
exit $((MAUVAIS > 0))
