// The SOAP face of Écluse with npm soap, from the WSDL alone: wss.mjs has its seals.
//
//   LABO=labo node soap.mjs [PRÉFIXE_RSA]
//
// SOAP 1.2 must be asked for (forceSoap12Headers).
import soap from "soap";
import { dire, garder } from "./commun.mjs";
import { agent, attendus, autreAMC, base, cachet, enveloppe, parcours } from "./labo.mjs";
import { cachetDe } from "./pem.mjs";
import { ordonner, securite, verifier, verifierQuestion } from "./wss.mjs";

async function client(s) {
  const c = await soap.createClientAsync(base + "/v1/roc/soap?wsdl", { forceSoap12Headers: true, wsdl_options: { httpsAgent: agent } });
  c.setSecurity(s);
  const operations = c.describe().Roc.Roc;
  const appeler = async (titre, service, corps, changer, amc) => {
    const question = ordonner({ enveloppe: enveloppe(service, amc), corps }, operations[service].input);
    let resultat, brut;
    try {
      [resultat, brut] = await c[service + "Async"](question, changer ? { postProcess: changer } : {});
    } catch (e) {
      if (!e.response) throw e;
      brut = e.response.data;
      verifier(brut, attendus);
      garder(`soap-${titre}-${service}-R.xml`, brut);
      throw new Error(/<codeRetour>(.*?)<\/codeRetour>/.exec(brut)[1] + " " + (/<precision>(.*?)<\/precision>/.exec(brut)?.[1] ?? ""));
    }
    verifier(brut, attendus);
    verifierQuestion(brut, c.lastRequest);
    garder(`soap-${titre}-${service}-Q.xml`, c.lastRequest);
    garder(`soap-${titre}-${service}-R.xml`, brut);
    return { ...resultat.corps, brut };
  };
  return appeler;
}

const ec = await client(securite(cachet, agent));
await parcours("npm soap ECDSA", (s, corps) => ec("ec", s, corps));
const wsu = await client(securite(cachet, agent, { signerOptions: { idMode: "wssecurity" } }));
await parcours("npm soap ECDSA wsu:Id", (s, corps) => wsu("wsu", s, corps));
if (process.argv[2]) {
  const rsa = await client(securite(cachetDe(process.argv[2]), agent));
  await parcours("npm soap RSA", (s, corps) => rsa("rsa", s, corps));
}

// An answer sealed by another insurer, in RSA when clients.sh made the laboratory.
const autre = (await ec("autre", "ETAT", {}, null, autreAMC)).brut;
dire(true, "npm soap vérifie " + /SignatureMethod Algorithm="[^"#]*#([^"]*)/.exec(autre)[1], "sceau intact");

// What must be refused.
async function refuse(titre, debut, appel) {
  await appel.then((r) => dire(false, "npm soap " + titre, "accepté : " + r.codeRetour),
    (e) => dire(e.message.startsWith(debut), "npm soap " + titre, e.message));
}
const altere = (xml) => xml.replace(/(idDossierES>)[^<]*/, "$1AUTRE");
await refuse("message altéré", "S502", ec("altere", "ETAT", {}, (xml) => {
  const x = altere(xml);
  if (x === xml) throw new Error("rien de changé");
  return x;
}));
await refuse("SHA-1", "S502", (async () => {
  const s = securite(cachetDe(process.argv[2]), agent, { signatureAlgorithm: "http://www.w3.org/2000/09/xmldsig#rsa-sha1", digestAlgorithm: "http://www.w3.org/2000/09/xmldsig#sha1" });
  return (await client(s))("sha1", "ETAT", {});
})());

// What we refuse.
const { brut } = await ec("etat", "ETAT", {});
const faux = (titre, xml) => {
  try {
    verifier(xml, attendus);
    dire(false, "npm soap " + titre, "acceptée");
  } catch (e) {
    dire(true, "npm soap " + titre, e.message);
  }
};
faux("réponse altérée", brut.replace("<etat>OPERATIONNEL", "<etat>DEGRADE"));
faux("réponse sans sceau", brut.replace(/<wsse:Security[\s\S]*<\/wsse:Security>/, ""));
