package pupitre_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
)

// registre writes nothing, or refuses.
type registre struct {
	refus     error
	questions int
}

func (r *registre) Question(context.Context, *roc.Depart) error { r.questions++; return r.refus }
func (r *registre) Reponse(context.Context, *roc.Arrivee) error { return r.refus }

var _ roc.Registre = pupitre.Temoin{}

func TestTemoin(t *testing.T) {
	derriere := &registre{}
	temoin := pupitre.Temoin{Registre: derriere}
	ctx, o := pupitre.Observer(t.Context())
	autre, o2 := pupitre.Observer(t.Context())
	arrivee := func(ctx context.Context, s roc.Service, essai int) error {
		d := roc.Depart{Service: s, Essai: essai}
		if err := temoin.Question(ctx, &d); err != nil {
			return err
		}
		return temoin.Reponse(context.WithoutCancel(ctx), &roc.Arrivee{Depart: d})
	}
	for i, s := range []roc.Service{roc.ANN, roc.IDB, roc.IDB} {
		if err := arrivee(ctx, s, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(arrivee(autre, roc.CLC, 1), arrivee(t.Context(), roc.DEL, 1)); err != nil {
		t.Fatal(err)
	}
	if n, m := len(o.Arrivees()), len(o2.Arrivees()); n != 3 || m != 1 || derriere.questions != 5 {
		t.Errorf("observés %d et %d, questions %d", n, m, derriere.questions)
	}
	if a := o.Derniere(roc.IDB); a == nil || a.Depart.Essai != 2 {
		t.Errorf("dernière IDB : %+v", a)
	}
	if a := o.Derniere(roc.CLC); a != nil {
		t.Errorf("CLC d'un autre contexte : %+v", a)
	}
	derriere.refus = errors.New("disque plein")
	if err := temoin.Reponse(ctx, &roc.Arrivee{}); !errors.Is(err, derriere.refus) || len(o.Arrivees()) != 3 {
		t.Errorf("réponse non écrite : %v, %d observées", err, len(o.Arrivees()))
	}
}

func TestCarnet(t *testing.T) {
	var c pupitre.Carnet
	var _ pupitre.Source = &c
	var w sync.WaitGroup
	for i := range 20 {
		w.Go(func() {
			e := c.Noter(pupitre.Etape{Titre: fmt.Sprint(i)})
			if lu, ok := c.Etape(e.Numero); !ok || lu.Titre != e.Titre {
				t.Errorf("étape %d : %+v", e.Numero, lu)
			}
			c.Etapes()
		})
	}
	w.Wait()
	for i, e := range c.Etapes() {
		if e.Numero != i+1 {
			t.Errorf("rang %d : numéro %d", i, e.Numero)
		}
	}
	for _, n := range []int{0, 21, -1} {
		if _, ok := c.Etape(n); ok {
			t.Errorf("étape %d", n)
		}
	}
}
