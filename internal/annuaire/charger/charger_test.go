package charger

import (
	"bytes"
	"context"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/rass"
)

func TestAllerRetour(t *testing.T) {
	f := nouveauMonde(1, 200)
	b := nouveauBanc(t)
	r := b.charger(f.flux())
	v := b.d.Vue()
	defer v.Rendre()
	for _, k := range rass.Fichiers {
		if len(f[k]) == 0 {
			continue
		}
		var w bytes.Buffer
		if _, err := Exporter(context.Background(), v, k, rass.Forme{}, &w); err != nil {
			t.Fatal(err)
		}
		got, want := trier(w.String()), trier(f.contenu(k))
		if got != want {
			g, x := bytes.Split([]byte(got), []byte("\n")), bytes.Split([]byte(want), []byte("\n"))
			t.Errorf("%v : %d lignes rendues, %d lues", k, len(g), len(x))
			for i := range min(len(g), len(x)) {
				if string(g[i]) != string(x[i]) {
					t.Errorf("%v\nrendu %s\nlu    %s", k, g[i], x[i])
					break
				}
			}
		}
	}
	if n := r.Constats[annuaire.DRefOrpheline.String()]; n != 0 {
		t.Errorf("%d références orphelines dans des fichiers qui vont ensemble", n)
	}
}

func TestDeuxFoisLaMemeChose(t *testing.T) {
	f := nouveauMonde(2, 150)
	b := nouveauBanc(t)
	b.charger(f.flux())
	avant := b.etat()
	b.o.Maintenant = midi.AddDate(0, 0, 1)
	r := b.charger(f.flux())
	if !r.Inchange() {
		t.Errorf("le même lot deux fois change quelque chose : %v", r.Mouvements)
	}
	memes(t, avant, b.etat())
}
