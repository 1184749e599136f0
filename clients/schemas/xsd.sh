#!/bin/bash
# Every XML message of a directory against the schema of the server, with xmllint.
#
#   LABO=labo clients/schemas/xsd.sh RÉPERTOIRE [PROFIL]      (roc, droits or tarif)
set -euo pipefail
. "$(dirname "$0")/../commun.sh"
P=${2:-roc}
"${CURL[@]}" "$BASE/v1/$P/$P.xsd" >"$TEMP/$P.xsd"
"${CURL[@]}" "$BASE/v1/$P/soap?wsdl" >"$TEMP/$P.wsdl"
dire "xmllint, WSDL $P bien formé" xmllint --noout "$TEMP/$P.wsdl"
mkdir "$TEMP/corps"
# The element of the Body, or the refusal in the detail of a fault, with its namespaces.
/usr/bin/python3 - "$1" "$TEMP/corps" <<'PYTHON'
import pathlib, sys
from lxml import etree
for f in sorted(pathlib.Path(sys.argv[1]).glob("*.xml")):
    r = etree.parse(str(f)).getroot()
    corps = r.xpath("/*[local-name()='Envelope']/*[local-name()='Body']/*")
    if r.tag.startswith("{urn:x-ecluse"):
        corps = [r]
    element = corps[0].xpath("*[local-name()='Detail']/*")[0] if etree.QName(corps[0]).localname == "Fault" else corps[0]
    element.tail = None
    pathlib.Path(sys.argv[2], f.name).write_bytes(etree.tostring(element))
PYTHON
for f in "$TEMP"/corps/*.xml; do
  nom=$(basename "$f")
  dire "xmllint $nom" xmllint --noout --schema "$TEMP/$P.xsd" "$f"
  # What the schema must refuse.
  sed 's/idMessage\([^>]*\)>\([0-9a-f]\)/idMessage\1>X\2/' "$f" >"$TEMP/faux.xml"
  refuse "xmllint $nom, faux refusé" xmllint --noout --schema "$TEMP/$P.xsd" "$TEMP/faux.xml"
done
exit $((MAUVAIS > 0))
