package annuairetest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Memoire is a registry in memory, whose transactions take turns.
type Memoire struct {
	mu       sync.Mutex
	demandes map[string]annuaire.Demande
	fiches   map[cle]annuaire.Changement
}

// NouvelleMemoire is an empty registry.
func NouvelleMemoire() *Memoire {
	return &Memoire{demandes: map[string]annuaire.Demande{}, fiches: map[cle]annuaire.Changement{}}
}

var _ annuaire.Registre = (*Memoire)(nil)

type enTransaction struct{}

// Transaction implements annuaire.Registre.
func (m *Memoire) Transaction(ctx context.Context, f func(ctx context.Context) error) error {
	if ctx.Value(enTransaction{}) != nil {
		return f(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	demandes, fiches := maps.Clone(m.demandes), maps.Clone(m.fiches)
	err := f(context.WithValue(ctx, enTransaction{}, true))
	if err != nil {
		m.demandes, m.fiches = demandes, fiches
	}
	return err
}

// Verrouiller implements annuaire.Registre.
func (m *Memoire) Verrouiller(_ context.Context, n annuaire.Nature, id string) (*annuaire.Changement, error) {
	c, ok := m.fiches[cle{n, id}]
	if !ok {
		return nil, nil
	}
	d := c.Cloner()
	return &d, nil
}

// Inscrire implements annuaire.Registre.
func (m *Memoire) Inscrire(_ context.Context, d *annuaire.Demande) error {
	m.demandes[d.Numero] = copier(d)
	return nil
}

func copier(d *annuaire.Demande) annuaire.Demande {
	c := *d
	c.Modifications = slices.Clone(d.Modifications)
	return c
}

// Demande implements annuaire.Registre.
func (m *Memoire) Demande(_ context.Context, numero string) (*annuaire.Demande, error) {
	d, ok := m.demandes[numero]
	if !ok {
		return nil, annuaire.ErrSansDemande
	}
	d = copier(&d)
	return &d, nil
}

// Changer implements annuaire.Registre.
func (m *Memoire) Changer(_ context.Context, d *annuaire.Demande, etait annuaire.EtatDemande) error {
	if m.demandes[d.Numero].Etat != etait {
		return annuaire.ErrDejaDecidee
	}
	m.demandes[d.Numero] = copier(d)
	return nil
}

// Appliquer implements annuaire.Registre.
func (m *Memoire) Appliquer(_ context.Context, _, apres *annuaire.Changement, _ string, _ time.Time) error {
	n, e := apres.Entete()
	if c, ok := m.fiches[cle{n, e.ID}]; ok {
		if _, x := c.Entete(); x.Version >= e.Version {
			return annuaire.ErrAncienne
		}
	}
	m.fiches[cle{n, e.ID}] = apres.Cloner()
	return nil
}
