package liquidationtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Livres is all that a store of this room promises.
type Livres interface {
	liquidation.Factures
	Transaction(ctx context.Context, f func(ctx context.Context) error) error
}

// Midi is the instant of the suite.
var Midi = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

// Suite is what every store must pass. ouvrir gives a store of a tenant.
func Suite(t *testing.T, ouvrir func(tenant string) Livres) {
	for _, c := range []struct {
		nom string
		f   func(t *testing.T, s, autre Livres)
	}{
		{"une facture reçue se relit pareille", relire},
		{"un lot n'est reçu qu'une fois, une facture aussi", doublons},
		{"le travail se prend dans l'ordre", travail},
		{"un refus ne laisse rien", defaire},
		{"des soins ne se facturent qu'une fois par convention", parSoins},
		{"une facture a une part par virement", virements},
	} {
		t.Run(c.nom, func(t *testing.T) { c.f(t, ouvrir("amc-1-"+c.nom), ouvrir("amc-2-"+c.nom)) })
	}
}

func finess(t testing.TB, s string) sante.FINESS {
	t.Helper()
	f, err := sante.ParseFINESS(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func facture(t testing.TB, numero string, n int) *liquidation.Facture {
	t.Helper()
	amc, err := sante.ParseNumeroAMC("775671993")
	if err != nil {
		t.Fatal(err)
	}
	g, err := roc.TirerNumeroEngagement(amc, nil)
	if err != nil {
		t.Fatal(err)
	}
	instant := Midi.Add(time.Duration(n) * time.Second)
	return &liquidation.Facture{Finess: finess(t, "750712184"), Annee: 2026, Numero: numero, Lot: "L1", Etat: liquidation.Recue, Demande: sante.Montant(1000 + n),
		Garantie: g, Nature: roc.Initiale, Recue: instant, Echeance: sante.JourA(instant, sante.Paris()) + 12, Contenu: []byte(fmt.Sprintf("contenu %d", n))}
}

// recevoir writes a batch, but the invoices already held.
func recevoir(t testing.TB, s Livres, lot string, l ...*liquidation.Facture) (deja []string, err error) {
	t.Helper()
	err = s.Transaction(context.Background(), func(ctx context.Context) error {
		x := &liquidation.Lot{Numero: lot, Empreinte: fmt.Sprint(len(l), l[0].Numero), Finess: l[0].Finess, IDMessage: roc.NouvelUUID(), Recu: Midi, Nombre: len(l)}
		for _, f := range l {
			f.Lot, f.Debut, f.Taille = lot, len(x.Contenu), len(f.Contenu)
			x.Contenu = append(x.Contenu, f.Contenu...)
		}
		if deja, err = s.Ouvrir(ctx, x, l); err != nil {
			return err
		}
		return s.Inserer(ctx, slices.DeleteFunc(slices.Clone(l), func(f *liquidation.Facture) bool { return slices.Contains(deja, liquidation.Cle(f.Annee, f.Numero)) }), nil)
	})
	return deja, err
}

// lue reads an invoice in a transaction, as rules do.
func lue(t testing.TB, s Livres, f sante.FINESS, numero string) (x *liquidation.Facture, err error) {
	t.Helper()
	err = s.Transaction(context.Background(), func(ctx context.Context) error {
		x, err = s.Facture(ctx, f, numero)
		return err
	})
	return x, err
}

var comparer = cmp.Options{cmpopts.IgnoreUnexported(liquidation.Facture{}), cmpopts.EquateEmpty(), cmp.Comparer(func(a, b roc.NumeroEngagement) bool { return a == b }),
	cmp.Comparer(func(a, b sante.FINESS) bool { return a == b })}

func relire(t *testing.T, s, autre Livres) {
	f := facture(t, "F1", 1)
	if deja, err := recevoir(t, s, "L1", f); err != nil || len(deja) != 0 {
		t.Fatalf("%v, %v", deja, err)
	}
	x, err := lue(t, s, f.Finess, "F1")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(f, x, comparer); d != "" {
		t.Errorf("reçue et relue diffèrent :\n%s", d)
	}
	attendu := sante.Montant(900)
	x.Etat, x.Code, x.Precision, x.Paye = liquidation.Refusee, roc.MontantDifferent, "un écart", 0
	x.Lignes = []roc.RetourLigne{{Rang: 1, Code: roc.MontantDifferent, Facture: 1001, Attendu: &attendu}}
	err = s.Transaction(context.Background(), func(ctx context.Context) error {
		return s.Ecrire(ctx, []*liquidation.Facture{x}, []liquidation.Moment{{Finess: x.Finess, Annee: x.Annee, Numero: x.Numero, Avant: liquidation.Recue,
			Evenement: liquidation.Refuser, Apres: liquidation.Refusee, Code: x.Code, Instant: Midi}})
	})
	if err != nil {
		t.Fatal(err)
	}
	y, err := lue(t, s, f.Finess, "F1")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(x, y, comparer); d != "" {
		t.Errorf("écrite et relue diffèrent :\n%s", d)
	}
	if _, err := lue(t, autre, f.Finess, "F1"); !errors.Is(err, liquidation.ErrFactureInconnue) {
		t.Errorf("une autre AMC la voit : %v", err)
	}
	if _, err := lue(t, s, finess(t, "690781810"), "F1"); !errors.Is(err, liquidation.ErrFactureInconnue) {
		t.Errorf("un autre établissement la voit : %v", err)
	}
}

func doublons(t *testing.T, s, _ Livres) {
	un, deux := facture(t, "F1", 1), facture(t, "F2", 2)
	if _, err := recevoir(t, s, "L1", un); err != nil {
		t.Fatal(err)
	}
	if _, err := recevoir(t, s, "L1", deux); !errors.Is(err, liquidation.ErrLotDejaRecu) {
		t.Errorf("même lot : %v", err)
	}
	deja, err := recevoir(t, s, "L2", un, deux)
	if err != nil || len(deja) != 1 || deja[0] != liquidation.Cle(2026, "F1") {
		t.Errorf("%v, %v", deja, err)
	}
	// The same batch comes again: what it refused is told again, whatever the books
	// hold since.
	if deja, err := recevoir(t, s, "L2", un, deux); !errors.Is(err, liquidation.ErrLotConnu) || len(deja) != 1 || deja[0] != liquidation.Cle(2026, "F1") {
		t.Errorf("lot renvoyé : %v, %v", deja, err)
	}
	if deja, err := recevoir(t, s, "L1", un); !errors.Is(err, liquidation.ErrLotConnu) || len(deja) != 0 {
		t.Errorf("lot renvoyé : %v, %v", deja, err)
	}
	autre := facture(t, "F1", 3)
	autre.Finess = finess(t, "690781810")
	if deja, err := recevoir(t, s, "L1", autre); err != nil || len(deja) != 0 {
		t.Errorf("même numéro, autre établissement : %v, %v", deja, err)
	}
}

func travail(t *testing.T, s, _ Livres) {
	var l []*liquidation.Facture
	for i := range 250 {
		f := facture(t, fmt.Sprintf("F%03d", i), 250-i)
		f.Etat = liquidation.Liquidee
		l = append(l, f)
	}
	l[0].Etat, l[1].Etat = liquidation.Rejetee, liquidation.Payee
	if _, err := recevoir(t, s, "L1", l...); err != nil {
		t.Fatal(err)
	}
	err := s.Transaction(context.Background(), func(ctx context.Context) error {
		pris, err := s.APayer(ctx, l[0].Finess, 3)
		if err != nil || len(pris) != 3 || pris[0].Numero != "F249" || pris[2].Numero != "F247" {
			t.Fatalf("%d à payer, %v", len(pris), err)
		}
		pris[0].Etat, pris[1].Etat, pris[1].Paye = liquidation.Payee, liquidation.PayeePartie, 10
		return s.Ecrire(ctx, pris[:2], nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Transaction(context.Background(), func(ctx context.Context) error {
		pris, err := s.APayer(ctx, l[0].Finess, 1000)
		if err != nil || len(pris) != 247 || pris[0].Paye != 10 {
			t.Errorf("%d à payer, %v", len(pris), err)
		}
		autres, err := s.APayer(ctx, finess(t, "690781810"), 10)
		if len(autres) != 0 {
			t.Errorf("%d à payer à un autre", len(autres))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func defaire(t *testing.T, s, _ Livres) {
	non := errors.New("non")
	f := facture(t, "F1", 1)
	err := s.Transaction(context.Background(), func(ctx context.Context) error {
		if _, err := s.Ouvrir(ctx, &liquidation.Lot{Numero: "L1", Finess: f.Finess, Recu: Midi, Contenu: f.Contenu}, []*liquidation.Facture{f}); err != nil {
			return err
		}
		if err := s.Inserer(ctx, []*liquidation.Facture{f}, nil); err != nil {
			return err
		}
		return non
	})
	if !errors.Is(err, non) {
		t.Fatal(err)
	}
	if _, err := recevoir(t, s, "L1", f); err != nil {
		t.Errorf("le lot refusé est resté : %v", err)
	}
}

// parSoins: the care of a live invoice is known until it is rejected, and is never
// written twice; the corrections of an invoice are told.
func parSoins(t *testing.T, s, autre Livres) {
	un, deux, trois := facture(t, "F1", 1), facture(t, "F2", 2), facture(t, "F3", 3)
	un.Etat, un.Convention, deux.Etat, deux.Convention = liquidation.Liquidee, "soins-1", liquidation.Rejetee, "soins-2"
	trois.Nature, trois.Corrige = roc.Rectificative, "F2"
	if _, err := recevoir(t, s, "L1", un, deux, trois); err != nil {
		t.Fatal(err)
	}
	lire := func(s Livres, f sante.FINESS) (m map[string]string, l []*liquidation.Facture) {
		t.Helper()
		err := s.Transaction(context.Background(), func(ctx context.Context) (err error) {
			if m, err = s.ParSoins(ctx, f, []string{"soins-1", "soins-2", "soins-3"}); err == nil {
				l, err = s.Corrections(ctx, f, "F2")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return m, l
	}
	m, l := lire(s, un.Finess)
	if len(m) != 1 || m["soins-1"] != liquidation.Cle(2026, "F1") || len(l) != 1 || l[0].Numero != "F3" || string(l[0].Contenu) != "contenu 3" {
		t.Errorf("%v, %v", m, l)
	}
	for _, x := range []struct {
		s Livres
		f sante.FINESS
	}{{autre, un.Finess}, {s, finess(t, "690781810")}} {
		if m, l := lire(x.s, x.f); len(m) != 0 || len(l) != 0 {
			t.Errorf("vus ailleurs : %v, %v", m, l)
		}
	}
	x, err := lue(t, s, un.Finess, "F1")
	if err != nil || x.Convention != "soins-1" {
		t.Fatalf("%+v, %v", x, err)
	}
	x.Etat = liquidation.Rejetee
	if err := s.Transaction(context.Background(), func(ctx context.Context) error { return s.Ecrire(ctx, []*liquidation.Facture{x}, nil) }); err != nil {
		t.Fatal(err)
	}
	if m, _ := lire(s, un.Finess); len(m) != 0 {
		t.Errorf("rejetée, elle tient encore ses soins : %v", m)
	}
	quatre := facture(t, "F4", 4)
	quatre.Etat, quatre.Convention = liquidation.Liquidee, "soins-1"
	if _, err := recevoir(t, s, "L2", quatre); err != nil {
		t.Error(err)
	}
}

func virements(t *testing.T, s, autre Livres) {
	un, deux := facture(t, "F1", 1), facture(t, "F1", 2)
	deux.Annee = 2027
	ailleurs := facture(t, "F1", 1)
	ailleurs.Finess = finess(t, "690781810")
	for i, x := range []struct {
		s         Livres
		f         *liquidation.Facture
		reference string
		deja      bool
	}{{s, un, "V1", false}, {s, un, "V1", true}, {s, un, "V2", false}, {s, deux, "V1", false}, {s, ailleurs, "V1", false}, {autre, un, "V1", false}, {autre, un, "V1", true}} {
		err := x.s.Transaction(context.Background(), func(ctx context.Context) error { return x.s.Virer(ctx, x.f, x.reference, 100, Midi) })
		if x.deja != errors.Is(err, liquidation.ErrDejaVire) || !x.deja && err != nil {
			t.Errorf("%d : %v", i, err)
		}
	}
}
