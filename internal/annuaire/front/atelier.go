package front

import (
	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"
)

// atelier is the memory of one request, used again by the next one.
type atelier struct {
	q    fhir.Query
	w    fhir.Writer
	e    ressource.Ecriture
	seul []byte // one resource, before it is cut down
	g    *annuaire.Vision
	mots *lexique.Recherche // of questions in words, made by the first

	praticien  annuaire.Praticien
	situation  annuaire.Situation
	structure  annuaire.Structure
	activite   annuaire.Activite
	equipement annuaire.Equipement
	acces      annuaire.PointAcces
}

// tamponMax is the largest buffer that is kept for the next request.
const tamponMax = 1 << 20

func (p *Porte) prendre(g *annuaire.Vision, v *image.Vue) *atelier {
	a := p.ateliers.Get().(*atelier)
	a.w.B = a.w.B[:0]
	a.g = g
	a.e = ressource.Ecriture{W: &a.w, La: presents{v}, Profils: p.profils}
	return a
}

func (p *Porte) rendre(a *atelier) {
	if cap(a.w.B) > tamponMax {
		a.w.B = nil
	}
	a.e, a.g = ressource.Ecriture{}, nil
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
		a.e.Droits = a.g.Praticien(&a.praticien)
		return &a.praticien.Entete, a.g.ProjeterPraticien(&a.praticien)
	case annuaire.Situations:
		v.Situation(r, &a.situation)
		a.e.Droits = a.g.Situation(&a.situation)
		return &a.situation.Entete, a.g.ProjeterSituation(&a.situation)
	case annuaire.Structures:
		v.Structure(r, &a.structure)
		a.e.Droits = a.g.Structure(&a.structure)
		return &a.structure.Entete, a.g.ProjeterStructure(&a.structure)
	case annuaire.Activites:
		v.Activite(r, &a.activite)
		a.e.Droits = a.g.Activite(&a.activite)
		return &a.activite.Entete, a.g.ProjeterActivite(&a.activite)
	}
	if r.Nature == annuaire.Acces {
		v.Acces(r, &a.acces)
		a.e.Droits = a.g.Acces(&a.acces)
		return &a.acces.Entete, a.g.ProjeterAcces(&a.acces)
	}
	v.Equipement(r, &a.equipement)
	a.e.Droits = a.g.Equipement(&a.equipement)
	return &a.equipement.Entete, a.g.ProjeterEquipement(&a.equipement)
}

// ecrire writes the record that was read last of a nature.
func (a *atelier) ecrire(n annuaire.Nature) {
	switch n {
	case annuaire.Praticiens:
		a.e.Praticien(&a.praticien)
	case annuaire.Situations:
		a.e.Situation(&a.situation)
	case annuaire.Structures:
		a.e.Structure(&a.structure)
	case annuaire.Activites:
		a.e.Activite(&a.activite)
	case annuaire.Equipements:
		a.e.Equipement(&a.equipement)
	case annuaire.Acces:
		a.e.Acces(&a.acces)
	}
}

// changement writes a record that is not in the image, when the reader sees it; the
// record is changed.
func (a *atelier) changement(k *annuaire.Changement) bool {
	e, vu := &a.e, false
	switch {
	case k.Praticien != nil:
		e.Droits = a.g.Praticien(k.Praticien)
		if vu = a.g.ProjeterPraticien(k.Praticien); vu {
			e.Praticien(k.Praticien)
		}
	case k.Situation != nil:
		e.Droits = a.g.Situation(k.Situation)
		if vu = a.g.ProjeterSituation(k.Situation); vu {
			e.Situation(k.Situation)
		}
	case k.Structure != nil:
		e.Droits = a.g.Structure(k.Structure)
		if vu = a.g.ProjeterStructure(k.Structure); vu {
			e.Structure(k.Structure)
		}
	case k.Activite != nil:
		e.Droits = a.g.Activite(k.Activite)
		if vu = a.g.ProjeterActivite(k.Activite); vu {
			e.Activite(k.Activite)
		}
	case k.Equipement != nil:
		e.Droits = a.g.Equipement(k.Equipement)
		if vu = a.g.ProjeterEquipement(k.Equipement); vu {
			e.Equipement(k.Equipement)
		}
	case k.Acces != nil:
		e.Droits = a.g.Acces(k.Acces)
		if vu = a.g.ProjeterAcces(k.Acces); vu {
			e.Acces(k.Acces)
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
	annuaire.Acces:       {"identifier", "status", "connectionType", "name", "managingOrganization", "period", "payloadType", "address"},
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
