package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// A revocation made by mistake is taken back until a list tells it; a person's accreditations
// are found by who they name, without the portfolio.
func TestRetablir(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		d := b.demande()
		n := b.verifier(b.reussir(d, visiodroits.Fournis, droits.Ouvert)).Numero
		x := droits.Personne{NumeroAdherent: d.Patient.NumeroAdherent, DateNaissance: d.Patient.DateNaissance, RangGemellaire: 2}
		erreur := accreditation.Revocation{Effet: b.jour(), Motif: droits.Erreur}
		if k, err := accreditation.RevoquerPersonne(ctx, b.r, x, erreur); err != nil || k != 0 {
			t.Errorf("un jumeau : %d révoquées, %v", k, err)
		}
		x.RangGemellaire = 1
		if k, err := accreditation.RevoquerPersonne(ctx, b.r, x, erreur); err != nil || k != 1 {
			t.Fatalf("%d révoquées, %v", k, err)
		}
		if err := accreditation.Retablir(ctx, b.r, n); err != nil {
			t.Fatal(err)
		}
		if e, err := b.r.Emise(ctx, n); err != nil || e.Revocation != nil {
			t.Errorf("rétablie : %+v, %v", e, err)
		}
		if err := accreditation.Retablir(ctx, b.r, n); !errors.Is(err, accreditation.ErrPasRetablie) {
			t.Errorf("pas révoquée : %v", err)
		}
		// A list that was being made while it was taken back is not published.
		p := &accreditation.Publication{Numero: 1, Jour: b.jour(), Emission: b.instant, Complete: []byte("x"), Nouvelles: []droits.NumeroAccreditation{n}}
		if err := b.p.Publier(ctx, p); err == nil {
			t.Error("une liste qui dit ce qui a été retiré a été publiée")
		}
		if n, _, err := b.p.Parution(ctx); err != nil || n != 0 {
			t.Errorf("liste %d, %v", n, err)
		}
		if fait, err := accreditation.Revoquer(ctx, b.r, n, accreditation.Revocation{Effet: b.jour() + 3, Motif: droits.Radiation}); err != nil || !fait {
			t.Fatal(fait, err)
		}
		ed := &accreditation.Editeur{Emetteur: lu(t, sante.ParseNumeroAMC, "99000001"), Listes: b.p, Horloge: func() time.Time { return b.instant },
			Cle: func() accreditation.Cle { return accreditation.Cle{Kid: "k1", Cle: b.cle} }, Cles: func() *droits.Cles { return b.cles }}
		if fait, err := ed.Publier(ctx, true); err != nil || !fait {
			t.Fatal(fait, err)
		}
		if err := accreditation.Retablir(ctx, b.r, n); !errors.Is(err, accreditation.ErrPasRetablie) {
			t.Errorf("dite par une liste : %v", err)
		}
		if e, err := b.r.Emise(ctx, n); err != nil || e.Revocation == nil || e.Revocation.Effet != b.jour()+3 {
			t.Errorf("%+v, %v", e, err)
		}
	})
}
