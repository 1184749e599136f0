package gate

import (
	"fmt"
	"testing"
	"time"
)

func TestContingent(t *testing.T) {
	debut := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
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
		{"une suite", k, contingentSuite + 50, 0, contingentSuite, 1},
		{"encore, sans le redire", k, 50, 0, 0, 0},
		{"un autre n'en souffre pas", cleContingent{"1990000341", ""}, 10, 0, 10, 0},
		{"ni un autre scelleur du même canal", cleContingent{"1990000127", "2999123458"}, 10, 0, 10, 0},
		{"dix secondes après", k, 50, 10 * time.Second, 10 * contingentParSeconde, 1},
		{"horloge qui recule", k, 50, 0, 0, 0},
		{"une heure après, pas plus qu'une suite", k, 2 * contingentSuite, time.Hour, contingentSuite, 1},
	} {
		admis, premiers := compter(p.k, p.n, debut.Add(p.a))
		if admis != p.admis || premiers != p.premiers {
			t.Errorf("%s : %d admis et %d premiers, %d et %d attendus", p.nom, admis, premiers, p.admis, p.premiers)
		}
	}
	for i := range 3 * contingentMax {
		c.admettre(cleContingent{fmt.Sprint(i), ""}, debut)
	}
	if len(c.seaux) > contingentMax {
		t.Errorf("%d appelants en mémoire", len(c.seaux))
	}
}
