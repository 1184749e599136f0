// The national directory by LDAP, as a mail client or a hospital's software asks it:
// complete an address, look a number up, read an answer page by page.
//
//   LDAPS=ldaps://127.0.0.1:8636 CA=labo/confiance/racines/racine.pem node annuaire.mjs
//
// LDAP=ldap://… tries StartTLS too; LECTEUR and MOT_DE_PASSE, a bind by password. One
// line a check, "ok" or "not ok".
import fs from "node:fs";
import { Client, EqualityFilter } from "ldapts";

const racine = "o=annuaire,c=fr";
const ca = fs.readFileSync(process.env.CA);

let mauvais = 0;
function dire(bon, titre, detail = "") {
  if (!bon) process.exitCode = ++mauvais && 1;
  console.log(bon ? "ok" : "not ok", "ldapts", titre, ":", detail);
}

/** The code of a refusal, 0 when there was none. */
async function code(promesse) {
  try {
    await promesse;
    return 0;
  } catch (e) {
    return e.code ?? e.message;
  }
}

const ouvrir = () => new Client({ url: process.env.LDAPS, tlsOptions: { ca }, timeout: 10000 });
const client = ouvrir();
const chercher = async (base, options) => (await client.search(base, options)).searchEntries;

const [dse] = await chercher("", { scope: "base", filter: "(objectClass=*)", attributes: ["namingContexts", "supportedControl"] });
dire(dse.namingContexts === racine, "racine", dse.namingContexts);

// Complete a name: four letters, whatever accents they have.
const trouves = await chercher(`ou=personnes,${racine}`, { scope: "sub", filter: "(&(objectClass=inetOrgPerson)(cn=ma*))", attributes: ["cn", "uid", "mail", "sn"], sizeLimit: 60, paged: { pageSize: 25 } });
dire(trouves.length > 0 && trouves.every((e) => [e.cn].flat().some((n) => n.normalize("NFD").replace(/[^A-Za-z0-9 -]/g, "").split(/[ -]/).some((m) => /^ma/i.test(m)))), "complément d'un nom", `${trouves.length} personnes`);

// Look each of a few up by its number, as written by the library: it escapes.
let lus = 0;
for (const p of trouves.slice(0, 20)) {
  const [e] = await chercher(racine, { scope: "sub", filter: new EqualityFilter({ attribute: "uid", value: p.uid }), attributes: ["uid"] });
  lus += e?.dn === p.dn;
}
dire(lus === Math.min(trouves.length, 20), "par identifiant national", `${lus} relus`);

// And one by its name in the tree.
const [un] = await chercher(trouves[0].dn, { scope: "base" });
dire(un.sn === trouves[0].sn && [un.objectClass].flat().includes("x-annuairePS"), "par son nom", un.dn);
dire(await client.compare(un.dn, "sn", un.sn), "comparaison", un.sn);

// Pages: each entry once.
const noms = new Set();
let total = 0, pages = 0;
for await (const page of client.searchPaginated(racine, { scope: "sub", filter: "(&(sn=m*)(x-categorie=C))", attributes: ["1.1"], paged: { pageSize: 20 } })) {
  pages++;
  total += page.searchEntries.length;
  page.searchEntries.forEach((e) => noms.add(e.dn));
}
dire(total === noms.size && pages > 1, "pages", `${total} entrées en ${pages} pages`);

dire((await code(client.search(racine, { scope: "sub", filter: "(objectClass=*)" }))) === 53, "tout l'annuaire, refusé");
dire((await code(client.search("dc=exemple", { scope: "sub", filter: "(sn=x)" }))) === 32, "base inconnue");
dire((await code(client.del(un.dn))) === 53, "suppression, refusée");
dire((await code(client.bind("cn=personne,ou=lecteurs," + racine, "faux"))) === 49, "mot de passe faux");
if (process.env.LECTEUR) {
  dire((await code(client.bind(process.env.LECTEUR, process.env.MOT_DE_PASSE))) === 0, "mot de passe");
}
await client.unbind();

if (process.env.LDAP) {
  const clair = new Client({ url: process.env.LDAP, timeout: 10000 });
  dire((await code(clair.search(racine, { scope: "sub", filter: "(sn=x)" }))) === 13, "en clair, refusé");
  await clair.startTLS({ ca });
  const { searchEntries } = await clair.search(racine, { scope: "sub", filter: new EqualityFilter({ attribute: "uid", value: trouves[0].uid }) });
  dire(searchEntries.length === 1, "StartTLS");
  await clair.unbind();
}
