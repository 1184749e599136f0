package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
)

// The lines of refusals are those of the file, however the input is cut.
func TestSuiviDeLignes(t *testing.T) {
	texte := "\ufeff\n  \n{\"id\":1}\nfaux\n\n\tfaux\r\n{\"id\":2}"
	m, err := serveur.MoteurDe("")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 2, 3, 7, 4096} {
		s := &suiviDeLignes{r: lecteurParBouts{strings.NewReader(texte), n}, w: io.Discard}
		if _, err := m.Lignes(s.lecteur(), s, calcul.OptionsLignes{}); err != nil {
			t.Fatal(err)
		}
		if veut := []int{3, 4, 6, 7}; !slices.Equal(s.refusees, veut) || s.lues != 4 {
			t.Errorf("bouts de %d : %v, %d lues", n, s.refusees, s.lues)
		}
	}
}

type lecteurParBouts struct {
	r io.Reader
	n int
}

func (l lecteurParBouts) Read(p []byte) (int, error) { return l.r.Read(p[:min(len(p), l.n)]) }
