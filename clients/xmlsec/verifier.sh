#!/bin/bash
# Verifies the seal of a SOAP message of Écluse with xmlsec1 alone: no software of ours.
#
#   clients/xmlsec/verifier.sh MESSAGE.xml CACHET.pem
#
# xmlsec1 is told which attributes are identifiers: those of the Body, of the
# Timestamp and of the XAdES properties. The key is that of the certificate we
# expect, whatever certificate the message shows.
set -euo pipefail
SOAP=http://www.w3.org/2003/05/soap-envelope
WSU=http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd
XADES=http://uri.etsi.org/01903/v1.3.2#
xmlsec1 --verify --pubkey-cert-pem "$2" --id-attr:Id "$SOAP:Body" --id-attr:Id "$WSU:Timestamp" \
  --id-attr:Id "$XADES:SignedProperties" "$1"
# xmlsec1 says that what is referenced is intact; that the one Body is referenced is for us to see.
python3 - "$1" <<'PYTHON'
import sys, xml.etree.ElementTree as e
SOAP, WSU, DS = ("http://www.w3.org/2003/05/soap-envelope", "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd", "http://www.w3.org/2000/09/xmldsig#")
r = e.parse(sys.argv[1]).getroot()
corps = r.findall(f"{{{SOAP}}}Body")
uris = [x.get("URI") for x in r.iter(f"{{{DS}}}Reference")]
if len(corps) != 1 or "#" + (corps[0].get(f"{{{WSU}}}Id") or corps[0].get("Id") or "") not in uris:
    sys.exit("le corps n'est pas scellé")
PYTHON
echo "sceau intact pour xmlsec1"
