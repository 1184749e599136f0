// WS-Security for npm soap: what seals a question, and what must be verified of an answer.
//
// WSSecurityCert of npm soap seals by itself. It is told the holder's certificate
// alone (not the chain of the PEM file), and ECDSA, which its library xml-crypto does
// not bring: the class below. With an RSA certificate nothing needs to be added. npm
// soap does not look at the seals of answers: verifier() does.
import crypto from "node:crypto";
import soap from "soap";
import { ExclusiveCanonicalization, SignedXml } from "xml-crypto";
import { DOMParser } from "@xmldom/xmldom";
import { base64DER } from "./pem.mjs";

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

/** The security of npm soap, with the TLS of an agent. */
export function securite({ cle, certificats }, agent, options = {}) {
  const rsa = crypto.createPrivateKey(cle).asymmetricKeyType === "rsa";
  const s = new soap.WSSecurityCert(cle, certificats[0], "", { signatureAlgorithm: rsa ? RSA : ECDSA, ...options });
  s.signer.SignatureAlgorithms[ECDSA] = EcdsaSha256;
  s.addOptions = (o) => (o.httpsAgent = agent);
  return s;
}

const corpsDe = (doc) => Array.from(doc.documentElement.childNodes).filter((n) => n.namespaceURI === SOAP12 && n.localName === "Body");

/** Verifies the seal of an answer, and that the Body is what was sealed; attendus are the certificates that may seal it. */
export function verifier(xml, attendus) {
  const doc = new DOMParser().parseFromString(xml, "text/xml");
  const jeton = doc.getElementsByTagNameNS("*", "BinarySecurityToken")[0];
  const pem = attendus.find((c) => base64DER(c) === jeton?.textContent);
  if (!pem) throw new Error("réponse sans sceau, ou scellée par un inconnu");
  const s = new SignedXml({ publicCert: pem });
  s.SignatureAlgorithms[ECDSA] = EcdsaSha256;
  s.loadSignature(doc.getElementsByTagNameNS(DS, "Signature")[0]);
  if (!s.checkSignature(xml)) throw new Error("réponse altérée");
  const corps = corpsDe(doc);
  const id = corps[0]?.getAttributeNS("http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd", "Id");
  if (corps.length !== 1 || !s.getReferences().some((r) => r.uri === "#" + id)) throw new Error("le corps de la réponse n'est pas scellé");
}

/** The digest of a question: that of its Body, as its own signature has it, or as exclusive C14N gives it when it has none. */
function empreinte(question) {
  const id = /<soap:Body[^>]* (?:wsu:)?Id="([^"]+)"/.exec(question)?.[1];
  if (id) return Buffer.from(new RegExp(`<Reference URI="#${id}">.*?<DigestValue>([^<]+)`, "s").exec(question)[1], "base64").toString("base64url");
  const corps = corpsDe(new DOMParser().parseFromString(question, "text/xml"))[0];
  return crypto.createHash("sha256").update(new ExclusiveCanonicalization().process(corps, {})).digest("base64url");
}

/** An answer seals the digest of its question. */
export function verifierQuestion(reponse, question) {
  const citee = /<empreinteQuestion>([^<]+)/.exec(reponse)?.[1];
  if (citee !== empreinte(question)) throw new Error("cette réponse est celle d'une autre question");
}

/** npm soap writes members as they come; the schema has an order, which the description of the WSDL tells. */
export function ordonner(valeur, description) {
  if (Array.isArray(valeur)) return valeur.map((v) => ordonner(v, description));
  if (valeur === null || typeof valeur !== "object") return valeur;
  const r = {};
  for (const nom of Object.keys(description)) {
    const cle = nom.replace(/\[\]$/, "");
    if (valeur[cle] !== undefined) r[cle] = ordonner(valeur[cle], description[nom]);
  }
  return r;
}
