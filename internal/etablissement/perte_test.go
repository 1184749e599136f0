package etablissement_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
	"pgregory.net/rapid"
)

// Whatever the agents ask, and whatever is lost before or after the insurer, once
// the losses stop and the open questions are taken up, both sides agree on every
// engagement: none is lost, none is doubled, each is binding on both sides or on
// none. ref: ROC §5.2, §19.3 property 6, DEC 13
func TestAucunEngagementPerdu(t *testing.T) {

	rapid.Check(t, func(r *rapid.T) {

		k := nouveau(t)
		v := k.venue(t, et.ACE(t, "PE-1"), amc1, amc2)
		for range rapid.IntRange(3, 14).Draw(r, "étapes") {
			perdre := rapid.SampledFrom([]string{"rien", "rien", "question", "réponse"}).Draw(r, "perte")
			k.amc.Regler(func(a *et.Assureurs) {
				a.Perdre = func(roc.Service) bool { return perdre == "réponse" }
				a.Refuser = func(roc.Service) error {
					if perdre == "question" {
						return errors.New("silence")
					}
					return nil
				}
			})
			p := rang(v, rapid.IntRange(1, 2).Draw(r, "rang"))
			var err error
			switch rapid.SampledFrom([]string{"droits", "calcul", "calcul", "annulation", "reprise", "attente"}).Draw(r, "geste") {
			case "droits":
				_, err = k.DemanderDroits(ctx, p, agent)
			case "calcul":
				_, err = k.Calculer(ctx, p, agent, et.Consultation(t), "")
			case "annulation":
				_, err = k.Annuler(ctx, p, agent, roc.ErreurSaisie)
			case "reprise":
				_, err = k.Reprendre(ctx)
			case "attente":
				k.avancer(2 * time.Minute)
			}
			var e *etablissement.Erreur
			if err != nil && !errors.As(err, &e) {
				r.Fatalf("erreur sans sorte : %v", err)
			}
		}
		accorder(t, r, k, v.ID)
	})
}

// accorder ends what is open and compares the two sides.
func accorder(t *testing.T, r *rapid.T, k *monde, id string) {
	k.amc.Regler(func(a *et.Assureurs) { a.Perdre, a.Refuser = nil, nil })
	k.avancer(2 * time.Minute)
	if _, err := k.Reprendre(ctx); err != nil {
		t.Fatal(err)
	}
	v, err := k.Venue(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	ici := 0
	for _, cv := range v.Couvertures {
		if cv.Etat.EnAttente() {
			r.Fatalf("rang %d encore en attente : %s", cv.Rang, cv.Etat)
		}
		if cv.Etat == etablissement.Engagee {
			ici++
			if !k.amc.Engagements[cv.Calcul.Reponse.NumeroEngagement] {
				r.Fatalf("rang %d engagé ici, pas chez l'AMC", cv.Rang)
			}
		}
	}
	if la := k.amc.Engages(); ici != la {
		r.Fatalf("%d engagements ici, %d chez les AMC", ici, la)
	}
	h, err := k.Moments(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range h {
		if !slices.Contains(etablissement.Possibles(m.Avant), m.Evenement) {
			r.Fatalf("passage hors de la table : %+v", m)
		}
	}
}
