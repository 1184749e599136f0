package serveur

import (
	"context"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// mandats answers the circle from the directories that the process knows: the one
// that it holds, for everybody, and what one said to a hospital, for it alone.
type mandats struct {
	fuseau *time.Location
	tenus  []mandate
	dits   map[string]mandate // by tenant
}

// mandate tells whether an insurer mandates an operator at a day.
type mandate func(operateur string, amc sante.NumeroAMC, j sante.Jour) bool

func (m *mandats) connaitre(tenant string, f mandate) {
	if m.dits == nil {
		m.dits = make(map[string]mandate)
	}
	m.dits[tenant] = f
}

// Mandate is cercle.Mandats.
func (m *mandats) Mandate(tenant, operateur, numero string, a time.Time) bool {
	amc, err := sante.ParseNumeroAMC(numero)
	if err != nil {
		return false
	}
	j := sante.JourA(a, m.fuseau)
	for _, f := range m.tenus {
		if f(operateur, amc, j) {
			return true
		}
	}
	f := m.dits[tenant]
	return f != nil && f(operateur, amc, j)
}

// mandatsDits is etablissement.Mandats over what the Annuaire says to a hospital.
type mandatsDits struct{ client *roc.Client }

// delaiMandat bounds a question to the directory about a mandate.
const delaiMandat = 5 * time.Second

// Operateur asks the directory, whose answers are kept for a while. An insurer may
// answer for one of the two domains only.
func (m mandatsDits) Operateur(ctx context.Context, amc sante.NumeroAMC, jour sante.Jour) (*roc.Operateur, error) {
	ctx, fin := context.WithTimeout(ctx, delaiMandat)
	defer fin()
	for _, d := range []roc.Domaine{roc.HospitalACE, roc.HospitalSejour} {
		r, _, err := m.client.Resoudre(ctx, roc.Routage{NumeroAMC: amc, DateReference: jour, Domaine: d})
		if err != nil {
			return nil, err
		}
		if r.CodeRetour.Accord() && r.Operateur != nil {
			return r.Operateur, nil
		}
	}
	return nil, nil
}

// mandate tells the circle; the silence of the directory mandates nobody.
func (m mandatsDits) mandate(operateur string, amc sante.NumeroAMC, j sante.Jour) bool {
	o, err := m.Operateur(context.Background(), amc, j)
	return err == nil && o != nil && (o.ID == operateur || o.Structure == operateur) &&
		j >= o.MandatDebut && (o.MandatFin.IsZero() || j <= o.MandatFin)
}
