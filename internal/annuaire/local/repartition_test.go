package local

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/ecluse-sante/ecluse/rass"
)

// At full scale more than 400 000 surnames are borne; their frequencies are those of a
// country: some common, most rare. ref: DEC 36
func TestNomsPortes(t *testing.T) {
	tb, err := embarquees()
	if err != nil {
		t.Fatal(err)
	}
	l := nouveauxNoms(tb, pleineEchelle, 11)
	if l.len() != nomsMax {
		t.Fatalf("%d noms", l.len())
	}
	var total, portes, seuls float64
	for i := range l.len() {
		total += 1 / float64(i+1+courbure)
	}
	for i := range l.len() {
		attendu := pleineEchelle / float64(i+1+courbure) / total
		portes += 1 - math.Exp(-attendu)
		seuls += attendu * math.Exp(-attendu)
	}
	if portes < 400_000 || portes > 700_000 {
		t.Errorf("%.0f noms portés attendus", portes)
	}
	if part := seuls / portes; part < 0.3 || part > 0.7 {
		t.Errorf("%.2f des noms ne sont portés qu'une fois", part)
	}
	vus := map[string]bool{}
	for i := range 200_000 { // those after are told apart by the same hash
		nom := string(l.nom(i))
		if vus[nom] || len(nom) < 3 && i > len(tb.noms) || strings.IndexFunc(nom, func(r rune) bool { return !unicode.IsUpper(r) && r != ' ' && r != '\'' && r != '-' }) >= 0 {
			t.Fatalf("nom %q : deux fois, ou mal écrit", nom)
		}
		vus[nom] = true
	}
}

// The draws follow the frequencies.
func TestTirage(t *testing.T) {
	poids := []float64{5, 1, 0.5, 3, 0, 0.5}
	d := nouveauTirage(len(poids), func(i int) float64 { return poids[i] })
	a := graine(5).pour(dNom, 1, 1)
	var compte [6]int
	for range 1_000_000 {
		compte[d.tirer(&a)]++
	}
	for i, p := range poids {
		if got := float64(compte[i]) / 1e6; math.Abs(got-p/10) > 0.002 {
			t.Errorf("%d : %.4f, attendu %.4f", i, got, p/10)
		}
	}
}

func TestPermutation(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 12_001, 1 << 16} {
		p := nouvellePermutation(n, graine(9).pour(dBAL, n, 0))
		vus := make([]bool, n)
		for i := range n {
			x := p.de(i)
			if x < 0 || x >= n || vus[x] || p.vers(x) != i {
				t.Fatalf("%d parmi %d : %d, retour %d", i, n, x, p.vers(x))
			}
			vus[x] = true
		}
	}
}

// Domains share mailboxes as they do: ref: RASS §2
func TestDomaines(t *testing.T) {
	var l []int
	total := 0
	for _, b := range partager(pleineEchelle) {
		l = append(l, int(max(1, b.taille+0.5)))
		total += l[len(l)-1]
	}
	slices.Sort(l)
	dix := 0
	for _, v := range l[len(l)-10:] {
		dix += v
	}
	for _, c := range []struct {
		quoi       string
		got, de, a float64
	}{
		{"domaines", float64(len(l)), 5018, 5018},
		{"boîtes", float64(total), 490_000, 540_000},
		{"médiane", float64(l[len(l)/2]), 4, 4},
		{"neuf sur dix", float64(l[len(l)*9/10]), 84, 90},
		{"99 sur cent", float64(l[len(l)*99/100]), 1150, 1240},
		{"le plus grand", float64(l[len(l)-1]), 62_151, 62_151},
		{"part des dix premiers", float64(dix) / float64(total), 0.45, 0.48},
	} {
		if c.got < c.de || c.got > c.a {
			t.Errorf("%s : %v, attendu de %v à %v", c.quoi, c.got, c.de, c.a)
		}
	}
	n := faire(t, Reglage{Graine: 1, Professionnels: 60_000})
	boites := 0
	for i, b := range partager(60_000) {
		if got := int(n.domaines.tailles[i]); got != max(1, int(b.taille+0.5)) {
			t.Errorf("domaine %d : %d boîtes, attendu %.1f", i, got, b.taille)
		}
		boites += int(n.domaines.tailles[i])
	}
	if got := len(lus(t, ecrit(t, n, rass.MSSante, 0), rass.MSSante)); math.Abs(float64(got)/float64(boites)-1) > 0.01 {
		t.Errorf("%d lignes, %d boîtes", got, boites)
	}
	if r := float64(n.Structures()) / 60_000; math.Abs(r-structuresParTete) > 0.001 {
		t.Errorf("%.3f structure par professionnel", r)
	}
	if len(n.hommes.noms)+len(n.femmes.noms) < 10_000 {
		t.Errorf("%d prénoms", len(n.hommes.noms)+len(n.femmes.noms))
	}
}

// parts are the shares of the values of a column.
func parts(l []ligne, c rass.Colonne) map[string]float64 {
	m := map[string]float64{}
	for _, x := range l {
		m[x[c]] += 1 / float64(len(l))
	}
	return m
}

// The professions, the sexes and the ways to practise are those of a country.
func TestMetiers(t *testing.T) {
	pa := essai()[rass.PersonneActivite]
	professions, modes, secteurs := parts(pa, rass.PACodeProfession), parts(pa, rass.PACodeMode), parts(pa, rass.PACodeSecteur)
	var femmes, infirmiers, avecSpecialite, medecins float64
	for _, l := range pa {
		switch l[rass.PACodeProfession] {
		case "60":
			infirmiers++
			if l[rass.PACodeCivilite] == "MME" {
				femmes++
			}
		case "10":
			medecins++
			if strings.HasPrefix(l[rass.PACodeSavoirFaire], "SM") {
				avecSpecialite++
			}
			if l[rass.PACodeCiviliteExercice] != "DR" && l[rass.PACodeCiviliteExercice] != "PR" {
				t.Errorf("médecin %q", l[rass.PACodeCiviliteExercice])
			}
		}
	}
	for _, c := range []struct {
		quoi       string
		got, de, a float64
	}{
		{"médecins", professions["10"], 0.13, 0.23}, {"infirmiers", professions["60"], 0.28, 0.42}, {"pharmaciens", professions["21"], 0.03, 0.07},
		{"kinésithérapeutes", professions["70"], 0.06, 0.13}, {"sages-femmes", professions["50"], 0.008, 0.03}, {"libéraux", modes["L"], 0.35, 0.55},
		{"hôpital public", secteurs["SA01"], 0.2, 0.3}, {"sans situation", secteurs[""], 0.03, 0.05}, {"femmes infirmières", femmes / infirmiers, 0.84, 0.9},
		{"médecins qualifiés", avecSpecialite / medecins, 1, 1},
	} {
		if c.got < c.de || c.got > c.a {
			t.Errorf("%s : %.3f, attendu de %.3f à %.3f", c.quoi, c.got, c.de, c.a)
		}
	}
}

// Professionals have as many situations as asked, on average.
func TestSituations(t *testing.T) {
	for _, moyenne := range []float64{1, 1.4, 2} {
		n := faire(t, Reglage{Graine: 5, Professionnels: 20_000, Situations: moyenne})
		situations, qui := 0, map[string]bool{}
		for _, l := range lus(t, ecrit(t, n, rass.PersonneActivite, 0), rass.PersonneActivite) {
			qui[l[rass.PAIDNat]] = true
			if l[rass.PAIDTechnique] != "" {
				situations++
			}
		}
		if got := float64(situations) / 20_000; len(qui) != 20_000 || math.Abs(got-moyenne) > 0.03 {
			t.Errorf("%d professionnels, %.3f situation, attendu %.2f", len(qui), got, moyenne)
		}
	}
}

// The country is true: departments, postal codes, places on the ground.
func TestPays(t *testing.T) {
	tb, err := embarquees()
	if err != nil {
		t.Fatal(err)
	}
	vus, departements := map[string]bool{}, map[string]bool{}
	for _, c := range tb.communes {
		insee, cp := string(c.insee), string(c.cp)
		if vus[insee] || len(insee) != 5 || len(cp) != 5 {
			t.Errorf("%s : code", insee)
		}
		vus[insee] = true
		d := string(c.departement.code)
		departements[d] = true
		if base := strings.NewReplacer("2A", "20", "2B", "20").Replace(d); !strings.HasPrefix(cp, base) {
			t.Errorf("%s : code postal %s dans le %s", c.nom, cp, d)
		}
		boite := [4]float64{41.3, 51.1, -5, 9.7}
		switch d {
		case "971", "972":
			boite = [4]float64{14.3, 16.6, -61.9, -60.8}
		case "973":
			boite = [4]float64{2, 6, -55, -51}
		case "974":
			boite = [4]float64{-21.5, -20.8, 55.2, 55.9}
		case "976":
			boite = [4]float64{-13.1, -12.6, 45, 45.4}
		}
		if c.latitude < boite[0] || c.latitude > boite[1] || c.longitude < boite[2] || c.longitude > boite[3] || c.poids <= 0 {
			t.Errorf("%s : %v, %v", c.nom, c.latitude, c.longitude)
		}
	}
	if len(vus) < 500 || !vus["41018"] || len(departements) != len(tb.departements) {
		t.Errorf("%d communes, %d départements sur %d", len(vus), len(departements), len(tb.departements))
	}
	for _, l := range essai()[rass.Structures] {
		if l[rass.STNature] == "EJ" {
			continue
		}
		for _, c := range tb.communes {
			if string(c.insee) == l[rass.STCodeCommune] {
				lat, _ := strconv.ParseFloat(l[rass.STLatitude], 64)
				lon, _ := strconv.ParseFloat(l[rass.STLongitude], 64)
				if km := 111 * math.Hypot(lat-c.latitude, (lon-c.longitude)*math.Cos(lat*math.Pi/180)); km > 3 || km == 0 {
					t.Fatalf("%s : à %.1f km de %s", l[rass.STIDTechnique], km, c.nom)
				}
			}
		}
	}
}
