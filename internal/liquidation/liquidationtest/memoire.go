// Package liquidationtest holds the doubles of the ports of liquidation, and what
// every store of that room must pass.
package liquidationtest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Memoire keeps the books in memory, for one caller at a time.
type Memoire struct {
	mu       sync.Mutex
	lots     map[string]*lotGarde
	factures []*liquidation.Facture
	virees   map[string]bool
	Moments  []liquidation.Moment
}

// lotGarde is what is remembered of a batch.
type lotGarde struct {
	empreinte string
	refusees  []string
}

var _ liquidation.Factures = (*Memoire)(nil)

// NewMemoire makes empty books.
func NewMemoire() *Memoire { return &Memoire{lots: map[string]*lotGarde{}, virees: map[string]bool{}} }

// Ouvrir implements liquidation.Factures.
func (m *Memoire) Ouvrir(_ context.Context, l *liquidation.Lot, f []*liquidation.Facture) (deja []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	cle := l.Finess.String() + "|" + l.Numero
	if g := m.lots[cle]; g != nil && g.empreinte == l.Empreinte {
		return g.refusees, liquidation.ErrLotConnu
	} else if g != nil {
		return nil, liquidation.ErrLotDejaRecu
	}
	g := &lotGarde{empreinte: l.Empreinte}
	m.lots[cle] = g
	for _, x := range f {
		x.Contenu = l.Contenu[x.Debut : x.Debut+x.Taille]
		if m.vivante(x) {
			deja = append(deja, liquidation.Cle(x.Annee, x.Numero))
		}
	}
	g.refusees = deja
	return deja, nil
}

// Inserer implements liquidation.Factures.
func (m *Memoire) Inserer(_ context.Context, l []*liquidation.Facture, moments []liquidation.Moment) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range l {
		c := *f
		m.factures = append(m.factures, &c)
	}
	m.Moments = append(m.Moments, moments...)
	return nil
}

func (m *Memoire) vivante(x *liquidation.Facture) bool {
	return slices.ContainsFunc(m.factures, func(y *liquidation.Facture) bool { return memeFacture(x, y) })
}

func memeFacture(x, y *liquidation.Facture) bool {
	return y.Finess == x.Finess && y.Annee == x.Annee && y.Numero == x.Numero
}

func (m *Memoire) choisir(max int, f func(*liquidation.Facture) bool) (l []*liquidation.Facture) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.factures {
		if len(l) < max && f(x) {
			c := *x
			l = append(l, &c)
		}
	}
	return l
}

// APayer implements liquidation.Factures.
func (m *Memoire) APayer(_ context.Context, finess sante.FINESS, max int) ([]*liquidation.Facture, error) {
	return m.choisir(max, func(f *liquidation.Facture) bool {
		return f.Finess == finess && (f.Etat == liquidation.Liquidee || f.Etat == liquidation.PayeePartie)
	}), nil
}

// Homonymes implements liquidation.Factures.
func (m *Memoire) Homonymes(_ context.Context, finess sante.FINESS, numero string) ([]*liquidation.Facture, error) {
	l := m.choisir(1<<30, func(f *liquidation.Facture) bool { return f.Finess == finess && f.Numero == numero })
	slices.SortStableFunc(l, func(a, b *liquidation.Facture) int { return b.Annee - a.Annee })
	return l, nil
}

// Facture implements liquidation.Factures.
func (m *Memoire) Facture(_ context.Context, finess sante.FINESS, numero string) (*liquidation.Facture, error) {
	l := m.choisir(1<<30, func(f *liquidation.Facture) bool { return f.Finess == finess && f.Numero == numero })
	if len(l) == 0 {
		return nil, liquidation.ErrFactureInconnue
	}
	return l[len(l)-1], nil
}

// ParSoins implements liquidation.Factures.
func (m *Memoire) ParSoins(_ context.Context, finess sante.FINESS, soins []string) (map[string]string, error) {
	l := make(map[string]string)
	for _, f := range m.choisir(1<<30, func(f *liquidation.Facture) bool {
		return f.Finess == finess && f.Soins() != "" && slices.Contains(soins, f.Soins())
	}) {
		l[f.Soins()] = liquidation.Cle(f.Annee, f.Numero)
	}
	return l, nil
}

// Corrections implements liquidation.Factures.
func (m *Memoire) Corrections(_ context.Context, finess sante.FINESS, numero string) ([]*liquidation.Facture, error) {
	return m.choisir(1<<30, func(f *liquidation.Facture) bool {
		return f.Finess == finess && f.Nature == roc.Rectificative && f.Corrige == numero
	}), nil
}

// Virer implements liquidation.Factures.
func (m *Memoire) Virer(_ context.Context, f *liquidation.Facture, reference string, _ sante.Montant, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	cle := f.Finess.String() + "|" + liquidation.Cle(f.Annee, f.Numero) + "|" + reference
	if m.virees[cle] {
		return liquidation.ErrDejaVire
	}
	m.virees[cle] = true
	return nil
}

// Ecrire implements liquidation.Factures.
func (m *Memoire) Ecrire(_ context.Context, l []*liquidation.Facture, moments []liquidation.Moment) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range l {
		for i, g := range m.factures {
			if memeFacture(f, g) {
				c := *f
				m.factures[i] = &c
			}
		}
	}
	m.Moments = append(m.Moments, moments...)
	return nil
}

// Garanties is a fixed set of guarantees.
type Garanties struct {
	Par       map[roc.NumeroEngagement]*liquidation.Garantie
	DuContrat calcul.Contrat
	Compteurs calcul.Compteurs
}

var _ liquidation.Garanties = (*Garanties)(nil)

// Prendre implements liquidation.Garanties.
func (g *Garanties) Prendre(_ context.Context, l []roc.NumeroEngagement) (map[roc.NumeroEngagement]*liquidation.Garantie, error) {
	r := make(map[roc.NumeroEngagement]*liquidation.Garantie)
	for _, n := range l {
		if x := g.Par[n]; x != nil {
			c := *x
			r[n] = &c
		}
	}
	return r, nil
}

// Passer implements liquidation.Garanties.
func (g *Garanties) Passer(_ context.Context, e liquidation.EtatGarantie, l []roc.NumeroEngagement) error {
	for _, n := range l {
		g.Par[n].Etat = e
	}
	return nil
}

// Resserrer implements liquidation.Garanties.
func (g *Garanties) Resserrer(_ context.Context, n roc.NumeroEngagement, debut, fin sante.Jour) error {
	g.Par[n].PeriodeDebut, g.Par[n].PeriodeFin = debut, fin
	return nil
}

// DuDossier implements liquidation.Garanties.
func (g *Garanties) DuDossier(_ context.Context, finess sante.FINESS, dossier string) (l []*liquidation.Garantie, err error) {
	for _, x := range g.Par {
		if x.Finess == finess && x.Dossier == dossier {
			c := *x
			l = append(l, &c)
		}
	}
	return l, nil
}

// Contrat implements liquidation.Garanties.
func (g *Garanties) Contrat(context.Context, *liquidation.Garantie) (calcul.Contrat, calcul.Compteurs, error) {
	return g.DuContrat, g.Compteurs, nil
}

// Retours keeps what was posted.
type Retours struct{ Postes []*roc.DemandeRET }

// Poster implements liquidation.Retours.
func (r *Retours) Poster(_ context.Context, _ sante.FINESS, d *roc.DemandeRET) error {
	r.Postes = append(r.Postes, d)
	return nil
}
