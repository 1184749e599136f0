package liquidation_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// What a return could not tell is not done: nothing is written, nothing leaves.
func TestRetourIllisible(t *testing.T) {
	for nom, agir := range map[string]func(b *banc, o liquidation.Ordre, numero string) error{
		"référence vide": func(b *banc, o liquidation.Ordre, _ string) error {
			o.Reference = ""
			_, err := b.Payer(ctx, o, es, 10)
			return err
		},
		"référence trop longue": func(b *banc, o liquidation.Ordre, _ string) error {
			o.Reference = strings.Repeat("V", 200)
			_, err := b.Payer(ctx, o, es, 10)
			return err
		},
		"compte": func(b *banc, o liquidation.Ordre, numero string) error {
			o.Compte = "12345"
			return b.Solder(ctx, o, es, numero)
		},
		"motif d'une part": func(b *banc, o liquidation.Ordre, numero string) error {
			return b.Regler(ctx, o, es, map[string]liquidation.Part{numero: {Montant: sante.Montant(100), Code: "F999"}})
		},
		"motif d'un rejet": func(b *banc, _ liquidation.Ordre, numero string) error {
			return b.Rejeter(ctx, es, numero, "F699", "")
		},
		"précision": func(b *banc, _ liquidation.Ordre, numero string) error {
			return b.Rejeter(ctx, es, numero, roc.PiecesManquantes, strings.Repeat("é", 600))
		},
		"NIR": func(b *banc, _ liquidation.Ordre, numero string) error {
			return b.Rejeter(ctx, es, numero, roc.PiecesManquantes, "voir 1 85 05 78 006 084")
		},
	} {
		t.Run(nom, func(t *testing.T) {
			b := nouveau(t)
			f := b.engager(t, "D1", false, 2650, 5000)
			b.envoyer(t, *f)
			retours, moments := len(b.retours.Postes), len(b.livres.Moments)
			garantie := b.garanties.Par[f.NumeroEngagement].Etat
			if err := agir(b, liquidation.Ordre{Comptable: jour, Mandatement: jour, Payeur: amc, Reference: "VIR-1"}, f.Numero); !errors.Is(err, liquidation.ErrRetourIllisible) && !errors.Is(err, sante.ErrTexteNIR) {
				t.Fatalf("fait : %v", err)
			}
			if g := b.etat(t, f.Numero, liquidation.Liquidee, roc.Accepte); g.Paye != 0 {
				t.Errorf("%s payés", g.Paye)
			}
			if len(b.retours.Postes) != retours || len(b.livres.Moments) != moments || b.garanties.Par[f.NumeroEngagement].Etat != garantie {
				t.Error("quelque chose est écrit")
			}
		})
	}
}
