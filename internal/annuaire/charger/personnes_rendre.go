package charger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// rendrePersonne finishes the records of a person and gives them on.
func (w *ouvrier) rendrePersonne(cle string) error {
	w.presenter(cle)
	for i := range w.ps {
		if f := &w.ps[i]; f.existe {
			tenirDemandes(&annuaire.Changement{Praticien: &f.n}, &annuaire.Changement{Praticien: &f.o})
		}
	}
	for i := range w.ss {
		if f := &w.ss[i]; f.existe {
			tenirDemandes(&annuaire.Changement{Situation: &f.n}, &annuaire.Changement{Situation: &f.o})
		}
	}
	for i := range w.ps {
		f := &w.ps[i]
		w.rangerPraticien(&f.n)
		w.exercer(i)
		w.devient, w.etait = annuaire.Changement{Praticien: &f.n}, annuaire.Changement{}
		if f.existe {
			w.etait.Praticien = &f.o
		}
		if err := w.rendre(w, &w.devient, &w.etait); err != nil {
			return err
		}
	}
	for i := range w.ss {
		f := &w.ss[i]
		w.quitter(f)
		if f.n.Structure != "" && !w.existe(f.n.Structure) {
			w.compte.fiche(annuaire.DRefOrpheline, annuaire.Situations, f.n.ID, f.n.Trace.Autorite.Code, "structure", f.n.Structure)
		}
		rangerBAL(f.n.BAL)
		w.provenir(&f.n.Entete, annuaire.Messagerie, systemeMSS, len(f.n.BAL) > 0)
		w.devient, w.etait = annuaire.Changement{Situation: &f.n}, annuaire.Changement{}
		if f.existe {
			w.etait.Situation = &f.o
		}
		if err := w.rendre(w, &w.devient, &w.etait); err != nil {
			return err
		}
	}
	return nil
}

// presenter gives a person's records to the network that waits for him.
func (w *ouvrier) presenter(cle string) {
	if w.attendus.n == 0 {
		return
	}
	h := hacher(cle)
	if _, ok := w.attendus.trouver(h); !ok {
		return
	}
	w.muMembres.Lock()
	defer w.muMembres.Unlock()
	for i := range w.ps {
		w.membres[h] = append(w.membres[h], strings.Clone(w.ps[i].n.ID))
	}
}

// rangerPraticien puts lists in an order of their own, and says where they come from.
func (w *ouvrier) rangerPraticien(n *annuaire.Praticien) {
	slices.SortFunc(n.SavoirFaire, func(x, y annuaire.Qualification) int {
		return cmp.Or(comparerCodes(x.Type, y.Type), comparerCodes(x.Savoir, y.Savoir))
	})
	slices.SortFunc(n.Diplomes, func(x, y annuaire.Diplome) int {
		return cmp.Or(comparerCodes(x.Type, y.Type), comparerCodes(x.Diplome, y.Diplome),
			comparerCodes(x.TypeAutorisation, y.TypeAutorisation), comparerCodes(x.Discipline, y.Discipline))
	})
	rangerBAL(n.BAL)
	slices.SortFunc(n.Cartes, func(x, y annuaire.Carte) int {
		return cmp.Or(comparerCodes(x.Type, y.Type), strings.Compare(x.Numero, y.Numero))
	})
	slices.SortFunc(n.Certificats, parSerie)
	w.provenir(&n.Entete, annuaire.Messagerie, systemeMSS, len(n.BAL) > 0)
	w.provenir(&n.Entete, annuaire.Cartes, systemeIGC, len(n.Cartes)+len(n.Certificats) > 0)
}

func comparerCodes(x, y annuaire.Code) int {
	return cmp.Or(strings.Compare(x.Code, y.Code), strings.Compare(x.Libelle, y.Libelle))
}

// exercer draws the places where a professional works from his situations in force.
func (w *ouvrier) exercer(p int) {
	n := &w.ps[p].n
	w.lieux = w.lieux[:0]
	for i := range w.ss {
		s := &w.ss[i].n
		if w.ss[i].p != p || !s.Actif || !s.EnVigueur(w.jour) || s.Structure == "" {
			continue
		}
		if l := w.lieuStructure(s.Structure); l != (annuaire.LieuExercice{}) && !slices.Contains(w.lieux, l) {
			w.lieux = append(w.lieux, l)
		}
	}
	slices.SortFunc(w.lieux, func(x, y annuaire.LieuExercice) int {
		return cmp.Or(strings.Compare(x.CodePostal, y.CodePostal), strings.Compare(x.CodeCommune, y.CodeCommune), strings.Compare(x.Commune, y.Commune))
	})
	n.Exerce = append(n.Exerce[:0], w.lieux...)
}

// lieuStructure is where a structure is, in the feeds or as it stands.
func (w *ouvrier) lieuStructure(id string) annuaire.LieuExercice {
	if l, ok := w.reg.lieu(id); ok {
		return l
	}
	if w.vue != nil {
		if r, ok := w.vue.ParID(annuaire.Structures, id); ok {
			w.vue.Structure(r, &w.lu)
			return lieuDe(&w.lu)
		}
	}
	return annuaire.LieuExercice{}
}
