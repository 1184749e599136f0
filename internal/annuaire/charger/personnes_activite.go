package charger

import (
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/rass"
)

// activitePersonne reads the person's part of a line of Personne_activite.
func (w *ouvrier) activitePersonne(idNat string, m *morceau) {
	w.ch = couper(w.ch[:0], m.texte(w.texte))
	x := w.ch
	p := w.deProfession(x[qProfession], x[qCategorie])
	if p < 0 {
		w.nouvelleP(IDPraticien(idNat, x[qProfession], x[qCategorie]))
		p = len(w.ps) - 1
	}
	f := &w.ps[p]
	if m.op == byte(rass.Retrait) {
		f.retiree = true
	} else {
		w.identite(f, idNat, x)
	}
	w.situation(p, x, m.op)
}

// deProfession finds the record of a person in a profession, -1 for none.
func (w *ouvrier) deProfession(profession, categorie string) int {
	for i := range w.ps {
		n := &w.ps[i].n
		if n.Profession.Code == profession && ClePraticien("", n.Profession.Code, n.Categorie.Code) == ClePraticien("", profession, categorie) {
			return i
		}
	}
	return -1
}

// identite sets who the person is. The first of his lines, in their order, says it.
func (w *ouvrier) identite(f *ficheP, idNat string, x []string) {
	if f.dit {
		n := &f.n
		f.double = f.double || n.Nom != x[qNom] || n.Prenom != x[qPrenom] ||
			n.Civilite.Code != x[qCivilite] || n.CiviliteExercice.Code != x[qCiviliteExercice]
		return
	}
	f.dit = true
	n := &f.n
	w.raviver(&n.Entete)
	n.TypeID, n.Numero, n.IDNat = x[qTypeID], x[qNumero], idNat
	n.Trace.Systeme, n.Trace.Autorite = systemeRPPS, autorite(x[qAutorite], 0)
	n.Profession, n.Categorie = code(x, qProfession), code(x, qCategorie)
	n.CiviliteExercice, n.Civilite = code(x, qCiviliteExercice), code(x, qCivilite)
	n.Nom, n.Prenom = x[qNom], x[qPrenom]
}

// autorite reads the authority of a line. It may be three, of the person, of his
// profession, of the activity: the one of this rank is kept as the code, and all as the
// label. ref: RASS §5.5 // hyp: CHARGER-AUTORITE
func autorite(s string, rang int) annuaire.Code {
	if strings.Count(s, "/") != 2 {
		return annuaire.Code{Code: s}
	}
	reste := s
	for range rang {
		_, reste, _ = strings.Cut(reste, "/")
	}
	c, _, _ := strings.Cut(reste, "/")
	return annuaire.Code{Code: c, Libelle: s}
}

// situation sets what the line says that the person does. A line that says only who he
// is makes none.
func (w *ouvrier) situation(p int, x []string, op byte) {
	n := annuaire.Situation{Praticien: w.ps[p].n.ID, Structure: x[qStructure],
		SavoirFaire: annuaire.Qualification{Type: code(x, qTypeSavoir), Savoir: code(x, qSavoir)},
		Mode:        code(x, qMode), Genre: code(x, qGenre), Fonction: code(x, qRole), SectionPharmacien: code(x, qSection)}
	if n.Structure == "" && n.Mode.IsZero() && n.Genre.IsZero() && n.Fonction.IsZero() && n.SectionPharmacien.IsZero() && n.SavoirFaire == (annuaire.Qualification{}) {
		return
	}
	id := IDSituation(&n)
	i := slices.IndexFunc(w.ss, func(f ficheS) bool { return f.n.ID == id })
	if i < 0 {
		w.nouvelleS(id, p)
		i = len(w.ss) - 1
	}
	f := &w.ss[i]
	switch {
	case op == byte(rass.Retrait):
		f.retiree = true
		return
	case f.dit:
		w.compte.fiche(annuaire.DDoublon, annuaire.Situations, id, x[qAutorite], "activité", "")
		return
	}
	f.dit, f.p = true, p
	w.raviver(&f.n.Entete)
	d := &f.n
	d.Trace.Systeme, d.Trace.Autorite = systemeRPPS, autorite(x[qAutorite], 2)
	d.Praticien, d.Structure = n.Praticien, n.Structure
	d.SavoirFaire, d.Mode, d.Genre, d.Fonction, d.SectionPharmacien = n.SavoirFaire, n.Mode, n.Genre, n.Fonction, n.SectionPharmacien
}
