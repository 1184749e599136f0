package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/internal/liquidation/liquidationtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// What is over is forgotten at its term, batch by batch; what is not, or has moved
// since, stays, and so does what another batch brought under the same number.
func TestPurger(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx, s, autre := context.Background(), New(b, "amc-1"), New(b, "amc-2")
		es, err := sante.ParseFINESS("750712184")
		if err != nil {
			t.Fatal(err)
		}
		debut := liquidationtest.Midi
		facture := func(numero string, etat liquidation.Etat) *liquidation.Facture {
			return &liquidation.Facture{Finess: es, Annee: 2026, Numero: numero, Etat: etat, Recue: debut, Echeance: sante.JourA(debut, sante.Paris()), Nature: roc.Initiale,
				Contenu: fmt.Appendf(nil, `{"dateFacture":"2026-05-04","numeroFacture":%q}`, numero)}
		}
		recevoir := func(s *Store, lot string, recu time.Time, mouvement time.Time, l ...*liquidation.Facture) {
			t.Helper()
			err := s.Transaction(ctx, func(ctx context.Context) error {
				x := &liquidation.Lot{Numero: lot, Empreinte: lot, Finess: es, IDMessage: roc.NouvelUUID(), Recu: recu, Nombre: len(l)}
				var m []liquidation.Moment
				for _, f := range l {
					f.Lot, f.Debut, f.Taille = lot, len(x.Contenu), len(f.Contenu)
					x.Contenu = append(x.Contenu, f.Contenu...)
				}
				deja, err := s.Ouvrir(ctx, x, l)
				if err != nil {
					return err
				}
				var neuves []*liquidation.Facture
				for _, f := range l {
					if len(deja) == 0 || deja[0] != liquidation.Cle(f.Annee, f.Numero) {
						neuves = append(neuves, f)
						m = append(m, liquidation.Moment{Finess: es, Annee: f.Annee, Numero: f.Numero, Apres: f.Etat, Instant: mouvement})
					}
				}
				return s.Inserer(ctx, neuves, m)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		an := 365 * 24 * time.Hour
		recevoir(s, "FINIES", debut, debut, facture("F1", liquidation.Payee), facture("F2", liquidation.Rejetee), facture("F3", liquidation.AnnuleeParES))
		recevoir(s, "EN-COURS", debut.Add(1), debut, facture("F4", liquidation.Payee), facture("F5", liquidation.PayeePartie))
		recevoir(s, "PAYEE-TARD", debut.Add(2), debut.Add(2*an), facture("F6", liquidation.Payee))
		recevoir(s, "DOUBLE", debut.Add(3), debut, facture("F6", liquidation.Payee), facture("F7", liquidation.Payee))
		recevoir(s, "RECENT", debut.Add(2*an), debut.Add(2*an), facture("F8", liquidation.Payee))
		recevoir(autre, "AILLEURS", debut, debut, facture("F1", liquidation.Payee))

		for _, x := range []struct {
			s      *Store
			numero string
		}{{s, "F1"}, {s, "F5"}, {autre, "F1"}} {
			if err := x.s.Virer(ctx, &liquidation.Facture{Finess: es, Annee: 2026, Numero: x.numero}, "VIR", 1, debut); err != nil {
				t.Fatal(err)
			}
		}
		for maintenant := debut.Add(11 * an); ; {
			n, err := s.Purger(ctx, debut.Add(an), maintenant)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		for numero, reste := range map[string]bool{"F1": false, "F2": false, "F3": false, "F4": true, "F5": true, "F6": true, "F7": false, "F8": true} {
			if _, err := s.Facture(ctx, es, numero); (err == nil) != reste || !reste && !errors.Is(err, liquidation.ErrFactureInconnue) {
				t.Errorf("%s : %v", numero, err)
			}
		}
		if _, err := autre.Facture(ctx, es, "F1"); err != nil {
			t.Errorf("la facture d'une autre AMC : %v", err)
		}
		compter := func(table string) (n int) {
			if err := b.Lecteur(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table+" WHERE tenant = 'amc-1'").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for table, n := range map[string]int{"liq_lot": 3, "liq_contenu": 3, "liq_facture": 4, "liq_virement": 1} {
			if got := compter(table); got != n {
				t.Errorf("%s : %d lignes, want %d", table, got, n)
			}
		}
		// What had to stay is looked at again later, and goes once it is over.
		if _, err := b.Ecrivain(ctx).ExecContext(ctx, `UPDATE liq_facture SET etat = 'PAYE' WHERE numero = 'F5'`); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Purger(ctx, debut.Add(an), debut.Add(11*an+time.Hour)); n != 0 || err != nil {
			t.Errorf("revu trop tôt : %d, %v", n, err)
		}
		if n, err := s.Purger(ctx, debut.Add(an), debut.Add(12*an)); n != 2 || err != nil {
			t.Errorf("%d lots vus, %v", n, err)
		}
		if n := compter("liq_lot"); n != 2 {
			t.Errorf("%d lots", n)
		}
	}, Migrations())
}

// A return is forgotten once acknowledged, at its term; never before.
func TestPurgerRetours(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx, s := context.Background(), New(b, "amc-1")
		es, err := sante.ParseFINESS("750712184")
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []string{"R1", "R2"} {
			if err := s.NoterRetour(ctx, es, &roc.DemandeRET{Numero: n, Nature: roc.RetourControle, Factures: []roc.RetourFacture{{Lot: "L1"}, {Lot: "L2"}, {Lot: "L1"}}}, roc.NouvelUUID(), liquidationtest.Midi); err != nil {
				t.Fatal(err)
			}
		}
		r, err := s.Acquitter(ctx, "R1", roc.Accepte, "", liquidationtest.Midi)
		if err != nil || r == nil || r.Finess != es || r.IDMessage.IsZero() || fmt.Sprint(r.Lots) != "[L1 L2]" {
			t.Fatalf("%+v, %v", r, err)
		}
		if r, err := s.Acquitter(ctx, "R1", roc.TotalFaux, "", liquidationtest.Midi); r != nil || err != nil {
			t.Errorf("acquitté deux fois : %+v, %v", r, err)
		}
		if n, err := s.PurgerRetours(ctx, liquidationtest.Midi, 10); n != 0 || err != nil {
			t.Errorf("avant le terme : %d, %v", n, err)
		}
		if n, err := s.PurgerRetours(ctx, liquidationtest.Midi.Add(time.Hour), 10); n != 1 || err != nil {
			t.Errorf("au terme : %d, %v", n, err)
		}
		if n, err := s.PurgerRetours(ctx, liquidationtest.Midi.Add(time.Hour), 10); n != 0 || err != nil {
			t.Errorf("un retour sans acquittement : %d, %v", n, err)
		}
	}, Migrations())
}

// What is told of returns: those that nobody acknowledged, and those acknowledged
// under reserve, page by page.
func TestRetours(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx, s := context.Background(), New(b, "amc-1")
		es, err := sante.ParseFINESS("750712184")
		if err != nil {
			t.Fatal(err)
		}
		for i, code := range []roc.Code{roc.Accepte, roc.AvecReserve, "", roc.TotalFaux, ""} {
			d := &roc.DemandeRET{Numero: fmt.Sprintf("R%d", i), Nature: roc.RetourRejet, Factures: make([]roc.RetourFacture, i+1)}
			if err := s.NoterRetour(ctx, es, d, roc.NouvelUUID(), liquidationtest.Midi.Add(time.Duration(i/3)*time.Second)); err != nil {
				t.Fatal(err)
			}
			if code == "" {
				continue
			}
			if _, err := s.Acquitter(ctx, d.Numero, code, "précision de "+d.Numero, liquidationtest.Midi.Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		var vus []string
		var dernier *liquidation.RetourEmis
		for {
			l, err := s.Retours(ctx, es, dernier, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range l {
				vus = append(vus, fmt.Sprintf("%s %d %s", r.Numero, r.Factures, r.Code))
				if want := map[bool]string{true: "précision de " + r.Numero}[r.Code != ""]; r.Precision != want {
					t.Errorf("%s : « %s », want « %s »", r.Numero, r.Precision, want)
				}
			}
			if len(l) < 2 {
				break
			}
			dernier = &l[1]
		}
		if got := fmt.Sprint(vus); got != "[R1 2 010 R2 3  R3 4 P401 R4 5 ]" {
			t.Errorf("retours %s", got)
		}
		if l, err := New(b, "amc-2").Retours(ctx, es, nil, 9); err != nil || len(l) != 0 {
			t.Errorf("une autre AMC en voit %d, %v", len(l), err)
		}
	}, Migrations())
}
