package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// A run orders what is accepted, once; the bank's answers are noted, once.
func TestReglement(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		ctx := context.Background()
		b.envoyer(t, "L1", b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 250), b.facture(officine1, "F0", 0))
		b.envoyer(t, "L1", b.facture(officine2, "G1", 400))
		ps1, ps2 := lu(t, sante.ParseNumeroFacturation, officine1), lu(t, sante.ParseNumeroFacturation, officine2)
		lundi := b.jour()
		r, err := b.s.Ordonner(ctx, lundi)
		if err != nil || !r.Clos || r.Ordres != 2 || r.Nombre != 3 || r.Total != 750 || r.Preleve != 750 {
			t.Fatalf("%+v, %v", r, err)
		}
		if a := b.s.AvisDe(r); a.Reference != "FAO009900000120261123" || a.Preleve != 750 || a.AMC != b.amc || a.Factures != 3 {
			t.Errorf("%+v", a)
		}
		l, err := b.st.Ordres(ctx, lundi)
		if err != nil || len(l) != 2 || l[0].Montant != 350 || l[0].Nombre != 2 || l[0].PS != ps1 || l[1].Reference != "FAO009900000120261123"+officine2 {
			t.Fatalf("%+v, %v", l, err)
		}
		b.envoyer(t, "L2", b.facture(officine2, "G2", 30)) // after the run
		if encore, err := b.s.Ordonner(ctx, lundi); err != nil || *encore != *r {
			t.Errorf("répété : %+v, %v", encore, err)
		}
		b.passer(3)
		for range 2 { // said twice
			if err := b.s.Confirmer(ctx, lundi, ps1, lundi+1); err != nil {
				t.Fatal(err)
			}
			if err := b.s.Rejeter(ctx, lundi, ps2, officine.Retour{Le: lundi + 1}); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.s.Rejeter(ctx, lundi, ps1, officine.Retour{Le: lundi + 3}); !errors.Is(err, officine.ErrRetour) {
			t.Errorf("virement payé, puis rendu sans motif : %v", err)
		}
		if err := b.s.Confirmer(ctx, lundi, ps2, lundi+1); !errors.Is(err, officine.ErrReglementClos) {
			t.Errorf("virement rendu, puis payé : %v", err)
		}
		if err := b.s.Confirmer(ctx, lundi-5, ps2, lundi); !errors.Is(err, officine.ErrReglement) {
			t.Errorf("règlement inconnu : %v", err)
		}
		if got := etats(b.suivre(t, officine2, 0).Suivi); got != "G2:ACCEPTEE G1:ACCEPTEE " {
			t.Error(got)
		}
		// What the bank gave back is paid again, and not debited twice.
		r, err = b.s.Ordonner(ctx, lundi+1)
		if err != nil || r.Total != 430 || r.Deduit != 400 || r.Preleve != 30 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// Two nodes order the same day at once while professionals send: each invoice is in one
// transfer, and the advices are what was ordered.
func TestReglementDeuxNoeuds(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			adresse := bddtest.Adresse(t, m)
			base := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, Migrations)
			b := monter(t, base, nil)
			autres := []*banc{b}
			if m == bdd.PostgreSQL { // SQLite has one process, and one base in it
				autres = append(autres, poser(t, bddtest.OuvrirAdresse(t, adresse, bdd.Options{}), t.Name(), b.r, b.tiers, b.id, b.instant, nil))
			} else {
				autres = append(autres, poser(t, base, t.Name(), b.r, b.tiers, b.id, b.instant, nil))
			}
			var attendu sante.Montant
			lots := map[string][]droits.FactureOfficine{}
			for i := range 24 {
				ps := []string{officine1, officine2}[i%2]
				lots[fmt.Sprint(i)] = []droits.FactureOfficine{b.facture(ps, fmt.Sprintf("F%d", i), sante.Montant(100+i))}
				attendu += sante.Montant(100 + i)
			}
			var wg sync.WaitGroup
			for k, n := range autres {
				wg.Go(func() { // both send all
					for i := range 24 {
						n.envoyer(t, fmt.Sprintf("L%d", i), lots[fmt.Sprint(i)]...)
						if i%8 == 7 {
							if _, err := n.s.Ordonner(context.Background(), n.jour()+sante.Jour(i/8)); err != nil {
								t.Errorf("nœud %d : %v", k, err)
							}
						}
					}
				})
			}
			wg.Wait()
			ctx := context.Background()
			var preleve, ordonne sante.Montant
			vus := map[string]int{}
			for j := range sante.Jour(4) { // the last takes what remains
				r, err := b.s.Ordonner(ctx, b.jour()+j)
				if err != nil {
					t.Fatal(err)
				}
				preleve += r.Preleve
				l, err := b.st.Ordres(ctx, b.jour()+j)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range l {
					ordonne += o.Montant
					factures, err := b.st.DeLOrdre(ctx, o.PS, o.Reference)
					if err != nil || len(factures) != o.Nombre {
						t.Errorf("%+v : %d factures, %v", o, len(factures), err)
					}
					for _, f := range factures {
						vus[f.PS.String()+string(f.Numero)]++
					}
				}
			}
			if preleve != attendu || ordonne != attendu || len(vus) != 24 {
				t.Errorf("prélevé %s, ordonné %s, attendu %s, %d factures", preleve, ordonne, attendu, len(vus))
			}
			for n, k := range vus {
				if k != 1 {
					t.Errorf("%s est dans %d virements", n, k)
				}
			}
		})
	}
}

// coupure fails some writes of a store: what stopped half way is to be ended by the next
// call.
type coupure struct {
	*Store
	dans int
}

var errCoupure = errors.New("coupé")

func (c *coupure) Ordonner(ctx context.Context, o *officine.Ordre) (bool, error) {
	if c.dans--; c.dans == 0 {
		return false, errCoupure
	}
	return c.Store.Ordonner(ctx, o)
}

// Over random days of billing, of payments, of transfers given back and of failures, what
// is debited from the insurer is what is paid or about to be, to the cent: with what the
// bank gave back and that no advice took off yet.
func TestComptesAuCentime(t *testing.T) {
	base := bddtest.Ouvrir(t, Migrations)
	id, fois := sceautest.New(t, "299000000001", time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)), 0
	rapid.Check(t, func(r *rapid.T) {
		fois++
		ctx := context.Background()
		b := poser(r, base, fmt.Sprint(t.Name(), fois), registre{}, &tiers{oui: true}, id, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), nil)
		c := &coupure{Store: b.st}
		b.s.Caisse = c
		debut, lots := b.jour(), 0
		var facture sante.Montant
		for range rapid.IntRange(1, 12).Draw(r, "gestes") {
			jour := b.jour()
			switch rapid.IntRange(0, 4).Draw(r, "geste") {
			case 0, 1:
				ps := rapid.SampledFrom([]string{officine1, officine2}).Draw(r, "officine")
				lots++
				f := b.facture(ps, fmt.Sprintf("F%d", lots), sante.Montant(rapid.Int64Range(0, 90_000).Draw(r, "montant")))
				facture += f.Totaux.AMC
				b.envoyer(t, fmt.Sprintf("L%d", lots), f)
			case 2:
				c.dans = rapid.IntRange(0, 2).Draw(r, "coupure")
				if _, err := b.s.Ordonner(ctx, jour); err != nil && !errors.Is(err, errCoupure) {
					r.Fatalf("%v", err)
				}
			case 3:
				b.passer(1)
			case 4:
				j := debut + sante.Jour(rapid.IntRange(0, int(jour-debut)).Draw(r, "jour"))
				l, err := b.st.Ordres(ctx, j)
				if err != nil {
					r.Fatalf("%v", err)
				}
				for _, o := range l {
					denouer := func() error { return b.s.Confirmer(ctx, j, o.PS, jour) }
					if rapid.Bool().Draw(r, "rendu") {
						denouer = func() error { return b.s.Rejeter(ctx, j, o.PS, officine.Retour{Le: jour, Motif: "AC04"}) }
					}
					if err := denouer(); err != nil && !errors.Is(err, officine.ErrReglementClos) && !errors.Is(err, officine.ErrRetour) {
						r.Fatalf("%v", err)
					}
				}
			}
		}
		c.dans = 0
		var preleve, ordonne, paye sante.Montant
		if _, err := b.s.Ordonner(ctx, b.jour()+1); err != nil { // takes what remains, and closes what was cut
			r.Fatalf("%v", err)
		}
		for j := debut; j <= b.jour()+1; j++ {
			x, err := b.st.OuvrirReglement(ctx, j)
			if err != nil {
				r.Fatalf("%v", err)
			}
			preleve += x.Preleve
			l, _ := b.st.Ordres(ctx, j)
			for _, o := range l {
				if o.Etat != officine.OrdreRendu {
					ordonne += o.Montant
				}
				if o.Etat == officine.OrdrePaye {
					paye += o.Montant
				}
			}
		}
		rendu, err := b.st.Rendu(ctx)
		if err != nil {
			r.Fatalf("%v", err)
		}
		if preleve != ordonne+rendu {
			r.Fatalf("prélevé %s, virements %s, rendu %s", preleve, ordonne, rendu)
		}
		if ordonne != facture {
			r.Fatalf("virements %s, factures %s", ordonne, facture)
		}
		var dits sante.Montant
		for _, ps := range []string{officine1, officine2} {
			for _, f := range b.suivre(t, ps, 0).Suivi {
				dits += f.MontantPaye
			}
		}
		if dits != paye {
			r.Fatalf("dit payé %s, virements payés %s", dits, paye)
		}
	})
	if fois < 2 {
		t.Error("rien n'a été joué")
	}
}

// Of many transfers at once, only what the bank was given is noted, once it was given any.
func TestConfirmerRemis(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		b.tenirComptes(t, 1)
		ctx, lundi := context.Background(), b.jour()
		ps1, ps2 := lu(t, sante.ParseNumeroFacturation, officine1), lu(t, sante.ParseNumeroFacturation, officine2)
		b.envoyer(t, "L1", b.facture(officine1, "F1", 100))
		b.envoyer(t, "L1", b.facture(officine2, "G1", 200))
		if _, err := b.s.Ordonner(ctx, lundi); err != nil {
			t.Fatal(err)
		}
		b.noter(t, officine1, iban1)
		if _, sans, err := b.s.Remettre(ctx, lundi, lundi, payeur(t)); err != nil || len(sans) != 1 {
			t.Fatalf("%+v, %v", sans, err)
		}
		if err := b.s.ConfirmerRemis(ctx, lundi, ps1, lundi); err != nil {
			t.Error(err)
		}
		if err := b.s.ConfirmerRemis(ctx, lundi, ps2, lundi); !errors.Is(err, officine.ErrHorsRemise) {
			t.Error(err)
		}
		if o, err := b.st.Ordre(ctx, lundi, ps2); err != nil || o.Etat != officine.OrdreDonne {
			t.Errorf("%+v, %v", o, err)
		}
		if r, err := b.st.Reglement(ctx, lundi); err != nil || !r.Clos || r.Total != 300 || r.Ordres != 2 {
			t.Errorf("%+v, %v", r, err)
		}
		if r, err := b.st.Reglement(ctx, lundi-1); !errors.Is(err, officine.ErrReglement) {
			t.Errorf("%+v, %v", r, err)
		}
		for range 2 { // paid otherwise, and said again with the rest
			if err := b.s.Confirmer(ctx, lundi, ps2, lundi); err != nil {
				t.Error(err)
			}
			if err := b.s.ConfirmerRemis(ctx, lundi, ps2, lundi); err != nil {
				t.Error(err)
			}
		}
		// Without any file, a run was paid by the table.
		b.envoyer(t, "L2", b.facture(officine2, "G2", 200))
		if _, err := b.s.Ordonner(ctx, lundi+1); err != nil {
			t.Fatal(err)
		}
		b.passer(1)
		if err := b.s.ConfirmerRemis(ctx, lundi+1, ps2, lundi+1); err != nil {
			t.Error(err)
		}
	})
}

// The day that is told of a transfer is neither before its run nor to come: a year mistyped
// would refuse the true return of the bank for ever.
func TestJourDit(t *testing.T) {
	b := monter(t, bddtestOuvrir(t), nil)
	ctx, lundi, ps := context.Background(), b.jour(), lu(t, sante.ParseNumeroFacturation, officine1)
	b.envoyer(t, "L1", b.facture(officine1, "F1", 100))
	if _, err := b.s.Ordonner(ctx, lundi); err != nil {
		t.Fatal(err)
	}
	b.passer(2)
	rendre := func(le sante.Jour) error { return b.s.Rejeter(ctx, lundi, ps, officine.Retour{Le: le, Motif: "AC04"}) }
	faux := func(quand string) {
		t.Helper()
		for _, le := range []sante.Jour{lundi + 3, lundi + 13149, lundi - 1, lundi - 9000, 0} {
			for nom, err := range map[string]error{"confirmer": b.s.Confirmer(ctx, lundi, ps, le), "en nombre": b.s.ConfirmerRemis(ctx, lundi, ps, le), "rendre": rendre(le)} {
				if !errors.Is(err, officine.ErrJour) {
					t.Errorf("%s, %s le %s : %v", quand, nom, le, err)
				}
			}
		}
	}
	faux("ordonné")
	if o, err := b.st.Ordre(ctx, lundi, ps); err != nil || o.Etat != officine.OrdreDonne {
		t.Fatalf("%+v, %v", o, err)
	}
	if err := b.s.Confirmer(ctx, lundi, ps, lundi); err != nil {
		t.Fatal(err)
	}
	faux("payé")
	if err := rendre(lundi + 2); err != nil {
		t.Error(err)
	}
}
