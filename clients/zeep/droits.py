#!/usr/bin/python3
"""Asks a patient's rights as a pharmacy does: zeep and the WSDL, no certificate, no seal.

    LABO=LABO DROITS=https://127.0.0.1:8461 python3 clients/zeep/droits.py

The answer is sealed all the same: it is verified, and bound to this question.
"""

import base64
import datetime
import hashlib
import os
import sys
import uuid

import zeep
from lxml import etree

from ecluse import SOAP, Laboratoire, Sceau

DROITS = "urn:x-ecluse:droits:1"


class SansSceau(Sceau):
    """Seals nothing; verifies what comes back as Sceau does."""

    espace = DROITS

    def __init__(self, attendus):
        self.reconnaitre(attendus)

    def apply(self, enveloppe, entetes):
        corps = etree.tostring(enveloppe.find(f"{{{SOAP}}}Body"), method="c14n", exclusive=True)
        self.question = base64.urlsafe_b64encode(hashlib.sha256(corps).digest()).decode().rstrip("=")
        return enveloppe, entetes


labo = Laboratoire(os.environ["LABO"], os.environ.get("DROITS", "https://127.0.0.1:8461"))
session = labo.session()
session.cert = None
transport = zeep.transports.Transport(session=session, operation_timeout=15)
client = zeep.Client(labo.base + "/v1/droits/soap?wsdl", transport=transport, wsse=SansSceau(labo.attendus))
idb, mauvais = labo.exemple["corps"]["IDB"], 0


def demander(titre, attendu, **patient):
    global mauvais
    b, c = idb["beneficiaire"] | patient, idb["carte"]
    r = client.service.DLD(
        enveloppe={
            "normeVersion": "ecluse-droits/1", "service": "DLD", "sens": "Q", "idMessage": str(uuid.uuid4()), "idEchange": str(uuid.uuid4()),
            "idDossierES": "1", "horodatage": datetime.datetime.now(datetime.timezone.utc),
            "emetteur": {"type": "PS", "id": "752000012"}, "destinataire": labo.exemple["amc"], "environnement": "T",
        },
        corps={
            "ps": {"numeroFacturation": "752000012", "categorie": "PHAR"},
            "patient": {k: b[k] for k in ("numeroAdherent", "dateNaissance", "rangGemellaire")},
            "carte": {k: c[k] for k in ("numeroAMC", "typeConvention", "csr")},
            "dateReference": idb["dateReference"], "niveauService": "BASE", "prestationsSpecifiques": False,
        },
    ).corps
    bon = attendu(r)
    mauvais += not bon
    print("ok" if bon else "not ok", "zeep DLD,", titre, ":", r.codeRetour, r.etat, r.libelle)


demander("sans certificat ni sceau", lambda r: r.codeRetour == "000" and r.etat == "OUVERT" and r.accreditation.count(".") == 2 and r.etendue.garanties)
demander("inconnu", lambda r: r.codeRetour == "100" and r.etat == "INCONNU" and not r.accreditation, numeroAdherent="MB0000000")
sys.exit(mauvais > 0)
