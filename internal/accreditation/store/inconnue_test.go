package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// An issuer puts in its list a number that it never gave: what somebody forged under its key.
// It is known to the register no more than before, is taken back until a list tells it, and
// a number of another issuer is refused.
func TestRevoquerInconnue(t *testing.T) {
	moteurs(t, func(t *testing.T, base *bdd.Base) {
		ctx := context.Background()
		b := monter(t, base, nil)
		tirer := func(emetteur string) droits.NumeroAccreditation {
			t.Helper()
			n, err := droits.TirerNumeroAccreditation(lu(t, sante.ParseNumeroAMC, emetteur), droits.Normale, nil)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		n, autre := tirer("99000001"), tirer("88000001")
		fraude := accreditation.Revocation{Effet: b.jour(), Motif: droits.Fraude}
		if _, err := accreditation.Revoquer(ctx, b.r, n, fraude); !errors.Is(err, accreditation.ErrInconnue) {
			t.Fatal(err)
		}
		if _, err := accreditation.RevoquerInconnue(ctx, b.r, autre, fraude, b.instant); !errors.Is(err, accreditation.ErrAutreEmetteur) {
			t.Errorf("d'un autre émetteur : %v", err)
		}
		faire := func(want bool) {
			t.Helper()
			if fait, err := accreditation.RevoquerInconnue(ctx, b.r, n, fraude, b.instant); err != nil || fait != want {
				t.Fatal(fait, err)
			}
		}
		faire(true)
		faire(false)
		if _, err := b.r.Emise(ctx, n); !errors.Is(err, accreditation.ErrInconnue) {
			t.Errorf("connue du registre : %v", err)
		}
		if err := accreditation.Retablir(ctx, b.r, n); err != nil {
			t.Fatal(err)
		}
		if k, err := b.p.Attente(ctx); err != nil || k != 0 {
			t.Errorf("%d attendent, %v", k, err)
		}
		faire(true)
		if k, err := b.p.Attente(ctx); err != nil || k != 1 {
			t.Errorf("%d attendent, %v", k, err)
		}
		ed := &accreditation.Editeur{Emetteur: lu(t, sante.ParseNumeroAMC, "99000001"), Listes: b.p, Horloge: func() time.Time { return b.instant },
			Cle: func() accreditation.Cle { return accreditation.Cle{Kid: "k1", Cle: b.cle} }, Cles: func() *droits.Cles { return b.cles }}
		if fait, err := ed.Publier(ctx, true); err != nil || !fait {
			t.Fatal(fait, err)
		}
		var l []droits.EntreeLAR
		err := b.p.Revoquees(ctx, b.jour(), func(e droits.EntreeLAR) error {
			l = append(l, e)
			return nil
		})
		if err != nil || len(l) != 1 || l[0].Numero != n || l[0].Publication != b.jour() || l[0].DroitsFin < b.jour()+730 {
			t.Errorf("%+v, %v", l, err)
		}
		if err := accreditation.Retablir(ctx, b.r, n); !errors.Is(err, accreditation.ErrPasRetablie) {
			t.Errorf("dite par une liste : %v", err)
		}
		if fin, err := b.r.DerniereFin(ctx, lu(t, sante.ParseNumeroAMC, "99000001")); err != nil || fin != l[0].DroitsFin {
			t.Errorf("dernière fin %s, %v", fin, err)
		}
	})
}
