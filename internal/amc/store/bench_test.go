package store_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/amc/amctest"
	"github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// population makes n persons, each under a number of her own.
func population(n int) iter.Seq[amc.Beneficiaire] {
	return func(suivre func(amc.Beneficiaire) bool) {
		for i := range n {
			if !suivre(amctest.Personne(fmt.Sprintf("P%08d", i), "ESSENTIEL", i)) {
				return
			}
		}
	}
}

func peupler(b *testing.B, base *bdd.Base, n int) *store.Store {
	b.Helper()
	s := store.New(base, "banc")
	for _, c := range amctest.Contrats() {
		if _, err := s.Portefeuille.EcrireContrat(context.Background(), &c); err != nil {
			b.Fatal(err)
		}
	}
	debut := time.Now()
	if _, err := s.Portefeuille.Charger(context.Background(), population(n), 20000, nil); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d personnes chargées en %s", n, time.Since(debut).Round(time.Millisecond))
	return s
}

// BenchmarkIDB measures the search alone, and the whole rule with what it keeps,
// for two sizes of portfolio: the cost must not depend on it.
func BenchmarkIDB(b *testing.B) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		for _, n := range []int{1000, 1000000} {
			b.Run(fmt.Sprintf("%s/%d", m, n), func(b *testing.B) {
				base := bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{}, store.Migrations)
				s := peupler(b, base, n)
				b.Run("chercher", func(b *testing.B) { chercherAuHasard(b, s, n) })
				b.Run("regle", func(b *testing.B) { reglesAuHasard(b, base, s, n) })
			})
		}
	}
}

func chercherAuHasard(b *testing.B, s *store.Store, n int) {
	le := sante.JourA(amctest.Instant, sante.Paris())
	criteres := make([]amc.Critere, 8192)
	for i := range criteres {
		p := amctest.Personne("x", "ESSENTIEL", rand.IntN(n))
		criteres[i] = amc.Critere{NumeroAdherent: p.NumeroAdherent, NIRBeneficiaire: p.NIR}
	}
	i := 0
	for b.Loop() {
		l, err := s.Portefeuille.Chercher(context.Background(), &criteres[i%len(criteres)], le)
		if err != nil || len(l) != 1 {
			b.Fatalf("%d trouvés, %v", len(l), err)
		}
		i++
	}
}

func reglesAuHasard(b *testing.B, base *bdd.Base, s *store.Store, n int) {
	banc := amctest.New(b, amctest.Livres{Ports: s.Ports(nil), Grouper: base.Grouper}, amctest.Reglages())
	le := sante.JourA(amctest.Instant, sante.Paris())
	questions := make([]sceau.Opened[roc.Message[roc.DemandeIDB]], 512)
	for i := range questions {
		p := amctest.Personne("x", "ESSENTIEL", rand.IntN(n))
		env := amctest.Enveloppe(roc.IDB, fmt.Sprintf("D%d", i), amctest.Instant)
		questions[i] = amctest.Sceller(banc, roc.EchangeIDB, env, &roc.DemandeIDB{Entete: amctest.Entete(p, roc.ContexteACE, le)})
	}
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			var r *roc.ReponseIDB
			question := questions[rand.IntN(len(questions))]
			err := banc.Grouper(context.Background(), func(ctx context.Context) (err error) { r, err = banc.IDB(ctx, question); return err })
			if err != nil || r.StatutDroits != roc.DroitsOuverts {
				b.Errorf("%v", err)
				return
			}
		}
	})
}
