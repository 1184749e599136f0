package monde

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// aujourdhui is the day of the tests.
var aujourdhui = sante.JourDe(2026, time.November, 22)

func nouveau(t testing.TB, j sante.Jour) *Monde {
	t.Helper()
	m, err := New(j)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// jours are days on which the world must stand: leap day, ends of years, far away.
func jours() []sante.Jour {
	return []sante.Jour{premierJour, sante.JourDe(2026, time.February, 28), sante.JourDe(2026, time.April, 25), aujourdhui,
		sante.JourDe(2027, time.January, 1), sante.JourDe(2028, time.February, 29), sante.JourDe(2035, time.December, 31)}
}

func TestAvantLesBaremes(t *testing.T) {
	if _, err := New(premierJour - 1); err == nil {
		t.Error("a world before the tables was made")
	}
}

func TestStructures(t *testing.T) {
	m := nouveau(t, aujourdhui)
	vus := map[string]string{}
	unique := func(genre, v, qui string) {
		if autre, deja := vus[genre+v]; deja || v == "" {
			t.Errorf("%s %q of %s is also of %q", genre, v, qui, autre)
		}
		vus[genre+v] = qui
	}
	for _, s := range m.Structures() {
		unique("clé ", s.Cle, s.Nom)
		unique("SIREN ", s.SIREN.String(), s.Nom)
		unique("SIRET ", s.SIRET.String(), s.Nom)
		unique("Struct_IdNat ", s.IDNat, s.Nom)
		unique("identifiant ", s.Identifiant, s.Nom)
		if !strings.HasPrefix(s.SIREN.String(), "9991") || !strings.HasPrefix(s.SIRET.String(), s.SIREN.String()) {
			t.Errorf("%s: SIREN %s or SIRET %s outside the invented range", s.Cle, s.SIREN, s.SIRET)
		}
		if n := utf8.RuneCountInString(s.Nom); n > 60 || !strings.Contains(s.Nom, "(fictif)") && !strings.Contains(s.Nom, "(fictive)") && !strings.Contains(s.Nom, "(fictives)") {
			t.Errorf("%s: %d characters, or fictitious without saying so: %s", s.Cle, n, s.Nom)
		}
	}
	categories := map[roc.Categorie]bool{}
	for _, e := range m.Etablissements {
		unique("FINESS ", e.Finess.String(), e.Nom)
		unique("FINESS ", e.FinessGeo.String(), e.Nom)
		categories[e.Categorie] = true
		if e.IDNat != "1"+e.Finess.String() || !strings.HasPrefix(e.Finess.String(), "9900") {
			t.Errorf("%s: Struct_IdNat %s, FINESS %s", e.Cle, e.IDNat, e.Finess)
		}
	}
	for _, c := range []roc.Categorie{roc.EPS, roc.PNL, roc.OQN} {
		if !categories[c] {
			t.Errorf("no hospital of category %s", c)
		}
	}
	for _, r := range []string{rppsSpecialiste, rppsChirurgien, rppsAnesthesiste, rppsHorsOptam} {
		if _, err := sante.ParseRPPS(r); err != nil {
			t.Errorf("RPPS %s: %v", r, err)
		}
	}
}

func TestQuarantePatients(t *testing.T) {
	for _, j := range jours() {
		m := nouveau(t, j)
		if len(m.Patients) != 40 {
			t.Fatalf("%s: %d patients, want 40", j, len(m.Patients))
		}
		cles, nirs, ipps, references := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
		for i := range m.Patients {
			p := &m.Patients[i]
			verifierPatient(t, j, p)
			if cles[p.Cle] || ipps[p.IPP] || !p.NIR.IsZero() && nirs[p.NIR.String()] {
				t.Errorf("%s: %s has the key, the IPP or the NIR of another", j, p.Cle)
			}
			cles[p.Cle], ipps[p.IPP], nirs[p.NIR.String()] = true, true, true
			for _, c := range p.Couvertures {
				if references[c.AMC+c.Reference] {
					t.Errorf("%s: reference of %s is another's", j, p.Cle)
				}
				references[c.AMC+c.Reference] = true
			}
		}
	}
}

// verifierPatient checks what every patient must be.
func verifierPatient(t *testing.T, j sante.Jour, p *Patient) {
	t.Helper()
	if p.Note == "" || p.NomNaissance == "" || p.Prenom == "" || sante.Plier(p.NomNaissance) == "" || !slices.Contains([]string{"0", "1", "2", "6"}, p.Qualite) {
		t.Errorf("%s: incomplete", p.Cle)
	}
	if ne, ok := p.DateNaissance.Jour(); ok && ne > j {
		t.Errorf("%s: %s is born after the day of the world", j, p.Cle)
	}
	if !p.NIR.IsZero() {
		verifierNIR(t, p.NIR, p.Sexe, p.DateNaissance, communesMonde, communesMonde+9)
	}
	for i, c := range p.Couvertures {
		if c.Rang != i+1 || len(c.Adhesions) == 0 || c.ValiditeFin < c.ValiditeDebut {
			t.Errorf("%s: coverage %d is incoherent", p.Cle, i)
		}
		for k := 1; k < len(c.Adhesions); k++ {
			if c.Adhesions[k].Debut <= c.Adhesions[k-1].Fin || c.Adhesions[k-1].Fin.IsZero() {
				t.Errorf("%s: adhesions overlap", p.Cle)
			}
		}
	}
	for _, x := range p.Passe {
		if x.Fin >= j || x.Debut > x.Fin || x.AMC > x.Total || x.Objet == "" {
			t.Errorf("%s: past visit is not past, or does not add up", p.Cle)
		}
	}
}

// verifierNIR checks that a NIR says the sex and the year, and that its place of
// birth exists nowhere: municipality codes stop under 910.
func verifierNIR(t testing.TB, n sante.NIR, sexe byte, ne sante.DateNaissance, min, max int) {
	t.Helper()
	s := n.String()
	if s[0] != '0'+sexe || s[1:3] != ne.String()[2:4] {
		t.Errorf("a NIR does not say the sex or the year")
	}
	commune := int(s[7]-'0')*100 + int(s[8]-'0')*10 + int(s[9]-'0')
	if s[5:7] == "97" { // three characters of département, two of municipality
		commune = 900 + int(s[8]-'0')*10 + int(s[9]-'0')
	}
	if commune < min || commune > max {
		t.Errorf("municipality %d outside the invented range %d-%d", commune, min, max)
	}
}

// The population holds every situation that the demonstration promises.
func TestSituations(t *testing.T) {
	m := nouveau(t, aujourdhui)
	age := func(p *Patient) int { n, _ := p.DateNaissance.Age(aujourdhui); return n }
	for nom, est := range map[string]func(*Patient) bool{
		"newborn without NIR": func(p *Patient) bool { return p.NIR.IsZero() && age(p) == 0 },
		"child":               func(p *Patient) bool { return age(p) > 0 && age(p) < 12 && p.Qualite == "6" },
		"student":             func(p *Patient) bool { return age(p) == 20 },
		"elder":               func(p *Patient) bool { return age(p) > 95 },
		"ascendant":           func(p *Patient) bool { return p.Qualite == "1" && p.NIRAssure != p.NIR },
		"spouse":              func(p *Patient) bool { return p.Qualite == "2" },
		"maternity":           func(p *Patient) bool { return p.Situation != nil && p.Situation.MaternitePresumee != 0 },
		"ALD":                 func(p *Patient) bool { return p.Situation != nil && p.Situation.ALD },
		"CSS":                 func(p *Patient) bool { return p.Situation != nil && p.Situation.CSS },
		"Alsace-Moselle":      func(p *Patient) bool { return p.Situation != nil && p.Situation.AlsaceMoselle },
		"second twin":         func(p *Patient) bool { return p.RangGemellaire == 2 },
		"lunar date":          func(p *Patient) bool { _, ok := p.DateNaissance.Jour(); return !ok },
		"born abroad":         func(p *Patient) bool { return !p.NIR.IsZero() && p.NIR.String()[5:7] == "99" },
		"born in Corsica":     func(p *Patient) bool { return !p.NIR.IsZero() && p.NIR.String()[5:7] == "2A" },
		"born overseas":       func(p *Patient) bool { return !p.NIR.IsZero() && p.NIR.String()[5:8] == "974" },
		"apostrophe":          func(p *Patient) bool { return strings.Contains(p.NomNaissance, "'") },
		"accents":             func(p *Patient) bool { return strings.Contains(p.NomNaissance, "É") },
		"two insurers":        func(p *Patient) bool { return len(p.Couvertures) == 2 },
		"no insurer":          func(p *Patient) bool { return len(p.Couvertures) == 0 },
		"consumed ceiling":    func(p *Patient) bool { return len(p.Couvertures) > 0 && len(p.Couvertures[0].Consomme) > 0 },
		"past stays": func(p *Patient) bool {
			return slices.ContainsFunc(p.Passe, func(x Passage) bool { return x.Nuits() > 0 })
		},
		"past outpatient": func(p *Patient) bool {
			return slices.ContainsFunc(p.Passe, func(x Passage) bool { return x.Nuits() == 0 })
		},
		"changed contract":    func(p *Patient) bool { return len(p.Couvertures) > 0 && len(p.Couvertures[0].Adhesions) == 2 },
		"reopened suspension": func(p *Patient) bool { return len(p.Couvertures) > 0 && p.Couvertures[0].Adhesions[0].SuspenduFin != 0 },
		"rights to come": func(p *Patient) bool {
			return len(p.Couvertures) > 0 && p.Couvertures[0].Adhesions[0].Debut > aujourdhui
		},
		"rights about to stop": func(p *Patient) bool { return len(p.Couvertures) > 0 && p.Couvertures[0].Adhesions[0].Fin > aujourdhui },
	} {
		if !slices.ContainsFunc(m.Patients, func(p Patient) bool { return est(&p) }) {
			t.Errorf("nobody in the situation: %s", nom)
		}
	}
}

func TestContrats(t *testing.T) {
	m := nouveau(t, aujourdhui)
	vus := map[string]bool{}
	for i := range m.AMC {
		for j := range m.AMC[i].Contrats {
			c := &m.AMC[i].Contrats[j]
			if err := c.Calcul().Verifier(); err != nil {
				t.Errorf("%s: %v", c.Numero, err)
			}
			if vus[c.Numero] || assureurDuContrat(c.Numero) != m.AMC[i].Cle {
				t.Errorf("%s: number taken, or not of its insurer", c.Numero)
			}
			vus[c.Numero] = true
		}
	}
	for i := range m.Patients {
		for _, c := range m.Patients[i].Couvertures {
			for _, x := range c.Adhesions {
				if m.Assureur(c.AMC).Contrat(x.Contrat) == nil {
					t.Errorf("%s: contract %s is not of %s", m.Patients[i].Cle, x.Contrat, c.AMC)
				}
			}
		}
	}
}

// adresses are those of a laboratory on one machine.
func adresses(m *Monde) map[string]Adresse {
	l := map[string]Adresse{}
	for i := range m.AMC {
		l[m.AMC[i].Cle] = Adresse{Base: "https://127.0.0.1:8443", Empreintes: []string{strings.Repeat("0a", 32)}}
	}
	return l
}

func TestTextes(t *testing.T) {
	for _, j := range jours() {
		un, deux := nouveau(t, j), nouveau(t, j)
		a, err := un.Annuaire(adresses(un))
		b, err2 := deux.Annuaire(adresses(deux))
		if err != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Fatalf("%s: directory %v %v, or not the same twice", j, err, err2)
		}
		ids := map[string]bool{}
		for _, l := range bytes.Split(bytes.TrimSpace(a), []byte("\n")) {
			var e entree
			d := json.NewDecoder(bytes.NewReader(l))
			d.DisallowUnknownFields()
			if err := d.Decode(&e); err != nil || ids[e.ID] {
				t.Errorf("entry %s: %v, or twice", e.ID, err)
			}
			ids[e.ID] = true
		}
		for i := range un.AMC {
			cle := un.AMC[i].Cle
			p, err := un.Portefeuille(cle)
			q, _ := deux.Portefeuille(cle)
			if err != nil || !bytes.Equal(p, q) || !bytes.Equal(un.AMC[i].Reglages(), deux.AMC[i].Reglages()) {
				t.Errorf("%s %s: %v, or not the same twice", j, cle, err)
			}
			if got, want := bytes.Count(p, []byte("\n")), len(un.AMC[i].Contrats)+len(un.Assures(cle)); got != want {
				t.Errorf("%s: %d lines, want %d", cle, got, want)
			}
		}
	}
}

func TestTextesRefuses(t *testing.T) {
	m := nouveau(t, aujourdhui)
	if _, err := m.Annuaire(map[string]Adresse{CleMoulin: {}}); err == nil {
		t.Error("a directory without the address of an insurer was made")
	}
	if _, err := m.Portefeuille("amc-inconnue"); err == nil {
		t.Error("the portfolio of nobody was made")
	}
}

// What a portfolio says is read back the same.
func TestPortefeuilleAllerRetour(t *testing.T) {
	m := nouveau(t, aujourdhui)
	for i := range m.AMC {
		b, err := m.Portefeuille(m.AMC[i].Cle)
		if err != nil {
			t.Fatal(err)
		}
		var contrats []Contrat
		var assures []Assure
		for _, l := range bytes.Split(bytes.TrimSpace(b), []byte("\n")) {
			var o struct {
				Contrat      *Contrat
				Beneficiaire *Assure
			}
			if err := json.Unmarshal(l, &o); err != nil {
				t.Fatal(err)
			}
			if o.Contrat != nil {
				contrats = append(contrats, *o.Contrat)
			} else {
				assures = append(assures, *o.Beneficiaire)
			}
		}
		compare := cmp.Exporter(func(reflect.Type) bool { return true })
		if d := cmp.Diff(m.AMC[i].Contrats, contrats, compare); d != "" {
			t.Errorf("%s: contracts: %s", m.AMC[i].Cle, d)
		}
		if d := cmp.Diff(m.Assures(m.AMC[i].Cle), assures, compare); d != "" {
			t.Errorf("%s: members: %s", m.AMC[i].Cle, d)
		}
	}
}

// The world stands on any day.
func TestToutJour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := sante.Jour(rapid.Int32Range(int32(premierJour), int32(premierJour)+20*365).Draw(t, "jour"))
		m, err := New(j)
		if err != nil {
			t.Fatalf("%s: %v", j, err)
		}
		if _, err := m.Histoires(); err != nil {
			t.Fatalf("%s: %v", j, err)
		}
		if _, err := m.Refus(); err != nil {
			t.Fatalf("%s: %v", j, err)
		}
	})
}
