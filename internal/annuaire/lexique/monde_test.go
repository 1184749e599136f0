package lexique

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
)

// monde is a made-up directory of professionals, the words of which are drawn as
// those of a country are. It implements [Source].
type monde struct {
	lexiques [nChamps]*Lexique
	debuts   [nChamps][]uint32
	postings [nChamps][]uint32
	gens     []personne
	textes   [nChamps][]string
}

// personne has, for each field, the place of its text.
type personne [nChamps]int32

var metiers = strings.Split(`Médecin / Médecine générale|Infirmier|Masseur-Kinésithérapeute|Pharmacien|Chirurgien-Dentiste|Sage-Femme|Psychologue|Orthophoniste|Pédicure-Podologue|Opticien-Lunetier|Ergothérapeute|Psychomotricien|Diététicien|Manipulateur ERM|Médecin / Cardiologie et maladies vasculaires|Médecin / Dermatologie et vénéréologie|Médecin / Psychiatrie|Médecin / Pédiatrie|Médecin / Gynécologie-obstétrique|Médecin / Ophtalmologie|Médecin / Oto-rhino-laryngologie|Médecin / Anesthésie-réanimation|Médecin / Radio-diagnostic|Médecin / Chirurgie générale|Médecin / Chirurgie urologique|Médecin / Gastro-entérologie et hépatologie|Médecin / Pneumologie|Médecin / Rhumatologie|Médecin / Néphrologie|Médecin / Neurologie|Médecin / Oncologie option médicale|Médecin / Biologie médicale|Médecin / Gériatrie`, "|")

// zipf draws ranks as names are borne: the n-th as 1/n^s.
func zipf(n int, s float64) func(r *rand.Rand) int {
	cumul := make([]float64, n)
	c := 0.0
	for i := range cumul {
		c += 1 / math.Pow(float64(i+1), s)
		cumul[i] = c
	}
	return func(r *rand.Rand) int { return sort.SearchFloat64s(cumul, r.Float64()*c) }
}

// inventes makes n distinct texts, some of several words.
func inventes(n int, graine uint64, composer func(r *rand.Rand, mot string) string) []string {
	r := rand.New(rand.NewPCG(graine, 9))
	vus := map[string]bool{}
	var l []string
	for len(l) < n {
		m := composer(r, strings.ToLower(string(nomInvente(r))))
		if len(m) >= 3 && !vus[m] {
			vus[m] = true
			l = append(l, m)
		}
	}
	return l
}

func composerNom(r *rand.Rand, m string) string {
	switch r.IntN(40) {
	case 0:
		return "Le " + m
	case 1:
		return "de " + m
	case 2:
		return m + "-" + strings.ToLower(string(nomInvente(r)))
	}
	return m
}

func composerCommune(r *rand.Rand, m string) string {
	switch r.IntN(12) {
	case 0, 1:
		return "Saint-" + m
	case 2:
		return m + "-sur-" + strings.ToLower(string(nomInvente(r)))
	case 3:
		return "La " + m
	}
	return m
}

func nouveauMonde(n, nbNoms int) *monde {
	m := &monde{}
	m.textes[Nom] = inventes(nbNoms, 1, composerNom)
	m.textes[Prenom] = inventes(20_000, 2, func(r *rand.Rand, x string) string { return x })
	m.textes[Commune] = inventes(35_000, 3, composerCommune)
	m.textes[Metier] = metiers
	tirer := [nChamps]func(*rand.Rand) int{Nom: zipf(nbNoms, 0.75), Prenom: zipf(20_000, 1), Commune: zipf(35_000, 0.9), Metier: zipf(len(metiers), 1)}
	r := rand.New(rand.NewPCG(4, 4))
	m.gens = make([]personne, n)
	for i := range m.gens {
		for c, f := range tirer {
			if f != nil {
				m.gens[i][c] = int32(f(r))
			}
		}
	}
	slices.SortFunc(m.gens, func(a, b personne) int {
		return strings.Compare(m.textes[Nom][a[Nom]]+m.textes[Prenom][a[Prenom]], m.textes[Nom][b[Nom]]+m.textes[Prenom][b[Prenom]])
	})
	for c := range nChamps {
		if m.textes[c] != nil {
			m.indexer(c)
		}
	}
	return m
}

// indexer files the records under the forms of the texts of a field.
func (m *monde) indexer(c Champ) {
	porteurs := make([][]uint32, len(m.textes[c]))
	for o, p := range m.gens {
		porteurs[p[c]] = append(porteurs[p[c]], uint32(o))
	}
	var mots Mots
	textes := map[string][]int{}
	for i, t := range m.textes[c] {
		mots.Lire(t)
		mots.Formes(func(f []byte) {
			if l := textes[string(f)]; len(l) == 0 || l[len(l)-1] != i {
				textes[string(f)] = append(l, i)
			}
		})
	}
	var cles [][]byte
	for f := range textes {
		cles = append(cles, []byte(f))
	}
	slices.SortFunc(cles, slices.Compare)
	m.debuts[c] = []uint32{0}
	var poids []uint32
	for _, f := range cles {
		de := len(m.postings[c])
		for _, i := range textes[string(f)] {
			m.postings[c] = append(m.postings[c], porteurs[i]...)
		}
		slices.Sort(m.postings[c][de:])
		m.debuts[c] = append(m.debuts[c], uint32(len(m.postings[c])))
		poids = append(poids, uint32(len(m.postings[c])-de))
	}
	b, err := Batir(suite(cles, poids), tout)
	if err != nil {
		panic(err)
	}
	if m.lexiques[c], err = Ouvrir(b); err != nil {
		panic(err)
	}
}

func (m *monde) Lexique(c Champ) *Lexique { return m.lexiques[c] }

func (m *monde) Postings(c Champ, mot uint32) []uint32 {
	return m.postings[c][m.debuts[c][mot]:m.debuts[c][mot+1]]
}

// Poids: simple names first; then one record in ten has nothing to recommend it.
func (m *monde) Poids(o uint32) int {
	p := int(min(o*2654435761>>16%10, 1))
	if n := m.texte(o, Nom); !strings.Contains(n, "-") {
		p += 2
	}
	return p
}

func (m *monde) texte(o uint32, c Champ) string { return m.textes[c][m.gens[o][c]] }

func (m *monde) dire(o uint32) string {
	return fmt.Sprintf("%s %s, %s, %s", m.texte(o, Nom), m.texte(o, Prenom), m.texte(o, Metier), m.texte(o, Commune))
}

var petitMonde = sync.OnceValue(func() *monde { return nouveauMonde(grandNombre/2, grandNombre/7) })
var pays = sync.OnceValue(func() *monde { return nouveauMonde(2_000_000, 400_000) })

// fautif is a text in which one letter was mistyped, in a word of four letters or
// more; false when it has none.
func fautif(r *rand.Rand, texte string) (string, bool) {
	var mots Mots
	mots.Lire(texte)
	var longs []int
	var l []string
	for i := range mots.Nombre() {
		l = append(l, string(mots.Mot(i)))
		if len(l[i]) >= 4 && !Particule(mots.Mot(i)) {
			longs = append(longs, i)
		}
	}
	if len(longs) == 0 {
		return "", false
	}
	i := longs[r.IntN(len(longs))]
	l[i] = string(fauter(r, []byte(l[i])))
	return strings.ToLower(strings.Join(l, " ")), true
}

// Questions as people type them, of the record o: the name with a mistake, and one,
// two or three other words.
func (m *monde) question(r *rand.Rand, o uint32) (string, bool) {
	nom, ok := fautif(r, m.texte(o, Nom))
	q := []string{nom}
	sorte := r.IntN(4)
	if sorte == 0 || sorte == 3 {
		q = append(q, m.texte(o, Prenom))
	}
	if sorte == 1 || sorte == 3 {
		metier := strings.Fields(strings.NewReplacer("/", " ", "-", " ").Replace(m.texte(o, Metier)))
		q = append(q, string([]rune(metier[min(1, len(metier)-1)])[:6]))
	}
	if sorte > 0 {
		q = append(q, m.texte(o, Commune))
	}
	return strings.Join(q, " "), ok
}

func rang(rep *Reponse, o uint32) int {
	return slices.IndexFunc(rep.Trouves, func(t Trouve) bool { return t.Ordinal == o })
}

func rappel(t *testing.T, m *monde, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(21, 1))
	rech := NouvelleRecherche(nil)
	trouves, tires, partiels := 0, 0, 0
	var manques []string
	for range n {
		o := uint32(r.IntN(len(m.gens)))
		q, ok := m.question(r, o)
		if !ok {
			continue
		}
		tires++
		rep := rech.Chercher(Demande{Texte: q, Nombre: 20}, m)
		if rep.Partiel {
			partiels++
		}
		if rang(rep, o) >= 0 {
			trouves++
		} else if len(manques) < 12 {
			manques = append(manques, fmt.Sprintf("%q : %s (%d trouvés, partiel %v)", q, m.dire(o), len(rep.Trouves), rep.Partiel))
		}
	}
	taux := float64(trouves) / float64(tires)
	t.Logf("%d personnes, question fautive : %.2f %% retrouvées parmi 20 (%d partielles sur %d)", len(m.gens), 100*taux, partiels, tires)
	if taux < 0.95 {
		t.Errorf("rappel %.4f, attendu 0.95 ; par exemple\n%s", taux, strings.Join(manques, "\n"))
	}
}
