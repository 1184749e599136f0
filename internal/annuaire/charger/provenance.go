package charger

import (
	"cmp"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// provenir says, or no longer says, that a feed gave a group of fields. The day is that
// of the first time. What an owner's request gave is left alone.
func (a *atelier) provenir(e *annuaire.Entete, g annuaire.Groupe, systeme string, present bool) {
	for i, p := range e.Provenances {
		if p.Groupe == g && p.Systeme == systeme && p.Demande == "" {
			if !present {
				e.Provenances = slices.Delete(e.Provenances, i, i+1)
			}
			return
		}
	}
	if present && !slices.ContainsFunc(e.Provenances, func(p annuaire.Provenance) bool { return p.Groupe == g && p.Demande != "" }) {
		e.Provenances = append(e.Provenances, annuaire.Provenance{Groupe: g, Systeme: systeme, Le: a.jour})
		slices.SortFunc(e.Provenances, func(x, y annuaire.Provenance) int {
			return cmp.Or(cmp.Compare(x.Groupe, y.Groupe), cmp.Compare(x.Systeme, y.Systeme), cmp.Compare(x.Demande, y.Demande))
		})
	}
}

// tenirDemandes keeps in a record the groups of fields that owners' requests gave, against
// a feed that says no later day; a later one takes them back. A request may end a record
// that a feed goes on naming, and not keep alive one that it no longer names.
// hyp: CHARGER-DEMANDE
func tenirDemandes(neuf, vieux *annuaire.Changement) {
	_, o := vieux.Entete()
	if o == nil {
		return
	}
	_, e := neuf.Entete()
	var source annuaire.Changement
	for _, p := range o.Provenances {
		if p.Demande == "" {
			continue
		}
		if e.Trace.MajLe > p.Le {
			rendreAuFlux(e, p.Groupe)
			continue
		}
		if source == (annuaire.Changement{}) {
			source = vieux.Cloner() // the lists of a record being made are used again for others
		}
		actif, du, au := e.Actif, e.Du, e.Au
		annuaire.CopierGroupe(neuf, &source, p.Groupe)
		if !actif {
			e.Actif, e.Du, e.Au = false, du, au
		}
	}
}

// finir ends a record: it keeps all, and is no longer in force.
func (a *atelier) finir(e *annuaire.Entete) {
	if e.Actif {
		e.Actif = false
		if e.Au == 0 || e.Au > a.jour {
			e.Au = a.jour
		}
	}
}

// raviver makes a record stand again.
func (a *atelier) raviver(e *annuaire.Entete) {
	if !e.Actif {
		e.Actif = true
		if e.Au != 0 && e.Au <= a.jour {
			e.Au = 0
		}
	}
}

// rendreAuFlux says no longer that a group of fields is that of a request: a later feed
// has said it.
func rendreAuFlux(e *annuaire.Entete, g annuaire.Groupe) {
	e.Provenances = slices.DeleteFunc(e.Provenances, func(p annuaire.Provenance) bool { return p.Groupe == g && p.Demande != "" })
}
