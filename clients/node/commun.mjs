// Shared by the examples: the bodies of the questions, and one line a check.
import fs from "node:fs";
import path from "node:path";

const jour = (n) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris" }).format(Date.now() + n * 86400000);

/** The bodies of the questions, for today. */
export const exemple = JSON.parse(fs.readFileSync(new URL("../exemple.json", import.meta.url), "utf8")
  .replace(/@JOUR([+-]\d+)?@/g, (_, n) => jour(Number(n ?? 0))).replace(/@ANNEE@/g, jour(0).slice(0, 4)));

let mauvais = 0;

/** One line per check. */
export function dire(bon, titre, detail = "") {
  if (!bon) process.exitCode = ++mauvais && 1;
  console.log(bon ? "ok" : "not ok", titre, ":", detail);
}

/** Keeps a message for who validates it afterwards (clients.sh). */
export function garder(nom, octets) {
  if (process.env.MESSAGES) fs.writeFileSync(path.join(process.env.MESSAGES, nom), octets);
}
