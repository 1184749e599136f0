package monde

import (
	"crypto/sha256"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

func generateur(t testing.TB, graine uint64) *Generateur {
	return NewGenerateur(graine, nouveau(t, aujourdhui).Assureur(CleMoulin), aujourdhui)
}

const echantillon = 60_000

func TestGenerer(t *testing.T) {
	m := nouveau(t, aujourdhui)
	amc := m.Assureur(CleMoulin)
	references, nirs, numeros := map[string]bool{}, map[sante.NIR]bool{}, map[sante.NumeroAdherent]sante.NIR{}
	ouverts, ayantsDroit, n := 0, 0, 0
	for x := range Generer(7, echantillon, amc, aujourdhui) {
		n++
		if references[x.Reference] || nirs[x.NIR] || x.NIR.IsZero() || x.NumeroAdherent.IsZero() || x.DateNaissance.IsZero() {
			t.Fatalf("member %d is another's double, or lacks an identifier", n)
		}
		references[x.Reference], nirs[x.NIR] = true, true
		if assure, deja := numeros[x.NumeroAdherent]; deja && assure != x.NIRAssure {
			t.Fatalf("member %d: a number shared by two families", n)
		}
		numeros[x.NumeroAdherent] = x.NIRAssure
		if ne, ok := x.DateNaissance.Jour(); !ok || ne > aujourdhui {
			t.Fatalf("member %d: not born yet, or never", n)
		}
		if sante.Plier(x.NomNaissance) == "" || sante.Plier(x.Prenom) == "" || len(x.NomNaissance) > 60 {
			t.Fatalf("member %d: unnamed", n)
		}
		verifierNIR(t, x.NIR, x.NIR.String()[0]-'0', x.DateNaissance, communesGenerees, communesMonde-1)
		for _, a := range x.Adhesions {
			if amc.Contrat(a.Contrat) == nil || !a.Fin.IsZero() && a.Fin < a.Debut {
				t.Fatalf("member %d: adhesion of nothing", n)
			}
		}
		if x.Ouvert(aujourdhui) {
			ouverts++
		}
		if x.NIRAssure != x.NIR {
			ayantsDroit++
		}
	}
	if n != echantillon {
		t.Errorf("%d members, want %d", n, echantillon)
	}
	if p := float64(ouverts) / echantillon; p < 0.93 || p > 0.97 {
		t.Errorf("%.3f of the rights are open, want about 0.95", p)
	}
	if p := float64(ayantsDroit) / echantillon; p < 0.25 || p > 0.5 {
		t.Errorf("%.3f are covered by another, want about 0.38", p)
	}
}

// The same seed gives the same people, in any order and in parallel; another
// gives others.
func TestDeterministe(t *testing.T) {
	var attendus []Assure
	for x := range Generer(42, 400, nouveau(t, aujourdhui).Assureur(CleMarees), aujourdhui) {
		attendus = append(attendus, x)
	}
	g := NewGenerateur(42, nouveau(t, aujourdhui).Assureur(CleMarees), aujourdhui)
	obtenus := make([]Assure, len(attendus))
	var wg sync.WaitGroup
	for i := range obtenus {
		wg.Go(func() { obtenus[len(obtenus)-1-i] = g.Assure(len(obtenus) - 1 - i) })
	}
	wg.Wait()
	tout := cmp.Exporter(func(reflect.Type) bool { return true })
	if d := cmp.Diff(attendus, obtenus, tout); d != "" {
		t.Errorf("another order gives other people: %s", d)
	}
	autres := 0
	for i := range attendus {
		x := NewGenerateur(43, nouveau(t, aujourdhui).Assureur(CleMarees), aujourdhui).Assure(i)
		if x.NomNaissance != attendus[i].NomNaissance || x.DateNaissance != attendus[i].DateNaissance {
			autres++
		}
	}
	if autres < 390 {
		t.Errorf("another seed changes %d of 400 people", autres)
	}
}

// A million and a million apart, the identifiers of two numbers never meet.
func TestIdentifiantsSansCollision(t *testing.T) {
	g := generateur(t, 3)
	rapid.Check(t, func(t *rapid.T) {
		i, j := rapid.IntRange(0, 5_000_000).Draw(t, "i"), rapid.IntRange(0, 5_000_000).Draw(t, "j")
		x, y := g.Assure(i), g.Assure(j)
		if (x.NIR.IsZero()) != (i >= NIRMax) {
			t.Fatalf("member %d: NIR known %v", i, !x.NIR.IsZero())
		}
		if i != j && (x.Reference == y.Reference || !x.NIR.IsZero() && x.NIR == y.NIR) {
			t.Fatalf("members %d and %d share an identifier", i, j)
		}
		if x.NumeroAdherent == y.NumeroAdherent && i/foyer != j/foyer {
			t.Fatalf("members %d and %d share a number", i, j)
		}
	})
}

// A family holds: a child is younger than who covers it, and bears the name.
func TestFamilles(t *testing.T) {
	g := generateur(t, 11)
	chefs := map[sante.NIR]Assure{}
	naissances := map[string]bool{}
	enfants := 0
	for i := range 24_000 {
		x := g.Assure(i)
		if k := x.NumeroAdherent.String() + x.DateNaissance.String(); naissances[k] {
			t.Fatalf("member %d: no card could tell him from another of his family", i)
		} else {
			naissances[k] = true
		}
		if x.NIR == x.NIRAssure {
			chefs[x.NIR] = x
			if age, _ := x.DateNaissance.Age(aujourdhui); age < 17 || age > 102 {
				t.Fatalf("an opener of rights of %d years", age)
			}
			continue
		}
		chef, connu := chefs[x.NIRAssure]
		if !connu || chef.NumeroAdherent != x.NumeroAdherent || !slices.Equal(chef.Adhesions, x.Adhesions) {
			t.Fatalf("member %d: not in the family of who covers him", i)
		}
		if age, _ := x.DateNaissance.Age(aujourdhui); age < 17 {
			enfants++
			ecart := chef.DateNaissance.String()[:4] < x.DateNaissance.String()[:4]
			if !ecart || x.NomNaissance != chef.NomNaissance {
				t.Fatalf("member %d: a child without a parent", i)
			}
		}
	}
	if enfants < 1_500 {
		t.Errorf("%d children in 24000 people", enfants)
	}
}

// Surnames follow the law: the first near 0.36 %, a long tail, no two ranks alike.
func TestNoms(t *testing.T) {
	vus := make(map[string]int, nomRangs)
	for r := range nomRangs {
		nom := nomDeRang(r)
		if autre, deja := vus[nom]; deja {
			t.Fatalf("ranks %d and %d have the same surname %s", autre, r, nom)
		}
		vus[nom] = r
	}
	g := generateur(t, 5)
	compte := map[string]int{}
	for i := range echantillon {
		compte[strings.SplitN(g.Assure(i).NomNaissance, "-", 2)[0]]++
	}
	if p := float64(compte["MARTIN"]) / echantillon; math.Abs(p-0.0036) > 0.0012 {
		t.Errorf("the first surname is borne by %.4f, want about 0.0036", p)
	}
	if len(compte) < echantillon/5 {
		t.Errorf("%d surnames for %d people: no tail", len(compte), echantillon)
	}
}

func charge(t testing.TB, graine uint64, population int) *Charge {
	t.Helper()
	m := nouveau(t, aujourdhui)
	c, err := NewCharge(graine, population, m.Assureur(CleMarees), m.Etablissements, aujourdhui, moteur(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// No two questions have the same body, even when the population is small and
// everyone is asked about many times.
func TestQuestionsToutesDifferentes(t *testing.T) {
	for _, population := range []int{1, 60, 997, 100_000} {
		c := charge(t, 9, population)
		vues := map[[32]byte]int{}
		personnes := map[string]bool{}
		for k := range min(toursMax*population, 6_000) {
			q := c.Question(k)
			if k < population {
				if personnes[q.Assure.Reference] {
					t.Fatalf("%d people: asked twice about one before all", population)
				}
				personnes[q.Assure.Reference] = true
			}
			b, _ := json.Marshal(q.IDB())
			h := sha256.Sum256(b)
			if autre, deja := vues[h]; deja {
				t.Fatalf("%d people: questions %d and %d are the same", population, autre, k)
			}
			vues[h] = k
		}
	}
}

// Every calculation is accepted by the engine under the contract of the person,
// adds up, and is another one.
func TestCalculsDeCharge(t *testing.T) {
	c := charge(t, 21, 5_000)
	m := nouveau(t, aujourdhui)
	amc := m.Assureur(CleMarees)
	plan := trame.Pour[roc.DemandeCalcul](roc.Espace)
	vus, ouvertes := map[[32]byte]bool{}, 0
	for k := range 1_500 {
		q := c.Question(k)
		if !q.Ouverte() {
			continue
		}
		ouvertes++
		d, err := c.CLC(&q)
		if err != nil {
			t.Fatal(err)
		}
		b := plan.AppendJSON(nil, d)
		if h := sha256.Sum256(b); vus[h] {
			t.Fatalf("question %d was already asked", k)
		} else {
			vus[h] = true
		}
		if err := plan.DecodeJSON(b, new(roc.DemandeCalcul)); err != nil {
			t.Fatalf("question %d cannot travel: %v", k, err)
		}
		contrat := amc.Contrat(q.Assure.Adhesions[len(q.Assure.Adhesions)-1].Contrat)
		rep, _, err := roc.Repartir(moteur(t), contrat.Calcul(), d, nil)
		if err != nil {
			t.Fatalf("question %d: %v", k, err)
		}
		if *rep.TotalDepense != *rep.TotalAMO+*rep.TotalAMC+*rep.TotalPatient {
			t.Fatalf("question %d does not add up", k)
		}
	}
	if ouvertes < 1_350 {
		t.Errorf("%d questions of 1500 can be calculated", ouvertes)
	}
}

func TestChargeVide(t *testing.T) {
	m := nouveau(t, aujourdhui)
	if _, err := NewCharge(1, 0, m.Assureur(CleMoulin), m.Etablissements, aujourdhui, moteur(t)); err == nil {
		t.Error("questions about nobody were accepted")
	}
	if _, err := NewCharge(1, 10, m.Assureur(CleMoulin), nil, aujourdhui, moteur(t)); err == nil {
		t.Error("questions of no hospital were accepted")
	}
}

func BenchmarkAssure(b *testing.B) {
	g := generateur(b, 1)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		g.Assure(i)
	}
}

func BenchmarkQuestionCLC(b *testing.B) {
	c := charge(b, 1, 1_000_000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		q := c.Question(i)
		if _, err := c.CLC(&q); err != nil {
			b.Fatal(err)
		}
	}
}
