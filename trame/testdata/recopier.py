# Reads documents as an ordinary SOAP client does, knowing only the schema, and
# writes them again from the objects it made: recopier.py SCHEMA ELEMENT DOC...
# Each DOC is replaced by what zeep writes.
import sys
from lxml import etree
from zeep.transports import Transport
from zeep.xsd import Schema

xsd, nom, docs = sys.argv[1], sys.argv[2], sys.argv[3:]
schema = Schema(etree.parse(xsd).getroot(), Transport(), "file://" + xsd)
element = schema.get_element(nom)
for chemin in docs:
    valeur = element.parse(etree.parse(chemin).getroot(), schema)
    racine = etree.Element("racine")
    element.render(racine, valeur)
    with open(chemin, "wb") as f:
        f.write(etree.tostring(racine[0]))
