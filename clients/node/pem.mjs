// What is read of PEM files.
import fs from "node:fs";

/** The certificates of a PEM file: the holder's first, then its authorities. */
export const certificats = (pem) => pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);

/** The base64 of the DER of a PEM certificate. */
export const base64DER = (pem) => pem.replace(/-----[^-]+-----|\s/g, "");

/** A pair of files, PRÉFIXE.cle and PRÉFIXE.pem: a PEM key and its certificates. */
export const cachetDe = (prefixe) => ({
  cle: fs.readFileSync(prefixe + ".cle", "utf8"), certificats: certificats(fs.readFileSync(prefixe + ".pem", "utf8")) });
