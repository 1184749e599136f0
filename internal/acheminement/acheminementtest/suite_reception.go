package acheminementtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/google/go-cmp/cmp"
)

func recevoir(t *testing.T, m, _ Magasin) {
	a := acheminement.Arrivee{Expediteur: "750712184", Cle: "e", Empreinte: [32]byte{1}, Instant: Midi}
	if _, deja, err := m.Deja(ctx, a); deja || err != nil {
		t.Errorf("déjà : %v, %v", deja, err)
	}
	echec := errors.New("plus de place")
	_, err := m.Recevoir(ctx, a, func(context.Context) ([]byte, error) { return nil, echec })
	veut(t, "échec", err, echec)
	fois := 0
	f := func(context.Context) ([]byte, error) { fois++; return []byte("reçu 1"), nil }
	for range 3 {
		if r, err := m.Recevoir(ctx, a, f); err != nil || string(r) != "reçu 1" {
			t.Errorf("reçu %q, %v", r, err)
		}
	}
	if fois != 1 {
		t.Errorf("%d effets, want 1", fois)
	}
	if r, deja, err := m.Deja(ctx, a); !deja || err != nil || string(r) != "reçu 1" {
		t.Errorf("déjà : %q, %v, %v", r, deja, err)
	}
	autre := a
	autre.Empreinte[0] = 2
	_, err = m.Recevoir(ctx, autre, f)
	veut(t, "autres octets", err, acheminement.ErrCle)
	voisin := autre
	voisin.Expediteur = "690781810"
	if _, err := m.Recevoir(ctx, voisin, f); err != nil || fois != 2 {
		t.Errorf("la clé d'un autre : %v, %d effets", err, fois)
	}
	if n, err := m.OublierRecus(ctx, Midi.Add(time.Second), 1); err != nil || n != 1 {
		t.Errorf("oubliés %d, %v", n, err)
	}
	if n, err := m.OublierRecus(ctx, Midi.Add(time.Second), 10); err != nil || n != 1 {
		t.Errorf("oubliés %d, %v", n, err)
	}
	if _, err := m.Recevoir(ctx, autre, f); err != nil || fois != 3 {
		t.Errorf("après l'oubli : %v, %d effets", err, fois)
	}
}

func simultanees(t *testing.T, m, _ Magasin) {
	var mu sync.Mutex
	var fin sync.WaitGroup
	recus := map[string]int{}
	for i := range 16 {
		fin.Go(func() {
			a := acheminement.Arrivee{Expediteur: "750712184", Cle: "c-" + fmt.Sprint(i%4), Instant: Midi}
			// The effect is only a value that the winner alone keeps: f may be run again.
			r, err := m.Recevoir(ctx, a, func(context.Context) ([]byte, error) { return []byte(a.Cle + " par " + fmt.Sprint(i)), nil })
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			recus[string(r)]++
		})
	}
	fin.Wait()
	if len(recus) != 4 {
		t.Errorf("reçus %v, want un par clé", recus)
	}
}

func vie(t *testing.T, m, _ Magasin) {
	j := func(e acheminement.EtatFlux, d time.Duration) acheminement.Jalon {
		return acheminement.Jalon{Flux: "F-1", Etat: e, Auteur: "775671993", Instant: Midi.Add(d)}
	}
	want := []acheminement.Jalon{j(acheminement.Envoye, 0), j(acheminement.Recue, time.Second), j(acheminement.ControleKO, time.Second)}
	want[2].Code, want[2].Message = "F601", "1a0ee4de-d4f4-425c-ab74-6933ef2a5d91"
	if err := m.Noter(ctx, want[2], want[0]); err != nil {
		t.Fatal(err)
	}
	if err := m.Noter(ctx, want[1], j(acheminement.Recue, time.Hour), want[0]); err != nil {
		t.Fatal(err)
	}
	l, err := m.Jalons(ctx, "F-1")
	if d := cmp.Diff(want, l); d != "" || err != nil {
		t.Errorf("vie : %v %s", err, d)
	}
	for _, x := range []struct {
		avant time.Time
		n     int64
	}{{Midi, 0}, {Midi.Add(time.Second), 1}, {Midi.Add(time.Second), 0}} {
		if n, err := m.OublierJalons(ctx, x.avant, 9); n != x.n || err != nil {
			t.Errorf("%d états oubliés, %v, want %d", n, err, x.n)
		}
	}
	veut(t, "état inconnu", m.Noter(ctx, j("PERDU", 0)), acheminement.ErrEnvoi)
	n := acheminement.Notification(want[0], "775671993", "essai", "boite", []byte("scellé"))
	poster(t, m, n)
	poster(t, m, acheminement.Notification(want[0], "775671993", "essai", "boite", []byte("scellé")), acheminement.Notification(want[1], "775671993", "essai", "boite", []byte("s")))
	seul(t, m, "775671993", n.Cle, Midi)
}
