package tierstest

import (
	"context"
	"sync"

	"github.com/ecluse-sante/ecluse/internal/tiers"
	"github.com/ecluse-sante/ecluse/sante"
)

// Memoire is a store in memory. It is safe for concurrent use.
type Memoire struct {
	mu        sync.Mutex
	jetons    map[tiers.Cle]servi
	dossiers  map[tiers.Cle]tiers.Dossier
	promesses map[tiers.Cle]promesse
	// Appels are the calls, in order, to compare the work of two questions.
	Appels []string
}

// servi is a token already exchanged.
type servi struct {
	dossier tiers.Cle
	jusqua  sante.Jour
}

type promesse struct {
	tiers.Promesse
	facture *tiers.Cle
}

// NouvelleMemoire makes an empty store.
func NouvelleMemoire() *Memoire {
	return &Memoire{jetons: map[tiers.Cle]servi{}, dossiers: map[tiers.Cle]tiers.Dossier{}, promesses: map[tiers.Cle]promesse{}}
}

func (m *Memoire) noter(nom string) func() {
	m.mu.Lock()
	m.Appels = append(m.Appels, nom)
	return m.mu.Unlock
}

// Ouvrir is tiers.Depot.
func (m *Memoire) Ouvrir(_ context.Context, jeton tiers.Cle, jusqua sante.Jour, d *tiers.Dossier) error {
	defer m.noter("Ouvrir")()
	if x, ok := m.jetons[jeton]; ok && x.dossier != d.Cle {
		return tiers.ErrJetonServi
	} else if !ok {
		m.jetons[jeton], m.dossiers[d.Cle] = servi{d.Cle, jusqua}, *d
	}
	return nil
}

// Dossier is tiers.Depot.
func (m *Memoire) Dossier(_ context.Context, cle tiers.Cle, jour sante.Jour) (*tiers.Dossier, error) {
	defer m.noter("Dossier")()
	d, ok := m.dossiers[cle]
	if !ok || d.Expire < jour {
		return nil, tiers.ErrAbsent
	}
	return &d, nil
}

// Promettre is tiers.Depot.
func (m *Memoire) Promettre(_ context.Context, p *tiers.Promesse) (bool, error) {
	defer m.noter("Promettre")()
	x, ok := m.promesses[p.Cle]
	if ok && x.facture != nil {
		return x.Numero == p.Numero && x.Empreinte == p.Empreinte, nil
	}
	m.promesses[p.Cle] = promesse{*p, nil}
	return true, nil
}

// Confirmer is tiers.Depot.
func (m *Memoire) Confirmer(_ context.Context, numero, empreinte, facture tiers.Cle) (bool, error) {
	defer m.noter("Confirmer")()
	for c, x := range m.promesses {
		if x.Numero == numero && x.Empreinte == empreinte && (x.facture == nil || *x.facture == facture) {
			x.facture = &facture
			m.promesses[c] = x
			return true, nil
		}
	}
	return false, nil
}

// Purger is tiers.Depot.
func (m *Memoire) Purger(_ context.Context, dossiers, promesses sante.Jour) error {
	defer m.noter("Purger")()
	for c, j := range m.jetons {
		if j.jusqua < dossiers {
			delete(m.jetons, c)
		}
	}
	for c, d := range m.dossiers {
		if d.Expire < dossiers {
			delete(m.dossiers, c)
		}
	}
	for c, p := range m.promesses {
		if p.Jour < promesses {
			delete(m.promesses, c)
		}
	}
	return nil
}
