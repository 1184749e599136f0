package vigie_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/sante"
)

func TestBornes(t *testing.T) {
	j := func(m time.Month, d int) sante.Jour { return sante.JourDe(2026, m, d) }
	publiees, err := vigie.BornesPubliees()
	if err != nil {
		t.Fatal(err)
	}
	const entete = "borne;valeurs;debut;fin;source\n"
	posees, err := vigie.LireBornes(strings.NewReader(entete + "DROITS_PAR_JOUR;500;2026-02-01;2026-02-28;essai\n# un mois de plus\nDROITS_PAR_JOUR;800;2026-03-01;;essai\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		nom  string
		l    vigie.Bornes
		b    vigie.NomBorne
		j    sante.Jour
		want []int
	}{
		{"du programme", publiees, vigie.DroitsParJour, j(3, 1), []int{2000}},
		{"préavis", publiees, vigie.PreavisCle, j(3, 1), []int{30, 7, 1}},
		{"vie d'une normale", publiees, vigie.VieNormale, j(3, 1), []int{400}},
		{"première vue", publiees, vigie.PremiereVue, j(3, 1), []int{180}},
		{"avant tout", publiees, vigie.DroitsParJour, j(1, 1) - 1, nil},
		{"premier jour", posees, vigie.DroitsParJour, j(2, 1), []int{500}},
		{"dernier jour", posees, vigie.DroitsParJour, j(2, 28), []int{500}},
		{"le lendemain", posees, vigie.DroitsParJour, j(3, 1), []int{800}},
		{"non posée", posees, vigie.PreavisCle, j(3, 1), nil},
	} {
		if got := c.l.A(c.b, c.j); !slices.Equal(got, c.want) {
			t.Errorf("%s : %v, want %v", c.nom, got, c.want)
		}
	}
	for nom, texte := range map[string]string{
		"vide":                 "",
		"autre en-tête":        "borne;valeur;debut;fin;source\n",
		"borne inconnue":       entete + "AUTRE;1;2026-01-01;;x\n",
		"zéro":                 entete + "DROITS_PAR_JOUR;0;2026-01-01;;x\n",
		"deux valeurs":         entete + "DROITS_PAR_JOUR;1 2;2026-01-01;;x\n",
		"deux vies":            entete + "VIE_NORMALE;1 2;2026-01-01;;x\n",
		"aucune":               entete + "PREAVIS_CLE;;2026-01-01;;x\n",
		"texte":                entete + "PREAVIS_CLE;trente;2026-01-01;;x\n",
		"sans début":           entete + "PREAVIS_CLE;30;;;x\n",
		"fin avant le début":   entete + "PREAVIS_CLE;30;2026-02-01;2026-01-01;x\n",
		"deux le même jour":    entete + "PREAVIS_CLE;30;2026-02-01;;x\nPREAVIS_CLE;7;2026-03-01;;x\n",
		"champ en trop":        entete + "PREAVIS_CLE;30;2026-02-01;;x;y\n",
		"beaucoup trop longue": entete + strings.Repeat("#", 1<<17),
	} {
		if _, err := vigie.LireBornes(strings.NewReader(texte)); !errors.Is(err, vigie.ErrBornes) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}
