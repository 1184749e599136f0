// The REST face of Écluse with npm jose: each message is sealed by a detached
// JWS over its canonical JSON, and each answer verified the same way.
//
//   LABO=labo node rest.mjs [PRÉFIXE_RSA]
import crypto from "node:crypto";
import https from "node:https";
import * as jose from "jose";
import { dire, garder } from "./commun.mjs";
import { agent, attendus, autreAMC, base, cachet, enveloppe, parcours } from "./labo.mjs";
import { base64DER, cachetDe } from "./pem.mjs";

/** RFC 8785: members in order, nothing between them. JSON.stringify does the rest as the RFC has it. */
export function canonique(v) {
  if (Array.isArray(v)) return "[" + v.map(canonique).join(",") + "]";
  if (v === null || typeof v !== "object") return JSON.stringify(v);
  return "{" + Object.keys(v).filter((k) => v[k] !== undefined).sort().map((k) => JSON.stringify(k) + ":" + canonique(v[k])).join(",") + "}";
}

/** Seals a message; jades adds the properties of JAdES baseline B. */
export async function sceller(message, { cle, certificats }, jades = true) {
  const prive = crypto.createPrivateKey(cle);
  const entete = { alg: prive.asymmetricKeyType === "rsa" ? "PS256" : "ES256", b64: false, crit: ["b64"], cty: "json", x5c: certificats.map(base64DER) };
  if (jades) {
    entete.crit.push("sigT");
    entete.sigT = new Date().toISOString().slice(0, 19) + "Z";
    entete["x5t#S256"] = crypto.createHash("sha256").update(base64DER(certificats[0]), "base64").digest("base64url");
  }
  const jws = await new jose.FlattenedSign(new TextEncoder().encode(canonique(message))).setProtectedHeader(entete).sign(prive, { crit: { sigT: true } });
  return JSON.stringify({ message, scellement: jws.protected + ".." + jws.signature });
}

/** Verifies an answer and gives its message. A certificate found in an answer is only a hint: it must be one we expect. */
export async function ouvrir(texte) {
  const { message, scellement } = JSON.parse(texte);
  const [protege, , signature] = scellement.split(".");
  const [feuille] = jose.decodeProtectedHeader(scellement).x5c;
  const pem = attendus.find((c) => base64DER(c) === feuille);
  if (!pem) throw new Error("réponse scellée par un inconnu");
  await jose.flattenedVerify({ protected: protege, signature, payload: canonique(message) },
    new crypto.X509Certificate(pem).publicKey, { crit: { sigT: true }, algorithms: ["ES256", "PS256"] });
  return message;
}

/** Posts a sealed question; gives the status and the text of the answer. */
export const poster = (service, corps) => new Promise((resolve, reject) => {
  const r = https.request(`${base}/v1/roc/${service.toLowerCase()}`, { method: "POST", agent, headers: { "content-type": "application/json" } }, (rep) => {
    let texte = "";
    rep.setEncoding("utf8").on("data", (b) => (texte += b)).on("end", () => resolve({ statut: rep.statusCode, texte }));
  });
  r.on("error", reject).end(corps);
});

async function demander(titre, service, corps, sceau, jades) {
  const question = await sceller({ enveloppe: enveloppe(service), corps }, sceau, jades);
  const { texte } = await poster(service, question);
  garder(`rest-${titre}-${service}-Q.json`, question);
  garder(`rest-${titre}-${service}-R.json`, texte);
  const reponse = await ouvrir(texte);
  const empreinte = crypto.createHash("sha256").update(canonique(JSON.parse(question).message)).digest("base64url");
  if (reponse.enveloppe.empreinteQuestion !== empreinte) throw new Error("cette réponse est celle d'une autre question");
  return reponse.corps;
}

await parcours("npm jose JAdES ES256", (s, corps) => demander("jades-ec", s, corps, cachet, true));
await parcours("npm jose JWS ES256", (s, corps) => demander("jws-ec", s, corps, cachet, false));
if (process.argv[2]) await parcours("npm jose JAdES PS256", (s, corps) => demander("jades-rsa", s, corps, cachetDe(process.argv[2]), true));

// An answer sealed by another insurer, in RSA when clients.sh made the laboratory.
const autre = (await poster("ETAT", await sceller({ enveloppe: enveloppe("ETAT", autreAMC), corps: {} }, cachet))).texte;
const { alg } = jose.decodeProtectedHeader(JSON.parse(autre).scellement);
dire((await ouvrir(autre)).corps.codeRetour === "000", "npm jose vérifie " + alg, "sceau intact");

// What must be refused, under a seal that verifies.
async function refuse(titre, code, statut, question) {
  const r = await poster("ETAT", question);
  garder(`rest-refus-${code}-${titre.replace(/\W/g, "-")}.json`, r.texte);
  const { corps } = await ouvrir(r.texte);
  dire(corps.codeRetour === code && r.statut === statut, "npm jose " + titre, `HTTP ${r.statut} ${corps.codeRetour} ${corps.precision ?? corps.libelle}`);
}
const message = () => ({ enveloppe: enveloppe("ETAT"), corps: {} });
const altere = JSON.parse(await sceller(message(), cachet));
altere.message.enveloppe.idDossierES = "AUTRE";
await refuse("message altéré", "S502", 403, JSON.stringify(altere));
await refuse("sans sceau", "T001", 400, JSON.stringify({ message: message() }));
await refuse("algorithme none", "S502", 403, JSON.stringify({ message: message(), scellement: jose.base64url.encode('{"alg":"none","b64":false,"crit":["b64"]}') + ".." }));
const vieux = message();
vieux.enveloppe.horodatage = new Date(Date.now() - 3600000).toISOString();
await refuse("message d'il y a une heure", "S504", 403, await sceller(vieux, cachet));
const inconnu = message();
inconnu.enveloppe.surprise = "x";
await refuse("membre inconnu", "T001", 400, await sceller(inconnu, cachet));

// What we refuse.
const { texte } = await poster("ETAT", await sceller(message(), cachet));
const reponse = JSON.parse(texte);
reponse.message.corps.etat = "DEGRADE";
await ouvrir(JSON.stringify(reponse)).then(() => dire(false, "npm jose réponse altérée", "acceptée"), (e) => dire(e.code === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "npm jose réponse altérée", e.message));
