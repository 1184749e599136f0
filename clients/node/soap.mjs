// The SOAP face of Écluse with npm soap, from the WSDL alone.
//
//   LABO=labo node soap.mjs [PRÉFIXE_RSA]
//
// WSSecurityCert of npm soap seals by itself. Three things must be told:
// SOAP 1.2 (forceSoap12Headers), the holder's certificate alone (not the chain
// of the PEM file), and ECDSA, which its library xml-crypto does not bring: the
// class below. With an RSA certificate nothing needs to be added. npm soap does
// not look at the seals of answers: verifier() does.
import crypto from "node:crypto";
import soap from "soap";
import { SignedXml } from "xml-crypto";
import { DOMParser } from "@xmldom/xmldom";
import { agent, attendus, autreAMC, base, base64DER, cachet, cachetDe, dire, enveloppe, exemple, garder, parcours } from "./labo.mjs";

const ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SOAP12 = "http://www.w3.org/2003/05/soap-envelope";
const DS = "http://www.w3.org/2000/09/xmldsig#";

/** ECDSA for xml-crypto: r‖s, as XML signatures have it. */
class EcdsaSha256 {
  getSignature = (info, cle) => crypto.createSign("sha256").update(info).sign({ ...(cle.key ? cle : { key: cle }), dsaEncoding: "ieee-p1363" }, "base64");
  verifySignature = (info, cle, valeur) => crypto.createVerify("sha256").update(info).verify({ key: cle, dsaEncoding: "ieee-p1363" }, valeur, "base64");
  getAlgorithmName = () => ECDSA;
}

/** The security of npm soap, with mutual TLS. */
function securite({ cle, certificats }, options = {}) {
  const rsa = crypto.createPrivateKey(cle).asymmetricKeyType === "rsa";
  const s = new soap.WSSecurityCert(cle, certificats[0], "", { signatureAlgorithm: rsa ? RSA : ECDSA, ...options });
  s.signer.SignatureAlgorithms[ECDSA] = EcdsaSha256;
  s.addOptions = (o) => (o.httpsAgent = agent);
  return s;
}

/** Verifies the seal of an answer, and that the Body is what was sealed. */
export function verifier(xml) {
  const doc = new DOMParser().parseFromString(xml, "text/xml");
  const jeton = doc.getElementsByTagNameNS("*", "BinarySecurityToken")[0];
  const pem = attendus.find((c) => base64DER(c) === jeton?.textContent);
  if (!pem) throw new Error("réponse sans sceau, ou scellée par un inconnu");
  const s = new SignedXml({ publicCert: pem });
  s.SignatureAlgorithms[ECDSA] = EcdsaSha256;
  s.loadSignature(doc.getElementsByTagNameNS(DS, "Signature")[0]);
  if (!s.checkSignature(xml)) throw new Error("réponse altérée");
  const corps = Array.from(doc.documentElement.childNodes).filter((n) => n.namespaceURI === SOAP12 && n.localName === "Body");
  const id = corps[0]?.getAttributeNS("http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd", "Id");
  if (corps.length !== 1 || !s.getReferences().some((r) => r.uri === "#" + id)) throw new Error("le corps de la réponse n'est pas scellé");
}

/** An answer seals the digest of its question: that of its Body, as the question's own signature has it. */
function verifierQuestion(reponse, question) {
  const corps = /<soap:Body[^>]* (?:wsu:)?Id="([^"]+)"/.exec(question)[1];
  const empreinte = new RegExp(`<Reference URI="#${corps}">.*?<DigestValue>([^<]+)`, "s").exec(question)[1];
  const citee = /<empreinteQuestion>([^<]+)/.exec(reponse)?.[1];
  if (citee !== Buffer.from(empreinte, "base64").toString("base64url")) throw new Error("cette réponse est celle d'une autre question");
}

/** npm soap writes members as they come; the schema has an order, which the description of the WSDL tells. */
function ordonner(valeur, description) {
  if (Array.isArray(valeur)) return valeur.map((v) => ordonner(v, description));
  if (valeur === null || typeof valeur !== "object") return valeur;
  const r = {};
  for (const nom of Object.keys(description)) {
    const cle = nom.replace(/\[\]$/, "");
    if (valeur[cle] !== undefined) r[cle] = ordonner(valeur[cle], description[nom]);
  }
  return r;
}

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
      verifier(brut);
      garder(`soap-${titre}-${service}-R.xml`, brut);
      throw new Error(/<codeRetour>(.*?)<\/codeRetour>/.exec(brut)[1] + " " + (/<precision>(.*?)<\/precision>/.exec(brut)?.[1] ?? ""));
    }
    verifier(brut);
    verifierQuestion(brut, c.lastRequest);
    garder(`soap-${titre}-${service}-Q.xml`, c.lastRequest);
    garder(`soap-${titre}-${service}-R.xml`, brut);
    return { ...resultat.corps, brut };
  };
  return appeler;
}

const ec = await client(securite(cachet));
await parcours("npm soap ECDSA", (s, corps) => ec("ec", s, corps));
const wsu = await client(securite(cachet, { signerOptions: { idMode: "wssecurity" } }));
await parcours("npm soap ECDSA wsu:Id", (s, corps) => wsu("wsu", s, corps));
if (process.argv[2]) {
  const rsa = await client(securite(cachetDe(process.argv[2])));
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
  const s = securite(cachetDe(process.argv[2]), { signatureAlgorithm: "http://www.w3.org/2000/09/xmldsig#rsa-sha1", digestAlgorithm: "http://www.w3.org/2000/09/xmldsig#sha1" });
  return (await client(s))("sha1", "ETAT", {});
})());

// What we refuse.
const { brut } = await ec("etat", "ETAT", {});
const faux = (titre, xml) => {
  try {
    verifier(xml);
    dire(false, "npm soap " + titre, "acceptée");
  } catch (e) {
    dire(true, "npm soap " + titre, e.message);
  }
};
faux("réponse altérée", brut.replace("<etat>OPERATIONNEL", "<etat>DEGRADE"));
faux("réponse sans sceau", brut.replace(/<wsse:Security[\s\S]*<\/wsse:Security>/, ""));
