package calcul

import (
	"testing"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
)

// A section is said once: alone, or with the text that its figure comes from.
func TestSources(t *testing.T) {
	for _, c := range []struct {
		regle string
		v     []string
		want  string
	}{
		{"ROC §13.10", []string{"ref: ROC §13.10 [S38]"}, "ROC §13.10 [S38]"},
		{"ROC §13.4, §13.5", []string{"ref: ROC §13.4 [S21][S37]"}, "ROC §13.5 ; ROC §13.4 [S21][S37]"},
		{"ROC §13.1, §13.2", []string{"ref: ROC §13.10 [S38]"}, "ROC §13.1, §13.2 ; ROC §13.10 [S38]"},
		{"ROC §13.6", nil, "ROC §13.6"},
		{"ROC §13.6", []string{"ref: ROC §13.6 [S21]", "ref: ROC §13.6 [S21]"}, "ROC §13.6 [S21]"},
	} {
		var l []bareme.Valeur
		for _, s := range c.v {
			l = append(l, bareme.Valeur{Source: s})
		}
		if got, _ := sources(c.regle, l...); got != c.want {
			t.Errorf("%q avec %v : %q, want %q", c.regle, c.v, got, c.want)
		}
	}
}

// A lump sum has no ticket modérateur: the rule says what it takes.
func TestLibellePour(t *testing.T) {
	for f, want := range map[Famille]string{
		FamilleFJ: "le forfait journalier en entier", FamillePAS: "le montant de la participation forfaitaire en entier",
		FamilleFPU: "le forfait patient urgences en entier", FamilleCONS: "100 % du ticket modérateur",
	} {
		if got := F01.LibellePour(f); got != want {
			t.Errorf("%s : %q, want %q", f, got, want)
		}
	}
	if got := F02.LibellePour(FamilleFJ); got != "un pourcentage du forfait journalier" {
		t.Error(got)
	}
	if got := F05.LibellePour(FamilleFJ); got != F05.Libelle() {
		t.Error(got)
	}
}
