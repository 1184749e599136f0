// A laboratory written by `ecluse quickstart`, and who asks in the examples.
import fs from "node:fs";
import https from "node:https";
import path from "node:path";
import { randomUUID } from "node:crypto";
import { dire, exemple } from "./commun.mjs";
import { cachetDe, certificats } from "./pem.mjs";

export const dossier = process.env.LABO ?? "labo";
export const base = process.env.BASE ?? "https://127.0.0.1:8443";

const lire = (...p) => fs.readFileSync(path.join(dossier, ...p), "utf8");

/** HTTPS where both sides show a certificate. */
export const tls = {
  cert: lire("cles-ch-combe", "authentification.pem"),
  key: lire("cles-ch-combe", "authentification.cle"),
  ca: ["racines", "intermediaires"].flatMap((d) =>
    fs.readdirSync(path.join(dossier, "confiance", d)).map((f) => lire("confiance", d, f))),
};
export const agent = new https.Agent(tls);

/** What the hospital seals with: a PEM key and its certificates. */
export const cachet = cachetDe(path.join(dossier, "cles-ch-combe", "cachet"));

/** Whose seals we expect on answers: the directory's and the insurers'. */
export const attendus = ["cles-annuaire", "cles-amc-moulin", "cles-amc-verger"].map((d) => certificats(lire(d, "cachet.pem"))[0]);

const dossierES = "NODE-" + randomUUID().slice(0, 8);

/** Another insurer of the laboratory; clients.sh gives it an RSA certificate. */
export const autreAMC = { type: "AMC", id: "99000404" };

/** The envelope of a new question: who, to whom, when. */
export const enveloppe = (service, amc = exemple.amc) => ({
  normeVersion: "ecluse-roc/1", service, sens: "Q", idMessage: randomUUID(), idEchange: randomUUID(), idDossierES: dossierES,
  horodatage: new Date().toISOString(), emetteur: exemple.emetteur,
  destinataire: service === "ANN" ? exemple.annuaire : amc, environnement: "T" });

/** The visit of the examples, in the words of either face: appeler(service, complement) gives the body of the answer. */
export async function parcours(titre, appeler) {
  const etape = async (service, complement, attendu) => {
    try {
      const r = await appeler(service, { ...exemple.corps[service], ...complement });
      dire(["000", "010"].includes(r.codeRetour) && attendu(r), `${titre} ${service}`, `${r.codeRetour} ${r.libelle}`);
      return r;
    } catch (e) {
      dire(false, `${titre} ${service}`, e.message);
      return {};
    }
  };
  await etape("ANN", {}, (r) => r.numeroAMCCible === "99000101" && r.points.length >= 4);
  await etape("ETAT", {}, (r) => r.etat === "OPERATIONNEL");
  const { idReponseIDB } = await etape("IDB", {}, (r) => r.statutDroits === "OUVERT");
  await etape("SIM", {}, (r) => r.caractere === "INDICATIF" && r.totalAMC === "1533.00" && !r.numeroEngagement);
  const { numeroEngagement } = await etape("CLC", { idReponseIDB }, (r) => r.caractere === "ENGAGEMENT" && r.totalAMC === "39.27");
  await etape("ENG", { numeroEngagement }, (r) => r.etatEngagement === "ENGAGE");
  await etape("DEL", { numeroEngagement }, (r) => r.etatEngagement === "ANNULE");
  await etape("ENG", { numeroEngagement }, (r) => r.etatEngagement === "ANNULE");
}
