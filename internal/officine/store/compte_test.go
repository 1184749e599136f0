package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

const iban1, iban2 = "FR7630006000011234567890189", "FR7610071750000000000240042"

// tenirComptes gives a bench its accounts, and what its journal keeps of them.
func (b *banc) tenirComptes(t testing.TB, secret byte) (*Comptes, *[]officine.Geste) {
	c, err := NewComptes(b.st, bytes.Repeat([]byte{secret}, 32))
	if err != nil {
		t.Fatal(err)
	}
	var l []officine.Geste
	b.s.Comptes, b.s.Tracer = c, func(_ context.Context, g *officine.Geste) error { l = append(l, *g); return nil }
	return c, &l
}

func (b *banc) noter(t testing.TB, ps, iban string) {
	t.Helper()
	c := &officine.Compte{PS: lu(t, sante.ParseNumeroFacturation, ps), Titulaire: " Pharmacie " + ps, IBAN: lu(t, sante.ParseIBAN, iban), Par: "comptable"}
	if err := b.s.NoterCompte(context.Background(), c); err != nil {
		t.Fatal(err)
	}
}

// An account is kept closed, for its professional only; the journal tells who said it and
// not which it is.
func TestComptes(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		st, gestes := b.tenirComptes(t, 1)
		ctx := context.Background()
		ps1, ps2 := lu(t, sante.ParseNumeroFacturation, officine1), lu(t, sante.ParseNumeroFacturation, officine2)
		if _, err := st.Compte(ctx, ps1); !errors.Is(err, officine.ErrSansCompte) {
			t.Fatal(err)
		}
		b.noter(t, officine1, iban1)
		b.noter(t, officine1, iban1) // the same: nothing moves
		b.noter(t, officine2, iban2)
		c, err := st.Compte(ctx, ps1)
		if err != nil || c.IBAN.String() != iban1 || c.Titulaire != "Pharmacie "+officine1 || c.Par != "comptable" || !c.Note.Equal(b.instant) {
			t.Errorf("%+v, %v", c, err)
		}
		if len(*gestes) != 2 || (*gestes)[0].Detail != "FR76 … 0189" || (*gestes)[0].Nature != officine.GesteCompte || (*gestes)[0].PS != ps1 {
			t.Errorf("%+v", *gestes)
		}
		for _, titulaire := range []string{"", " ", "A\nB", strings.Repeat("x", 71), "/", " /&/ ", "...", "日本", "l'\xc9cluse"} {
			if err := b.s.NoterCompte(ctx, &officine.Compte{PS: ps1, Titulaire: titulaire, IBAN: c.IBAN}); !errors.Is(err, officine.ErrTitulaire) {
				t.Errorf("%q : %v", titulaire, err)
			}
		}
		if err := b.s.NoterCompte(ctx, &officine.Compte{PS: ps1, Titulaire: "Pharmacie", IBAN: lu(t, sante.ParseIBAN, "TR330006100519786457841326")}); !errors.Is(err, officine.ErrHorsSEPA) {
			t.Errorf("hors SEPA : %v", err)
		}
		var ferme []byte
		if err := base.Lecteur(ctx).QueryRowContext(ctx, `SELECT compte FROM officine_compte WHERE tenant = $1 AND ps = $2`, t.Name(), officine1).Scan(&ferme); err != nil || bytes.Contains(ferme, []byte(iban1[4:20])) {
			t.Errorf("en clair dans la base : %v", err)
		}
		// Who writes in the base turns no transfer to another account, nor under another name.
		for _, x := range []string{`UPDATE officine_compte SET compte = (SELECT compte FROM officine_compte x WHERE x.tenant = $1 AND x.ps = '` + officine2 + `') WHERE tenant = $1 AND ps = '` + officine1 + `'`,
			`UPDATE officine_compte SET titulaire = 'AUTRE' WHERE tenant = $1 AND ps = '` + officine2 + `'`} {
			if _, err := base.Ecrivain(ctx).ExecContext(ctx, x, t.Name()); err != nil {
				t.Fatal(err)
			}
		}
		for _, ps := range []sante.NumeroFacturation{ps1, ps2} {
			if c, err := st.Compte(ctx, ps); !errors.Is(err, officine.ErrCompteIllisible) {
				t.Errorf("%+v, %v", c, err)
			}
		}
		b.noter(t, officine1, iban2) // said again, it is good
		if c, err := st.Compte(ctx, ps1); err != nil || c.IBAN.String() != iban2 {
			t.Errorf("%+v, %v", c, err)
		}
		if err := b.s.OublierCompte(ctx, ps1, "comptable"); err != nil || (*gestes)[len(*gestes)-1].Nature != officine.GesteOubli {
			t.Errorf("%v, %+v", err, *gestes)
		}
		if err := b.s.OublierCompte(ctx, ps1, "comptable"); !errors.Is(err, officine.ErrSansCompte) {
			t.Error(err)
		}
		if l, err := New(base, "autre").Ordres(ctx, b.jour()); err != nil || len(l) != 0 {
			t.Errorf("%+v, %v", l, err)
		}
		if s := fmt.Sprintf("%v", c.IBAN.LogValue()); strings.Contains(s, iban1) {
			t.Error(s)
		}
	})
}

// A file has each order once, with the account of then; it is the same each time, and its
// total is that of the orders that it has. What has no account waits for the next.
func TestRemise(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		st, _ := b.tenirComptes(t, 1)
		ctx, lundi := context.Background(), b.jour()
		b.envoyer(t, "L1", b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 250), b.facture(officine1, "F0", 0))
		b.envoyer(t, "L1", b.facture(officine2, "G1", 401))
		prevues, rendu, err := b.s.Prevoir(ctx)
		if err != nil || rendu != 0 || len(prevues) != 2 || prevues[0].Montant != 350 || prevues[0].Factures != 2 || prevues[1].Montant != 401 {
			t.Fatalf("%+v, %v", prevues, err)
		}
		if _, _, err := b.s.Remettre(ctx, lundi, lundi, payeur(t)); !errors.Is(err, officine.ErrReglement) {
			t.Errorf("avant le règlement : %v", err)
		}
		reglement, err := b.s.Ordonner(ctx, lundi)
		if err != nil || reglement.Total != prevues[0].Montant+prevues[1].Montant {
			t.Fatalf("%+v, %v", reglement, err)
		}
		if prevues, _, err := b.s.Prevoir(ctx); err != nil || len(prevues) != 0 {
			t.Errorf("après : %+v, %v", prevues, err)
		}
		if _, sans, err := b.s.Remettre(ctx, lundi, lundi, payeur(t)); !errors.Is(err, officine.ErrRienARemettre) || len(sans) != 2 {
			t.Errorf("sans compte : %+v, %v", sans, err)
		}
		b.noter(t, officine1, iban1)
		r, sans, err := b.s.Remettre(ctx, lundi, lundi+1, payeur(t))
		if err != nil || r.Reference != "FAO009900000120261123-1" || r.Total != 350 || r.Nombre != 1 || r.Virements[0].Factures != 2 || len(sans) != 1 || sans[0].PS.String() != officine2 {
			t.Fatalf("%+v, %+v, %v", r, sans, err)
		}
		b.noter(t, officine1, iban2) // for the next run
		b.noter(t, officine2, iban2)
		r2, sans, err := b.s.Remettre(ctx, lundi, lundi+1, payeur(t))
		if err != nil || r2.Rang != 2 || r2.Total != 401 || len(sans) != 0 || r.Total+r2.Total != reglement.Total {
			t.Fatalf("%+v, %+v, %v", r2, sans, err)
		}
		if _, _, err := b.s.Remettre(ctx, lundi, lundi+1, payeur(t)); !errors.Is(err, officine.ErrRienARemettre) {
			t.Errorf("tout est remis : %v", err)
		}
		encore, err := b.s.Remise(ctx, lundi, 1)
		if err != nil || fmt.Sprintf("%+v", encore) != fmt.Sprintf("%+v", r) || encore.Virements[0].IBAN.String() != iban1 || encore.Payeur != payeur(t) {
			t.Errorf("%+v, %v", encore, err)
		}
		if _, err := st.Remise(ctx, lundi, 3); !errors.Is(err, officine.ErrRienARemettre) {
			t.Error(err)
		}
		l, err := b.st.Ordres(ctx, lundi)
		if err != nil || l[0].Remise != 1 || l[1].Remise != 2 {
			t.Errorf("%+v, %v", l, err)
		}
		jour, ps, err := b.s.LireReference(l[1].Reference)
		if err != nil || jour != lundi || ps.String() != officine2 {
			t.Errorf("%s %s %v", jour, ps, err)
		}
		for _, faux := range []string{"", r.Reference, "FAO009900000220261123" + officine2, "FAO009900000120261323" + officine2, "FAO009900000120261123ABCDEFGHI"} {
			if _, _, err := b.s.LireReference(faux); !errors.Is(err, officine.ErrReglement) {
				t.Errorf("%s : %v", faux, err)
			}
		}
	})
}

// Two nodes make the file of a run at once: each order is in one file, once.
func TestRemiseDeuxNoeuds(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		b.tenirComptes(t, 1)
		ctx, lundi := context.Background(), b.jour()
		b.envoyer(t, "L1", b.facture(officine1, "F1", 100))
		b.envoyer(t, "L1", b.facture(officine2, "G1", 401))
		b.noter(t, officine1, iban1)
		b.noter(t, officine2, iban2)
		if _, err := b.s.Ordonner(ctx, lundi); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		remises, erreurs := make([]*officine.Remise, 8), make([]error, 8)
		for i := range remises {
			wg.Go(func() { remises[i], _, erreurs[i] = b.s.Remettre(ctx, lundi, lundi, payeur(t)) })
		}
		wg.Wait()
		faites := 0
		for i, r := range remises {
			switch {
			case r != nil && r.Rang == 1 && r.Total == 501:
				faites++
			case !errors.Is(erreurs[i], officine.ErrRienARemettre):
				t.Errorf("%+v, %v", r, erreurs[i])
			}
		}
		if faites != 1 {
			t.Errorf("%d fichiers", faites)
		}
	})
}

// A transfer that comes back after it was made is paid again, and debited once; the journal
// says so, and the professional reads what to do.
func TestRenduApresPaye(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		_, gestes := b.tenirComptes(t, 1)
		ctx, lundi := context.Background(), b.jour()
		ps := lu(t, sante.ParseNumeroFacturation, officine1)
		b.envoyer(t, "L1", b.facture(officine1, "F1", 100), b.facture(officine1, "F2", 250))
		if _, err := b.s.Ordonner(ctx, lundi); err != nil {
			t.Fatal(err)
		}
		b.passer(5)
		if err := b.s.Confirmer(ctx, lundi, ps, lundi+1); err != nil {
			t.Fatal(err)
		}
		retour := officine.Retour{Le: lundi + 4, Motif: "AC04 compte clos", Par: "comptable"}
		for nom, x := range map[string]officine.Retour{"sans motif": {Le: lundi + 4}, "avant d'être fait": {Le: lundi, Motif: "AC04"}} {
			if err := b.s.Rejeter(ctx, lundi, ps, x); !errors.Is(err, officine.ErrRetour) {
				t.Errorf("%s : %v", nom, err)
			}
		}
		for _, motif := range []string{"a\nb", "rejet\xe9"} {
			if err := b.s.Rejeter(ctx, lundi, ps, officine.Retour{Le: lundi + 4, Motif: motif}); !errors.Is(err, officine.ErrMotif) {
				t.Errorf("%q : %v", motif, err)
			}
		}
		for range 2 { // said twice
			if err := b.s.Rejeter(ctx, lundi, ps, retour); err != nil {
				t.Fatal(err)
			}
		}
		if len(*gestes) != 1 || (*gestes)[0].Nature != officine.GesteRendu || (*gestes)[0].Avant != officine.OrdrePaye || (*gestes)[0].Montant != 350 || (*gestes)[0].Detail != retour.Motif {
			t.Fatalf("%+v", *gestes)
		}
		if o, err := b.st.Ordre(ctx, lundi, ps); err != nil || o.Etat != officine.OrdreRendu || o.RenduLe != lundi+4 || o.Motif != retour.Motif || o.PayeLe != lundi+1 {
			t.Errorf("%+v, %v", o, err)
		}
		suivi := b.suivre(t, officine1, 0).Suivi
		if got := etats(suivi); got != "F1:ACCEPTEE F2:ACCEPTEE " || suivi[0].MontantPaye != 0 || !suivi[0].DatePaiement.IsZero() || !strings.Contains(suivi[0].Precision, "compte") {
			t.Errorf("%s : %+v", got, suivi)
		}
		if err := b.s.Confirmer(ctx, lundi, ps, lundi+5); !errors.Is(err, officine.ErrReglementClos) {
			t.Errorf("rendu, puis payé : %v", err)
		}
		r, err := b.s.Ordonner(ctx, lundi+4)
		if err != nil || r.Total != 350 || r.Deduit != 350 || r.Preleve != 0 {
			t.Errorf("%+v, %v", r, err)
		}
		if err := b.s.Confirmer(ctx, lundi+4, ps, lundi+5); err != nil {
			t.Fatal(err)
		}
		suivi = b.suivre(t, officine1, 0, droits.FacturePayee).Suivi
		if len(suivi) != 2 || suivi[0].MontantPaye+suivi[1].MontantPaye != 350 || suivi[0].Precision != "" {
			t.Errorf("%+v", suivi)
		}
	})
}

// The gesture and the return are one: without its trace, nothing came back.
func TestRenduSansTrace(t *testing.T) {
	b := monter(t, bddtestOuvrir(t), nil)
	b.tenirComptes(t, 1)
	panne := errors.New("journal plein")
	b.s.Tracer = func(context.Context, *officine.Geste) error { return panne }
	ctx, ps := context.Background(), lu(t, sante.ParseNumeroFacturation, officine1)
	b.envoyer(t, "L1", b.facture(officine1, "F1", 100))
	if _, err := b.s.Ordonner(ctx, b.jour()); err != nil {
		t.Fatal(err)
	}
	if err := b.s.Rejeter(ctx, b.jour(), ps, officine.Retour{Le: b.jour()}); !errors.Is(err, panne) {
		t.Fatal(err)
	}
	rendu, err := b.st.Rendu(ctx)
	if o, err2 := b.st.Ordre(ctx, b.jour(), ps); err != nil || err2 != nil || o.Etat != officine.OrdreDonne || rendu != 0 {
		t.Errorf("%+v, %s, %v, %v", o, rendu, err, err2)
	}
}

// A file asks the bank for a day that it takes; one that was lost, or came too late, is
// written again for another day under the same reference, while nothing of it was done.
func TestExecution(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		b := monter(t, base, nil)
		b.tenirComptes(t, 1)
		ctx, lundi, ps := context.Background(), b.jour(), lu(t, sante.ParseNumeroFacturation, officine1)
		b.noter(t, officine1, iban1)
		b.noter(t, officine2, iban2)
		b.envoyer(t, "L1", b.facture(officine1, "F1", 100))
		b.envoyer(t, "L1", b.facture(officine2, "G1", 200))
		if _, err := b.s.Ordonner(ctx, lundi); err != nil {
			t.Fatal(err)
		}
		for _, le := range []sante.Jour{lundi - 1, lundi - 2500, lundi + officine.ExecutionMax + 1, 0} {
			if _, _, err := b.s.Remettre(ctx, lundi, le, payeur(t)); !errors.Is(err, officine.ErrExecution) {
				t.Errorf("%s : %v", le, err)
			}
		}
		r, _, err := b.s.Remettre(ctx, lundi, lundi+officine.ExecutionMax, payeur(t))
		if err != nil || r.Nombre != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		b.passer(3)
		if _, err := b.s.Redater(ctx, lundi, 1, lundi+2); !errors.Is(err, officine.ErrExecution) {
			t.Errorf("jour passé : %v", err)
		}
		if _, err := b.s.Redater(ctx, lundi, 2, lundi+3); !errors.Is(err, officine.ErrRienARemettre) {
			t.Errorf("fichier inconnu : %v", err)
		}
		autre, err := b.s.Redater(ctx, lundi, 1, lundi+4)
		if r.Execution = lundi + 4; err != nil || fmt.Sprintf("%+v", autre) != fmt.Sprintf("%+v", r) {
			t.Errorf("%+v, %v", autre, err)
		}
		if err := b.s.Confirmer(ctx, lundi, ps, lundi+3); err != nil {
			t.Fatal(err)
		}
		if _, err := b.s.Redater(ctx, lundi, 1, lundi+5); !errors.Is(err, officine.ErrRemiseFaite) {
			t.Errorf("un virement est fait : %v", err)
		}
		if encore, err := b.s.Remise(ctx, lundi, 1); err != nil || fmt.Sprintf("%+v", encore) != fmt.Sprintf("%+v", r) {
			t.Errorf("%+v, %v", encore, err)
		}
	})
}

// payeur is whose account the transfers leave.
func payeur(t essai) officine.Payeur {
	return officine.Payeur{Nom: "MUTUELLE DU MOULIN", IBAN: lu(t, sante.ParseIBAN, "FR7699999000000000000004204")}
}
