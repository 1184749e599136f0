package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/comptabletest"
	"github.com/ecluse-sante/ecluse/sante"
)

// What is settled is not read again: open items go through partial indexes, and a
// balance through the sums of months and days.
func TestPlans(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		comptabletest.Histoire(t, b, "es", 6_000, 10)
		if l, err := New(b, "es").Verifier(context.Background()); err != nil || len(l) > 0 {
			t.Fatalf("l'histoire ne balance pas : %v, %v", l, err)
		}
		j := comptabletest.Jour1
		for nom, c := range map[string]struct {
			requete string
			args    []any
			index   []string
			balaye  []string // tables of which a period may be a large part
		}{
			"lignes à examiner":      {lireLignes + aExaminer, []any{"es", 2, 50}, []string{"cpt_ligne_"}, nil},
			"file":                   {lireLignes + file, []any{"es", "", "", 50}, []string{"cpt_ligne_"}, nil},
			"lignes d'un montant":    {lireLignes + deMontant, []any{"es", 1000, (j - 30).String(), j.String()}, []string{"cpt_ligne_"}, nil},
			"annonces par référence": {lireAnnonces + `a.reste > 0 AND a.normalisee IN ($2, $3)`, []any{"es", "A", "B"}, []string{"cpt_annonce_"}, nil},
			"annonces par montant":   {lireAnnonces + `a.reste > 0 AND a.reste = $2 AND a.comptable BETWEEN $3 AND $4`, []any{"es", 1000, (j - 30).String(), j.String()}, []string{"cpt_annonce_"}, nil},
			"autre annonce":          {autreAnnonce, []any{"es", 1000, "990000001"}, []string{"cpt_annonce_montant"}, nil},
			"autre titre":            {autreTitre, []any{"es", 1000, "990000001"}, []string{"cpt_titre_montant", "amc<", "amc>"}, nil},
			"titres par facture":     {chercherTitres[4], []any{"es", "F1", "F2", "F3", "F4"}, []string{"cpt_titre_facture"}, nil},
			"balance":                {balance, []any{"es", j.String(), j.String()[:7], "9999-12-31", "9999-12"}, []string{"cpt_jour"}, nil},
			"balance âgée":           {agee, []any{"es", j.String(), "9999-12-31", (j - 30).String(), (j - 60).String(), (j - 90).String()}, []string{"cpt_titre_ouvert"}, nil},
			"règlements":             {reglements, []any{"es", (j - 5).String(), j.String()}, []string{"cpt_ecriture_encaisse"}, nil},
			"titres d'une période":   {titresPeriode, []any{"es", (j - 5).String(), j.String(), "9999-12-31"}, []string{"cpt_titre_ouvert", "cpt_ecriture_jour"}, []string{"cpt_titre"}},
		} {
			p := bddtest.Expliquer(t, b, c.requete, c.args...)
			for _, i := range c.index {
				if !strings.Contains(strings.ReplaceAll(p, " ", ""), i) {
					t.Errorf("%s : %s n'est pas employé\n%s", nom, i, p)
				}
			}
			for _, ligne := range strings.Split(p, "\n") {
				for _, table := range []string{"cpt_titre", "cpt_ligne", "cpt_annonce", "cpt_annoncee", "cpt_ecriture", "cpt_piece"} {
					if entier := strings.Contains(ligne, "Seq Scan on "+table) || strings.HasPrefix(ligne, "SCAN ") && strings.Contains(alias(c.requete, ligne), table); entier && !slices.Contains(c.balaye, table) {
						t.Errorf("%s : %s est lue en entier\n%s", nom, table, p)
					}
				}
			}
		}
	}, Migrations())
}

// alias gives the table that a line of SQLite's plan scans.
func alias(requete, ligne string) string {
	nom := strings.Fields(ligne)[1]
	for _, mot := range []string{"FROM ", "JOIN "} {
		for reste := requete; ; {
			i := strings.Index(reste, mot)
			if i < 0 {
				break
			}
			reste = reste[i+len(mot):]
			if f := strings.Fields(reste); len(f) > 1 && (f[1] == nom || f[0] == nom) {
				return f[0]
			}
		}
	}
	return nom
}

// BenchmarkHistoire measures, on a small book and on a large one, what is asked
// every day. Run it with -bench Histoire -timeout 20m.
func BenchmarkHistoire(b *testing.B) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		for _, ecritures := range []int{10_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/%d", m, ecritures), func(b *testing.B) {
				base := bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{}, Migrations())
				comptabletest.Histoire(b, base, "es", ecritures/3, 20)
				mesurer(b, comptabletest.Nouveau(New(base, "es"), comptable.Parametres{}))
			})
		}
	}
}

func mesurer(b *testing.B, s *comptabletest.Banc) {
	ctx, j := context.Background(), comptabletest.Jour1
	for nom, f := range map[string]func() error{
		"balance-aujourdhui": func() error { _, err := s.Balance(ctx, j, comptable.SansFin); return err },
		"balance-il-y-a-un-an": func() error {
			_, err := s.Balance(ctx, j.Mois(-12), j.Mois(-12))
			return err
		},
		"agee":   func() error { _, err := s.BalanceAgee(ctx, j, comptable.SansFin); return err },
		"file":   func() error { _, _, err := s.File(ctx, comptable.PlaceFile{}, 50); return err },
		"delais": func() error { _, err := s.Delais(ctx, j-1, j); return err },
	} {
		b.Run(nom, func(b *testing.B) {
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	s.Epuiser(b)
	b.Run("titre-annonce-ligne-rapprochement", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			numero, ref := fmt.Sprintf("N%d", n), fmt.Sprintf("NEUF-%d", n)
			s.Titre(b, 1, numero, sante.Montant(50_000+n))
			s.Annoncer(b, 1, numero, ref, comptabletest.Paye{Facture: numero, Montant: sante.Montant(50_000 + n)})
			if _, err := s.Importer(ctx, comptabletest.Lignes(comptable.LigneReleve{Compte: "FR7610071750000000000240042", Jour: j, Sens: comptable.Credit, Montant: sante.Montant(50_000 + n), BoutEnBout: ref, Reference: ref})); err != nil {
				b.Fatal(err)
			}
			if x, err := s.Rapprocher(ctx, 50); err != nil || x.Matchees < 1 {
				b.Fatalf("%+v, %v", x, err)
			}
		}
	})
}

// BenchmarkRecouvrement is the whole way of 1 000 invoices paid by one transfer:
// titres, acknowledgements, announce, bank line and match.
func BenchmarkRecouvrement(b *testing.B) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		b.Run(string(m), func(b *testing.B) {
			s := comptabletest.Nouveau(New(bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{}, Migrations()), "es"), comptable.Parametres{})
			n := 0
			for b.Loop() {
				n++
				mille(b, s, n)
			}
			b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "factures/s")
		})
	}
}

func mille(b *testing.B, s *comptabletest.Banc, n int) {
	ctx, ref := context.Background(), fmt.Sprintf("VIR-%06d", n)
	emis, accuses, payes := make([]comptable.Emis, 1000), make([]comptable.AccuseFacture, 1000), make([]comptabletest.Paye, 1000)
	for i := range emis {
		f := comptabletest.Facture(fmt.Sprintf("F%d-%d", n, i))
		emis[i] = comptable.Emis{Facture: f, AMC: comptabletest.AMC(b, 1), Lot: "L1", Montant: 1234, Jour: s.Aujourdhui()}
		accuses[i], payes[i] = comptable.AccuseFacture{Facture: f, Jour: s.Aujourdhui()}, comptabletest.Paye{Facture: f.Numero, Montant: 1234}
	}
	if _, err := s.Emettre(ctx, emis); err != nil {
		b.Fatal(err)
	}
	if err := s.Accuser(ctx, accuses); err != nil {
		b.Fatal(err)
	}
	s.Annoncer(b, 1, fmt.Sprint(n), ref, payes...)
	if _, err := s.Importer(ctx, comptabletest.Lignes(comptable.LigneReleve{Compte: "FR7610071750000000000240042", Jour: s.Aujourdhui(), Sens: comptable.Credit, Montant: 1234000, BoutEnBout: ref, Reference: ref})); err != nil {
		b.Fatal(err)
	}
	if x, err := s.Rapprocher(ctx, 10); err != nil || x.Montant != 1234000 {
		b.Fatalf("%+v, %v", x, err)
	}
}

// BenchmarkImport writes a statement into an empty base, in its one transaction: a
// line costs the same in a long one as in a short one.
func BenchmarkImport(b *testing.B) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		for _, lignes := range []int{1_000, 20_000} {
			b.Run(fmt.Sprintf("%s/%d", m, lignes), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					s := comptabletest.Nouveau(New(bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{}, Migrations()), "es"), comptable.Parametres{})
					l := make([]comptable.LigneReleve, lignes)
					for i := range l {
						l[i] = comptable.LigneReleve{Compte: "FR7610071750000000000240042", Jour: s.Aujourdhui(), Sens: comptable.Credit, Montant: sante.Montant(1 + i%900), Libelle: fmt.Sprintf("VIR %d", i)}
					}
					b.StartTimer()
					if r, err := s.Importer(context.Background(), comptabletest.Lignes(l...)); err != nil || r.Nouvelles != lignes {
						b.Fatalf("%+v, %v", r, err)
					}
				}
				b.ReportMetric(float64(lignes*b.N)/b.Elapsed().Seconds(), "lignes/s")
			})
		}
	}
}
