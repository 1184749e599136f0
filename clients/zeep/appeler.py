#!/usr/bin/python3
"""Calls every service of Écluse with zeep, from the WSDL alone.

    ecluse quickstart LABO && ecluse serve --config LABO/ecluse.toml &
    LABO=LABO python3 clients/zeep/appeler.py
"""

import os

from ecluse import Laboratoire

labo = Laboratoire(os.environ["LABO"], os.environ.get("BASE", "https://127.0.0.1:8443"))
client = labo.client()

annuaire = labo.demander(client, "ANN")
print("ok zeep ANN :", annuaire.codeRetour, annuaire.libelleAMC, "—", len(annuaire.points), "points d'accès")

etat = labo.demander(client, "ETAT")
print("ok zeep ETAT :", etat.codeRetour, etat.etat)

idb = labo.demander(client, "IDB")
assert idb.codeRetour == "I000", idb
print("ok zeep IDB :", idb.codeRetour, idb.statutDroits, idb.idReponseIDB)

sim = labo.demander(client, "SIM", idReponseIDB=idb.idReponseIDB)
assert sim.caractere == "INDICATIF" and sim.numeroEngagement is None, sim
print("ok zeep SIM :", sim.codeRetour, sim.totalAMC, "€ indicatifs")

clc = labo.demander(client, "CLC", idReponseIDB=idb.idReponseIDB)
assert clc.caractere == "ENGAGEMENT" and clc.numeroEngagement and clc.totalAMC == sim.totalAMC, clc
print("ok zeep CLC :", clc.codeRetour, clc.totalAMC, "€ garantis sous", clc.numeroEngagement)

eng = labo.demander(client, "ENG", numeroEngagement=clc.numeroEngagement)
assert eng.etatEngagement == "ENGAGE", eng
print("ok zeep ENG :", eng.codeRetour, eng.etatEngagement)

annule = labo.demander(client, "DEL", numeroEngagement=clc.numeroEngagement)
assert annule.etatEngagement == "ANNULE", annule
print("ok zeep DEL :", annule.codeRetour, annule.etatEngagement)
