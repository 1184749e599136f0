#!/usr/bin/python3
"""The national directory by LDAP, in Python (ldap3): the schema read and checked, a
search by number, names completed, pages, a bind by password.

    LDAPS=ldaps://127.0.0.1:8636 CA=labo/confiance/racines/racine.pem clients/ldap3/annuaire.py

LDAP=ldap://… tries StartTLS too; LECTEUR and MOT_DE_PASSE, a bind by password. One line
a check, "ok" or "not ok".
"""
import os
import ssl
import sys

import ldap3

RACINE = "o=annuaire,c=fr"
mauvais = 0


def dire(bon, titre, detail=""):
    global mauvais
    mauvais += not bon
    print("ok" if bon else "not ok", "ldap3", titre, ":", detail)


tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=os.environ["CA"])


def serveur(adresse):
    return ldap3.Server(adresse, tls=tls, get_info=ldap3.ALL, connect_timeout=10)


s = serveur(os.environ["LDAPS"])
c = ldap3.Connection(s, auto_bind=True, receive_timeout=10, check_names=True)
dire(s.info.naming_contexts == [RACINE] and "1.2.840.113556.1.4.319" in [o[0] for o in s.info.supported_controls], "racine", s.info.naming_contexts)

# The library reads our schema and checks the names of each request against it.
classes, attributs = s.schema.object_classes, s.schema.attribute_types
cites = [a for k in classes.values() for a in (k.must_contain or []) + (k.may_contain or [])]
inconnus = sorted({a for a in cites if a not in attributs})
dire("x-annuairePS" in classes and not inconnus, "schéma", f"{len(attributs)} attributs, {len(classes)} classes, inconnus : {inconnus}")

try:
    c.search(RACINE, "(attributQuiNExistePas=x)")
    dire(False, "nom d'attribut contrôlé par le schéma")
except ldap3.core.exceptions.LDAPAttributeError:
    dire(True, "nom d'attribut contrôlé par le schéma")

c.search("ou=personnes," + RACINE, "(&(objectClass=inetOrgPerson)(cn=ma*))", attributes=["cn", "uid", "x-actif", "modifyTimestamp"], size_limit=20)
gens = c.entries
dire(len(gens) > 0 and all(g["x-actif"].value is True and g.modifyTimestamp.value.year >= 2026 for g in gens), "complément d'un nom, valeurs typées", len(gens))

n = sum(c.search(RACINE, f"(uid={g.uid.value})", attributes=["uid"]) and c.entries[0].entry_dn == g.entry_dn for g in gens)
dire(n == len(gens), "par identifiant national", n)

noms = [e["dn"] for e in c.extend.standard.paged_search(RACINE, "(&(sn=m*)(x-categorie=C))", attributes=ldap3.NO_ATTRIBUTES, paged_size=30, generator=True)]
dire(len(noms) > 30 and len(noms) == len(set(noms)), "pages", f"{len(noms)} entrées")

c.search(RACINE, "(objectClass=*)")
dire(c.result["description"] == "unwillingToPerform" and "lirait tout" in c.result["message"], "tout l'annuaire, refusé", c.result["message"])
c.delete(gens[0].entry_dn)
dire(c.result["description"] == "unwillingToPerform", "suppression, refusée")
dire(c.compare(gens[0].entry_dn, "uid", gens[0].uid.value), "comparaison")

if "LECTEUR" in os.environ:
    qui = c.extend.standard.who_am_i() or ""
    bon = c.rebind(user=os.environ["LECTEUR"], password=os.environ["MOT_DE_PASSE"])
    dire(bon and qui == "" and os.environ["LECTEUR"] in (c.extend.standard.who_am_i() or ""), "mot de passe")
c.unbind()

if "LDAP" in os.environ:
    d = ldap3.Connection(serveur(os.environ["LDAP"]), receive_timeout=10)
    d.open()
    d.search(RACINE, "(sn=x)")
    refuse = d.result["description"] == "confidentialityRequired"
    dire(refuse and d.start_tls() and d.search(RACINE, f"(uid={gens[0].uid.value})"), "StartTLS", "refusé en clair")
    d.unbind()

sys.exit(mauvais > 0)
