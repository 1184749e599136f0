// Suggestions while a question is typed: a combobox as WAI-ARIA describes it (list
// autocomplete, the focus stays in the field). Without this script the form does all.
"use strict";
(() => {
  const champ = document.querySelector("input[data-propositions]");
  if (!champ) return;
  const attente = 120; // ms after the last key
  const boite = champ.parentElement;
  const liste = document.createElement("ul");
  liste.id = "propositions";
  liste.className = "propositions";
  liste.setAttribute("role", "listbox");
  liste.setAttribute("aria-label", "Propositions");
  liste.hidden = true;
  const dit = document.createElement("p");
  dit.className = "lecteur";
  dit.setAttribute("role", "status");
  boite.append(liste, dit);
  for (const [nom, valeur] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", liste.id], ["aria-expanded", "false"], ["aria-haspopup", "listbox"]])
    champ.setAttribute(nom, valeur);

  let minuterie, requete, choix = -1, tape = champ.value;

  const fermer = () => {
    liste.hidden = true;
    liste.replaceChildren();
    choix = -1;
    champ.setAttribute("aria-expanded", "false");
    champ.removeAttribute("aria-activedescendant");
  };
  const oublier = () => {
    clearTimeout(minuterie);
    if (requete) requete.abort();
    requete = undefined;
  };
  const marquer = (n) => {
    const l = liste.children;
    if (l.length === 0) return;
    if (l[choix]) l[choix].setAttribute("aria-selected", "false");
    choix = n < -1 ? l.length - 1 : n >= l.length ? -1 : n;
    if (choix < 0) {
      champ.removeAttribute("aria-activedescendant");
      champ.value = tape;
      return;
    }
    l[choix].setAttribute("aria-selected", "true");
    l[choix].scrollIntoView({ block: "nearest" });
    champ.setAttribute("aria-activedescendant", l[choix].id);
    champ.value = l[choix].dataset.question;
  };
  const prendre = (n) => {
    champ.value = tape = liste.children[n].dataset.question + " ";
    oublier();
    fermer();
    champ.focus();
  };
  const montrer = (l) => {
    fermer();
    l.forEach((x, i) => {
      const e = document.createElement("li");
      e.id = "proposition-" + i;
      e.setAttribute("role", "option");
      e.setAttribute("aria-selected", "false");
      e.dataset.question = x.question;
      const mot = document.createElement("strong");
      mot.textContent = x.mot;
      const quoi = document.createElement("span");
      quoi.className = "sous";
      quoi.textContent = " " + x.champ + (x.comment ? ", " + x.comment : "") + " · " + x.fiches.toLocaleString("fr") + (x.fiches > 1 ? " fiches" : " fiche");
      e.append(mot, quoi);
      e.addEventListener("mousedown", (ev) => { ev.preventDefault(); prendre(i); });
      liste.append(e);
    });
    liste.hidden = l.length === 0;
    champ.setAttribute("aria-expanded", String(l.length > 0));
    dit.textContent = l.length === 0 ? "Aucune proposition" : l.length === 1 ? "Une proposition" : l.length + " propositions, flèche bas pour les lire";
  };
  const demander = async () => {
    const suivi = requete = new AbortController();
    const corps = new URLSearchParams({ q: tape });
    for (const nom of ["quoi", "famille"]) {
      const e = champ.form.elements[nom];
      if (e) corps.set(nom, e.value);
    }
    try {
      const r = await fetch(champ.dataset.propositions, { method: "POST", body: corps, signal: suivi.signal });
      if (!r.ok) throw new Error(String(r.status));
      const l = await r.json();
      if (requete === suivi) montrer(l);
    } catch (e) {
      if (requete === suivi) fermer(); // the form still works
    }
  };

  champ.addEventListener("input", () => {
    tape = champ.value;
    oublier();
    if (tape.trim().length < 2) { fermer(); return; }
    minuterie = setTimeout(demander, attente);
  });
  champ.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    const ouverte = !liste.hidden;
    switch (e.key) {
      case "ArrowDown":
        if (ouverte) marquer(choix + 1);
        else if (tape.trim().length >= 2) { oublier(); demander(); }
        break;
      case "ArrowUp":
        if (!ouverte) return;
        marquer(choix - 1);
        break;
      case "Escape":
        if (!ouverte) return;
        champ.value = tape;
        oublier();
        fermer();
        break;
      case "Enter":
        if (!ouverte || choix < 0) return;
        prendre(choix);
        break;
      default:
        return;
    }
    e.preventDefault();
  });
  champ.addEventListener("blur", () => { oublier(); tape = champ.value; fermer(); });
})();
