package annuairetest_test

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/annuairetest"
	"github.com/ecluse-sante/ecluse/sante"
)

func TestMemoire(t *testing.T) {
	annuairetest.Registre(t, func(*testing.T) annuaire.Registre { return annuairetest.NouvelleMemoire() })
}

// The fictitious records have nothing to be told.
func TestFichesPropres(t *testing.T) {
	d, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := d.Verificateur(sante.JourA(annuairetest.Instant, sante.Paris()))
	for i := range 50 {
		p, s := annuairetest.Praticien(i), annuairetest.Structure(i)
		for _, l := range [][]annuaire.Constat{v.Praticien(p), v.Structure(s), v.Situation(annuairetest.Situation(p, s))} {
			for _, c := range l {
				t.Errorf("%d : %s %s %q", i, c.Code, c.Champ, c.Valeur)
			}
		}
	}
}
