package front

import (
	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// atelier is the memory of one request, used again by the next one.
type atelier struct {
	q    fhir.Query
	w    fhir.Writer
	e    ecriture
	seul []byte // one resource, before it is cut down
	g    *annuaire.Vision

	praticien  annuaire.Praticien
	situation  annuaire.Situation
	structure  annuaire.Structure
	activite   annuaire.Activite
	equipement annuaire.Equipement
}

// tamponMax is the largest buffer that is kept for the next request.
const tamponMax = 1 << 20

func (p *Porte) prendre(g *annuaire.Vision, v *image.Vue) *atelier {
	a := p.ateliers.Get().(*atelier)
	a.w.B = a.w.B[:0]
	a.g = g
	a.e = ecriture{w: &a.w, la: presents{v}, profils: p.profils}
	return a
}

func (p *Porte) rendre(a *atelier) {
	if cap(a.w.B) > tamponMax {
		a.w.B = nil
	}
	a.e, a.g = ecriture{}, nil
	p.ateliers.Put(a)
}

// presents asks a Vue whether a record is there.
type presents struct{ v *image.Vue }

// Present tells whether a record is there.
func (p presents) Present(n annuaire.Nature, id string) bool {
	_, ok := p.v.ParID(n, id)
	return ok
}

// lire reads a record in its place of the atelier, keeps of it what the reader sees, and
// gives its header; false when he sees nothing of it.
func (a *atelier) lire(v *image.Vue, r image.Ref) (*annuaire.Entete, bool) {
	switch r.Nature {
	case annuaire.Praticiens:
		v.Praticien(r, &a.praticien)
		a.e.droits = a.g.Praticien(&a.praticien)
		return &a.praticien.Entete, a.g.ProjeterPraticien(&a.praticien)
	case annuaire.Situations:
		v.Situation(r, &a.situation)
		a.e.droits = a.g.Situation(&a.situation)
		return &a.situation.Entete, a.g.ProjeterSituation(&a.situation)
	case annuaire.Structures:
		v.Structure(r, &a.structure)
		a.e.droits = a.g.Structure(&a.structure)
		return &a.structure.Entete, a.g.ProjeterStructure(&a.structure)
	case annuaire.Activites:
		v.Activite(r, &a.activite)
		a.e.droits = a.g.Activite(&a.activite)
		return &a.activite.Entete, a.g.ProjeterActivite(&a.activite)
	}
	v.Equipement(r, &a.equipement)
	a.e.droits = a.g.Equipement(&a.equipement)
	return &a.equipement.Entete, a.g.ProjeterEquipement(&a.equipement)
}

// ecrire writes the record that was read last of a nature.
func (a *atelier) ecrire(n annuaire.Nature) {
	switch n {
	case annuaire.Praticiens:
		a.e.praticien(&a.praticien)
	case annuaire.Situations:
		a.e.situation(&a.situation)
	case annuaire.Structures:
		a.e.structure(&a.structure)
	case annuaire.Activites:
		a.e.activite(&a.activite)
	case annuaire.Equipements:
		a.e.equipement(&a.equipement)
	}
}

// changement writes a record that is not in the image, when the reader sees it; the
// record is changed.
func (a *atelier) changement(k *annuaire.Changement) bool {
	e, vu := &a.e, false
	switch {
	case k.Praticien != nil:
		e.droits = a.g.Praticien(k.Praticien)
		if vu = a.g.ProjeterPraticien(k.Praticien); vu {
			e.praticien(k.Praticien)
		}
	case k.Situation != nil:
		e.droits = a.g.Situation(k.Situation)
		if vu = a.g.ProjeterSituation(k.Situation); vu {
			e.situation(k.Situation)
		}
	case k.Structure != nil:
		e.droits = a.g.Structure(k.Structure)
		if vu = a.g.ProjeterStructure(k.Structure); vu {
			e.structure(k.Structure)
		}
	case k.Activite != nil:
		e.droits = a.g.Activite(k.Activite)
		if vu = a.g.ProjeterActivite(k.Activite); vu {
			e.activite(k.Activite)
		}
	case k.Equipement != nil:
		e.droits = a.g.Equipement(k.Equipement)
		if vu = a.g.ProjeterEquipement(k.Equipement); vu {
			e.equipement(k.Equipement)
		}
	}
	return vu
}

// coupe is how much of each resource is wanted.
type coupe struct {
	elements []string
	sans     bool // all but elements
	entiere  bool
}

// sommaires are the elements of the summary of each nature. ref: FHIR R4, isSummary
var sommaires = [...][]string{
	annuaire.Praticiens:  {"identifier", "active", "name", "telecom", "address", "gender", "birthDate"},
	annuaire.Situations:  {"identifier", "active", "period", "practitioner", "organization", "code", "specialty", "telecom"},
	annuaire.Structures:  {"identifier", "active", "type", "name", "partOf"},
	annuaire.Activites:   {"identifier", "active", "providedBy", "category", "type", "specialty"},
	annuaire.Equipements: {"status"},
}

// coupeDe is what a search asks of the resources of a nature.
func coupeDe(q *fhir.Query, n annuaire.Nature) coupe {
	switch {
	case q.Summary == fhir.SummaryTrue:
		return coupe{elements: sommaires[n]}
	case q.Summary == fhir.SummaryText:
		return coupe{elements: []string{"text"}}
	case q.Summary == fhir.SummaryData:
		return coupe{elements: []string{"text"}, sans: true}
	case len(q.Elements) > 0:
		return coupe{elements: q.Elements}
	}
	return coupe{entiere: true}
}

// ecrireCoupe writes the record that was read last of a nature, cut down.
func (a *atelier) ecrireCoupe(n annuaire.Nature, c coupe) {
	if c.entiere {
		a.ecrire(n)
		return
	}
	debut := len(a.w.B)
	a.ecrire(n)
	if a.w.B[debut] == ',' {
		debut++
	}
	a.seul = append(a.seul[:0], a.w.B[debut:]...)
	if c.sans {
		a.w.B = fhir.AppendWithout(a.w.B[:debut], a.seul, c.elements...)
	} else {
		a.w.B = fhir.AppendElements(a.w.B[:debut], a.seul, c.elements...)
	}
}
