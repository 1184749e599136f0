package etablissement

import (
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var evenements = func() []Evenement {
	var l []Evenement
	for _, t := range automate {
		if !slices.Contains(l, t.evenement) {
			l = append(l, t.evenement)
		}
	}
	return l
}()

// The arrows that the reference and the decisions name must be there.
func TestAutomateReference(t *testing.T) {
	for _, c := range []struct {
		nom    string
		chemin []Etat
	}{
		{"le chemin droit", []Etat{Nouvelle, DroitsDemandes, DroitsAccordes, Simulee, Simulee, CalculDemande, Engagee, Facturee, Accusee, Payee, Close}},
		{"sans simulation", []Etat{DroitsAccordes, CalculDemande, CalculRefuse, CalculDemande}},
		{"droits refusés", []Etat{DroitsDemandes, DroitsRefuses, DroitsDemandes}},
		{"calcul local", []Etat{DroitsAccordes, Engagee}},
		{"erreur après la sortie", []Etat{Engagee, AnnulationDemandee, Annulee, CalculDemande, Engagee}},
		{"expiration, DEC 26", []Etat{Engagee, Expiree, CalculDemande}},
		{"facture annulée, DEC 26", []Etat{Facturee, FactureAnnulee, AnnulationDemandee}},
		{"payée en partie puis tout, DEC 26", []Etat{Accusee, PayeePartiellement, Payee}},
		{"rejet puis correction", []Etat{Accusee, Rejetee, Corrigee, Facturee}},
		{"rejet définitif puis annulation, DEC 26", []Etat{Rejetee, AnnulationDemandee}},
		{"par convention, DEC 28", []Etat{Nouvelle, ConventionRetenue, SansEngagement, Facturee, Accusee, Payee}},
		{"partenaire venu en ligne, DEC 28", []Etat{SansEngagement, DroitsDemandes}},
		{"par convention, rejet dont les montants changent", []Etat{Rejetee, SansEngagement, Facturee}},
	} {
		for i := 1; i < len(c.chemin); i++ {
			if !slices.ContainsFunc(automate, func(x transition) bool { return x.avant == c.chemin[i-1] && x.apres == c.chemin[i] }) {
				t.Errorf("%s : pas de passage de %s à %s", c.nom, c.chemin[i-1], c.chemin[i])
			}
		}
	}
}

// What must never happen. ref: ROC §3.3 rules 1, 3; DEC 26
func TestAutomateInterdits(t *testing.T) {
	for _, avant := range (Etat("")).Codes() {
		for _, e := range evenements {
			apres, err := suivant(Etat(avant), e)
			if err != nil {
				continue
			}
			if apres == Facturee && !slices.Contains([]Etat{Engagee, SansEngagement, Corrigee, AnnulationDemandee}, Etat(avant)) {
				t.Errorf("facture sans engagement : %s par %s", avant, e)
			}
			if apres == AnnulationDemandee && slices.Contains([]Etat{Facturee, Accusee, Payee, PayeePartiellement, Corrigee, Close}, Etat(avant)) {
				t.Errorf("annulation d'un engagement facturé : %s", avant)
			}
		}
	}
	if Possibles(Close) != nil {
		t.Error("on sort de l'état clos")
	}
}

func TestAutomateSain(t *testing.T) {
	vus := map[transition]bool{}
	atteints := map[Etat]bool{Nouvelle: true}
	for _, x := range automate {
		cle := transition{x.avant, x.evenement, ""}
		if vus[cle] {
			t.Errorf("deux suites pour %s après %s", x.evenement, x.avant)
		}
		vus[cle] = true
		atteints[x.apres] = true
		if x.avant.Libelle() == "" || x.apres.Libelle() == "" {
			t.Errorf("état sans libellé : %v", x)
		}
	}
	for _, e := range (Etat("")).Codes() {
		if !atteints[Etat(e)] {
			t.Errorf("état jamais atteint : %s", e)
		}
	}
}

var actualiser = flag.Bool("update", false, "écrire de nouveau les fichiers de référence")

// The picture says all the table and nothing else.
func TestDessin(t *testing.T) {
	d := Dessin()
	for _, x := range automate {
		if !strings.Contains(d, "    "+string(x.avant)+" --> "+string(x.apres)+": "+string(x.evenement)+"\n") {
			t.Errorf("flèche absente du dessin : %v", x)
		}
	}
	if got, want := strings.Count(d, "-->"), len(automate)+2; got != want {
		t.Errorf("%d flèches dessinées, want %d", got, want)
	}
	if *actualiser {
		if err := os.WriteFile("testdata/automate.mmd", []byte(d), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	publie, err := os.ReadFile("testdata/automate.mmd")
	if err != nil || string(publie) != d {
		t.Errorf("testdata/automate.mmd n'est plus le dessin de la table (go test -run Dessin -update) : %v", err)
	}
}

// No event moves a coverage outside the table, whatever the order.
func TestAutomateClos(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &Chantier{Venue: &Venue{}}
		cv := &Couverture{Rang: 1, Etat: Nouvelle}
		for range 40 {
			avant := cv.Etat
			e := rapid.SampledFrom(evenements).Draw(t, "evenement")
			err := c.passer(cv, e, Moment{})
			permis := slices.Contains(automate, transition{avant, e, cv.Etat})
			switch {
			case err == nil && !permis:
				t.Fatalf("%s par %s jusqu'à %s n'est pas dans la table", avant, e, cv.Etat)
			case err != nil && (cv.Etat != avant || !errors.Is(err, ErrTransition)):
				t.Fatalf("refus qui change l'état : %s par %s, %v", avant, e, err)
			case err != nil && slices.Contains(Possibles(avant), e):
				t.Fatalf("refus d'un passage de la table : %s par %s", avant, e)
			}
		}
		for i, m := range c.Moments {
			if i > 0 && m.Avant != c.Moments[i-1].Apres {
				t.Fatalf("historique rompu : %v", c.Moments)
			}
		}
	})
}
