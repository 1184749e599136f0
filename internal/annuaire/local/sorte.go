package local

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// sorte is a kind of place where professionals work.
type sorte struct {
	cle                    string
	finess                 bool
	structures, exercices  float64
	categorie, secteur     libelle
	statut                 libelle
	exercent               []exerce
	qui                    tirage
	liberaux, places       int
	parEJ                  float64 // sites of one legal entity
	hopital                int     // 1 for the specialities of hospitals
	activites, equipements []offre

	// Where they are in a directory.
	premiere, n int // its structures
	premiereEJ  int // its legal entities, after all sites
	nEJ         int
	premierRang int      // its exercises, among all
	cumul       []uint32 // exercises of the structures before each one
	finess0     int      // rank of its first structure among those with a FINESS number
	siren0      int      // rank of its first company
}

func (r rangee) sorte(t *tables) *sorte {
	s := &sorte{cle: r["cle"], finess: r["finess"] == "oui", structures: r.nombre("structures"), exercices: r.nombre("exercices"),
		categorie: r.libelle("categorie", "libelle_categorie"), secteur: r.libelle("secteur", "libelle_secteur"), statut: r.libelle("statut", "libelle_statut"),
		liberaux: int(r.nombre("liberaux")), places: int(r.nombre("places")), parEJ: r.nombre("sites")}
	for _, x := range strings.Fields(r["exercent"]) {
		code, part, _ := strings.Cut(x, "=")
		v, err := strconv.ParseFloat(part, 64)
		if p := t.parCode[code]; p == nil || err != nil {
			panic(fmt.Errorf("lieux.csv : %s : %q", s.cle, x))
		} else {
			s.exercent = append(s.exercent, exerce{p, v})
		}
	}
	s.qui = nouveauTirage(len(s.exercent), func(i int) float64 { return s.exercent[i].part })
	switch s.cle {
	case "hopital", "clinique", "espic", "ehpad", "social", "had", "dialyse", "travail":
		s.hopital = 1
	}
	for _, nature := range []string{"soins", "social"} {
		for _, o := range t.offre[nature] {
			if o.chez(s.cle) {
				s.activites = append(s.activites, o)
			}
		}
	}
	for _, o := range t.offre["equipement"] {
		if o.chez(s.cle) {
			s.equipements = append(s.equipements, o)
		}
	}
	return s
}

func (o offre) chez(cle string) bool {
	for _, l := range o.lieux {
		if l == cle {
			return true
		}
	}
	return false
}

// taille is the relative size of a structure: those of cabinets are close to each other,
// those of hospitals are not. Here as elsewhere a product is made a float64 before it is
// added to, so that no machine computes both at once and rounds otherwise.
func (s *sorte) taille(a alea) float64 {
	u := a.part()
	switch s.cle {
	case "cabinet":
		return 1
	case "groupe", "magasin", "sel", "maison", "officine":
		return 0.6 + float64(1.6*u)
	case "hopital", "clinique", "espic":
		return math.Min(60, math.Pow(1-u, -0.75)) // Pareto: a few hold thousands
	}
	return 0.4 + float64(1.8*u)
}

// disposer lays the structures and the exercises out, for n professionals.
func (n *National) disposer(total, reserve int) {
	var structures, exercices float64
	for _, s := range n.sortes {
		structures += s.structures
		if s.parEJ > 0 {
			structures += s.structures / s.parEJ
		}
		exercices += s.exercices
	}
	suite, rang := 0, 0
	var cumul float64
	for _, s := range n.sortes {
		s.n = max(1, int(float64(s.structures/structures*structuresParTete*float64(total))+0.5))
		s.premiere, suite = suite, suite+s.n
		cumul += s.exercices
		s.premierRang, rang = rang, int(float64(cumul/exercices*float64(reserve))+0.5)
		s.repartir(n.graine, rang-s.premierRang)
	}
	n.sites = suite
	finess, siren := 0, 0
	for _, s := range n.sortes {
		s.siren0 = siren
		if s.parEJ > 0 {
			s.nEJ = max(1, int(float64(s.n)/s.parEJ+0.5))
			s.premiereEJ, suite = suite, suite+s.nEJ
			s.finess0, finess = finess, finess+s.n+s.nEJ
			siren += s.nEJ
		}
	}
	n.structures, n.finessN = suite, finess
}

// structuresParTete is how many structures there are for one professional, legal
// entities included.
const structuresParTete = 0.35

// repartir shares the exercises between the structures.
func (s *sorte) repartir(g graine, exercices int) {
	s.cumul = make([]uint32, s.n+1)
	var total, cumul float64
	for k := range s.n {
		total += s.taille(g.pour(dTaille, s.premiere+k, 0))
	}
	for k := range s.n {
		cumul += s.taille(g.pour(dTaille, s.premiere+k, 0))
		s.cumul[k+1] = uint32(float64(cumul/total*float64(exercices)) + 0.5)
	}
	s.cumul[s.n] = uint32(exercices)
}

// structure is the rank, among all, of the structure that holds an exercise.
func (s *sorte) structure(rang int) int {
	k := sort.Search(s.n, func(k int) bool { return s.cumul[k+1] > uint32(rang) })
	return s.premiere + min(k, s.n-1)
}

// ej is the legal entity of the k-th site.
func (s *sorte) ej(k int) int { return min(s.nEJ-1, k*s.nEJ/s.n) }

// premierSite is the first site of the e-th legal entity.
func (s *sorte) premierSite(e int) int { return min(s.n-1, (e*s.n+s.nEJ-1)/s.nEJ) }

// duRang is the kind of place of an exercise, and its rank there.
func (n *National) duRang(x int) (*sorte, int) {
	for i := len(n.sortes) - 1; i > 0; i-- {
		if s := n.sortes[i]; x >= s.premierRang {
			return s, x - s.premierRang
		}
	}
	return n.sortes[0], x
}

// exercices is how many exercises a kind of place has.
func (s *sorte) exercicesN() int { return int(s.cumul[s.n]) }

// deStructure is the kind of a structure, its rank there, and whether it is a legal
// entity.
func (n *National) deStructure(j int) (s *sorte, k int, ej bool) {
	for _, s := range n.sortes {
		if j >= s.premiere && j < s.premiere+s.n {
			return s, j - s.premiere, false
		}
		if s.nEJ > 0 && j >= s.premiereEJ && j < s.premiereEJ+s.nEJ {
			return s, j - s.premiereEJ, true
		}
	}
	return nil, 0, false
}
