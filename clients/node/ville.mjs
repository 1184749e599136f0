// A pharmacy with npm soap, from two WSDL: the rights of a patient, without
// certificate nor seal; then a file and its prices from the third party, by the card.
//
//   VILLE=ville node ville.mjs
//
// VILLE is a directory written by `ecluse quickstart --separees`, whose igc,
// amc-moulin, tiers and tarif are running. Nothing here says who the patient is to
// the third party, nor what is delivered to the insurer.
import crypto, { randomUUID } from "node:crypto";
import fs from "node:fs";
import https from "node:https";
import path from "node:path";
import soap from "soap";
import { CompactEncrypt, calculateJwkThumbprint, exportJWK } from "jose";
import { dire, exemple, garder } from "./commun.mjs";
import { cachetDe, certificats } from "./pem.mjs";
import { ordonner, securite, verifier, verifierQuestion } from "./wss.mjs";

const ville = process.env.VILLE ?? "ville";
const lire = (...p) => fs.readFileSync(path.join(ville, ...p), "utf8");
const ecoute = (partie, cle) => "https://" + new RegExp(`^\\[ecoute\\][^[]*?^${cle} = "(.*?)"`, "ms").exec(lire(partie, "ecluse.toml"))[1];
const carte = (nom) => path.join(ville, "officine-tilleuls", "cles", nom);
const officine = { type: "PS", id: "752000012" };

const ca = ["racines", "intermediaires"].flatMap((d) => fs.readdirSync(path.join(ville, "amc-moulin", "confiance", d)).map((f) => lire("amc-moulin", "confiance", d, f)));
const anonyme = new https.Agent({ ca });
const parLaCarte = new https.Agent({ ca, cert: fs.readFileSync(carte("authentification.pem")), key: fs.readFileSync(carte("authentification.cle")) });

/** client reads a WSDL and asks by it. Without cachet, nothing is sealed. */
async function client(nom, adresse, { agent, cachet, version, scelleur, destinataire }) {
  const c = await soap.createClientAsync(adresse + "?wsdl", { forceSoap12Headers: true, endpoint: adresse, wsdl_options: { httpsAgent: agent } });
  c.setSecurity(cachet ? securite(cachet, agent) : { addOptions: (o) => (o.httpsAgent = agent), toXML: () => "" });
  const operations = c.describe()[nom][nom];
  return async (service, corps, changer) => {
    const question = ordonner({
      enveloppe: {
        normeVersion: version, service, sens: "Q", idMessage: randomUUID(), idEchange: randomUUID(), idDossierES: "1",
        horodatage: new Date().toISOString(), emetteur: officine, destinataire, environnement: "T" },
      corps }, operations[service].input);
    let resultat, brut;
    try {
      [resultat, brut] = await c[service + "Async"](question, changer ? { postProcess: changer } : {});
    } catch (e) {
      if (!e.response) throw e;
      verifier(e.response.data, [scelleur]);
      throw new Error(/<codeRetour>(.*?)<\/codeRetour>/.exec(e.response.data)[1] + " " + (/<precision>(.*?)<\/precision>/.exec(e.response.data)?.[1] ?? ""));
    }
    verifier(brut, [scelleur]);
    verifierQuestion(brut, c.lastRequest);
    garder(`${nom.toLowerCase()}/npm-${service}-Q.xml`, c.lastRequest);
    garder(`${nom.toLowerCase()}/npm-${service}-R.xml`, brut);
    return resultat.corps;
  };
}

/** etape asks, and says whether the answer is the one awaited. */
async function etape(titre, appel, attendu) {
  try {
    const r = await appel;
    dire(attendu(r), "npm soap " + titre, `${r.codeRetour} ${r.libelle}`);
    return r;
  } catch (e) {
    dire(false, "npm soap " + titre, e.message);
    return {};
  }
}
async function refuse(titre, code, appel) {
  await appel.then((r) => dire(false, "npm soap " + titre, "accepté : " + r.codeRetour), (e) => dire(e.message.startsWith(code), "npm soap " + titre, e.message));
}

// The rights, with what opens a file.
const scelleur = (partie, sous) => certificats(lire(partie, sous, "cachet.pem"))[0];
const droits = await client("Droits", ecoute("amc-moulin", "ouverte") + "/v1/droits/soap", {
  agent: anonyme, version: "ecluse-droits/1", scelleur: scelleur("amc-moulin", "cles-amc-moulin"), destinataire: exemple.amc });
const { beneficiaire, carte: carteAMC, dateReference } = exemple.corps.IDB;
const question = (plus) => ({
  ps: { numeroFacturation: officine.id, categorie: "PHAR" },
  patient: { numeroAdherent: beneficiaire.numeroAdherent, dateNaissance: beneficiaire.dateNaissance, rangGemellaire: beneficiaire.rangGemellaire },
  carte: { numeroAMC: carteAMC.numeroAMC, typeConvention: carteAMC.typeConvention, csr: carteAMC.csr },
  dateReference, niveauService: "VALORISATION", prestationsSpecifiques: true, ...plus });
/** accorde asks again while the insurer has not read the lists of the third party: it looks often as it starts. */
async function accorde() {
  for (let essai = 0; ; essai++) {
    const r = await droits("DLD", question());
    if (r.codeRetour !== "300" || essai === 60) return r;
    await new Promise((suite) => setTimeout(suite, 500));
  }
}
const fournis = await etape("DLD, avec un dossier à ouvrir", accorde(),
  (r) => r.codeRetour === "000" && r.etat === "OUVERT" && r.accreditation.split(".").length === 3 && r.jetonDossier.split(".").length === 5);
const numero = JSON.parse(Buffer.from(fournis.accreditation.split(".")[1], "base64url")).numero;
await etape("DLD, droits connus", droits("DLD", question({ prestationsSpecifiques: false, niveauService: "BASE", droitsConnus: { numeroAccreditation: numero, dateMAJ: fournis.dateMAJ } })),
  (r) => r.codeRetour === "001" && r.etat === "NON_MODIFIE" && !r.accreditation);
await etape("DLD, inconnu", droits("DLD", question({ patient: { ...question().patient, numeroAdherent: "MB0000000" } })), (r) => r.codeRetour === "100" && r.etat === "INCONNU");

// The file and its prices: the card seals, and opens the connection.
const tiers = { type: "TDC", id: "99009901" };
const tarif = await client("Tarif", ecoute("tiers", "adresse") + "/v1/tarif/soap", {
  agent: parLaCarte, cachet: cachetDe(carte("signature")), version: "ecluse-tarif/1", scelleur: scelleur("tiers", "cles"), destinataire: tiers });
const { numeroDossier } = await etape("DOS", tarif("DOS", { jeton: fournis.jetonDossier }), (r) => r.codeRetour === "000" && r.numeroDossier.length > 20);
const cle = crypto.createPublicKey(lire("tiers", "donnees", "tiers.cle")); // its public part, which the third party gives to all
const jour = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris" }).format(new Date());

/** delivrance is one pair of glasses, which the third party alone reads. */
async function delivrance(sens) {
  const clair = { numeroDossier, dateDelivrance: jour, sens, lignes: [{ rang: 1, famille: "DMI", codePrestation: "VER", codeProduit: "9900022", quantite: 1,
    prixUnitaire: "210.00", montantDepense: "210.00", baseAMO: "80.00", tauxAMO: "60.00", montantAMO: "48.00" }] };
  const lignes = await new CompactEncrypt(Buffer.from(JSON.stringify(clair)))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", kid: await calculateJwkThumbprint(await exportJWK(cle)) }).encrypt(cle);
  return { numeroDossier, dateDelivrance: jour, sens, lignes };
}
const centimes = (s) => Math.round(Number(s) * 100);
const juste = (r) => centimes(r.totalAMC) > 0 && centimes(r.totalAMC) + centimes(r.totalPatient) + 4800 === 21000;
await etape("TAR, devis", tarif("TAR", await delivrance("DEVIS")), (r) => r.codeRetour === "000" && juste(r) && !r.numeroTarification);
await etape("TAR, engagement", tarif("TAR", await delivrance("ENGAGEMENT")), (r) => r.codeRetour === "000" && juste(r) && r.numeroTarification.length > 20);

// What is refused: a token of another key, one that the insurer did not sign, an identity where
// there must be none, a message that was touched, the card of somebody else.
const forge = await new CompactEncrypt(Buffer.from(JSON.stringify({ amc: carteAMC.numeroAMC, effectif: 4000 })))
  .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", kid: await calculateJwkThumbprint(await exportJWK(cle)) }).encrypt(cle);
await etape("DOS, jeton forgé", tarif("DOS", { jeton: forge }), (r) => r.codeRetour === "T631");
await etape("DOS, jeton d'une autre clé", tarif("DOS", { jeton: fournis.jetonDossier.replace(/^[^.]+/, (e) => Buffer.from(JSON.stringify(
  { ...JSON.parse(Buffer.from(e, "base64url")), kid: "A".repeat(43) })).toString("base64url")) }), (r) => r.codeRetour === "T630");
await etape("TAR, une identité dans l'en-tête", tarif("TAR", { ...await delivrance("DEVIS"), lignes: (await delivrance("DEVIS")).lignes.replace(/^[^.]+/, (e) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(e, "base64url")), nom: "KERBRIANT" })).toString("base64url")) }), (r) => r.codeRetour === "T620");
await refuse("TAR, message altéré", "S502", tarif("TAR", await delivrance("DEVIS"), (xml) => xml.replace(/(<(?:\w+:)?sens>)DEVIS/, "$1ENGAGEMENT")));
const autre = await client("Tarif", ecoute("tiers", "adresse") + "/v1/tarif/soap", {
  agent: parLaCarte, cachet: cachetDe(path.join(ville, "officine-saules", "cles", "signature")), version: "ecluse-tarif/1", scelleur: scelleur("tiers", "cles"), destinataire: tiers });
await refuse("TAR, par la carte d'une autre", "S501", autre("TAR", await delivrance("DEVIS")));
