package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement/store"
	"github.com/ecluse-sante/ecluse/roc"
)

// An invoice is forgotten at its term when nothing is expected of it; its batch
// goes with its last invoice.
func TestPurgerFactures(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx, s := context.Background(), store.New(b, "es-750712184")
		amc := et.Carte(t, "775671993").NumeroAMC
		etats := []etablissement.Etat{etablissement.Payee, etablissement.Close, etablissement.Accusee, etablissement.PayeePartiellement, etablissement.Rejetee, etablissement.FactureAnnulee}
		for i, e := range etats {
			id := fmt.Sprintf("v%d", i)
			v := &etablissement.Venue{ID: id, Version: 1, Ouverte: et.Midi, Modifiee: et.Midi, Dossier: et.ACE(t, "D"+id)}
			if err := s.Creer(ctx, v); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Changer(ctx, id, func(c *etablissement.Chantier) error {
				c.Venue.Couvertures = []*etablissement.Couverture{{Rang: 1, Etat: e, Attestation: et.Carte(t, "775671993")}}
				c.Emettre = &etablissement.FactureEmise{Place: etablissement.Place{Venue: id, Rang: 1}, Numero: "F" + id, Annee: 2026, AMC: amc, Instant: et.Midi, Contenu: []byte("{}")}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		mettreEnLot := func(numero string, n int) {
			t.Helper()
			_, l, err := s.AEnvoyer(ctx, n)
			if err != nil {
				t.Fatal(err)
			}
			lot := &etablissement.LotEmis{Numero: numero, AMC: amc, Nombre: len(l), Instant: et.Midi}
			if err := s.MettreEnLot(ctx, lot, l); err != nil {
				t.Fatal(err)
			}
			lot.Accuse, lot.Code = et.Midi, roc.Accepte
			if err := s.Accuser(ctx, lot); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := s.PurgerFactures(ctx, et.Midi.Add(time.Hour), 10); n != 0 || err != nil {
			t.Errorf("des factures qui attendent un lot : %d, %v", n, err)
		}
		mettreEnLot("L1", 2)
		mettreEnLot("L2", 10)
		if n, err := s.PurgerFactures(ctx, et.Midi, 10); n != 0 || err != nil {
			t.Errorf("avant le terme : %d, %v", n, err)
		}
		if n, err := s.PurgerFactures(ctx, et.Midi.Add(time.Hour), 10); n != 2 || err != nil {
			t.Errorf("%d factures oubliées, %v, want 2", n, err)
		}
		if _, _, err := s.Lot(ctx, "L1"); !errors.Is(err, etablissement.ErrInconnue) {
			t.Errorf("le lot vide : %v", err)
		}
		if _, l, err := s.Lot(ctx, "L2"); err != nil || len(l) != 4 {
			t.Errorf("%d factures en cours, %v", len(l), err)
		}
	}, store.Migrations())
}
