// Every JSON message of a directory against the OpenAPI document of the server,
// with npm ajv.
//
//   LABO=labo node schemas.mjs RÉPERTOIRE
//
// Files are named rest-…-SERVICE-Q.json, rest-…-SERVICE-R.json, or
// rest-refus-….json for refusals.
import fs from "node:fs";
import https from "node:https";
import path from "node:path";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { agent, base, dire } from "./labo.mjs";

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

for (const f of fs.readdirSync(process.argv[2]).filter((f) => f.endsWith(".json")).sort()) {
  const message = JSON.parse(fs.readFileSync(path.join(process.argv[2], f), "utf8"));
  const [, service, sens] = /-(ANN|IDB|SIM|CLC|DEL|ENG|ETAT)-([QR])\.json$/.exec(f) ?? [null, "ETAT", "refus"];
  const v = schema(service, { Q: null, R: "200", refus: "403" }[sens]);
  dire(v(message), "ajv " + f, v.errors ? erreurs(v) : "conforme");
  // The schema is closed and says what must be there.
  dire(!v({ ...message, surprise: 1 }) && !v({ scellement: message.scellement }), "ajv " + f + ", faux refusé", v.errors?.[0].message);
  const change = structuredClone(message);
  change.message.enveloppe.sens = "X";
  delete change.message.enveloppe.idMessage;
  dire(!v(change) && v.errors.length >= 2, "ajv " + f + ", enveloppe fausse refusée", `${v.errors?.length} erreurs`);
}
