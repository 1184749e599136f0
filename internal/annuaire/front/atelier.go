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

	praticien  annuaire.Praticien
	situation  annuaire.Situation
	structure  annuaire.Structure
	activite   annuaire.Activite
	equipement annuaire.Equipement
}

// tamponMax is the largest buffer that is kept for the next request.
const tamponMax = 1 << 20

func (p *Porte) prendre(g *Regard, v *image.Vue) *atelier {
	a := p.ateliers.Get().(*atelier)
	a.w.B = a.w.B[:0]
	a.e = ecriture{w: &a.w, g: g, la: presents{v}, profils: p.profils}
	return a
}

func (p *Porte) rendre(a *atelier) {
	if cap(a.w.B) > tamponMax {
		a.w.B = nil
	}
	a.e = ecriture{}
	p.ateliers.Put(a)
}

// presents asks a Vue whether a record is there.
type presents struct{ v *image.Vue }

// Present tells whether a record is there.
func (p presents) Present(n annuaire.Nature, id string) bool {
	_, ok := p.v.ParID(n, id)
	return ok
}

// lire reads a record in its place of the atelier, and gives its header.
func (a *atelier) lire(v *image.Vue, r image.Ref) *annuaire.Entete {
	switch r.Nature {
	case annuaire.Praticiens:
		v.Praticien(r, &a.praticien)
		return &a.praticien.Entete
	case annuaire.Situations:
		v.Situation(r, &a.situation)
		return &a.situation.Entete
	case annuaire.Structures:
		v.Structure(r, &a.structure)
		return &a.structure.Entete
	case annuaire.Activites:
		v.Activite(r, &a.activite)
		return &a.activite.Entete
	}
	v.Equipement(r, &a.equipement)
	return &a.equipement.Entete
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

// changement writes a record that is not in the image.
func (e *ecriture) changement(k *annuaire.Changement) {
	switch {
	case k.Praticien != nil:
		e.praticien(k.Praticien)
	case k.Situation != nil:
		e.situation(k.Situation)
	case k.Structure != nil:
		e.structure(k.Structure)
	case k.Activite != nil:
		e.activite(k.Activite)
	case k.Equipement != nil:
		e.equipement(k.Equipement)
	}
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
