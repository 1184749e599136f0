package local

import (
	"testing"

	"github.com/ecluse-sante/ecluse/rass"
)

// The question of the documentation has an answer, in small directories and in large ones.
func TestExemple(t *testing.T) {
	for _, r := range []Reglage{{Graine: 1, Professionnels: 2000, Departements: []string{"41"}}, {Graine: 2, Professionnels: 2000, Departements: []string{"37", "41"}},
		{Graine: 3, Professionnels: 40_000}} {
		n := faire(t, r)
		trouves := 0
		for _, l := range lus(t, ecrit(t, n, rass.PersonneActivite, 0), rass.PersonneActivite) {
			if l[rass.PANom] == "DUPONT" && l[rass.PACodeSavoirFaire] == "SM04" && l[rass.PACodeCommune] == communeExemple && l[rass.PACodeProfession] == "10" {
				trouves++
			}
		}
		if trouves == 0 {
			t.Errorf("%d professionnels, %v : personne", r.Professionnels, r.Departements)
		}
	}
	if n := faire(t, Reglage{Graine: 1, Professionnels: 500, Departements: []string{"29"}}); n.exemple != -1 {
		t.Errorf("un exemple à Blois dans le Finistère : %d", n.exemple)
	}
}
