package store

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/sante"
)

// The bench is a hospital of three years and three hundred insurers: its invoices
// are written straight into the store, by the engine itself.
const (
	banqueAMC   = 300
	banqueJours = 1095
	banqueLot   = 100_000 // invoices of a transaction
)

var banqueDebut = sante.JourDe(2023, 11, 23)

// vies are the lives of invoices: of a hundred, how many take it, and their lines.
// d and f are the days when a line begins and ends, after the engagement; a is that
// of the acknowledgement; f -1 is never; part is in percents of the amount.
const vies = `WITH vie (de, a, n, poste, motif, origine, origine_motif, nombre, part, d, f, ack) AS (VALUES
	(0, 98, 1, 'ENGAGE', '', 'ORIGINE', '', 1, 100, 0, 3, -1), (0, 95, 2, 'FACTURE', '', 'ENGAGE', '', 1, 100, 3, 4, -1),
	(0, 88, 3, 'ACCUSE', '', 'FACTURE', '', 1, 100, 4, 13, 4), (0, 88, 4, 'PAYE', '', 'ACCUSE', '', 1, 100, 13, -2, 4),
	(89, 91, 3, 'ACCUSE', '', 'FACTURE', '', 1, 100, 4, 8, 4), (89, 91, 4, 'REJETE', 'F605', 'ACCUSE', '', 1, 100, 8, 20, 4),
	(89, 91, 5, 'CORRIGE', '', 'REJETE', 'F605', 1, 100, 20, 21, -1), (89, 91, 6, 'FACTURE', '', 'CORRIGE', '', 1, 100, 21, 22, -1),
	(89, 91, 7, 'ACCUSE', '', 'FACTURE', '', 1, 100, 22, 30, 22), (89, 91, 8, 'PAYE', '', 'ACCUSE', '', 1, 100, 30, -2, 22),
	(92, 93, 3, 'ACCUSE', '', 'FACTURE', '', 1, 100, 4, 12, 4), (92, 93, 4, 'RESTE', '', 'ACCUSE', '', 1, 40, 12, 40, 4),
	(92, 93, 5, 'PAYE', '', 'ACCUSE', '', 0, 60, 12, -2, 4), (92, 93, 6, 'PAYE', '', 'RESTE', '', 1, 40, 40, -2, 4),
	(94, 94, 3, 'ACCUSE', '', 'FACTURE', '', 1, 100, 4, -1, 4), (95, 95, 3, 'REJETE', 'F603', 'FACTURE', '', 1, 100, 5, -1, -1),
	(96, 97, 2, 'ANNULE', '', 'ENGAGE', '', 1, 100, 3, -2, -1), (99, 99, 1, 'ENGAGE', '', 'ORIGINE', '', 1, 100, 0, 90, -1),
	(99, 99, 2, 'EXPIRE', '', 'ENGAGE', '', 1, 100, 90, -2, -1))`

// remplir writes invoices de to a, and adds their lines to the counters.
func remplir(ctx context.Context, b *bdd.Base, tenant string, total, de, a int) error {
	return b.EnTransaction(ctx, func(ctx context.Context) error {
		e := b.Ecrivain(ctx)
		_, err := e.ExecContext(ctx, vies+`, serie (k) AS (`+serie(b, de, a)+`)
			INSERT INTO etab_ecriture (tenant, venue, rang, n, nombre, plie, jour, fin, accuse, montant, amc, poste, motif, origine, origine_motif, facture)
			SELECT $1, 'v' || (10000000000 + k), 1, n, nombre, 1, jour0 + d,
				CASE WHEN f = -2 THEN `+strconv.Itoa(int(toujours))+` WHEN f = -1 OR jour0 + f > horizon THEN 0 ELSE jour0 + f END,
				CASE WHEN ack < 0 THEN 0 ELSE jour0 + ack END, (1000 + k % 400 * 10) * part / 100, CAST(20000000 + k % `+strconv.Itoa(banqueAMC)+` AS TEXT),
				poste, motif, origine, origine_motif, 'F' || k
			FROM (SELECT k, `+strconv.Itoa(int(banqueDebut))+` + CAST(k * CAST(`+strconv.Itoa(banqueJours)+` AS BIGINT) / `+strconv.Itoa(total)+` AS INTEGER) AS jour0,
				`+strconv.Itoa(int(banqueDebut)+banqueJours-1)+` AS horizon FROM serie) AS s, vie
			WHERE k / `+strconv.Itoa(banqueAMC)+` % 100 BETWEEN vie.de AND vie.a AND jour0 + d <= horizon`, tenant)
		if err != nil {
			return err
		}
		dans := fmt.Sprintf("plie = 1 AND venue >= 'v%d' AND venue < 'v%d'", 10000000000+de, 10000000000+a)
		_, err = e.ExecContext(ctx, `INSERT INTO etab_compteur (tenant, jour, amc, poste, motif, entres, entres_montant, sortis, sortis_montant)
			SELECT $1, jour, amc, poste, motif, SUM(e), SUM(em), SUM(s), SUM(sm) FROM (`+strings.ReplaceAll(legs(), "plie = 1", dans)+`) AS x
			GROUP BY jour, amc, poste, motif
			ON CONFLICT (tenant, jour, amc, poste, motif) DO UPDATE SET entres = etab_compteur.entres + excluded.entres,
				entres_montant = etab_compteur.entres_montant + excluded.entres_montant,
				sortis = etab_compteur.sortis + excluded.sortis, sortis_montant = etab_compteur.sortis_montant + excluded.sortis_montant`, tenant, 12)
		return err
	})
}

func serie(b *bdd.Base, de, a int) string {
	if b.Moteur() == bdd.PostgreSQL {
		return fmt.Sprintf("SELECT CAST(k AS BIGINT) FROM generate_series(%d, %d) AS g (k)", de, a-1)
	}
	return fmt.Sprintf("WITH RECURSIVE g (k) AS (SELECT %d UNION ALL SELECT k + 1 FROM g WHERE k < %d) SELECT k FROM g", de, a-1)
}

// BenchmarkCloture closes days of a store of ECLUSE_CLOTURE invoices (100 000 when
// nothing is said) on each engine, beside a bare SELECT of the counters of a day.
// ECLUSE_CLOTURE_SQLITE and ECLUSE_CLOTURE_POSTGRES name a store filled before.
func BenchmarkCloture(b *testing.B) {
	factures := 100_000
	if s := os.Getenv("ECLUSE_CLOTURE"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < banqueJours {
			b.Fatalf("ECLUSE_CLOTURE : %q", s)
		}
		factures = n
	}
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		b.Run(string(m), func(b *testing.B) {
			ctx := context.Background()
			adresse := os.Getenv("ECLUSE_CLOTURE_" + strings.ToUpper(string(m))) // filled already, to be measured again
			if adresse != "" {
				base := bddtest.OuvrirAdresse(b, adresse, bdd.Options{})
				mesurer(b, New(base, "es-banc"), base, banqueDebut+banqueJours-1)
				return
			}
			base := bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{}, Migrations())
			debut := time.Now()
			s := New(base, "es-banc")
			for de := 0; de < factures; de += banqueLot {
				if err := remplir(ctx, base, "es-banc", factures, de, min(de+banqueLot, factures)); err != nil {
					b.Fatal(err)
				}
			}
			horizon := banqueDebut + banqueJours - 1
			if m == bdd.PostgreSQL {
				if _, err := base.Ecrivain(ctx).ExecContext(ctx, "ANALYZE"); err != nil {
					b.Fatal(err)
				}
			}
			if _, err := s.Plier(ctx, horizon-2, 12, 1000); err != nil {
				b.Fatal(err)
			}
			b.Logf("%d factures écrites en %s", factures, time.Since(debut).Round(time.Second))
			mesurer(b, s, base, horizon)
		})
	}
}

// mesurer times the close of days, old and recent, a page of what is behind a
// figure, and the bare SELECT.
func mesurer(b *testing.B, s *Store, base *bdd.Base, horizon sante.Jour) {
	ctx := context.Background()
	var lignes, ecritures int64
	if err := base.Lecteur(ctx).QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM etab_compteur WHERE tenant = $1), (SELECT COUNT(*) FROM etab_ecriture WHERE tenant = $1)`, s.tenant).Scan(&lignes, &ecritures); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d écritures, %d compteurs", ecritures, lignes)
	for _, recul := range []sante.Jour{0, 5, 400} {
		jour := horizon - recul
		var nu time.Duration
		b.Run(fmt.Sprintf("jour-%d", recul), func(b *testing.B) {
			nu = selectNu(b, s, base, jour)
			var d *etablissement.Journee
			for b.Loop() {
				var err error
				if d, err = s.Journee(ctx, jour, 12); err != nil {
					b.Fatal(err)
				}
			}
			if engage, postes := d.Equilibre(sante.NumeroAMC{}); engage != postes || engage.Nombre == 0 {
				b.Fatalf("%v engagés, %v dans les postes", engage, postes)
			}
			par := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64(par.Microseconds())/1000, "ms/cloture")
			b.ReportMetric(float64(par)/float64(nu), "fois-le-select-nu")
		})
	}
	amc, err := sante.ParseNumeroAMC("20000007")
	if err != nil {
		b.Fatal(err)
	}
	for _, chiffre := range []string{"ACCUSE", "PAYE", "RETARD", "REJETE"} {
		b.Run("page-"+chiffre, func(b *testing.B) {
			svc := &etablissement.Service{Comptes: s, Horloge: func() time.Time { return horizon.Debut(time.UTC).Add(12 * time.Hour) }}
			n := 0
			for b.Loop() {
				l, _, err := svc.FacturesDe(ctx, etablissement.FiltreFactures{Jour: horizon, AMC: amc, Chiffre: chiffre, Max: 50}, false)
				if err != nil {
					b.Fatal(err)
				}
				n = len(l)
			}
			b.ReportMetric(float64(n), "factures")
		})
	}
}

// selectNu times the reading of the counters of one day, and nothing else.
func selectNu(b *testing.B, s *Store, base *bdd.Base, jour sante.Jour) time.Duration {
	ctx := context.Background()
	debut, tours := time.Now(), 0
	for ; tours < 20; tours++ {
		rows, err := base.Lecteur(ctx).QueryContext(ctx, `SELECT amc, poste, motif, entres, entres_montant, sortis, sortis_montant FROM etab_compteur
			WHERE tenant = $1 AND jour = $2`, s.tenant, int64(jour))
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			var amc, poste, motif string
			var x [4]int64
			if err := rows.Scan(&amc, &poste, &motif, &x[0], &x[1], &x[2], &x[3]); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(debut) / time.Duration(tours)
}

// BenchmarkEcriture writes the change of a visit, as a calculation does, without
// and with the line of its account: what the accounts add to it.
func BenchmarkEcriture(b *testing.B) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		for _, ecritures := range []int{0, 1} {
			b.Run(fmt.Sprintf("%s/ecritures-%d", m, ecritures), func(b *testing.B) {
				ctx := context.Background()
				s := New(bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{}, Migrations()), "es-banc")
				amc, err := sante.ParseNumeroAMC("20000007")
				if err != nil {
					b.Fatal(err)
				}
				var suivant atomic.Int64
				b.SetParallelism(32)
				b.RunParallel(func(pb *testing.PB) {
					id, n := fmt.Sprintf("v%d", suivant.Add(1)), 0
					d := etablissementtest.ACE(b, id)
					d.PeriodeDebut = d.DateReference
					if err := s.Creer(ctx, &etablissement.Venue{ID: id, Version: 1, Ouverte: etablissementtest.Midi, Modifiee: etablissementtest.Midi, Dossier: d}); err != nil {
						b.Error(err)
						return
					}
					for pb.Next() {
						_, err := s.Changer(ctx, id, func(c *etablissement.Chantier) error {
							c.Venue.Couvertures = []*etablissement.Couverture{{Rang: 1, Etat: etablissement.CalculDemande, Attestation: etablissementtest.Carte(b, "775671993")}}
							c.Moments = []etablissement.Moment{{Rang: 1, Instant: etablissementtest.Midi}}
							if ecritures == 1 {
								c.Ecritures = []etablissement.Ecriture{{Place: etablissement.Place{Venue: id, Rang: 1}, N: n + 1, AMC: amc, Poste: etablissement.PosteEngage,
									Origine: etablissement.PosteOrigine, Nombre: 1, Montant: 795, Jour: 739000}}
							}
							return nil
						})
						if err != nil {
							b.Error(err)
							return
						}
						n++
					}
				})
			})
		}
	}
}
