//go:build linux

package epreuves

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
)

// TestHorlogeEnAvance moves the clock of the hospital alone by an hour: its
// questions are refused S504, the refusal says who must act, and nothing of the
// visit is lost once the clock is right again. ref: ROC §18, DEC 13
func TestHorlogeEnAvance(t *testing.T) {
	for _, ecart := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(ecart.String(), func(t *testing.T) {
			l := fonder(t, bdd.SQLite)
			l.regler(2 * time.Hour) // certificates were made just now: time to go back
			l.lancer("igc", monde.CleAnnuaire, monde.CleMoulin)
			es := l.partie(monde.CleHopital)
			sienne := filepath.Join(l.dir, "horloge-hopital")
			ecrireHorloge(t, sienne, l.avance+ecart)
			es.args = []string{"--horloge", sienne}
			es.lancer()
			g := es.logiciel()
			ctx := context.Background()
			h, e := l.sejour(l.assures(monde.CleMoulin, "MB-TRANQUILLE")[0], monde.CleHopital, 1)
			id, err := g.ouvrir(ctx, h)
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.droits(ctx, id)
			if err == nil || !strings.Contains(err.Error(), string(roc.Rejeu)) || !strings.Contains(err.Error(), "quiAgit") {
				t.Fatalf("horloge décalée de %s : %v, S504 et qui agit attendus", ecart, err)
			}
			t.Log(err)
			ecrireHorloge(t, sienne, l.avance)
			time.Sleep(1100 * time.Millisecond) // the clock is read again each second
			v, err := g.droits(ctx, id)
			if err != nil || v.Couvertures[0].Etat != etablissement.DroitsAccordes {
				t.Fatalf("horloge remise à l'heure : %v", err)
			}
			if v, err = g.calculer(ctx, id, h, e); err != nil || v.Couvertures[0].Etat != etablissement.Engagee {
				t.Fatalf("calcul après la remise à l'heure : %v", err)
			}
		})
	}
}
