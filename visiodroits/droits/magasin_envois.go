package droits

import (
	"bytes"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// gardeEnvoyes are the days that counters stay after they were sent: they may be sent
// again whole, were one of them to move. hyp: MAGASIN-GARDE
const gardeEnvoyes = 31

func cleEnvoi(jour sante.Jour, amc string) string { return deEnvoi + jour.String() + "/" + amc }

// NoterEnvoi keeps that the counters of a day were sent to an insurer, and which: the
// digest of what was sent.
func (l *Lot) NoterEnvoi(jour sante.Jour, amc sante.NumeroAMC, empreinte [32]byte) {
	l.poser(operation{cle: cleEnvoi(jour, amc.String()), champs: empreinte[:]})
}

// Envoye tells whether these very counters of a day were sent to an insurer.
func (m *Magasin) Envoye(jour sante.Jour, amc sante.NumeroAMC, empreinte [32]byte) bool {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	f := m.c.fiches[cleEnvoi(jour, amc.String())]
	return f != nil && bytes.Equal(f.champs, empreinte[:])
}

// JoursComptes are the days that have counters, oldest first.
func (m *Magasin) JoursComptes() (l []sante.Jour, err error) {
	m.verrou.RLock()
	defer m.verrou.RUnlock()
	vus := map[string]bool{}
	for cle := range m.c.fiches {
		if !strings.HasPrefix(cle, deCompteur) || vus[cle[1:11]] {
			continue
		}
		vus[cle[1:11]] = true
		j, err := sante.ParseJour(cle[1:11])
		if err != nil {
			return nil, err
		}
		l = append(l, j)
	}
	slices.Sort(l)
	return l, nil
}

// envoyee tells whether an entry is a counter that was sent, or that it was, for long
// enough at a day.
func (c *coffre) envoyee(cle string, jour sante.Jour) bool {
	if cle[:1] != deCompteur && cle[:1] != deEnvoi {
		return false
	}
	if j, err := sante.ParseJour(cle[1:11]); err != nil || j >= jour-gardeEnvoyes {
		return false
	}
	amc, _, _ := strings.Cut(cle[12:], "_")
	return c.fiches[deEnvoi+cle[1:12]+amc] != nil
}
