package pupitre_test

import (
	"os"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
)

func TestVoir(t *testing.T) {
	m := pupitretest.New(t)
	for _, e := range m.Etapes() {
		pupitre.EcrireTexte(os.Stdout, e, false)
		pupitre.EcrireJSON(os.Stdout, e)
	}
}
