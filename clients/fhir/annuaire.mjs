// The national directory by FHIR, through two clients that are not ours.
//
//   NODE_EXTRA_CA_CERTS=labo/confiance/racines/racine.pem node annuaire.mjs https://127.0.0.1:8443/fhir
//
// RPPS is the number of a professional who is there, FAMILLE the beginning of a name that
// more than one page of them bears. One line a check, "ok" or "not ok".
import { Client } from "fhir-kit-client";
import fhirclient from "fhirclient";

const base = process.argv[2];
const rpps = process.env.RPPS;
const famille = process.env.FAMILLE;
const systeme = "https://rpps.esante.gouv.fr";

let mauvais = 0;
function dire(bon, titre, detail = "") {
  if (!bon) process.exitCode = ++mauvais && 1;
  console.log(bon ? "ok" : "not ok", titre, ":", detail);
}

/** The status of a refusal and its OperationOutcome. */
async function refus(promesse) {
  try {
    await promesse;
    return {};
  } catch (e) {
    return { statut: e.response?.status ?? e.statusCode ?? e.status, resultat: e.response?.data ?? e.body };
  }
}

const ids = (lot, mode = "match") => (lot.entry ?? []).filter((e) => e.search.mode === mode).map((e) => e.resource.id);

// fhir-kit-client
const kit = new Client({ baseUrl: base });
const capacites = await kit.capabilityStatement();
dire(capacites.fhirVersion === "4.0.1" && capacites.rest[0].resource.length >= 5, "kit : capacités", capacites.software.name);

const trouve = await kit.search({ resourceType: "Practitioner", searchParams: { identifier: `${systeme}|${rpps}` } });
dire(trouve.total === 1, "kit : par identifiant", `${trouve.total} trouvé`);
const id = trouve.entry[0].resource.id;
const lu = await kit.read({ resourceType: "Practitioner", id });
dire(lu.identifier.some((i) => i.system === systeme && i.value === rpps), "kit : lecture", lu.name[0].family);
const version = await kit.vread({ resourceType: "Practitioner", id, version: lu.meta.versionId });
dire(version.id === id, "kit : version", lu.meta.versionId);

const parFormulaire = await kit.search({ resourceType: "Practitioner", searchParams: { identifier: `${systeme}|${rpps}` }, options: { postSearch: true } });
dire(ids(parFormulaire)[0] === id, "kit : par formulaire");

// Forward to the end, then backward to the beginning: each once.
const pages = [];
let page = await kit.search({ resourceType: "Practitioner", searchParams: { family: famille, _count: 20, _total: "accurate" } });
const total = page.total;
while (page) {
  pages.push(ids(page));
  page = await kit.nextPage({ bundle: page });
  if (page && !page.link.some((l) => l.relation === "next")) {
    pages.push(ids(page));
    break;
  }
}
const tous = pages.flat();
dire(tous.length === total && new Set(tous).size === total, "kit : pages", `${pages.length} pages, ${total} professionnels`);
const retour = [];
while (page) {
  retour.unshift(ids(page));
  page = page.link.some((l) => l.relation === "previous") ? await kit.prevPage({ bundle: page }) : null;
}
dire(JSON.stringify(retour.flat()) === JSON.stringify(tous), "kit : pages, à reculons", `${retour.length} pages`);

const roles = await kit.search({ resourceType: "PractitionerRole", searchParams: { practitioner: `Practitioner/${id}`, _include: ["PractitionerRole:practitioner", "PractitionerRole:organization"] } });
dire(ids(roles).length > 0 && ids(roles, "include").includes(id), "kit : inclusions", `${ids(roles, "include").length} incluses`);
const cible = await kit.resolve({ reference: roles.entry[0].resource.practitioner.reference });
dire(cible.id === id, "kit : référence suivie");
const inverse = await kit.search({ resourceType: "Practitioner", searchParams: { identifier: rpps, _revinclude: "PractitionerRole:practitioner" } });
dire(ids(inverse, "include").length === ids(roles).length, "kit : inclusions inverses");
const chaine = await kit.search({ resourceType: "PractitionerRole", searchParams: { "practitioner.identifier": rpps } });
dire(ids(chaine).length === ids(roles).length, "kit : chaîne");

let r = await refus(kit.read({ resourceType: "Practitioner", id: "inconnu" }));
dire(r.statut === 404 && r.resultat?.resourceType === "OperationOutcome", "kit : inconnu refusé", r.resultat?.issue?.[0]?.diagnostics);
r = await refus(kit.search({ resourceType: "Practitioner", searchParams: { famly: "x" } }));
dire(r.statut === 400 && r.resultat?.issue?.[0]?.code === "not-supported", "kit : faute de frappe refusée", r.resultat?.issue?.[0]?.diagnostics);

// fhirclient, as an application without a login
const smart = fhirclient({ url: "/", headers: {} }, {}, {}).client({ serverUrl: base });
const deux = await smart.request(`Practitioner?identifier=${encodeURIComponent(`${systeme}|${rpps}`)}`);
dire(ids(deux)[0] === id, "fhirclient : par identifiant");
const aplat = await smart.request(`Practitioner?family=${famille}&_count=20`, { pageLimit: 0, flat: true });
dire(aplat.length === total && new Set(aplat.map((p) => p.id)).size === total, "fhirclient : toutes les pages", `${aplat.length} professionnels`);
const resolu = await smart.request(`PractitionerRole/${roles.entry[0].resource.id}`, { resolveReferences: ["practitioner"] });
dire(resolu.practitioner?.resourceType === "Practitioner" || resolu.practitioner?.id === id, "fhirclient : références résolues");
r = await refus(smart.request("Practitioner/inconnu"));
dire(r.statut === 404, "fhirclient : inconnu refusé", r.statut);
