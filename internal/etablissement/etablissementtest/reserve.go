package etablissementtest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	gocmp "github.com/google/go-cmp/cmp"
)

// PoserReserves implements etablissement.Reserves.
func (m *Memoire) PoserReserves(_ context.Context, l []etablissement.Reserve) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range l {
		i := slices.IndexFunc(m.reserves, func(y etablissement.Reserve) bool { return y.Cle() == x.Cle() })
		switch {
		case i < 0:
			m.reserves = append(m.reserves, x)
		case m.reserves[i].Cause == etablissement.PayeurRefuse && x.Cause != etablissement.PayeurRefuse:
			m.reserves[i].Cause, m.reserves[i].Detail, m.reserves[i].Levee = x.Cause, x.Detail, nil
		}
	}
	return nil
}

// ListerReserves implements etablissement.Reserves.
func (m *Memoire) ListerReserves(_ context.Context, f *etablissement.FiltreReserves) (l []etablissement.Reserve, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	tout := slices.Clone(m.reserves)
	slices.SortFunc(tout, func(a, b etablissement.Reserve) int {
		return cmp.Or(a.Instant.Compare(b.Instant), cmp.Compare(a.IDMessage.String(), b.IDMessage.String()), cmp.Compare(a.Rang, b.Rang))
	})
	apres := f.De.IDMessage.IsZero()
	for _, x := range tout {
		if apres && (f.Levees || x.Levee == nil) && (f.Facture == "" || x.Facture == f.Facture) && len(l) < f.Max {
			l = append(l, x)
		}
		apres = apres || x.IDMessage == f.De.IDMessage && x.Rang == f.De.Rang
	}
	return l, nil
}

// CompterReserves implements etablissement.Reserves.
func (m *Memoire) CompterReserves(context.Context) (n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.reserves {
		if x.Levee == nil {
			n++
		}
	}
	return n, nil
}

// LeverReserves implements etablissement.Reserves.
func (m *Memoire) LeverReserves(_ context.Context, k etablissement.CleReserve, v etablissement.Levee) (l []etablissement.Reserve, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.reserves {
		x := &m.reserves[i]
		if x.Levee == nil && x.IDMessage == k.IDMessage && (k.Rang == 0 || k.Rang == x.Rang) {
			x.Levee = &v
			l = append(l, *x)
		}
	}
	return l, nil
}

// reserves is the queue of what returns said without effect.
func reserves(t *testing.T, m, autre Magasin) {
	ctx := context.Background()
	ids := []roc.UUID{roc.NouvelUUID(), roc.NouvelUUID()}
	un := func(id, rang int, cause etablissement.CauseReserve) etablissement.Reserve {
		return etablissement.Reserve{IDMessage: ids[id], Rang: rang, Instant: Midi.Add(time.Duration(id) * time.Hour), Retour: fmt.Sprintf("R-%d", id), AMC: "775671993",
			Nature: roc.RetourPaiement, Facture: fmt.Sprintf("FA-%d", rang), Lot: "000000001", Etat: roc.FacturePayee, Code: roc.Accepte, Montant: 795, DejaPaye: 5,
			Virement: "VIR-1", Cause: cause, Detail: "précisé"}
	}
	toutes := []etablissement.Reserve{un(0, 1, etablissement.PaiementDeja), un(0, 2, etablissement.FactureInconnueIci), un(1, 1, etablissement.PayeurRefuse)}
	poser := func(l ...etablissement.Reserve) {
		t.Helper()
		if err := m.Ensemble(ctx, func(ctx context.Context) error { return m.PoserReserves(ctx, l) }); err != nil {
			t.Fatal(err)
		}
	}
	lues := func(f etablissement.FiltreReserves, want ...etablissement.Reserve) {
		t.Helper()
		if f.Max == 0 {
			f.Max = 9
		}
		l, err := m.ListerReserves(ctx, &f)
		if d := gocmp.Diff(want, l, exact); err != nil || d != "" {
			t.Errorf("%+v : %v %s", f, err, d)
		}
	}
	poser(toutes...)
	poser(toutes...) // a return heard twice is noted once
	lues(etablissement.FiltreReserves{}, toutes...)
	lues(etablissement.FiltreReserves{Max: 1}, toutes[0])
	lues(etablissement.FiltreReserves{De: etablissement.CleReserve{IDMessage: ids[0], Rang: 1}}, toutes[1:]...)
	lues(etablissement.FiltreReserves{Facture: "FA-2"}, toutes[1])
	v := etablissement.Levee{Instant: Midi.Add(time.Hour), Par: "agent-7", Motif: "un seul virement"}
	lever := func(k etablissement.CleReserve, want int) {
		t.Helper()
		var l []etablissement.Reserve
		err := m.Ensemble(ctx, func(ctx context.Context) (err error) {
			l, err = m.LeverReserves(ctx, k, v)
			return err
		})
		if err != nil || len(l) != want {
			t.Errorf("%d levées, %v, want %d", len(l), err, want)
		}
		for _, x := range l {
			if x.Levee == nil || *x.Levee != v || x.Retour == "" {
				t.Errorf("levée %+v", x)
			}
		}
	}
	lever(etablissement.CleReserve{IDMessage: ids[0], Rang: 2}, 1)
	lever(etablissement.CleReserve{IDMessage: ids[0], Rang: 2}, 0)
	lues(etablissement.FiltreReserves{}, toutes[0], toutes[2])
	if n, err := m.CompterReserves(ctx); err != nil || n != 2 {
		t.Errorf("%d attendent, %v", n, err)
	}
	toutes[1].Levee = &v
	lues(etablissement.FiltreReserves{Levees: true}, toutes...)
	lever(etablissement.CleReserve{IDMessage: ids[1]}, 1)
	deuxieme := un(1, 1, etablissement.PaiementEnTrop)
	poser(deuxieme) // the same return, heard at last
	lues(etablissement.FiltreReserves{}, toutes[0], deuxieme)
	if n, err := autre.CompterReserves(ctx); err != nil || n != 0 {
		t.Errorf("un autre établissement en voit %d, %v", n, err)
	}
}
