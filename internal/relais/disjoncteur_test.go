package relais

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDisjoncteur(t *testing.T) {
	debut := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	d := &disjoncteur{echecs: 3, repos: 2 * time.Second, max: 6 * time.Second}
	passe := func(s float64) bool {
		_, attente := d.passer(debut.Add(time.Duration(s * float64(time.Second))))
		return attente == 0
	}
	noter := func(s float64, essai bool, i issue) {
		d.noter(debut.Add(time.Duration(s*float64(time.Second))), essai, i)
	}
	noter(0, false, echoue)
	noter(0, false, echoue)
	noter(0, false, repondu)
	noter(0, false, echoue)
	noter(0, false, sansAvis)
	noter(0, false, echoue)
	if !passe(0) {
		t.Fatal("ouvert avant trois échecs de suite")
	}
	noter(0, false, echoue)
	for _, c := range []struct {
		nom string
		a   float64
		oui bool
	}{{"ouvert", 0, false}, {"encore ouvert", 1.9, false}, {"un essai passe", 2, true}, {"un seul", 2.5, false}} {
		if passe(c.a) != c.oui {
			t.Fatalf("%s : %v attendu", c.nom, c.oui)
		}
	}
	noter(2.5, false, echoue) // sent before it opened: says nothing of the trial
	noter(3, true, echoue)
	if passe(6.9) || !passe(7) {
		t.Fatal("le repos n'a pas doublé")
	}
	noter(7, true, sansAvis)
	if !passe(7) {
		t.Fatal("un essai abandonné garde la place")
	}
	noter(8, true, echoue)
	if passe(13.9) || !passe(14) {
		t.Fatal("le repos dépasse son plafond")
	}
	noter(14, true, repondu)
	for range 2 { // closed again: more than the one trial passes
		if !passe(14) {
			t.Fatal("resté ouvert après une réponse")
		}
	}
}

// Whatever happens, an open link lets at most one trial through at a time, and
// the wait it announces is enough for one to pass.
func TestDisjoncteurInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &disjoncteur{echecs: rapid.IntRange(1, 4).Draw(t, "échecs"), repos: time.Second, max: 8 * time.Second}
		a, essais := time.Unix(0, 0), 0
		for range rapid.IntRange(1, 60).Draw(t, "pas") {
			a = a.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			essai, attente := d.passer(a)
			if attente > 0 {
				if essais == 0 {
					a = a.Add(attente)
					if essai, attente = d.passer(a); attente > 0 {
						t.Fatal("l'attente annoncée ne suffit pas")
					}
				} else {
					continue
				}
			}
			if essai {
				if essais++; essais > 1 {
					t.Fatal("deux essais à la fois")
				}
			}
			if rapid.Bool().Draw(t, "tarde") && essai {
				continue
			}
			d.noter(a, essai, issue(rapid.IntRange(0, 2).Draw(t, "issue")))
			if essai {
				essais--
			}
		}
	})
}
