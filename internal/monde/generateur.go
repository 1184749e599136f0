package monde

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/ecluse-sante/ecluse/sante"
)

// Generateur makes the members of an insurer for load tests. The i-th is a pure
// function of the seed and of i: nothing is kept, a million costs no memory, and
// any worker can make any of them again.
type Generateur struct {
	graine   uint64
	jour     sante.Jour
	contrats []string
}

// NewGenerateur makes the generator of an insurer's members on a day. Only the
// contracts that serve everywhere are drawn: a load test is about answers.
func NewGenerateur(graine uint64, amc *AMC, jour sante.Jour) *Generateur {
	g := &Generateur{graine: graine, jour: jour}
	for i := range amc.Contrats {
		c := &amc.Contrats[i]
		ace := false
		for _, d := range c.Perimetre {
			ace = ace || d.Domaine == "ACE" && d.Couvert
		}
		if ace && !c.CSSParLaCaisse && len(c.EtablissementsExclus) == 0 && c.Numero != "PE-SUR" {
			g.contrats = append(g.contrats, c.Numero)
		}
	}
	return g
}

// Generer is n members of an insurer, all different, the same for the same seed.
func Generer(graine uint64, n int, amc *AMC, jour sante.Jour) iter.Seq[Assure] {
	g := NewGenerateur(graine, amc, jour)
	return func(yield func(Assure) bool) {
		for i := range n {
			if !yield(g.Assure(i)) {
				return
			}
		}
	}
}

// foyer is how many people are drawn together; each of its patterns cuts it into
// families under one number: an opener of rights, then a spouse (2) or children.
const foyer = 8

// motifs give, for each place of a block, the place of its opener of rights and
// the quality. One block in five is of people alone.
var motifs = [5][foyer]struct {
	de      int
	qualite byte
}{
	{{0, '0'}, {0, '2'}, {0, '6'}, {0, '6'}, {4, '0'}, {5, '0'}, {5, '2'}, {7, '0'}},
	{{0, '0'}, {1, '0'}, {1, '6'}, {3, '0'}, {3, '2'}, {3, '6'}, {3, '6'}, {3, '6'}},
	{{0, '0'}, {0, '2'}, {2, '0'}, {2, '2'}, {4, '0'}, {5, '0'}, {6, '0'}, {6, '6'}},
	{{0, '0'}, {1, '0'}, {2, '0'}, {3, '0'}, {4, '0'}, {5, '0'}, {6, '0'}, {7, '0'}},
	{{0, '0'}, {0, '2'}, {0, '6'}, {3, '0'}, {4, '0'}, {4, '2'}, {4, '6'}, {7, '0'}},
}

// hasard is a stream of its own for each thing drawn. Two words are mixed so that
// neighbours in number do not look alike.
func (g *Generateur) hasard(objet, i uint64) *rand.Rand {
	return rand.New(rand.NewPCG(g.graine^objet*0x9E3779B97F4A7C15, melanger(i+objet)))
}

// melanger is the finalizer of splitmix64, a bijection.
func melanger(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// parent is the quality of an opener of rights who covers children.
const parent = 'P'

// What a stream is for.
const (
	pourBloc = iota + 1
	pourPersonne
	pourQuestion
)

// Assure is the i-th member, from 0.
func (g *Generateur) Assure(i int) Assure {
	bloc := i / foyer * foyer
	motif := &motifs[g.hasard(pourBloc, uint64(bloc)).IntN(len(motifs))]
	place := motif[i-bloc]
	qualite := byte('0')
	for _, x := range motif {
		if x.de == place.de && x.qualite == '6' {
			qualite = parent
		}
	}
	chef := g.personne(bloc+place.de, qualite, nil)
	p := chef
	if place.qualite != '0' {
		p = g.personne(i, place.qualite, &chef)
	}
	return Assure{
		Reference: fmt.Sprintf("G%09d", i), NumeroAdherent: g.numero(bloc + place.de), NIR: p.NIR, NIRAssure: chef.NIR,
		NomNaissance: p.NomNaissance, NomUsage: p.NomUsage, Prenom: p.Prenom, DateNaissance: p.DateNaissance, RangGemellaire: 1,
		IdentiteSure: i%10 < 7, Adhesions: g.adhesions(bloc + place.de),
	}
}

// numero scatters the numbers of the openers of rights, each with its own.
func (g *Generateur) numero(chef int) sante.NumeroAdherent {
	n := (uint64(chef)*611_953 + g.graine%999_999_937) % 1_000_000_000_000 // 611 953 is prime to ten
	a, _ := sante.ParseNumeroAdherent(fmt.Sprintf("%012d", n))
	return a
}

// personne draws someone; chef is the opener of rights, nil for himself.
func (g *Generateur) personne(i int, qualite byte, chef *tirage) tirage {
	h := g.hasard(pourPersonne, uint64(i))
	t := tirage{sexe: 1 + byte(h.IntN(2))}
	t.an, t.mois = g.passe(g.naissance(h, qualite, chef), h)
	jour := 1 + 8*h.IntN(3) + i%foyer // no two of a family are born the same day: they would be twins
	t.DateNaissance, _ = sante.ParseDateNaissance(fmt.Sprintf("%04d%02d%02d", t.an, t.mois, jour))
	t.NomNaissance = nomAuSort(h.Float64())
	e := epoqueDe(t.an)
	t.Prenom = prenomDe(e, t.sexe, h.Float64(), h.Float64())
	switch {
	case qualite == '6':
		t.NomNaissance = chef.NomNaissance
	case qualite == '2' && t.sexe == 2 && h.IntN(2) == 0:
		t.NomUsage = chef.NomNaissance
	case h.IntN(50) == 0:
		t.NomNaissance += "-" + nomAuSort(h.Float64())
	}
	t.NIR = nirGenere(t.sexe, t.an, t.mois, i)
	return t
}

// passe draws a month of a year that is over on the day of the world.
func (g *Generateur) passe(an int, h *rand.Rand) (int, int) {
	mois := 1 + h.IntN(12)
	if an < g.jour.Annee() {
		return an, mois
	}
	if m := g.moisCourant(); mois < m {
		return g.jour.Annee(), mois
	}
	return g.jour.Annee() - 1, mois
}

func (g *Generateur) moisCourant() int {
	s := g.jour.String()
	return int(s[5]-'0')*10 + int(s[6]-'0')
}

// tirage is a person drawn.
type tirage struct {
	Personne
	sexe     byte
	an, mois int
}

// naissance draws a year: of an adult by the weight of each time, of a spouse
// near the other, of a child under twenty-two.
func (g *Generateur) naissance(h *rand.Rand, qualite byte, chef *tirage) int {
	switch qualite {
	case '2':
		return min(chef.an-6+h.IntN(13), g.jour.Annee()-18)
	case '6':
		return max(g.jour.Annee()-h.IntN(22), chef.an+18)
	case parent:
		return g.jour.Annee() - 24 - h.IntN(29)
	}
	tire := h.IntN(1000)
	for i := range epoques {
		e := &epoques[i]
		if tire -= e.poids; tire >= 0 && i < len(epoques)-1 {
			continue
		}
		dernier := min(e.jusqua, g.jour.Annee()-18)
		return min(e.premier, dernier) + h.IntN(max(1, dernier-e.premier+1))
	}
	return g.jour.Annee() - 40
}

func epoqueDe(an int) *epoque {
	for i := range epoques {
		if an <= epoques[i].jusqua {
			return &epoques[i]
		}
	}
	return &epoques[len(epoques)-1]
}

// departements are those of the generated births: 01 to 95, without Corsica.
const departements = 94

// NIRMax is how many generated persons have a NIR; the insurer does not know
// that of the next ones, which no number could tell apart.
const NIRMax = departements * (communesMonde - communesGenerees) * ordresParCommune

// nirGenere gives each number its own place and order of birth. hyp: NIR-INVENTE
func nirGenere(sexe byte, an, mois, i int) sante.NIR {
	if i >= NIRMax {
		return sante.NIR{}
	}
	dep, reste := 1+i%departements, i/departements
	if dep >= 20 {
		dep++ // 20 was Corsica
	}
	commune, ordre := communesGenerees+reste%(communesMonde-communesGenerees), 1+reste/(communesMonde-communesGenerees)
	lieu := [5]byte{byte('0' + dep/10), byte('0' + dep%10), byte('0' + commune/100), byte('0' + commune/10%10), byte('0' + commune%10)}
	n, _ := cle(treize(sexe, an, mois, string(lieu[:]), ordre))
	return n
}

// adhesions are those of a family: 93 in a hundred open, three closed, one
// suspended, one to come, two that changed contract this year.
func (g *Generateur) adhesions(chef int) []Adhesion {
	h := g.hasard(pourBloc, uint64(chef)+1<<40)
	contrat := g.contrats[h.IntN(len(g.contrats))]
	debut := g.jour - sante.Jour(400+h.IntN(600))
	x := Adhesion{Contrat: contrat, Debut: debut}
	switch tire := h.IntN(100); {
	case tire < 3:
		x.Fin = g.jour - sante.Jour(1+h.IntN(300))
	case tire < 4:
		x.SuspenduDebut = g.jour - sante.Jour(h.IntN(60))
	case tire < 5:
		x.Debut = g.jour + sante.Jour(1+h.IntN(90))
	case tire < 7:
		coupure := g.jour - sante.Jour(h.IntN(300))
		x.Fin = coupure - 1
		return []Adhesion{x, {Contrat: g.contrats[h.IntN(len(g.contrats))], Debut: coupure}}
	}
	return []Adhesion{x}
}
