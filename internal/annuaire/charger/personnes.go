package charger

import (
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/rass"
)

// ficheP is a professional being made: as he becomes and as he stood.
type ficheP struct {
	n, o    annuaire.Praticien
	existe  bool
	dit     bool // by a line of Personne_activite that stands
	retiree bool // by one that is taken away
	double  bool // its lines do not agree
}

// ficheS is a situation being made.
type ficheS struct {
	n, o    annuaire.Situation
	existe  bool
	dit     bool
	retiree bool
	p       int // of its professional
}

// personne makes the records of one person of the pieces that name him.
func (w *ouvrier) personne(cle string, l []morceau) error {
	w.ps, w.ss = w.ps[:0], w.ss[:0]
	if l[0].quoi == pFichePraticien || l[0].quoi == pFicheSituation || w.fiches != nil {
		return w.personneFiches(cle, l)
	}
	if w.vue != nil && w.mouvements[annuaire.Praticiens].Avant > 0 {
		w.reprendrePersonne(cle)
	}
	for i := range l {
		if m := &l[i]; m.quoi == pActivite {
			w.activitePersonne(cle, m)
		}
	}
	w.trancher()
	if len(w.ps) == 0 {
		w.personneInconnue(cle, l)
		return nil
	}
	// One order, whatever made the records: what is given to "the first" goes to the same.
	w.ordonner()
	for i := range w.ps {
		w.tairePraticien(&w.ps[i].n)
	}
	for i := range w.ss {
		if w.portees[rass.MSSante] == Entier {
			w.ss[i].n.BAL = w.ss[i].n.BAL[:0]
		}
	}
	w.deplacerBoites()
	for _, retraits := range [...]bool{true, false} { // what is taken away as it was, then said as it is
		for i := range l {
			if (l[i].op == byte(rass.Retrait)) == retraits {
				w.completer(&l[i])
			}
		}
	}
	return w.rendrePersonne(cle)
}

// deplacerBoites gives the mailboxes of a situation that ends to another of the same
// professional in the same structure, else to himself: their file did not say that they
// close.
func (w *ouvrier) deplacerBoites() {
	for i := range w.ss {
		f := &w.ss[i]
		if !f.existe || f.n.Actif || !f.o.Actif || len(f.n.BAL) == 0 {
			continue
		}
		for _, b := range f.n.BAL {
			if s := w.situationA(f.p, f.n.Structure, f.n.SavoirFaire.Savoir.Code); s >= 0 {
				w.ss[s].n.BAL, _ = ajouterBAL(w.ss[s].n.BAL, b, true)
			} else {
				w.ps[f.p].n.BAL, _ = ajouterBAL(w.ps[f.p].n.BAL, b, true)
			}
		}
		f.n.BAL = f.n.BAL[:0]
	}
}

// ordonner sorts professionals and situations by their identifiers.
func (w *ouvrier) ordonner() {
	for i := range w.ss {
		w.ss[i].n.Praticien = w.ps[w.ss[i].p].n.ID
	}
	slices.SortFunc(w.ps, func(x, y ficheP) int { return strings.Compare(x.n.ID, y.n.ID) })
	slices.SortFunc(w.ss, func(x, y ficheS) int { return strings.Compare(x.n.ID, y.n.ID) })
	for i := range w.ss {
		w.ss[i].p = w.rangDe(w.ss[i].n.Praticien)
	}
}

func (w *ouvrier) rangDe(praticien string) int {
	return slices.IndexFunc(w.ps, func(f ficheP) bool { return f.n.ID == praticien })
}

// nouvelleP gives a place for a professional, whose lists are used again.
func (w *ouvrier) nouvelleP(id string) *ficheP {
	if len(w.ps) < cap(w.ps) {
		w.ps = w.ps[:len(w.ps)+1]
	} else {
		w.ps = append(w.ps, ficheP{})
	}
	f := &w.ps[len(w.ps)-1]
	f.existe, f.dit, f.retiree, f.double = false, false, false, false
	viderPraticien(&f.n)
	if w.vue != nil {
		if r, ok := w.vue.ParID(annuaire.Praticiens, id); ok {
			w.vues(annuaire.Praticiens, r)
			w.vue.Praticien(r, &f.o)
			f.existe = true
			copierPraticien(&f.n, &f.o)
		}
	}
	f.n.ID = id
	return f
}

func (w *ouvrier) nouvelleS(id string, p int) *ficheS {
	if len(w.ss) < cap(w.ss) {
		w.ss = w.ss[:len(w.ss)+1]
	} else {
		w.ss = append(w.ss, ficheS{})
	}
	f := &w.ss[len(w.ss)-1]
	f.existe, f.dit, f.retiree, f.p = false, false, false, p
	f.n = annuaire.Situation{Entete: annuaire.Entete{Provenances: f.n.Provenances[:0]}, BAL: f.n.BAL[:0]}
	if w.vue != nil {
		if r, ok := w.vue.ParID(annuaire.Situations, id); ok {
			w.vues(annuaire.Situations, r)
			w.vue.Situation(r, &f.o)
			f.existe = true
			copierSituation(&f.n, &f.o)
		}
	}
	f.n.ID = id
	return f
}

// reprendrePersonne takes all that stands of a person.
func (w *ouvrier) reprendrePersonne(idNat string) {
	for r := range w.parIdentifiant(idNat) {
		f := w.nouvelleP(strings.Clone(w.vue.ID(r)))
		if f.n.IDNat != idNat { // the number of another, in another system
			w.ps = w.ps[:len(w.ps)-1]
		}
	}
	for i := range w.ps {
		w.reprendreSituations(i)
	}
}

func (w *ouvrier) reprendreSituations(p int) {
	for r := range w.parReference(annuaire.Situations, annuaire.ParPraticien, w.ps[p].n.ID) {
		if f := w.nouvelleS(w.vue.ID(r), p); f.n.Praticien != w.ps[p].n.ID { // found by a hash alone
			w.ss = w.ss[:len(w.ss)-1]
		}
	}
}

// trancher ends what was taken away and not said again and, when the file is whole,
// what it does not say.
func (w *ouvrier) trancher() {
	tout := w.portees[rass.PersonneActivite] == Entier
	for i := 0; i < len(w.ss); i++ {
		f := &w.ss[i]
		switch {
		case tout && !f.dit && f.n.Trace.Systeme == systemeRPPS:
			w.finir(&f.n.Entete)
		case f.retiree && !f.dit && f.existe:
			w.finir(&f.n.Entete)
		case f.retiree && !f.dit: // nothing of it stood
			w.ss = slices.Delete(w.ss, i, i+1)
			i--
		}
	}
	for i := 0; i < len(w.ps); i++ {
		f := &w.ps[i]
		if f.double {
			w.compte.fiche(annuaire.DDoublon, annuaire.Praticiens, f.n.ID, f.n.Trace.Autorite.Code, "identité", "")
		}
		if tout && !f.dit && f.n.Trace.Systeme == systemeRPPS {
			w.finir(&f.n.Entete)
		}
		if !f.retiree || f.dit {
			continue
		}
		if !f.existe {
			w.ps = slices.Delete(w.ps, i, i+1)
			for k := range w.ss {
				if w.ss[k].p > i {
					w.ss[k].p--
				}
			}
			i--
		} else if !slices.ContainsFunc(w.ss, func(s ficheS) bool { return s.p == i && s.n.Actif }) {
			w.finir(&f.n.Entete)
		}
	}
}

// personneInconnue counts the pieces of a person whom nobody knows.
func (w *ouvrier) personneInconnue(cle string, l []morceau) {
	for i := range l {
		if m := &l[i]; m.quoi != pToucher && m.quoi != pActivite && m.op != byte(rass.Retrait) {
			w.compte.fiche(annuaire.DRefOrpheline, annuaire.Praticiens, "", "", "professionnel", cle)
		}
	}
}

// tairePraticien empties what a whole feed says alone.
func (a *atelier) tairePraticien(n *annuaire.Praticien) {
	if a.portees[rass.SavoirFaire] == Entier {
		n.SavoirFaire = n.SavoirFaire[:0]
	}
	if a.portees[rass.Diplomes] == Entier {
		n.Diplomes = n.Diplomes[:0]
	}
	if a.portees[rass.MSSante] == Entier {
		n.BAL = n.BAL[:0]
	}
	if a.portees[rass.Porteurs] == Entier {
		n.Cartes = n.Cartes[:0]
	}
	if a.portees[rass.Certificats] == Entier {
		n.Certificats = n.Certificats[:0]
	}
	if a.portees[rass.ProSanteConnect] == Entier {
		n.EtatCivil, n.Contact = annuaire.EtatCivil{}, annuaire.Coordonnees{}
	}
}
