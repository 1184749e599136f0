#!/usr/bin/python3
"""What must be refused, on both sides, seen from a zeep client.

    LABO=LABO python3 clients/zeep/controler.py PRÉFIXE_RSA
"""

import copy
import datetime
import os
import sys
import uuid

import zeep
from lxml import etree
from zeep import ns
from zeep.exceptions import Fault, SignatureVerificationFailed
from zeep.plugins import HistoryPlugin
from zeep.wsse.signature import MemorySignature

from ecluse import ECDSA, RSA, SOAP, Laboratoire, Sceau, empreinte, refus

labo = Laboratoire(os.environ["LABO"], os.environ.get("BASE", "https://127.0.0.1:8443"))
cleRSA, certRSA = sys.argv[1] + ".cle", sys.argv[1] + ".pem"
mauvais = 0


def dire(bon, titre, detail=""):
    global mauvais
    mauvais += not bon
    print("ok" if bon else "not ok", "zeep", titre, ":", detail)


def refuse(titre, code, mots, client, **complement):
    """The server must refuse with this code, in these words, under a seal that verifies."""
    try:
        enveloppe = {**labo.enveloppe("IDB"), **complement}
        client.service.IDB(enveloppe=enveloppe, corps=labo.exemple["corps"]["IDB"])
    except Fault as f:
        c, texte = refus(f)
        return dire(c == code and mots in texte, titre, f"{c} {texte}")
    dire(False, titre, "accepté")


class Change(Sceau):
    """Seals, then changes what was sealed, as someone on the way would."""

    def __init__(self, changement):
        super().__init__(*labo.cachet, labo.attendus)
        self.changement = changement

    def apply(self, enveloppe, entetes):
        enveloppe, entetes = super().apply(enveloppe, entetes)
        self.changement(enveloppe)
        return enveloppe, entetes


class Recoit(Sceau):
    """Changes a reply before it is verified."""

    def __init__(self, changement):
        super().__init__(*labo.cachet, labo.attendus)
        self.changement = changement

    def verify(self, enveloppe):
        self.changement(enveloppe)
        return super().verify(enveloppe)


def remplacer(local, texte):
    def changement(enveloppe):
        for n in enveloppe.iter(etree.Element):
            if etree.QName(n).localname == local:
                n.text = texte
                return
        raise AssertionError(local + " absent")

    return changement


def envelopper(enveloppe):
    """Signature wrapping: the sealed Body is put aside, another takes its place."""
    corps = enveloppe.find(f"{{{SOAP}}}Body")
    autre = copy.deepcopy(corps)
    autre.attrib.pop(f"{{{ns.WSU}}}Id")
    remplacer("idDossierES", "AUTRE")(autre)
    enveloppe.replace(corps, autre)
    etree.SubElement(enveloppe.find(f"{{{SOAP}}}Header"), "{urn:x-attaque}Cache").append(corps)


def sans_sceau(enveloppe):
    enveloppe.find(f"{{{SOAP}}}Header").clear()


class ParX509Data(Sceau):
    """zeep's other class, Signature, which puts its certificate in X509Data; replies as in Sceau."""

    def apply(self, enveloppe, entetes):
        enveloppe, entetes = MemorySignature.apply(self, enveloppe, entetes)
        self.question = empreinte(enveloppe)
        return enveloppe, entetes


def par_defaut():
    """zeep without signature_method nor digest_method: RSA-SHA1."""
    s = Sceau(cleRSA, certRSA, labo.attendus)
    s.signature_method = s.digest_method = None
    return s


# What the server refuses.
refuse("SHA-1 refusé", "S502", "signature_method", labo.client(par_defaut()))
refuse("message altéré", "S502", "altérée", labo.client(Change(remplacer("prenom", "SOLANGE"))))
refuse("sceau enveloppé (wrapping)", "S502", "corps", labo.client(Change(envelopper)))
refuse("message sans sceau", "S502", "scellé", labo.client(Change(sans_sceau)))
hier = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
refuse("message d'il y a une heure", "S504", "300 secondes", labo.client(), horodatage=hier)
refuse("autre environnement", "S505", "environnement", labo.client(), environnement="P")
autre = {"type": "ES", "id": "990002016"}
refuse("sceau d'un autre établissement", "S501", "certificat", labo.client(), emetteur=autre)
authentification = Sceau(labo.authentification[1], labo.authentification[0], labo.attendus)
refuse("sceau par le certificat TLS", "S503", "authentification", labo.client(authentification))

# One idMessage: the same question has the same answer, another question is refused.
client = labo.client()
question = labo.enveloppe("IDB")
corps = labo.exemple["corps"]["IDB"]
premiere = client.service.IDB(enveloppe=question, corps=corps).corps
seconde = client.service.IDB(enveloppe=question, corps=corps).corps
dire(premiere.idReponseIDB == seconde.idReponseIDB, "question répétée, même réponse", seconde.idReponseIDB)
try:
    client.service.IDB(enveloppe=question, corps={**corps, "mt": "03"})
    dire(False, "idMessage réutilisé", "accepté")
except Fault as f:
    dire(refus(f)[0] == "T012", "idMessage réutilisé", " ".join(refus(f)))

# Every way of zeep to show its certificate, EC and RSA.
for titre, sceau in {
    "Signature (X509Data), ECDSA": ParX509Data(*labo.cachet, labo.attendus, ECDSA),
    "Signature (X509Data), RSA": ParX509Data(cleRSA, certRSA, labo.attendus, RSA),
}.items():
    r = labo.demander(labo.client(sceau), "ETAT")
    dire(r.codeRetour == "000", titre, r.etat)

# An answer sealed by another insurer, in RSA when clients.sh made the laboratory.
autre = {**labo.enveloppe("ETAT"), "destinataire": {"type": "AMC", "id": "99000404"}}
histoire = HistoryPlugin()
r = labo.client(plugins=[histoire]).service.ETAT(enveloppe=autre, corps={})
methode = histoire.last_received["envelope"].find(f".//{{{ns.DS}}}SignatureMethod").get("Algorithm").split("#")[1]
dire(r.corps.codeRetour == "000", "vérifie " + methode, r.corps.etat)

# What the client refuses.
for titre, changement in {
    "réponse altérée": remplacer("etat", "DEGRADE"),
    "réponse enveloppée (wrapping)": envelopper,
    "réponse sans sceau": sans_sceau,
}.items():
    try:
        labo.demander(labo.client(Recoit(changement)), "ETAT")
        dire(False, titre, "acceptée")
    except SignatureVerificationFailed as e:
        dire(True, titre, str(e))


class Autre(Sceau):
    """Asked something else."""

    def apply(self, enveloppe, entetes):
        enveloppe, entetes = super().apply(enveloppe, entetes)
        self.question = "AAAA"
        return enveloppe, entetes


try:
    labo.demander(labo.client(Autre(*labo.cachet, labo.attendus)), "ETAT")
    dire(False, "réponse à une autre question", "acceptée")
except SignatureVerificationFailed as e:
    dire("autre question" in str(e), "réponse à une autre question", str(e))
inconnu = Sceau(*labo.cachet, [labo.dossier / "cles-amc-phare/cachet.pem"])
try:
    labo.demander(labo.client(inconnu), "ETAT")
    dire(False, "réponse d'un inconnu", "acceptée")
except SignatureVerificationFailed as e:
    dire(True, "réponse d'un inconnu", str(e))
sys.exit(mauvais > 0)
