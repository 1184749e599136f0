package vigie_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/vigietest"
	"github.com/ecluse-sante/ecluse/roc"
)

// nomme is the i-th caller that a relay names.
func nomme(relais string, i int) string { return fmt.Sprint(relais, vigie.ParRelais, 750000000+i) }

// demanderDroits plays one question of rights, and tells whether it was served.
func demanderDroits(t *testing.T, g *vigie.Garde, qui string, p vigie.Pseudonyme, code roc.Code, minute float64) error {
	t.Helper()
	if err := g.Admettre("amc", qui, vigie.Droits, a(minute)); err != nil {
		return err
	}
	e, err := g.Tenter("amc", qui, vigie.Droits, p, a(minute))
	if err != nil {
		return err
	}
	e.Conclure(code, a(minute))
	return nil
}

// A relay that names another caller at each question stays within one flow, one share of
// unknown persons and one count on each adherent. Another relay, and who asks directly,
// do not suffer from it.
func TestRelaisQuiChangeDeNom(t *testing.T) {
	p := vigie.Parametres{RelaisParMinute: 200, RelaisSuspectesMin: 120}
	for _, c := range []struct {
		nom       string
		questions int
		adherent  func(i int) vigie.Pseudonyme
		code      roc.Code
		servies   int
		evenement string
	}{
		{"débit", 500, pseudonyme, roc.Accepte, 200, "DEBIT_DEPASSE amc OCT"},
		{"inconnus", 500, pseudonyme, "I101", 120, "IDENTIFICATION_SUSPECTE amc OCT"},
		{"un même adhérent", 50, func(int) vigie.Pseudonyme { return pseudonyme(1) }, "I103", 10, "ESSAIS_ADHERENT amc " + nomme("OCT", 9)},
	} {
		t.Run(c.nom, func(t *testing.T) {
			ev := &vigietest.Evenements{}
			g := vigie.NewGarde(p, nil, ev)
			servies := 0
			for i := range c.questions {
				err := demanderDroits(t, g, nomme("OCT", i), c.adherent(i), c.code, 0.1)
				if err == nil {
					servies++
				} else if !errors.Is(err, vigie.ErrQuota) {
					t.Fatal(err)
				}
			}
			if servies != c.servies {
				t.Errorf("%d questions servies, want %d", servies, c.servies)
			}
			if d := cmp.Diff([]string{c.evenement}, codes(ev)); d != "" {
				t.Error(d)
			}
			for _, autre := range []string{nomme("OTP", 1), "@192.0.2.1", "1990000127"} {
				if err := demanderDroits(t, g, autre, pseudonyme(1), roc.Accepte, 0.2); err != nil {
					t.Errorf("%s : %v", autre, err)
				}
			}
			if err := g.Admettre("amc", "OCT", vigie.Questions, a(0.2)); err != nil {
				t.Errorf("ce que le relais scelle lui-même : %v", err)
			}
		})
	}
}

// One caller of a relay that asks too much, or guesses, is stopped before the relay is.
func TestUnSeulAppelantDUnRelais(t *testing.T) {
	g := vigie.NewGarde(vigie.Parametres{}, nil, nil)
	for i := range 50 {
		if err := demanderDroits(t, g, nomme("OCT", 1), pseudonyme(i), "I101", 0.1); err != nil {
			t.Fatal(err)
		}
	}
	if err := demanderDroits(t, g, nomme("OCT", 1), pseudonyme(99), roc.Accepte, 0.1); !errors.Is(err, vigie.ErrQuota) {
		t.Errorf("celui qui devine : %v", err)
	}
	for i := range 60 {
		if err := demanderDroits(t, g, nomme("OCT", 2), pseudonyme(200+i), roc.Accepte, 0.1); err != nil {
			t.Fatalf("son voisin, question %d : %v", i, err)
		}
	}
	if err := demanderDroits(t, g, nomme("OCT", 2), pseudonyme(300), roc.Accepte, 0.1); !errors.Is(err, vigie.ErrQuota) {
		t.Errorf("plus de 60 en une minute : %v", err)
	}
}

// Two nodes count one relay together.
func TestRelaisSurDeuxNoeuds(t *testing.T) {
	c := vigietest.NewCompteurs()
	p := vigie.Parametres{RelaisParMinute: 200, Pas: 10}
	noeuds := []*vigie.Garde{vigie.NewGarde(p, c, nil), vigie.NewGarde(p, c, nil)}
	servies := 0
	for i := range 600 {
		g := noeuds[i%2]
		if demanderDroits(t, g, nomme("OCT", i), pseudonyme(i), roc.Accepte, 0.1) == nil {
			servies++
		}
		if err := g.Vider(context.Background(), a(0.1)); err != nil {
			t.Fatal(err)
		}
	}
	if servies < 200 || servies > 220 {
		t.Errorf("%d questions servies par deux nœuds, want 200, et deux pas de plus au pire", servies)
	}
}

// What a professional asks in a day slides over midnight, is told once a window, and is
// counted by all the nodes: at most a step each beyond the bound. A restart frees nobody.
func TestQuotaDuJour(t *testing.T) {
	c := vigietest.NewCompteurs()
	ev := &vigietest.Evenements{}
	ouvrir := func() *vigie.Garde { return vigie.NewGarde(vigie.Parametres{Pas: 10}, c, ev) }
	noeuds := []*vigie.Garde{ouvrir(), ouvrir()}
	servies := func(n int, heures float64) (total int) {
		t.Helper()
		quand := a(heures * 60)
		for i := range n {
			g := noeuds[i%2]
			err := g.AdmettreDuJour("amc", "PS-752000012", 400, quand)
			if err == nil {
				total++
			} else if !errors.Is(err, vigie.ErrQuota) {
				t.Fatal(err)
			}
			if err := g.Vider(context.Background(), quand); err != nil {
				t.Fatal(err)
			}
		}
		return total
	}
	if n := servies(1000, 0); n < 400 || n > 420 {
		t.Errorf("%d servies en un jour, want 400, et deux pas de plus au pire", n)
	}
	noeuds[0], noeuds[1] = ouvrir(), ouvrir()
	if n := servies(200, 1); n > 20 {
		t.Errorf("%d servies après un redémarrage", n)
	}
	if n := servies(200, 14); n > 20 { // it is past midnight: what was asked before it still weighs
		t.Errorf("%d servies après minuit", n)
	}
	noeuds[0], noeuds[1] = ouvrir(), ouvrir()
	if n := servies(200, 14); n > 20 { // nor does a restart past midnight free anybody
		t.Errorf("%d servies après un redémarrage passé minuit", n)
	}
	if err := noeuds[0].AdmettreDuJour("amc", "PS-752000020", 400, a(60)); err != nil {
		t.Errorf("un autre professionnel : %v", err)
	}
	if err := noeuds[0].AdmettreDuJour("amc2", "PS-752000012", 400, a(60)); err != nil {
		t.Errorf("un autre locataire : %v", err)
	}
	if n := servies(1000, 72); n < 400 || n > 420 {
		t.Errorf("trois jours après : %d servies", n)
	}
	for _, e := range ev.Tous() {
		if e.Code != vigie.QuotaDuJour || e.Structure != "PS-752000012" || e.Detail != "limite=400/jour" {
			t.Errorf("%+v", e)
		}
	}
}
