package charger

import (
	"cmp"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
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
	if present {
		e.Provenances = append(e.Provenances, annuaire.Provenance{Groupe: g, Systeme: systeme, Le: a.jour})
		slices.SortFunc(e.Provenances, func(x, y annuaire.Provenance) int {
			return cmp.Or(cmp.Compare(x.Groupe, y.Groupe), cmp.Compare(x.Systeme, y.Systeme), cmp.Compare(x.Demande, y.Demande))
		})
	}
}

// tenu tells whether a group of fields is that of an owner's request, which a feed
// older than it does not undo. hyp: CHARGER-DEMANDE
func tenu(vieux *annuaire.Entete, g annuaire.Groupe, maj sante.Jour) bool {
	for _, p := range vieux.Provenances {
		if p.Groupe == g && p.Demande != "" && maj <= p.Le {
			return true
		}
	}
	return false
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
