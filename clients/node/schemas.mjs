// Every JSON message of a directory against the OpenAPI document of the server,
// with npm ajv.
//
//   LABO=labo node schemas.mjs RÉPERTOIRE
//
// It may hold what the other clients kept (rest-…-SERVICE-Q.json, -R.json,
// rest-refus-….json) or the examples of roc/testdata.
import fs from "node:fs";
import https from "node:https";
import path from "node:path";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { dire } from "./commun.mjs";
import { agent, base } from "./labo.mjs";

const openapi = await new Promise((resolve, reject) => https.get(base + "/v1/roc/openapi.json", { agent }, (r) => {
  let texte = "";
  r.setEncoding("utf8").on("data", (b) => (texte += b)).on("end", () => resolve(JSON.parse(texte)));
}).on("error", reject));

const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true });
formats(ajv);
ajv.addVocabulary(["openapi", "info", "servers", "paths", "components", "security"]);
ajv.addSchema({ ...openapi, $id: "https://ecluse.invalid/openapi.json" });

const prealables = new Map();
function schema(service, reponse) {
  const racine = `https://ecluse.invalid/openapi.json#/paths/~1v1~1roc~1${service.toLowerCase()}/post/`;
  const $ref = racine + (reponse ? `responses/${reponse}` : "requestBody") + "/content/application~1json/schema";
  if (!prealables.has($ref)) prealables.set($ref, ajv.compile({ $ref }));
  return prealables.get($ref);
}
const erreurs = (v) => v.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`).join(" ; ");

/** The service and the part of the exchange that a file name tells. */
function reconnaitre(f) {
  const dore = /^(annuaire|idb|sim|clc|del|eng|etat)\/.*\.(question|reponse)\.json$/.exec(f);
  if (dore) return { service: dore[1] === "annuaire" ? "ANN" : dore[1].toUpperCase(), reponse: dore[2] === "reponse" ? "200" : null, nu: true };
  const scelle = /^scelle\/(\w+)-.*\.(question|reponse)[.\w-]*\.json$/.exec(f);
  if (scelle) return { service: scelle[1].toUpperCase(), reponse: scelle[2] === "reponse" ? "200" : null };
  const vu = /-(ANN|IDB|SIM|CLC|DEL|ENG|ETAT)-([QR])\.json$/.exec(f);
  if (vu) return { service: vu[1], reponse: vu[2] === "R" ? "200" : null };
  if (/refus/.test(f)) return { service: "ETAT", reponse: "403", nu: f.startsWith("refus/") };
}

for (const f of fs.readdirSync(process.argv[2], { recursive: true }).filter((f) => f.endsWith(".json")).sort()) {
  const quoi = reconnaitre(f);
  if (!quoi) {
    dire(false, "ajv " + f, "message que rien ne décrit");
    continue;
  }
  let message = JSON.parse(fs.readFileSync(path.join(process.argv[2], f), "utf8"));
  if (quoi.nu) message = { message, scellement: "" }; // an example without its seal
  const v = schema(quoi.service, quoi.reponse);
  dire(v(message), "ajv " + f, v.errors ? erreurs(v) : "conforme");
  // The schema is closed and says what must be there.
  const change = structuredClone(message);
  change.message.enveloppe.sens = "X";
  delete change.message.enveloppe.idMessage;
  const faux = [{ ...message, surprise: 1 }, { scellement: message.scellement }, change];
  dire(faux.every((x) => !v(x)), "ajv " + f + ", faux refusés", `${faux.length} altérations`);
}
