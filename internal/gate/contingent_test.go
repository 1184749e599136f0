package gate

import (
	"fmt"
	"testing"
	"time"
)

func TestContingent(t *testing.T) {
	debut := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	suite, parSeconde, appelants := int(bornesDeCanal.suite), int(bornesDeCanal.parSeconde), bornesDeCanal.appelants
	var c contingent
	k := cleContingent{"1990000127", ""}
	compter := func(k cleContingent, n int, a time.Time) (admis, premiers int) {
		for range n {
			ok, premier := c.admettre(k, a)
			if ok {
				admis++
			}
			if premier {
				premiers++
			}
		}
		return admis, premiers
	}
	for _, p := range []struct {
		nom             string
		k               cleContingent
		n               int
		a               time.Duration
		admis, premiers int
	}{
		{"une suite", k, suite + 50, 0, suite, 1},
		{"encore, sans le redire", k, 50, 0, 0, 0},
		{"un autre n'en souffre pas", cleContingent{"1990000341", ""}, 10, 0, 10, 0},
		{"ni un autre scelleur du même canal", cleContingent{"1990000127", "2999123458"}, 10, 0, 10, 0},
		{"dix secondes après, sans le redire", k, 50, 10 * time.Second, 10 * parSeconde, 0},
		{"un peu après, sans le redire", k, 1, 10*time.Second + 10*time.Millisecond, 0, 0},
		{"horloge qui recule", k, 50, 0, 0, 0},
		{"et qui revient : le temps ne compte qu'une fois", k, 50, 10*time.Second + 10*time.Millisecond, 0, 0},
		{"une heure après, pas plus qu'une suite", k, 2 * suite, time.Hour, suite, 1},
	} {
		admis, premiers := compter(p.k, p.n, debut.Add(p.a))
		if admis != p.admis || premiers != p.premiers {
			t.Errorf("%s : %d admis et %d premiers, %d et %d attendus", p.nom, admis, premiers, p.admis, p.premiers)
		}
	}
	for i := range 3 * appelants {
		c.admettre(cleContingent{fmt.Sprint(i), ""}, debut)
	}
	if len(c.seaux) > appelants {
		t.Errorf("%d appelants en mémoire", len(c.seaux))
	}
}

// Who shows no certificate has little, at any address and at all of them together; who
// shows one loses nothing by it.
func TestContingentAnonyme(t *testing.T) {
	debut := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var c contingent
	compter := func(n int, adresse func(i int) string, a time.Duration) (admis, premiers int) {
		for i := range n {
			ok, premier := c.admettreAnonyme(adresse(i), debut.Add(a))
			if ok {
				admis++
			}
			if premier {
				premiers++
			}
		}
		return admis, premiers
	}
	une := func(int) string { return "@192.0.2.1" }
	tournante := func(i int) string { return fmt.Sprint("@2001:db8:0:", i, "::/64") }
	for _, x := range []struct {
		nom             string
		n               int
		adresse         func(int) string
		a               time.Duration
		admis, premiers int
	}{
		{"une adresse", 100, une, 0, 20, 0},
		{"une adresse, plus tard", 100, une, time.Minute, 12, 0},
		{"mille adresses", 5000, tournante, 2 * time.Minute, 500, 1},
		{"mille autres", 5000, func(i int) string { return tournante(i + 5000) }, 2*time.Minute + time.Second, 10, 0},
	} {
		admis, premiers := compter(x.n, x.adresse, x.a)
		if admis != x.admis || premiers != x.premiers {
			t.Errorf("%s : %d admis et %d premiers, %d et %d attendus", x.nom, admis, premiers, x.admis, x.premiers)
		}
	}
	if len(c.adresses) > bornesDAdresse.appelants {
		t.Errorf("%d adresses en mémoire", len(c.adresses))
	}
	for i := range int(bornesDeCanal.suite) {
		if ok, _ := c.admettre(cleContingent{canal: "1990000127"}, debut.Add(2*time.Minute)); !ok {
			t.Fatalf("refus %d d'un hôpital : ni scellé ni journalisé", i)
		}
	}
}
