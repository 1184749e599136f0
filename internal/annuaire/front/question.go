package front

import (
	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// traduction turns a search into a question of the directory.
type traduction struct {
	g *annuaire.Vision
	q *fhir.Query
	// tamis are what the image cannot tell, asked of each record found.
	tamis []tamis
}

// tamis is a condition on a record that was found.
type tamis struct {
	social bool // of an activity: it is social, or it is not
}

func refus(code fhir.IssueCode, param, diagnostics string) *fhir.Error {
	return &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: code, Param: param, Diagnostics: diagnostics}}
}

// critere is all that a search asks, nil for all records.
func (t *traduction) critere() (*annuaire.Critere, error) {
	l := make([]annuaire.Critere, 0, len(t.q.Criteria))
	for i := range t.q.Criteria {
		k, err := t.un(&t.q.Criteria[i])
		if err != nil {
			return nil, err
		}
		if k.Op != 0 {
			l = append(l, k)
		}
	}
	switch len(l) {
	case 0:
		return nil, nil
	case 1:
		return &l[0], nil
	}
	return &annuaire.Critere{Op: annuaire.Et, Fils: l}, nil
}

// un is one parameter, within the references that lead to it.
func (t *traduction) un(c *fhir.Criterion) (annuaire.Critere, error) {
	n := ressource.NatureDe(c.Type.Name)
	k, err := t.feuille(c, n)
	if err != nil || k.Op == 0 {
		return k, err
	}
	for i := len(c.Path) - 1; i >= 0; i-- {
		h := &c.Path[i]
		vers, de := ressource.NatureDe(h.Type.Name), ressource.NatureDe(t.q.Type.Name)
		if i > 0 {
			de = ressource.NatureDe(c.Path[i-1].Type.Name)
		}
		champ := champs[h.Param.ID][0].champ
		if h.Reverse {
			k = parmiVisibles(t.g, k, h.Param.ID, vers)
			k = annuaire.Critere{Op: annuaire.Depuis, Champ: champ, Nature: vers, Fils: []annuaire.Critere{k}}
			continue
		}
		k = annuaire.Critere{Op: annuaire.Vers, Champ: champ, Nature: vers, Fils: []annuaire.Critere{k}}
		k = parmiVisibles(t.g, k, h.Param.ID, de)
	}
	return k, nil
}

// feuille is a parameter of the resource that has it. One that is left to the sieve
// gives no criterion.
func (t *traduction) feuille(c *fhir.Criterion, n annuaire.Nature) (annuaire.Critere, error) {
	if c.Modifier == fhir.Missing {
		k, err := manque(c, n)
		return parmiVisibles(t.g, k, c.Param.ID, n), err
	}
	l := make([]annuaire.Critere, 0, len(c.Values))
	for i := range c.Values {
		k, err := t.valeur(c, &c.Values[i], n)
		if err != nil {
			return k, err
		}
		if k.Op == 0 {
			return k, nil
		}
		l = append(l, k)
	}
	k := unDe(l)
	if c.Modifier == fhir.Not {
		k = annuaire.Critere{Op: annuaire.Non, Fils: []annuaire.Critere{k}}
	}
	return parmiVisibles(t.g, k, c.Param.ID, n), nil
}

// unDe is one of several criteria.
func unDe(l []annuaire.Critere) annuaire.Critere {
	if len(l) == 1 {
		return l[0]
	}
	return annuaire.Critere{Op: annuaire.Ou, Fils: l}
}

// rien is what no record satisfies.
func rien() annuaire.Critere { return annuaire.Critere{Op: annuaire.Ou} }

// manque is :missing.
func manque(c *fhir.Criterion, n annuaire.Nature) (annuaire.Critere, error) {
	var l []annuaire.Critere
	switch c.Param.ID {
	case pMaj, pActif, pStatut:
		l = nil // always said
		if c.Absent {
			return rien(), nil
		}
		return annuaire.Critere{Op: annuaire.Et}, nil
	case pIdentifiant:
		l = append(l, annuaire.Critere{Op: annuaire.Present, Champ: annuaire.ParIdentifiant})
	case pNom:
		l = append(l, annuaire.Critere{Op: annuaire.Present, Champ: annuaire.ParNom})
	case pAdresse:
		l = append(l, annuaire.Critere{Op: annuaire.Present, Champ: annuaire.ParVoie}, annuaire.Critere{Op: annuaire.Present, Champ: annuaire.ParCommune})
	default:
		for _, x := range champs[c.Param.ID] {
			l = append(l, annuaire.Critere{Op: annuaire.Present, Champ: x.champ})
		}
	}
	k := unDe(l)
	if c.Absent {
		k = annuaire.Critere{Op: annuaire.Non, Fils: []annuaire.Critere{k}}
	}
	return k, nil
}
