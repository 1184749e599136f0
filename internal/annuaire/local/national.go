package local

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/ecluse-sante/ecluse/rass"
)

// Reglage says which directory is made. Only Professionnels is needed.
type Reglage struct {
	Graine         uint64
	Professionnels int
	// Situations is how many exercises a professional has on average; 0: one.
	Situations float64
	// Du is the instant of the first files, 0: 2 November 2026 at 3 in the morning. The
	// files of day n are of n days later.
	Du time.Time
	// Part is the share of professionals whose record changes in a day; 0: 0.006, as seen.
	Part float64
	// Sales puts one faulty line in a hundred, of each kind that the controls look for.
	Sales bool
	// Departements are the only ones where something is; empty: all.
	Departements []string
	// DER makes the certificate of a holder from its subject, its serial number and its
	// days; nil: certificates are listed without their bytes.
	DER func(sujet string, serie uint64, du, au time.Time) ([]byte, error)
}

// Bounds of a directory.
const (
	ProfessionnelsMax = 4_000_000
	JoursMax          = 400
	partParDefaut     = 0.006
	arriveesParJour   = 0.0001 // of the professionals, newly registered
)

// ErrReglage is a directory that cannot be made.
var ErrReglage = errors.New("annuaire local : réglage")

// National is a directory. It keeps nothing but tables, and may be used by many at once.
type National struct {
	t          *tables
	graine     graine
	total      int // professionals of day 0
	reserve    int // those of the last day
	reglage    Reglage
	noms       *noms
	hommes     *prenoms
	femmes     *prenoms
	communes   []commune
	cumul      []float64 // weights of the communes up to each one
	sortes     []*sorte
	sites      int // structures that are places
	structures int // and legal entities
	finessN    int
	permPlace  permutation
	permFINESS permutation
	permSIREN  permutation
	voies      tirage
	divers     map[string]tirage
	domaines   *domaines
	exemple    int // rank of the professional of the examples, below 0 for none
}

// New prepares a directory: a second for two millions of professionals.
func New(r Reglage) (*National, error) {
	if r.Situations == 0 {
		r.Situations = 1
	}
	if r.Part == 0 {
		r.Part = partParDefaut
	}
	if r.Du.IsZero() {
		r.Du = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	}
	switch {
	case r.Professionnels < 1 || r.Professionnels > ProfessionnelsMax:
		return nil, fmt.Errorf("%w : de 1 à %d professionnels", ErrReglage, ProfessionnelsMax)
	case r.Situations < 1 || r.Situations > 3:
		return nil, fmt.Errorf("%w : de 1 à 3 situations par professionnel", ErrReglage)
	case r.Part < 0 || r.Part > 0.5:
		return nil, fmt.Errorf("%w : la part qui change en un jour va de 0 à 0,5", ErrReglage)
	}
	t, err := embarquees()
	if err != nil {
		return nil, err
	}
	n := &National{t: t, graine: graine(r.Graine), total: r.Professionnels, reglage: r}
	n.reserve = n.arrives(JoursMax) + 1
	if err := n.placerCommunes(r.Departements); err != nil {
		return nil, err
	}
	for _, s := range t.lieux {
		c := *s
		n.sortes = append(n.sortes, &c)
	}
	n.disposer(n.total, n.reserve)
	a := n.graine.pour(dPersonne, 0, 2)
	n.permPlace, n.permFINESS, n.permSIREN = nouvellePermutation(n.reserve, a), nouvellePermutation(nombreFINESS, a), nouvellePermutation(nombreSIREN, a)
	n.noms = nouveauxNoms(t, n.total, n.graine)
	n.hommes = nouveauxPrenoms(t.prenomsHommes, tetesHommes, debutsPrenom, finsHommes, n.graine, 1)
	n.femmes = nouveauxPrenoms(t.prenomsFemmes, tetesFemmes, debutsPrenom, finsFemmes, n.graine, 2)
	n.voies = nouveauTirage(len(t.voies), func(i int) float64 { return t.poidsVoies[i] })
	n.divers = map[string]tirage{}
	for k, l := range t.poidsDivers {
		n.divers[k] = nouveauTirage(len(l), func(i int) float64 { return l[i] + 1e-9 })
	}
	n.exemple = n.chercherExemple()
	n.domaines = n.nouveauxDomaines()
	return n, nil
}

// placerCommunes keeps the communes of some departments, and adds up their weights.
func (n *National) placerCommunes(departements []string) error {
	for _, c := range n.t.communes {
		if len(departements) == 0 || slices.Contains(departements, string(c.departement.code)) {
			n.communes = append(n.communes, c)
		}
	}
	for _, d := range departements {
		if _, ok := n.t.departements[d]; !ok {
			return fmt.Errorf("%w : département %q inconnu", ErrReglage, d)
		}
	}
	var total float64
	for _, c := range n.communes {
		total += c.poids
		n.cumul = append(n.cumul, total)
	}
	return nil
}

// commune is that of the k-th of m things, laid out from one commune to the next.
func (n *National) commune(k, m int) *commune {
	v := (float64(k) + 0.5) / float64(m) * n.cumul[len(n.cumul)-1]
	return &n.communes[min(sort.SearchFloat64s(n.cumul, v), len(n.communes)-1)]
}

// Fichiers are the files that are made.
func (n *National) Fichiers() []rass.Fichier { return rass.Fichiers[:] }

// Professionnels is how many there are on a day, those struck off included.
func (n *National) Professionnels(jour int) int { return n.arrives(jour) }

func (n *National) arrives(jour int) int {
	return n.total + int(arriveesParJour*float64(n.total)*float64(jour))
}

// Structures is how many there are, legal entities included.
func (n *National) Structures() int { return n.structures }

// Instant is when the files of a day are published.
func (n *National) Instant(jour int) time.Time { return n.reglage.Du.AddDate(0, 0, jour) }
