package lexique

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// At least 95 of 100 persons are found by a question with a typing mistake in their
// name. ref: DEC 36
func TestRappelQuestion(t *testing.T) { rappel(t, petitMonde(), 3000) }

// A name alone, with a mistake: the meant name is among those of the answers.
func TestRappelNomSeul(t *testing.T) {
	m := petitMonde()
	r := rand.New(rand.NewPCG(5, 5))
	rech := NouvelleRecherche(nil)
	trouves, tires := 0, 0
	for range 2000 {
		nom := m.texte(uint32(r.IntN(len(m.gens))), Nom)
		q, ok := fautif(r, nom)
		if !ok {
			continue
		}
		tires++
		if slices.ContainsFunc(rech.Chercher(Demande{Texte: q, Nombre: 20}, m).Trouves, func(x Trouve) bool { return m.texte(x.Ordinal, Nom) == nom }) {
			trouves++
		}
	}
	taux := float64(trouves) / float64(tires)
	t.Logf("nom seul : %.2f %% retrouvés parmi 20", 100*taux)
	if taux < 0.95 {
		t.Errorf("rappel %.4f, attendu 0.95", taux)
	}
}

// hameau is a handful of people written by hand.
func hameau(gens ...[4]string) *monde {
	m := &monde{}
	for _, g := range gens {
		var p personne
		for i, c := range [...]Champ{Nom, Prenom, Metier, Commune} {
			k := slices.Index(m.textes[c], g[i])
			if k < 0 {
				k = len(m.textes[c])
				m.textes[c] = append(m.textes[c], g[i])
			}
			p[c] = int32(k)
		}
		m.gens = append(m.gens, p)
	}
	for c := range Lieu {
		m.indexer(c)
	}
	return m
}

func TestChercher(t *testing.T) {
	cardio, generale := "Médecin / Cardiologie et maladies vasculaires", "Médecin / Médecine générale"
	m := hameau(
		[4]string{"Dupont", "Élodie", cardio, "Blois"},
		[4]string{"Dupont", "Élodie", generale, "Blois"},
		[4]string{"Dupond", "Jean-Pierre", cardio, "Tours"},
		[4]string{"Le Goff", "Yann", "Infirmier", "Saint-Étienne"},
		[4]string{"d'Artagnan", "Charles", "Masseur-Kinésithérapeute", "L'Haÿ-les-Roses"},
		[4]string{"de La Fontaine", "Zoé", "Pharmacien", "Château-Thierry"},
		[4]string{"Ben Salem", "Inès", "Sage-Femme", "Lyon"},
		[4]string{"Van der Brœck", "Lou", "Chirurgien-Dentiste", "Lille"},
	)
	rech := NouvelleRecherche(nil)
	for _, c := range []struct {
		question string
		premier  uint32
	}{
		{"dupont cardio blois", 0},
		{"cardiologue blois dupont", 0},
		{"Dr DUPONT, cardiologie (Blois)", 0},
		{"dupond cardio blois", 0},
		{"dupnot cardiolog bloi", 0},
		{"dupont generaliste", 1},
		{"dupont cardio tours", 2},
		{"jean pierre dupond", 2},
		{"jeanpierre dupon", 2},
		{"le goff", 3},
		{"legoff", 3},
		{"goff", 3},
		{"le gof st etienne", 3},
		{"infirmier saint-étienne", 3},
		{"artagnan", 4},
		{"d’artagnan", 4},
		{"dartagnan kiné", 4},
		{"charle artanian", 4},
		{"hay les roses", 4},
		{"lafontaine", 5},
		{"de la fontaine", 5},
		{"fontene pharmacie", 5},
		{"benslem", 6},
		{"ben salem sage femme", 6},
		{"vanderbroeck", 7},
		{"van der broeck dentiste", 7},
		{"brœck", 7},
		{"brock lile", 7},
	} {
		rep := rech.Chercher(Demande{Texte: c.question}, m)
		if len(rep.Trouves) == 0 || rep.Trouves[0].Ordinal != c.premier {
			t.Errorf("%q : %+v, attendu %s", c.question, rep.Trouves, m.dire(c.premier))
		}
		if rep.Absents {
			t.Errorf("%q : un mot manque", c.question)
		}
	}
}

// What answers says why, and what is missing.
func TestPar(t *testing.T) {
	m := hameau([4]string{"Dupont", "Élodie", "Médecin / Cardiologie", "Blois"})
	rep := NouvelleRecherche(nil).Chercher(Demande{Texte: "dupnt cardiol zzzzz"}, m)
	if len(rep.Trouves) != 1 || !rep.Absents || rep.Mots != 3 {
		t.Fatalf("%+v", rep)
	}
	x := rep.Trouves[0]
	if c, k, ok := x.Par(0); c != Nom || k != UneFaute || !ok {
		t.Error(c, k, ok)
	}
	if c, k, ok := x.Par(1); c != Metier || k != Debut || !ok {
		t.Error(c, k, ok)
	}
	if _, _, ok := x.Par(2); ok {
		t.Error("mot absent trouvé")
	}
}

func TestEnFrappe(t *testing.T) {
	m := petitMonde()
	rech := NouvelleRecherche(nil)
	r := rand.New(rand.NewPCG(6, 6))
	for range 300 {
		o := uint32(r.IntN(len(m.gens)))
		nom := string(Plier(nil, m.texte(o, Nom)))
		if strings.Contains(nom, " ") || len(nom) < 5 {
			continue
		}
		q := m.texte(o, Prenom) + " " + m.texte(o, Commune) + " " + nom[:4]
		if rep := rech.Chercher(Demande{Texte: q, Nombre: 50, EnFrappe: true}, m); rang(rep, o) < 0 && !rep.Partiel {
			t.Errorf("%q ne trouve pas %s", q, m.dire(o))
		}
	}
}

func TestProposer(t *testing.T) {
	m := hameau(
		[4]string{"Dupont", "Élodie", "Médecin / Cardiologie", "Blois"},
		[4]string{"Dupont", "Carole", "Infirmier", "Tours"},
		[4]string{"Durand", "Paul", "Médecin / Cardiologie", "Carcassonne"},
	)
	rech := NouvelleRecherche(nil)
	for _, c := range [][2]string{
		{"dup", "DUPONT"},
		{"du", "DUPONT DURAND"},
		{"dupont car", "CARDIOLOGIE CAROLE"},
		{"durand car", "CARDIOLOGIE CARCASSONNE"},
		{"paul card", "CARDIOLOGIE"},
		{"paul bloi", ""},
		{"dupnt", "DUPONT"},
		{"", ""},
		{"zzzz x", ""},
	} {
		var l []string
		for _, p := range rech.Proposer(Demande{Texte: c[0]}, m) {
			l = append(l, string(p.Mot))
		}
		if got := strings.Join(l, " "); got != c[1] {
			t.Errorf("%q propose %q, attendu %q", c[0], got, c[1])
		}
	}
}

// A broad question touches what it may and says that it left something.
func TestTropLarge(t *testing.T) {
	m := petitMonde()
	rech := NouvelleRecherche(nil)
	for _, q := range []string{"m", "medecin", "medecin infirmier", "a e i o u y b c", motsLongs(1), motsLongs(2), strings.Repeat("medecin ", 30), strings.Repeat("x", 5000), "saint medecin generale"} {
		for _, frappe := range []bool{false, true} {
			rep := rech.Chercher(Demande{Texte: q, Nombre: 1000, EnFrappe: frappe}, m)
			if rech.effort > 2*effortMax {
				t.Errorf("%.20q : effort %d", q, rech.effort)
			}
			if len(rep.Trouves) > NombreMax {
				t.Errorf("%.20q : %d réponses", q, len(rep.Trouves))
			}
			if len(q) > QuestionMax && rep.Ignores == 0 {
				t.Errorf("%.20q : rien d'ignoré", q)
			}
		}
	}
	if rep := rech.Chercher(Demande{Texte: "medecin"}, m); !rep.Partiel || len(rep.Trouves) != 10 {
		t.Errorf("medecin : %+v", rep)
	}
}

// motsLongs are eight long words that nobody bears.
func motsLongs(graine uint64) string {
	r := rand.New(rand.NewPCG(graine, 0))
	var l []string
	for range TermesMax {
		b := make([]byte, 30)
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		l = append(l, string(b))
	}
	return strings.Join(l, " ")
}

// Records that the source hides are not answered.
type sansImpairs struct{ *monde }

func (s sansImpairs) Poids(o uint32) int { return -int(o & 1) }

func TestPoidsNegatif(t *testing.T) {
	for _, q := range []string{"medecin", "dupont", "martin blois", "dupont zzzzz"} {
		rep := NouvelleRecherche(nil).Chercher(Demande{Texte: q}, sansImpairs{nouveauVillage(200, 3)})
		if len(rep.Trouves) == 0 {
			t.Errorf("%q : rien", q)
		}
		for _, x := range rep.Trouves {
			if x.Ordinal&1 != 0 {
				t.Errorf("%q : fiche cachée", q)
			}
		}
	}
}

func TestChercherNAllouePas(t *testing.T) {
	m := petitMonde()
	rech := NouvelleRecherche(nil)
	var q []string
	r := rand.New(rand.NewPCG(9, 9))
	for range 50 {
		x, _ := m.question(r, uint32(r.IntN(len(m.gens))))
		q = append(q, x)
	}
	f := func() {
		for _, x := range q {
			rech.Chercher(Demande{Texte: x}, m)
			rech.Proposer(Demande{Texte: x}, m)
		}
	}
	f()
	if n := testing.AllocsPerRun(3, f); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSynonymes(t *testing.T) {
	for nom, csv := range map[string]string{
		"sans en-tête": "", "trois colonnes": "mot;synonyme\na;b;c\n", "mot vide": "mot;synonyme\n;b\n",
		"deux fois vide": "mot;synonyme\na;\na;b\n", "plusieurs mots et un autre": "mot;synonyme\na;b c\na;d\n",
		"un autre et plusieurs mots": "mot;synonyme\na;d\na;b c\n",
	} {
		if m, err := LireSynonymes(strings.NewReader(csv)); err == nil {
			t.Errorf("%s : %v", nom, m)
		}
	}
	m, err := LireSynonymes(strings.NewReader("mot;synonyme\n# note\nkiné;masseur\nkiné;kinésithérapeute\ndr;\n"))
	if err != nil || len(m["KINE"]) != 2 || m["DR"] != nil {
		t.Error(m, err)
	}
	if _, ok := m["DR"]; !ok {
		t.Error("un mot à laisser est perdu")
	}
	if _, err := LireSynonymes(errLecteur{}); !errors.Is(err, errPanne) {
		t.Error(err)
	}
}

var errPanne = errors.New("panne")

type errLecteur struct{}

func (errLecteur) Read([]byte) (int, error) { return 0, errPanne }

// Any text is answered, in order, within the bounds.
func FuzzChercher(f *testing.F) {
	for _, q := range []string{"dupont cardio blois", "de la", "st", "\xff\xfe", "d'''-'", strings.Repeat("é ", 200)} {
		f.Add(q, true)
		f.Add(q, false)
	}
	m := nouveauVillage(150, 1)
	rech := NouvelleRecherche(nil)
	f.Fuzz(func(t *testing.T, q string, frappe bool) {
		rep := rech.Chercher(Demande{Texte: q, EnFrappe: frappe}, m)
		for i, x := range rep.Trouves {
			if int(x.Ordinal) >= len(m.gens) || i > 0 && !rep.Trouves[i-1].Avant(x) {
				t.Fatalf("%q : %+v", q, rep.Trouves)
			}
		}
		rech.Proposer(Demande{Texte: q}, m)
	})
}
