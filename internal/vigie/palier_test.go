package vigie_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
)

func TestPalier(t *testing.T) {
	p := vigie.Palier{Pas: 20 * time.Millisecond}
	for nom, c := range map[string]struct{ ecoule, want time.Duration }{
		"tout de suite":      {0, 0},
		"au début":           {time.Millisecond, 19 * time.Millisecond},
		"à la fin":           {19 * time.Millisecond, time.Millisecond},
		"juste":              {20 * time.Millisecond, 0},
		"deuxième palier":    {25 * time.Millisecond, 15 * time.Millisecond},
		"horloge qui recule": {-5 * time.Millisecond, 0},
	} {
		if got := p.Reste(debut, debut.Add(c.ecoule)); got != c.want {
			t.Errorf("%s: got %v, want %v", nom, got, c.want)
		}
	}
	if got := (vigie.Palier{}).Reste(debut, debut.Add(time.Millisecond)); got != 0 {
		t.Errorf("sans palier: got %v", got)
	}
	ctx, arreter := context.WithCancel(context.Background())
	if err := (vigie.Palier{Pas: time.Millisecond}).Attendre(ctx, debut, debut.Add(time.Microsecond)); err != nil {
		t.Errorf("got %v", err)
	}
	arreter()
	if err := (vigie.Palier{Pas: time.Hour}).Attendre(ctx, debut, debut.Add(time.Second)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
