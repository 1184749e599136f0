"""What a zeep client needs to speak to Écluse: mutual TLS, and a seal.

Debian's python3-zeep 4.2 and python3-xmlsec are enough. zeep signs by itself;
two things must be told to it:

- sha256. Without signature_method and digest_method zeep signs in RSA-SHA1,
  which Écluse refuses (S502, with this very advice).
- whose seal is on a reply. zeep verifies replies with the client's own
  certificate, and knows wsu:Id only, while the XAdES properties in our seals
  are named by a plain Id. The class Sceau below mends both.
"""

import base64
import datetime
import json
import pathlib
import re
import ssl
import tempfile
import uuid

import requests
import xmlsec
import zeep
from lxml import etree
from zeep import ns
from zeep.exceptions import SignatureVerificationFailed
from zeep.wsse.signature import BinarySignature

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ROC = "urn:x-ecluse:roc:1"
ECDSA, RSA, SHA256 = xmlsec.Transform.ECDSA_SHA256, xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256


class Sceau(BinarySignature):
    """zeep's own signature, that verifies replies with their sealer's key.

    attendus are the PEM files of the certificates of cachet from which a reply
    may come: the insurer's, the directory's. A certificate found in a reply is
    only a hint; it must be one of these.
    """

    espace = ROC

    def __init__(self, cle, certificat, attendus, methode=ECDSA):
        super().__init__(cle, certificat, None, methode, SHA256)
        self.reconnaitre(attendus)

    def reconnaitre(self, attendus):
        """The certificates that a reply may come from."""
        self.attendus = [ssl.PEM_cert_to_DER_cert(premier(pem)) for pem in attendus]

    def apply(self, enveloppe, entetes):
        enveloppe, entetes = super().apply(enveloppe, entetes)
        self.question = empreinte(enveloppe)
        return enveloppe, entetes

    def verify(self, enveloppe):
        securite = enveloppe.find(f"{{{SOAP}}}Header/{{{ns.WSSE}}}Security")
        jeton = None if securite is None else securite.findtext(f"{{{ns.WSSE}}}BinarySecurityToken")
        der = base64.b64decode(jeton or "")
        if der not in self.attendus:
            raise SignatureVerificationFailed("réponse sans sceau, ou scellée par un inconnu")
        contexte = xmlsec.SignatureContext()
        contexte.key = xmlsec.Key.from_memory(der, xmlsec.KeyFormat.CERT_DER, None)
        for n in enveloppe.iter(etree.Element):
            if n.get(f"{{{ns.WSU}}}Id"):
                contexte.register_id(n, "Id", ns.WSU)
            elif n.get("Id"):  # SignedProperties and references of XAdES
                contexte.register_id(n, "Id")
        signature = securite.find(f"{{{ns.DS}}}Signature")
        try:
            contexte.verify(signature)
        except xmlsec.Error:
            raise SignatureVerificationFailed("réponse altérée : le sceau ne correspond pas")
        # The Body that zeep will read must be the element that was sealed.
        corps = enveloppe.find(f"{{{SOAP}}}Body")
        scelles = signature.xpath("ds:SignedInfo/ds:Reference/@URI", namespaces={"ds": ns.DS})
        if "#" + corps.get(f"{{{ns.WSU}}}Id", "") not in scelles:
            raise SignatureVerificationFailed("le corps de la réponse n'est pas scellé")
        # An answer seals the digest of its question; only a refusal of what could not be read has none.
        citee = corps.findtext(f".//{{{self.espace}}}empreinteQuestion")
        if citee != self.question and (citee or corps.find(f"{{{SOAP}}}Fault") is None):
            raise SignatureVerificationFailed("cette réponse est celle d'une autre question")
        return enveloppe


def empreinte(enveloppe):
    """The digest of a sealed Body, as the signature has it, in base64url without padding."""
    corps = enveloppe.find(f"{{{SOAP}}}Body").get(f"{{{ns.WSU}}}Id")
    valeur = enveloppe.find(f".//{{{ns.DS}}}Reference[@URI='#{corps}']/{{{ns.DS}}}DigestValue")
    return base64.urlsafe_b64encode(base64.b64decode(valeur.text)).decode().rstrip("=")


def premier(pem):
    """The first certificate of a PEM file: the holder's, before its authorities."""
    texte = pathlib.Path(pem).read_text()
    fin = "-----END CERTIFICATE-----"
    return texte[: texte.index(fin) + len(fin)]


class Laboratoire:
    """A directory written by `ecluse quickstart`, and who asks in the examples."""

    def __init__(self, dossier, base):
        self.dossier, self.base = pathlib.Path(dossier), base
        cles = self.dossier / "cles-ch-combe"
        self.cachet = (str(cles / "cachet.cle"), str(cles / "cachet.pem"))
        self.authentification = (str(cles / "authentification.pem"), str(cles / "authentification.cle"))
        self.attendus = [self.dossier / f"cles-{qui}/cachet.pem" for qui in ("annuaire", "amc-moulin", "amc-verger")]
        aujourdhui = datetime.date.today()
        exemple = pathlib.Path(__file__).parent.parent / "exemple.json"
        texte = re.sub(
            "@JOUR([+-][0-9]+)?@",
            lambda m: (aujourdhui + datetime.timedelta(days=int(m[1] or 0))).isoformat(),
            exemple.read_text().replace("@ANNEE@", str(aujourdhui.year)),
        )
        self.exemple = json.loads(texte)
        self.dossierES = "ZEEP-" + uuid.uuid4().hex[:12]

    def session(self):
        """HTTPS where both sides show a certificate."""
        s = requests.Session()
        s.cert = self.authentification
        s.trust_env = False  # else REQUESTS_CA_BUNDLE, when it is set, replaces s.verify
        autorites = tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False)
        for f in sorted(self.dossier.glob("confiance/racines/*.pem")) + sorted(self.dossier.glob("confiance/intermediaires/*.pem")):
            autorites.write(f.read_text())
        autorites.close()
        s.verify = autorites.name
        return s

    def client(self, sceau=None, plugins=()):
        """A zeep client made from the published WSDL."""
        sceau = sceau or Sceau(*self.cachet, self.attendus)
        transport = zeep.transports.Transport(session=self.session(), operation_timeout=15)
        return zeep.Client(self.base + "/v1/roc/soap?wsdl", transport=transport, wsse=sceau, plugins=list(plugins))

    def enveloppe(self, service):
        """The envelope of a new question: who, to whom, when."""
        return {
            "normeVersion": "ecluse-roc/1", "service": service, "sens": "Q",
            "idMessage": str(uuid.uuid4()), "idEchange": str(uuid.uuid4()), "idDossierES": self.dossierES,
            "horodatage": datetime.datetime.now(datetime.timezone.utc),
            "emetteur": self.exemple["emetteur"],
            "destinataire": self.exemple["annuaire" if service == "ANN" else "amc"],
            "environnement": "T",
        }

    def demander(self, client, service, **complement):
        """One question, one verified answer."""
        corps = {**self.exemple["corps"][service], **complement}
        return client.service[service](enveloppe=self.enveloppe(service), corps=corps).corps


def refus(faute):
    """The code and the words of a refusal, from a SOAP fault."""
    d = {etree.QName(n).localname: n.text for n in faute.detail.iter(etree.Element)}
    return d.get("codeRetour"), " ".join(filter(None, (d.get("libelle"), d.get("precision"))))
