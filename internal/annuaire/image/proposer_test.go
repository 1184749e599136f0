package image

import (
	"context"
	"fmt"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// The words that complete a question are those of the base and of what was laid over it,
// and a search tells which word each answer was found by.
func TestProposer(t *testing.T) {
	d := depotVide(t)
	nommer := func(i int, nom, commune string) annuaire.Changement {
		return annuaire.Changement{Praticien: &annuaire.Praticien{Entete: annuaire.Entete{ID: annuaire.NouvelID(annuaire.Praticiens, fmt.Sprint(i)), Actif: true}, Nom: nom,
			Exerce: []annuaire.LieuExercice{{Commune: commune}}}}
	}
	installer(t, d, []annuaire.Changement{nommer(1, "MARTIN", "Blois"), nommer(2, "MARTINEZ", "Paris")})
	if err := d.Superposer(context.Background(), []annuaire.Changement{nommer(3, "MARTY", "Blois"), nommer(4, "MARTIN", "Paris")}); err != nil {
		t.Fatal(err)
	}
	v := d.Vue()
	defer v.Rendre()
	r := lexique.NouvelleRecherche(nil)
	for _, c := range []struct {
		texte string
		mots  map[string]int
	}{
		{"mart", map[string]int{"MARTIN": 2, "MARTINEZ": 1, "MARTY": 1}},
		{"martin b", map[string]int{"BLOIS": 1}},
		{"martin par", map[string]int{"PARIS": 1}},
		{"zzz", nil},
	} {
		l := v.Proposer(r, annuaire.Praticiens, lexique.Demande{Texte: c.texte})
		if len(l) != len(c.mots) {
			t.Errorf("%q : %d propositions, %d attendues", c.texte, len(l), len(c.mots))
		}
		for _, p := range l {
			if n := c.mots[string(p.Mot)]; n != p.Porteurs {
				t.Errorf("%q : %s porté par %d, attendu %d", c.texte, p.Mot, p.Porteurs, n)
			}
		}
	}
	rep := v.Rechercher(r, annuaire.Praticiens, lexique.Demande{Texte: "Docteur Martîn, blois"})
	if len(rep.Trouves) == 0 || r.Mot(0) != "MARTIN" || r.Mot(1) != "BLOIS" || r.Mot(2) != "" || r.Mot(-1) != "" {
		t.Fatalf("mots cherchés : %q %q %q", r.Mot(0), r.Mot(1), r.Mot(2))
	}
	if c, k, ok := rep.Trouves[0].Par(1); !ok || c != lexique.Commune || k != lexique.Exacte {
		t.Errorf("blois : %v %v %v", c, k, ok)
	}
}
