package charger

import (
	"maps"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/rass"
)

// quittees remembers the situations that end in a run of differences, and where they
// were: a structure that only its professionals make known ends with the last of them,
// as it does when a whole file no longer names it.
type quittees struct {
	situations map[string]bool
	structures map[string]bool
}

// quitter notes a situation that ends.
func (w *ouvrier) quitter(f *ficheS) {
	if w.portees[rass.PersonneActivite] != Differences || !f.existe || f.n.Actif || !f.o.Actif {
		return
	}
	w.muMembres.Lock()
	defer w.muMembres.Unlock()
	if w.quittees.situations == nil {
		w.quittees = quittees{map[string]bool{}, map[string]bool{}}
	}
	w.quittees.situations[strings.Clone(f.n.ID)] = true
	if f.n.Structure != "" {
		w.quittees.structures[strings.Clone(f.n.Structure)] = true
	}
}

// fermerDesertees ends the structures where nobody works any more.
func (w *ouvrier) fermerDesertees() error {
	for _, id := range slices.Sorted(maps.Keys(w.quittees.structures)) {
		r, ok := w.vue.ParID(annuaire.Structures, id)
		if !ok || w.reg.connait(id) || w.vus[annuaire.Structures].est(r) || w.occupee(id) {
			continue
		}
		neuf, vieux := w.paire(r)
		if neuf.Structure.Trace.Systeme != systemeRPPS || !neuf.Structure.Actif {
			continue
		}
		w.vues(annuaire.Structures, r)
		w.finir(&neuf.Structure.Entete)
		if err := w.rendre(w, &neuf, &vieux); err != nil {
			return err
		}
	}
	return nil
}

// occupee tells whether somebody still works in a structure that no line of the run
// names.
func (w *ouvrier) occupee(id string) bool {
	var s annuaire.Situation
	for r := range w.parReference(annuaire.Situations, annuaire.ParStructure, id) {
		if w.vue.Situation(r, &s); s.Structure == id && s.Actif && !w.quittees.situations[s.ID] {
			return true
		}
	}
	return false
}
