package local

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/rass"
	"github.com/ecluse-sante/ecluse/sante"
)

// fautes counts, among the records that may have it, those that have a fault.
type fautes struct{ parmi, fautives int }

func (f *fautes) voir(faute bool) {
	f.parmi++
	if faute {
		f.fautives++
	}
}

// Faults of each kind are one in a hundred when asked for, and none otherwise. ref: RASS §13
func TestSales(t *testing.T) {
	for _, sales := range []bool{false, true} {
		n := faire(t, Reglage{Graine: 13, Professionnels: 30_000, Sales: sales})
		f := map[rass.Fichier][]ligne{}
		for _, x := range []rass.Fichier{rass.PersonneActivite, rass.Structures, rass.MSSante} {
			f[x] = lus(t, ecrit(t, n, x, 0), x)
		}
		m := map[string]*fautes{}
		voir := func(code string, faute bool) {
			if m[code] == nil {
				m[code] = &fautes{}
			}
			m[code].voir(faute)
		}
		compterStructures(n, f[rass.Structures], voir)
		compterActivites(f, voir)
		compterBAL(n, f, voir)
		for code, x := range m {
			got, attendu := float64(x.fautives)/float64(x.parmi), 0.0
			if sales {
				attendu = 0.01
			}
			ecart := 4*math.Sqrt(attendu/float64(x.parmi)) + attendu*0.25
			if code == "D-BAL-DOUBLE" { // two services may share one address: seen 169 times in 535 928
				ecart += 0.001
			}
			if code == "D-DOUBLON" && !sales { // true namesakes of one profession, in one town
				attendu, ecart = 0, 0.004
			} else if code == "D-DOUBLON" {
				ecart = 0.005
			}
			if math.Abs(got-attendu) > ecart {
				t.Errorf("%s, sales %v : %d sur %d", code, sales, x.fautives, x.parmi)
			}
		}
		if len(m) != 14 {
			t.Errorf("%d contrôles vus", len(m))
		}
	}
}

func compterStructures(n *National, l []ligne, voir func(string, bool)) {
	communes := map[string]string{}
	for _, c := range n.t.communes {
		communes[string(c.insee)] = string(c.cp)
	}
	for _, x := range l {
		if x[rass.STFINESS] != "" {
			_, err := sante.ParseFINESS(x[rass.STFINESS])
			voir("D-FINESS-CLE", err != nil)
			voir("D-EG-SANS-EJ", x[rass.STFINESSJuridique] == "")
		}
		if x[rass.STSIREN] != "" {
			_, err := sante.ParseSIREN(x[rass.STSIREN])
			voir("D-SIREN-CLE", err != nil)
			_, err = sante.ParseSIRET(x[rass.STSIRET])
			voir("D-SIRET-CLE", err != nil)
		}
		voir("D-CP-COMMUNE", communes[x[rass.STCodeCommune]] != x[rass.STCodePostal])
		voir("D-DATE", x[rass.STFermeture] != "" && iso(x[rass.STFermeture]) < iso(x[rass.STOuverture]))
	}
}

// iso is a day that compares as a text.
func iso(s string) string { return s[6:] + s[3:5] + s[:2] }

func compterActivites(f map[rass.Fichier][]ligne, voir func(string, bool)) {
	structures := map[string]bool{}
	for _, x := range f[rass.Structures] {
		structures[x[rass.STIDTechnique]] = true
	}
	traits, numeros := map[string]bool{}, map[string]bool{}
	for _, x := range f[rass.PersonneActivite] {
		if x[rass.PAFINESS] != "" {
			voir("D-REF-ORPHELINE", !structures[x[rass.PAIDTechnique]])
		}
		voir("D-CODE-INCONNU", x[rass.PACodeMode] == "Z")
		if numeros[x[rass.PAIdentifiant]] {
			continue
		}
		numeros[x[rass.PAIdentifiant]] = true
		if x[rass.PATypeIdentifiant] == "8" {
			_, err := sante.ParseRPPS(x[rass.PAIdentifiant])
			voir("D-RPPS-CLE", err != nil)
		}
		voir("D-ID-PREFIXE", x[rass.PAIDNat] != x[rass.PATypeIdentifiant]+x[rass.PAIdentifiant])
		if x[rass.PACodeCommune] != "" {
			cle := strings.Join([]string{x[rass.PANom], x[rass.PAPrenom], x[rass.PACodeProfession], x[rass.PACodeCommune]}, "|")
			voir("D-DOUBLON", traits[cle])
			traits[cle] = true
		}
	}
}

func compterBAL(n *National, f map[rass.Fichier][]ligne, voir func(string, bool)) {
	praticiens := map[string]bool{}
	for _, x := range f[rass.PersonneActivite] {
		praticiens[x[rass.PAIdentifiant]] = true
	}
	blancs, vues := n.Domaines(), map[string]bool{}
	for _, x := range f[rass.MSSante] {
		_, d, _ := strings.Cut(x[rass.MSAdresse], "@")
		_, blanc := slices.BinarySearch(blancs, d)
		voir("D-BAL-DOMAINE", !blanc)
		voir("D-BAL-DOUBLE", vues[x[rass.MSAdresse]])
		vues[x[rass.MSAdresse]] = true
		if x[rass.MSTypeBAL] == "PER" {
			voir("D-BAL-INACTIF", !praticiens[x[rass.MSIdentifiant]])
		}
	}
}
