package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
)

var errCoupe = errors.New("coupé")

// coupe is a store whose control is cut short.
type coupe struct{ *Store }

func (coupe) Relire(context.Context, func(*etablissement.CompteLu) error, func(*etablissement.CompteurLu) error) error {
	return errCoupe
}

// A control cut short is made the same night, by any node, once nobody has it any more.
func TestControleCoupe(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		nuit := time.Date(2026, 5, 5, 3, 0, 0, 0, time.UTC)
		un := etablissementtest.NewBanc(t, coupe{New(b, "es-1")}, nuit)
		deux := etablissementtest.NewBanc(t, New(b, "es-1"), nuit)
		if _, err := un.ControlerLaNuit(ctx); !errors.Is(err, errCoupe) {
			t.Fatalf("%v", err)
		}
		if r, err := deux.ControlerLaNuit(ctx); err != nil || r != nil {
			t.Errorf("pris pendant qu'un autre l'a : %+v, %v", r, err)
		}
		deux.Avancer(61 * time.Minute)
		for i := range 3 {
			r, err := deux.ControlerLaNuit(ctx)
			if err != nil || (r != nil) != (i == 0) {
				t.Errorf("essai %d : %+v, %v", i, r, err)
			}
			deux.Avancer(2 * time.Hour)
		}
		if d, err := deux.CloreJournee(ctx, 0); err != nil || d.Controle.Instant.IsZero() {
			t.Errorf("aucun contrôle n'est gardé : %+v, %v", d, err)
		}
	}, Migrations())
}
