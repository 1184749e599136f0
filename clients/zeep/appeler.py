#!/usr/bin/python3
"""Calls every service of Écluse with zeep, from the WSDL alone.

    ecluse quickstart LABO && ecluse serve --config LABO/ecluse.toml &
    LABO=LABO python3 clients/zeep/appeler.py [--rsa PRÉFIXE]

With --rsa, seals with the RSA certificate PRÉFIXE.pem and its key PRÉFIXE.cle.
"""

import os
import pathlib
import sys

from lxml import etree
from zeep.plugins import HistoryPlugin

from ecluse import RSA, Laboratoire, Sceau

labo = Laboratoire(os.environ["LABO"], os.environ.get("BASE", "https://127.0.0.1:8443"))
nom, sceau = "zeep ECDSA", None
if sys.argv[1:2] == ["--rsa"]:
    nom = "zeep RSA"
    sceau = Sceau(sys.argv[2] + ".cle", sys.argv[2] + ".pem", labo.attendus, RSA)
histoire = HistoryPlugin()
client = labo.client(sceau, [histoire])
mauvais = 0


def garder(service):
    """Keeps both messages, for who validates them afterwards (clients.sh)."""
    if "MESSAGES" in os.environ:
        for sens, vu in ("Q", histoire.last_sent), ("R", histoire.last_received):
            fichier = pathlib.Path(os.environ["MESSAGES"], f"soap-{nom}-{service}-{sens}.xml".replace(" ", "-"))
            fichier.write_bytes(etree.tostring(vu["envelope"]))


def appeler(service, attendu, **complement):
    """Asks, prints one line, and gives the answer."""
    global mauvais
    r = labo.demander(client, service, **complement)
    bon = r.codeRetour in ("000", "010") and attendu(r)  # 010: a line is paid in part, and says why
    mauvais += not bon
    garder(service)
    print("ok" if bon else "not ok", nom, service, ":", r.codeRetour, r.libelle)
    return r


appeler("ANN", lambda r: r.numeroAMCCible == "99000101" and len(r.points) >= 4)
appeler("ETAT", lambda r: r.etat == "OPERATIONNEL")
idb = appeler("IDB", lambda r: r.statutDroits == "OUVERT" and r.idReponseIDB)
appeler("SIM", lambda r: r.caractere == "INDICATIF" and r.totalAMC == "1533.00" and not r.numeroEngagement)
clc = appeler("CLC", lambda r: r.caractere == "ENGAGEMENT" and r.totalAMC == "39.27", idReponseIDB=idb.idReponseIDB)
appeler("ENG", lambda r: r.etatEngagement == "ENGAGE" and r.totalAMC == clc.totalAMC, numeroEngagement=clc.numeroEngagement)
appeler("DEL", lambda r: r.etatEngagement == "ANNULE", numeroEngagement=clc.numeroEngagement)
appeler("ENG", lambda r: r.etatEngagement == "ANNULE", numeroEngagement=clc.numeroEngagement)
sys.exit(mauvais > 0)
