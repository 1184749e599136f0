//go:build linux

package epreuves

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/monde"
)

// TestAnnuaireMuetApresRedemarrage kills the directory, then the hospital. The
// hospital that starts again still finds the insurer, with an answer that is fresh
// and later one that is out of date, then no more past 72 h. ref: ROC §6.2
func TestAnnuaireMuetApresRedemarrage(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		l := fonder(t, m)
		l.lancer("igc", monde.CleAnnuaire, monde.CleMoulin, monde.CleHopital)
		es, ctx, n := l.partie(monde.CleHopital), context.Background(), 0
		demander := func() (etablissement.Etat, error) {
			n++
			h, _ := l.sejour(l.assures(monde.CleMoulin, "MB-TRANQUILLE")[0], monde.CleHopital, n)
			g := es.logiciel()
			id, err := g.ouvrir(ctx, h)
			if err != nil {
				return "", err
			}
			v, err := g.droits(ctx, id)
			if err != nil {
				return "", err
			}
			return v.Couvertures[0].Etat, nil
		}
		if e, err := demander(); err != nil || e != etablissement.DroitsAccordes {
			t.Fatalf("annuaire vivant : %s, %v", e, err)
		}
		annuaire := l.partie(monde.CleAnnuaire)
		annuaire.tuer()
		if c, err := net.DialTimeout("tcp", annuaire.f.Ecoute.Adresse, time.Second); err == nil {
			c.Close()
			t.Fatal("l'annuaire tué répond encore")
		}
		// All start again: lists of revocation are published for the new day.
		relancer := func(avance time.Duration) {
			for _, cle := range []string{monde.CleHopital, monde.CleMoulin, "igc"} {
				l.partie(cle).tuer()
			}
			l.regler(avance)
			l.lancer("igc", monde.CleMoulin, monde.CleHopital)
		}
		for _, avance := range []time.Duration{0, 26 * time.Hour, 71 * time.Hour} {
			relancer(avance)
			if e, err := demander(); err != nil || e != etablissement.DroitsAccordes {
				t.Fatalf("annuaire muet, établissement relancé après %s : %s, %v", avance, e, err)
			}
		}
		relancer(73 * time.Hour)
		if e, err := demander(); err == nil && e == etablissement.DroitsAccordes {
			t.Error("annuaire muet depuis 73 h : droits accordés")
		}
		if !jusqua(ctx, 10*time.Second, func() bool { return es.compter(`SELECT COUNT(*) FROM etab_annuaire`) == 0 }) {
			t.Error("une réponse de l'annuaire est gardée au-delà de son terme")
		}
	})
}
