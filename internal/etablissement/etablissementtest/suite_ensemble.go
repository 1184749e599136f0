package etablissementtest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
)

// plusieurs changes visits together, and one by one: their rows are the same.
func plusieurs(t *testing.T, m, _ Magasin) {
	ctx := context.Background()
	ensemble, seules := []string{"ens-1", "ens-2", "ens-3"}, []string{"un-1", "un-2", "un-3"}
	for i := range ensemble {
		creer(t, m, ensemble[i], "P-"+ensemble[i])
		creer(t, m, seules[i], "P-"+seules[i])
	}
	changer := func(c *etablissement.Chantier) bool {
		if strings.HasSuffix(c.Venue.ID, "2") {
			c.Venue.Couvertures[0].Etat = etablissement.Close // said to be left as it is
			return false
		}
		cv := c.Venue.Couvertures[0]
		c.Moments = append(c.Moments, etablissement.Moment{Rang: 1, Avant: cv.Etat, Evenement: etablissement.Accuser, Apres: etablissement.Accusee, Instant: Midi})
		cv.Etat, c.Venue.Modifiee = etablissement.Accusee, Midi
		cv.Facture = &etablissement.SuiviFacture{Numero: "F-" + c.Venue.ID[len(c.Venue.ID)-1:], Nature: roc.Initiale, Accusee: Midi}
		return true
	}
	for range 2 {
		if err := m.ChangerTous(ctx, ensemble, func(c *etablissement.Chantier) (bool, error) { return changer(c), nil }); err != nil {
			t.Fatal(err)
		}
		for _, id := range seules {
			rien := errors.New("rien")
			if _, err := m.Changer(ctx, id, func(c *etablissement.Chantier) error {
				if !changer(c) {
					return rien
				}
				return nil
			}); err != nil && !errors.Is(err, rien) {
				t.Fatal(err)
			}
		}
	}
	comparer := func() {
		t.Helper()
		for i := range ensemble {
			a, err1 := m.Venue(ctx, ensemble[i])
			b, err2 := m.Venue(ctx, seules[i])
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			b.ID, b.Dossier.Numero = a.ID, a.Dossier.Numero
			if d := cmp.Diff(b, a, exact); d != "" {
				t.Errorf("%s : ensemble et seule diffèrent :\n%s", a.ID, d)
			}
			ma, err1 := m.Moments(ctx, ensemble[i])
			mb, err2 := m.Moments(ctx, seules[i])
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(mb, ma, exact); d != "" {
				t.Errorf("%s : les historiques diffèrent :\n%s", a.ID, d)
			}
		}
	}
	comparer()
	boum := errors.New("boum")
	if err := m.ChangerTous(ctx, ensemble, func(c *etablissement.Chantier) (bool, error) {
		if c.Venue.ID == "ens-3" {
			return false, boum
		}
		return changer(c), nil
	}); !errors.Is(err, boum) {
		t.Errorf("erreur %v, want boum", err)
	}
	if err := m.ChangerTous(ctx, []string{"ens-1", "absente"}, func(c *etablissement.Chantier) (bool, error) { return changer(c), nil }); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("venue absente : %v", err)
	}
	comparer() // what failed left nothing
}

// plusieursEnsemble changes the same visits from several sides at once, together and
// one by one: every change counts.
func plusieursEnsemble(t *testing.T, m, _ Magasin) {
	ctx := context.Background()
	ids := []string{"par-1", "par-2", "par-3"}
	for _, id := range ids {
		creer(t, m, id, "P-"+id)
	}
	const cotes, fois = 4, 8
	ajouter := func(c *etablissement.Chantier) {
		c.Moments = append(c.Moments, etablissement.Moment{Rang: 1, Avant: etablissement.Nouvelle, Evenement: etablissement.Accuser, Apres: etablissement.Accusee, Instant: Midi})
	}
	erreurs := make(chan error, 2*cotes)
	var w sync.WaitGroup
	for range cotes {
		w.Go(func() {
			for range fois {
				if err := m.ChangerTous(ctx, ids, func(c *etablissement.Chantier) (bool, error) { ajouter(c); return true, nil }); err != nil {
					erreurs <- err
					return
				}
			}
		})
		w.Go(func() {
			for i := range fois {
				if _, err := m.Changer(ctx, ids[i%len(ids)], func(c *etablissement.Chantier) error { ajouter(c); return nil }); err != nil {
					erreurs <- err
					return
				}
			}
		})
	}
	w.Wait()
	close(erreurs)
	for err := range erreurs {
		t.Error(err)
	}
	total := 0
	for _, id := range ids {
		l, err := m.Moments(ctx, id)
		v, err2 := m.Venue(ctx, id)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if int(v.Version) != len(l)+2 { // opened, then covered
			t.Errorf("%s : version %d, %d passages", id, v.Version, len(l))
		}
		total += len(l)
	}
	if want := cotes*fois*len(ids) + cotes*fois; total != want {
		t.Errorf("%d passages, want %d", total, want)
	}
}
