package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// An invoice whose totals are absurd is refused alone: the batch is written, whoever made it.
func TestTotauxNegatifs(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		bonne, avoir := b.facture(officine1, "F1", 700), b.facture(officine1, "F2", 700)
		avoir.Totaux.AMC = -700
		r := b.envoyer(t, "L1", bonne, avoir)
		if got := etats(r.Factures); got != "F1:ACCEPTEE F2:REFUSEE:F707 " || r.Factures[1].MontantAMC != 0 {
			t.Fatalf("%s, %+v", got, r.Factures)
		}
		negative := b.facture(officine1, "F3", 700)
		negative.Lignes[0].AMC, negative.Lignes[0].AMO, negative.Lignes[0].Depense = -700, 700, 0
		negative.Totaux = negative.Sommes()
		if got := etats(b.envoyer(t, "L2", negative).Factures); got != "F3:REFUSEE:F707 " {
			t.Errorf("lignes négatives : %s", got)
		}
	})
}

// lieur is a third party that ties a number to the first invoice that it is asked about.
type lieur map[string]string

func (l lieur) Controler(_ context.Context, c *officine.ControleTarification) (bool, error) {
	if f, ok := l[c.Numero]; ok {
		return f == c.Facture, nil
	}
	l[c.Numero] = c.Facture
	return true, nil
}

// An invoice that would be refused whatever the third party says ties nothing there:
// corrected, it is paid.
func TestTarificationNonBrulee(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, func(p *officine.Parametres) { p.Delai = 30 })
		tiers := lieur{}
		b.s.Tarifications = tiers
		b.envoyer(t, "L1", b.facture(officine1, "F1", 700))
		f := b.facture(officine1, "F1", 500)
		tarifer(&f)
		double := f
		double.Numero = "F2"
		if got := etats(b.envoyer(t, "L2", f, b.facture(officine1, "F2", 100), double).Factures); got != "F1:REFUSEE:F709 F2:ACCEPTEE F2:REFUSEE:F709 " || len(tiers) != 0 {
			t.Fatalf("%s, %d liées", got, len(tiers))
		}
		tardive := f
		tardive.Numero, tardive.DateSoins, tardive.DateFacture = "F3", b.jour()-31, b.jour()-31
		sansPreuve := f
		sansPreuve.Numero, sansPreuve.Degrade = "F4", &droits.ModeDegrade{Cause: droits.CauseAMC}
		if got := etats(b.envoyer(t, "L3", tardive, sansPreuve).Factures); got != "F3:REFUSEE:F710 F4:REFUSEE:F708 " || len(tiers) != 0 {
			t.Fatalf("%s, %d liées", got, len(tiers))
		}
		f.Numero = "F5"
		if got := etats(b.envoyer(t, "L4", f).Factures); got != "F5:ACCEPTEE " || len(tiers) != 1 {
			t.Errorf("%s, %d liées", got, len(tiers))
		}
	})
}

// trou is a third party that never answers; it ends with the question's context.
type trou struct{ demandes int }

func (x *trou) Controler(ctx context.Context, _ *officine.ControleTarification) (bool, error) {
	x.demandes++
	select {
	case <-ctx.Done():
	case <-time.After(5 * time.Second):
	}
	return false, fmt.Errorf("%w : %w", officine.ErrMuet, context.DeadlineExceeded)
}

// lent answers, each time after a while.
type lent struct {
	apres    time.Duration
	demandes int
}

func (x *lent) Controler(ctx context.Context, _ *officine.ControleTarification) (bool, error) {
	x.demandes++
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(x.apres):
		return true, nil
	}
}

// The third party has so long for a whole batch, and no longer: who sends it does not hang
// up meanwhile. What was not answered waits.
func TestDelaiDuTiers(t *testing.T) {
	for nom, tiers := range map[string]officine.Tarifications{"muet": &trou{}, "lent": &lent{apres: 60 * time.Millisecond}} {
		b := monter(t, bddtestOuvrir(t), func(p *officine.Parametres) { p.DelaiTiers = 150 * time.Millisecond })
		b.s.Tarifications = tiers
		var l []droits.FactureOfficine
		for i := range 20 {
			f := b.facture(officine1, fmt.Sprint("F", i), 100)
			tarifer(&f)
			l = append(l, f)
		}
		debut := time.Now()
		r := b.envoyer(t, "L1", l...)
		if d := time.Since(debut); d > time.Second {
			t.Errorf("%s : lot gardé en %s", nom, d)
		}
		attendent := 0
		for i := range r.Factures {
			if r.Factures[i].Etat == droits.FactureEnAttente {
				attendent++
			} else if nom == "muet" || r.Factures[i].Etat != droits.FactureAcceptee {
				t.Errorf("%s : %+v", nom, r.Factures[i])
			}
		}
		if attendent < 15 || nom == "lent" && attendent == 20 {
			t.Errorf("%s : %d attendent", nom, attendent)
		}
	}
}

// A silent third party is asked once in a turn, and what does not need it moves on.
func TestTrancherMuet(t *testing.T) {
	b := monter(t, bddtestOuvrir(t), nil)
	x := &tiers{muet: true}
	b.s.Tarifications = x
	for _, ps := range []string{officine1, officine2} {
		var l []droits.FactureOfficine
		for i := range 10 {
			f := b.facture(ps, fmt.Sprint("F", i), 100)
			tarifer(&f)
			l = append(l, f)
		}
		b.envoyer(t, "L1", l...)
	}
	x.demandes = nil
	if n, err := b.s.Trancher(context.Background(), 500); err != nil || n != 0 || len(x.demandes) != 1 {
		t.Errorf("%d tranchées, %d questions, %v", n, len(x.demandes), err)
	}
	x.muet, x.oui = false, true
	if n, err := b.s.Trancher(context.Background(), 500); err != nil || n != 20 {
		t.Errorf("%d tranchées, %v", n, err)
	}
}

// One invoice that cannot be read again keeps no other from being settled, and is told.
func TestTrancherUneMauvaise(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		b.tiers.muet = true
		f1, f2, g1 := b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 100), b.facture(officine2, "G1", 100)
		for _, f := range []*droits.FactureOfficine{&f1, &f2, &g1} {
			tarifer(f)
		}
		b.envoyer(t, "L1", f1, f2)
		b.envoyer(t, "L1", g1)
		ctx := context.Background()
		if _, err := base.Ecrivain(ctx).ExecContext(ctx, "UPDATE officine_original SET octets = $1 WHERE ps = $2 AND rang = 1", []byte("{}"), officine1); err != nil {
			t.Fatal(err)
		}
		b.tiers.muet = false
		n, err := b.s.Trancher(ctx, 500)
		if err == nil || n != 2 {
			t.Errorf("%d tranchées, %v", n, err)
		}
		if got := etats(b.suivre(t, officine1, 0).Suivi) + etats(b.suivre(t, officine2, 0).Suivi); got != "F1:EN_ATTENTE F2:ACCEPTEE G1:ACCEPTEE " {
			t.Error(got)
		}
	})
}

// The quota of the degraded mode cannot be spread over days of invoice that the professional
// chooses: what is received in a month counts too. Each alert is told once, whatever its month.
func TestAlerteDatesChoisies(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, func(p *officine.Parametres) { p.QuotaDes = 4 })
		ctx := context.Background()
		degradee := func(numero string, jour sante.Jour) droits.FactureOfficine {
			f := b.facture(officine1, numero, 100)
			f.DateSoins, f.DateFacture = jour, jour
			essai, err := droits.NouvelleTentative(jour.Debut(sante.Paris()).Add(9*time.Hour), lu(t, droits.ParseHote, "amc.invalid"), droits.ErreurDelai, "201")
			if err != nil {
				t.Fatal(err)
			}
			f.Degrade = &droits.ModeDegrade{Cause: droits.CauseAMC, Tentatives: []droits.Tentative{essai}}
			return f
		}
		b.envoyer(t, "L1", degradee("F1", b.jour()), degradee("F2", b.jour()-31), degradee("F3", b.jour()-62))
		if l, err := b.st.Alertes(ctx); err != nil || len(l) != 0 {
			t.Errorf("trois factures : %+v, %v", l, err)
		}
		b.envoyer(t, "L2", degradee("F4", b.jour()-93))
		l, err := b.st.Alertes(ctx)
		if err != nil || len(l) != 1 || l[0].Mois != "2026-11" || l[0].Compte != (officine.Mois{Factures: 4, Degradees: 4}) {
			t.Fatalf("réparties sur quatre mois : %+v, %v", l, err)
		}
		if err := b.st.Dite(ctx, l[0]); err != nil {
			t.Fatal(err)
		}
		b.envoyer(t, "L3", degradee("G1", b.jour()-31), degradee("G2", b.jour()-31), degradee("G3", b.jour()-31))
		if l, err = b.st.Alertes(ctx); err != nil || len(l) != 1 || l[0].Mois != "2026-10" || l[0].Compte.Degradees != 4 {
			t.Errorf("mois passé : %+v, %v", l, err)
		}
	})
}

// What was promised by a day and is not paid is counted, whatever it waits for.
func TestEnRetard(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		ctx := context.Background()
		b.tiers.muet = true
		attend, acceptee := b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 100)
		tarifer(&attend)
		refusee := acceptee
		b.envoyer(t, "L1", attend, acceptee, refusee)
		for jour, want := range map[sante.Jour]int64{b.jour() + 12: 0, b.jour() + 13: 2} {
			if n, err := b.st.EnRetard(ctx, jour); err != nil || n != want {
				t.Errorf("%s : %d en retard, %v", jour, n, err)
			}
		}
		if _, err := b.s.Ordonner(ctx, b.jour()); err != nil {
			t.Fatal(err)
		}
		if n, err := b.st.EnRetard(ctx, b.jour()+13); err != nil || n != 2 {
			t.Errorf("ordonnée, pas faite : %d, %v", n, err)
		}
		if err := b.s.Confirmer(ctx, b.jour(), acceptee.PS.NumeroFacturation, b.jour()); err != nil {
			t.Fatal(err)
		}
		if n, err := b.st.EnRetard(ctx, b.jour()+13); err != nil || n != 1 {
			t.Errorf("payée : %d, %v", n, err)
		}
	})
}
