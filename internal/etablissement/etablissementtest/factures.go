package etablissementtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// AEnvoyer implements etablissement.Factures.
func (m *Memoire) AEnvoyer(_ context.Context, max int, sauf ...sante.NumeroAMC) (amc sante.NumeroAMC, l []*etablissement.FactureEmise, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.factures {
		if f.Lot == "" && !slices.Contains(sauf, f.AMC) && (len(l) == 0 || f.AMC == amc && f.Voie == l[0].Voie) && len(l) < max {
			amc = f.AMC
			c := *f
			l = append(l, &c)
		}
	}
	return amc, l, nil
}

// NumeroLot implements etablissement.Factures.
func (m *Memoire) NumeroLot(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return fmt.Sprintf("%09d", len(m.lots)+1), nil
}

// MettreEnLot implements etablissement.Factures.
func (m *Memoire) MettreEnLot(_ context.Context, lot *etablissement.LotEmis, l []*etablissement.FactureEmise) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := *lot
	m.lots[lot.Numero] = &c
	for _, f := range l {
		f.Lot = lot.Numero
		for _, g := range m.factures {
			if g.Numero == f.Numero && g.Annee == f.Annee {
				g.Lot = lot.Numero
			}
		}
	}
	return nil
}

// Lot implements etablissement.Factures.
func (m *Memoire) Lot(_ context.Context, numero string) (*etablissement.LotEmis, []*etablissement.FactureEmise, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lot := m.lots[numero]
	if lot == nil {
		return nil, nil, inconnue()
	}
	var l []*etablissement.FactureEmise
	for _, f := range m.factures {
		if f.Lot == numero {
			c := *f
			l = append(l, &c)
		}
	}
	c := *lot
	return &c, l, nil
}

// Accuser implements etablissement.Factures.
func (m *Memoire) Accuser(_ context.Context, lot *etablissement.LotEmis) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lots[lot.Numero].Accuse, m.lots[lot.Numero].Code = lot.Accuse, lot.Code
	return nil
}

// ParNumero implements etablissement.Factures.
func (m *Memoire) ParNumero(_ context.Context, amc string, numeros []string) (par []*etablissement.FactureEmise, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.factures {
		if slices.Contains(numeros, f.Numero) && f.AMC.String() == amc && f.Lot != "" {
			c := *f
			par = append(par, &c)
		}
	}
	return par, nil
}

// DeNumero implements etablissement.Factures.
func (m *Memoire) DeNumero(_ context.Context, numero string) (l []*etablissement.FactureEmise, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.factures {
		if f.Numero == numero && f.Lot != "" {
			c := *f
			l = append(l, &c)
		}
	}
	return l, nil
}

// Departs keeps the batches that were posted.
type Departs struct {
	Lots     []*roc.DemandeDRE
	Fichiers [][]byte
	Remis    []*etablissement.LotEmis // by file
	Refuse   string                   // AMC whose batches cannot be posted
}

// ErrDepart: nothing leaves for that insurer.
var ErrDepart = errors.New("etablissementtest: départ impossible")

// PosterFichier implements etablissement.Depart.
func (d *Departs) PosterFichier(_ context.Context, lot *etablissement.LotEmis, _ *etablissement.Voie, contenu []byte) error {
	d.Fichiers, d.Remis = append(d.Fichiers, contenu), append(d.Remis, lot)
	return nil
}

// Poster implements etablissement.Depart.
func (d *Departs) Poster(_ context.Context, _ roc.Routage, lot *etablissement.LotEmis, x *roc.DemandeDRE) error {
	if lot.AMC.String() == d.Refuse {
		return ErrDepart
	}
	d.Lots = append(d.Lots, x)
	return nil
}

// factures is the life of invoices and of their batches.
func factures(t *testing.T, m, autre Magasin) {
	ctx := context.Background()
	un, deux := Carte(t, "775671993").NumeroAMC, Carte(t, "302976568").NumeroAMC
	emettre := func(i int, amc sante.NumeroAMC) error {
		id := fmt.Sprintf("fa%d", i)
		_, err := m.Changer(ctx, id, func(c *etablissement.Chantier) error {
			c.Emettre = &etablissement.FactureEmise{Place: etablissement.Place{Venue: id, Rang: 1}, Numero: fmt.Sprintf("FA-%d", i), Annee: 2026,
				AMC: amc, Instant: Midi.Add(time.Duration(i) * time.Second), Contenu: []byte("{}")}
			return nil
		})
		return err
	}
	for i, amc := range []sante.NumeroAMC{un, un, deux, un} {
		creer(t, m, fmt.Sprintf("fa%d", i), fmt.Sprintf("FA-%d", i))
		if err := emettre(i, amc); err != nil {
			t.Fatal(err)
		}
	}
	if err := emettre(0, un); !errors.Is(err, etablissement.ErrDoublon) {
		t.Errorf("numéro déjà pris : %v", err)
	}
	if _, l, err := autre.AEnvoyer(ctx, 9); err != nil || len(l) != 0 {
		t.Errorf("un autre établissement voit %d factures, %v", len(l), err)
	}
	var lots []string
	for want, n := range []int{2, 1, 1} { // at most two in a batch; the insurer that waits the longest first
		err := m.Ensemble(ctx, func(ctx context.Context) error {
			amc, l, err := m.AEnvoyer(ctx, 2)
			if err != nil || len(l) != n {
				t.Fatalf("lot %d : %d factures, %v, want %d", want, len(l), err, n)
			}
			numero, err := m.NumeroLot(ctx)
			if err != nil {
				return err
			}
			lots = append(lots, numero)
			return m.MettreEnLot(ctx, &etablissement.LotEmis{Numero: numero, AMC: amc, Nombre: len(l), Instant: Midi}, l)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, l, err := m.AEnvoyer(ctx, 9); err != nil || len(l) != 0 {
		t.Errorf("il reste %d factures, %v", len(l), err)
	}
	lot, l, err := m.Lot(ctx, lots[0])
	if err != nil || len(l) != 2 || l[0].Numero != "FA-0" || l[1].Numero != "FA-1" || lot.AMC != un || !lot.Accuse.IsZero() {
		t.Fatalf("%+v, %d factures, %v", lot, len(l), err)
	}
	lot.Accuse, lot.Code = Midi, roc.Accepte
	if err := m.Accuser(ctx, lot); err != nil {
		t.Fatal(err)
	}
	if lot, _, err = m.Lot(ctx, lots[0]); err != nil || !lot.Accuse.Equal(Midi) || lot.Code != roc.Accepte {
		t.Errorf("%+v, %v", lot, err)
	}
	par, err := m.ParNumero(ctx, un.String(), []string{"FA-0", "FA-2", "FA-3", "FA-9"})
	slices.SortFunc(par, func(a, b *etablissement.FactureEmise) int { return strings.Compare(a.Numero, b.Numero) })
	if err != nil || len(par) != 2 || par[0].Lot != lots[0] || par[0].Venue != "fa0" || par[1].Numero != "FA-3" {
		t.Errorf("%v, %v", par, err)
	}
	autreAnnee(t, m, un, lots[0])
	if _, _, err := m.Lot(ctx, "999"); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("lot inconnu : %v", err)
	}
}

// autreAnnee sends an invoice whose number has served the year before: each keeps
// its batch.
func autreAnnee(t *testing.T, m Magasin, amc sante.NumeroAMC, avant string) {
	ctx := context.Background()
	creer(t, m, "fa9", "FA-9")
	_, err := m.Changer(ctx, "fa9", func(c *etablissement.Chantier) error {
		c.Emettre = &etablissement.FactureEmise{Place: etablissement.Place{Venue: "fa9", Rang: 1}, Numero: "FA-0", Annee: 2027,
			AMC: amc, Instant: Midi.Add(time.Hour), Contenu: []byte("{}")}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = m.Ensemble(ctx, func(ctx context.Context) error {
		_, l, err := m.AEnvoyer(ctx, 9)
		if err != nil || len(l) != 1 {
			return fmt.Errorf("%d factures, %w", len(l), err)
		}
		return m.MettreEnLot(ctx, &etablissement.LotEmis{Numero: "suivant", AMC: amc, Nombre: 1, Instant: Midi}, l)
	})
	if err != nil {
		t.Fatal(err)
	}
	par, err := m.ParNumero(ctx, amc.String(), []string{"FA-0"})
	if err != nil || len(par) != 2 {
		t.Fatalf("%d factures, %v", len(par), err)
	}
	if l, err := m.DeNumero(ctx, "FA-0"); err != nil || len(l) != 2 || l[0].Annee != 2026 || l[1].Lot != "suivant" {
		t.Errorf("de ce numéro : %v, %v", l, err)
	}
	for _, f := range par {
		if want := map[int]string{2026: avant, 2027: "suivant"}[f.Annee]; f.Lot != want {
			t.Errorf("%d : lot %s, want %s", f.Annee, f.Lot, want)
		}
	}
}
