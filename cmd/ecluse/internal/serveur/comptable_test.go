package serveur

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// TestLivresDe finds the book that a command means, and says why there is none.
func TestLivresDe(t *testing.T) {
	es := func(finess, categorie, retours string) config.Etablissement {
		return config.Etablissement{Finess: finess, FinessGeo: "990001026", Categorie: categorie, Retours: retours, Comptable: config.Comptable{Tenu: "auto", Penalite: "0"}}
	}
	eps, clinique, muet := es("990001018", "EPS", "https://a"), es("990003014", "OQN", "https://b"), es("990002016", "HIA", "")
	for nom, c := range map[string]struct {
		l            []config.Etablissement
		finess, want string
	}{
		"le seul":                {[]config.Etablissement{clinique, eps, muet}, "", ""},
		"nommé":                  {[]config.Etablissement{eps, clinique}, "990001018", ""},
		"une clinique":           {[]config.Etablissement{eps, clinique}, "990003014", "OQN"},
		"que des cliniques":      {[]config.Etablissement{clinique}, "", "OQN"},
		"aucun":                  {[]config.Etablissement{clinique, clinique}, "", "aucun établissement"},
		"sans facture":           {[]config.Etablissement{muet}, "", "ne facture pas"},
		"plusieurs":              {[]config.Etablissement{eps, es("990002016", "HIA", "https://c")}, "", "--finess"},
		"hors de ce fichier":     {[]config.Etablissement{eps}, "990002016", "n'est pas un établissement"},
		"pas tenu ici par choix": {[]config.Etablissement{func() config.Etablissement { x := eps; x.Comptable.Tenu = "non"; return x }()}, "", "n'est pas tenu"},
	} {
		p := &Processus{Fichier: &config.Fichier{Config: config.Config{Etablissements: c.l}}, Horloge: time.Now}
		e, l, err := p.livresDe(c.finess)
		if c.want == "" && (err != nil || l == nil || e.Finess != "990001018") || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// TestVersComptable gives the comptable what the hospital's room says, with its
// repetitions and what a partner may write.
func TestVersComptable(t *testing.T) {
	l, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		if err := b.Migrer(ctx, l); err != nil {
			t.Fatal(err)
		}
		p := &Processus{Base: b, Horloge: func() time.Time { return time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC) }}
		x, err := p.comptable(&config.Etablissement{Finess: "990001018", FinessGeo: "990001026", Categorie: "EPS", Retours: "https://a", Comptable: config.Comptable{Tenu: "auto", Penalite: "0"}})
		if err != nil {
			t.Fatal(err)
		}
		v := versComptable{x.Service}
		amc, err := sante.ParseNumeroAMC("99000101")
		if err != nil {
			t.Fatal(err)
		}
		jour := sante.JourDe(2026, 5, 4)
		f, inconnue := etablissement.CleFacture{Annee: 2026, Numero: "F1"}, etablissement.CleFacture{Annee: 2026, Numero: "F9"}
		creance := etablissement.Creance{Facture: f, AMC: amc, Libelle: "Mutuelle\n\x1b[31m " + strings.Repeat("é", 300), Lot: "L1", Montant: 5000, Jour: jour, IDMessage: roc.NouvelUUID()}
		extinction := etablissement.Extinction{Facture: f, Cause: etablissement.ParRejet, Origine: "L1", Jour: jour}
		d := &roc.DemandeRET{Numero: "R1", Nature: roc.RetourPaiement, Paiement: &roc.Paiement{DateComptable: jour, DateMandatement: jour, Payeur: amc,
			ReferenceVirement: "VIR\t" + strings.Repeat("é", 31), Total: 5000, Contact: "Service\nfactures"},
			Factures: []roc.RetourFacture{{Numero: "F1", Lot: "L1", MontantPaye: 5000}, {Numero: "F9", Lot: "L9"}}}
		versement := &etablissement.Versement{AMC: amc, Retour: d, IDMessage: roc.NouvelUUID()}
		for range 2 {
			for i, f := range []func() error{
				func() error { return v.Emettre(ctx, []etablissement.Creance{creance}) },
				func() error { return v.Accuser(ctx, []etablissement.CleFacture{f, inconnue}, jour) },
				func() error { return v.Accuser(ctx, []etablissement.CleFacture{inconnue}, jour) },
				func() error { return v.Eteindre(ctx, extinction) },
				func() error { return v.Retablir(ctx, extinction) },
				func() error { y := extinction; y.Facture = inconnue; return v.Eteindre(ctx, y) },
				func() error { y := extinction; y.Facture = inconnue; return v.Retablir(ctx, y) },
				func() error { return v.Annoncer(ctx, versement) },
			} {
				if err := f(); err != nil {
					t.Fatalf("%d : %v", i, err)
				}
			}
		}
		var refus *roc.Refus
		d.Paiement.Total, d.Factures[0].MontantPaye = 4000, 4000
		if err := v.Annoncer(ctx, versement); !errors.As(err, &refus) || refus.Code != roc.Illisible {
			t.Errorf("le même retour, autrement : %v", err)
		}
		bal, err := x.Balance(ctx, jour, comptable.SansFin)
		if err != nil || bal.Total.Emis != 5000 || bal.Total.Reduit != 0 || bal.Total.Reste != 5000 || len([]rune(bal.Debiteurs[0].Libelle)) != 200 {
			t.Errorf("%+v, %v", bal, err)
		}
		if a, err := x.Controler(ctx); err != nil || len(a) > 0 {
			t.Errorf("%v, %v", a, err)
		}
	})
}

// TestLivresEnsemble writes in the books of two hospitals at once, in the shared
// transactions of one process: whatever their order, each is written, once.
func TestLivresEnsemble(t *testing.T) {
	l, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		if err := b.Migrer(ctx, l); err != nil {
			t.Fatal(err)
		}
		amc, err := sante.ParseNumeroAMC("99000101")
		if err != nil {
			t.Fatal(err)
		}
		p := &Processus{Base: b, Horloge: time.Now}
		jour := sante.JourDe(2026, 5, 4)
		var livres []*LivresES
		for _, finess := range []string{"990001018", "990003014"} {
			x, err := p.comptable(&config.Etablissement{Finess: finess, FinessGeo: "990001026", Categorie: "HIA", Retours: "https://a", Comptable: config.Comptable{Tenu: "auto", Penalite: "0"}})
			if err != nil {
				t.Fatal(err)
			}
			livres = append(livres, x)
		}
		const n = 60
		var tous sync.WaitGroup
		for i := range n {
			for _, x := range livres {
				tous.Go(func() {
					v := versComptable{x.Service}
					err := b.Grouper(ctx, func(ctx context.Context) error {
						if err := v.Prendre(ctx); err != nil {
							return err
						}
						return v.Emettre(ctx, []etablissement.Creance{{Facture: etablissement.CleFacture{Annee: 2026, Numero: fmt.Sprintf("F%d", i)}, AMC: amc, Libelle: "M", Montant: 100, Jour: jour, IDMessage: roc.NouvelUUID()}})
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
		tous.Wait()
		for _, x := range livres {
			if b, err := x.Balance(ctx, jour, comptable.SansFin); err != nil || b.Total.Emis != n*100 {
				t.Errorf("%+v, %v", b, err)
			}
			if a, err := x.Controler(ctx); err != nil || len(a) > 0 {
				t.Errorf("%v, %v", a, err)
			}
		}
	})
}
