package droits

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// ClesDe are the keys of the issuers and the mandates of the operators, as the lists in
// force at an instant give them. What one list says wrongly takes nothing from the rest:
// a key that is not of an issuer, or that another list contradicts, is left out. Mandates
// that are known otherwise, by the insurer who gave them, count too.
func ClesDe(c *visiodroits.Classeur, a time.Time, connus ...Mandat) (*Cles, error) {
	var cles []Cle
	for _, k := range c.Cles(a) {
		if k.Usage != visiodroits.PourAccreditation && k.Usage != visiodroits.PourLAR {
			continue
		}
		e, err := sante.ParseNumeroAMC(string(k.Titulaire))
		if err != nil { // the third party of confidence has a name, and issues nothing here
			continue
		}
		pub, err := k.Publique()
		if err != nil {
			continue
		}
		x := Cle{Emetteur: e, Kid: string(k.Kid), Usage: UsageCle(k.Usage), Publique: pub, Debut: k.Debut, Fin: k.Fin.Add(time.Millisecond)}
		if _, err := NouvellesCles([]Cle{x}, nil); err == nil && !tient(cles, &x) {
			cles = append(cles, x)
		}
	}
	return NouvellesCles(cles, append(mandatsDe(c, a), connus...))
}

// tient tells whether a key of that name, holder and purpose is there already: holders
// may be written with more zeros by another list.
func tient(l []Cle, x *Cle) bool {
	for i := range l {
		if l[i].Kid == x.Kid && l[i].Usage == x.Usage && MemeEmetteur(l[i].Emetteur, x.Emetteur) {
			return true
		}
	}
	return false
}

// mandatsDe are what insurers let operators sign: everything while the operator answers
// for them, dépannages while it is mandated for them. ref: VISIO §8.2, DEC 14
func mandatsDe(c *visiodroits.Classeur, a time.Time) []Mandat {
	var l []Mandat
	vus := map[Mandat]bool{}
	ajouter := func(m Mandat, err error) {
		if err == nil && !vus[m] {
			vus[m] = true
			l = append(l, m)
		}
	}
	for s := range c.Services(a) {
		if s.Statut != visiodroits.Ouvert || s.Service != visiodroits.DLD {
			continue
		}
		if s.Operateur != "" {
			m, err := MandatDe(s.NumeroAMC, &visiodroits.Mandat{Operateur: s.Operateur, Debut: s.Debut, Fin: s.Fin})
			m.Normales, m.Depannages = true, false
			ajouter(m, err)
		}
		if s.DepannageMandat != nil {
			ajouter(MandatDe(s.NumeroAMC, s.DepannageMandat))
		}
	}
	return l
}

// MandatDe is a mandate of dépannage by instants: its days are of Paris, the last included.
func MandatDe(amc sante.NumeroAMC, m *visiodroits.Mandat) (Mandat, error) {
	operateur, err := sante.ParseNumeroAMC(string(m.Operateur))
	x := Mandat{Operateur: operateur, AMC: amc, Debut: m.Debut.Debut(sante.Paris()), Depannages: true}
	if m.Fin != 0 {
		x.Fin = (m.Fin + 1).Debut(sante.Paris())
	}
	return x, err
}
