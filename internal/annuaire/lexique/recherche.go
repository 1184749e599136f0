package lexique

import (
	"math/bits"
	"slices"
)

// Demande is a question as a person writes it.
type Demande struct {
	Texte    string
	Nombre   int  // answers wanted, up to [NombreMax]; 0 for 10
	EnFrappe bool // the last word is perhaps not finished
}

// Trouve is a record that answers.
type Trouve struct {
	Source  int // its place among those asked
	Ordinal uint32
	Cout    uint16 // 0 for the nearest
	Poids   int    // as the source said
	par     uint64
	mot     uint16
}

// Par says in which field a word of the question was met and how; false for a word
// that the record does not bear.
func (t Trouve) Par(mot int) (Champ, Classe, bool) {
	x := uint8(t.par >> (8 * mot))
	if mot >= TermesMax || x == 0 {
		return 0, 0, false
	}
	return Champ(x >> 4), Classe(x&15 - 1), true
}

// Avant is the order of answers.
func (t Trouve) Avant(u Trouve) bool {
	if t.Cout != u.Cout {
		return t.Cout < u.Cout
	}
	if t.Poids != u.Poids {
		return t.Poids > u.Poids
	}
	return t.Source < u.Source || t.Source == u.Source && t.Ordinal < u.Ordinal
}

// Reponse is what was found, nearest first. Its slice is valid until the next search.
type Reponse struct {
	Trouves []Trouve
	Mots    int  // words sought, those that [Trouve.Par] numbers
	Partiel bool // others may answer as well: the question is broad, or the work reached its bound
	Ignores int  // words or ends of words left out: the question is too long
	Absents bool // no record bears all the words: these bear all but some
}

// Recherche answers questions one after the other and allocates only the first times.
// It serves one goroutine at a time.
type Recherche struct {
	regles    *Regles
	sources   []Source
	source    Source // the current one, its place and what the terms met in it
	place     int
	ici       *[TermesMax]rencontres
	vers      *rencontres // of the current term
	etats     []*[TermesMax]rencontres
	travail   Travail
	mots      Mots
	tampon    [64]byte
	termes    [TermesMax]terme
	nbTermes  int
	ordre     []int // of the terms, the rarest first
	tranches  []tranche
	candidats []candidat
	marques   []uint16
	cles      []uint64
	cles2     []uint64
	bords     []int
	effort    int
	nombre    int
	parMot    int // answers that one near word may give, when it is alone; 0 for no bound
	rep       Reponse

	propositions []Proposition
}

// NouvelleRecherche makes one that obeys these rules; nil for [ReglesDefaut].
func NouvelleRecherche(regles *Regles) *Recherche {
	if regles == nil {
		regles = ReglesDefaut()
	}
	return &Recherche{regles: regles}
}

// Mot is the word of the last question that [Trouve.Par] numbers so, folded; "" for no
// such word.
func (r *Recherche) Mot(i int) string {
	if i < 0 || i >= r.nbTermes {
		return ""
	}
	return string(r.termes[i].texte())
}

// Bounds of one search: what it may touch, and how many candidates are crossed at
// once. An ordinal touched costs 3 to 5 ns.
const (
	effortMax = 200_000
	blocMax   = 4096
)

// epuise tells whether the search did all the work it may.
func (r *Recherche) epuise() bool {
	if r.effort > effortMax {
		r.rep.Partiel = true
	}
	return r.effort > effortMax
}

// Chercher asks a question of the segments of the directory together: whole words
// first, then, while answers are fewer than wanted, near words, then, when nothing
// answers, words two mistakes away, then records that lack a word.
func (r *Recherche) Chercher(d Demande, sources ...Source) *Reponse {
	r.commencer(sources)
	r.nombre = d.Nombre
	if r.nombre <= 0 {
		r.nombre = 10
	}
	r.nombre = min(r.nombre, NombreMax)
	r.lireQuestion(d.Texte, d.EnFrappe)
	r.rep.Mots = r.nbTermes
	for niveau := niveauExact; niveau <= niveauAbsence && r.nbTermes > 0 && r.encore(niveau); niveau++ {
		r.monter(niveau)
	}
	r.finir()
	return &r.rep
}

// commencer forgets the search before.
func (r *Recherche) commencer(sources []Source) {
	r.sources, r.effort = append(r.sources[:0], sources...), 0
	r.rep = Reponse{Trouves: r.rep.Trouves[:0]}
	for len(r.etats) < len(sources) {
		r.etats = append(r.etats, new([TermesMax]rencontres))
	}
	for _, e := range r.etats[:len(sources)] {
		for i := range e {
			e[i].vider()
		}
	}
}

// finir holds on to no source.
func (r *Recherche) finir() {
	clear(r.sources)
	r.source, r.ici, r.vers = nil, nil, nil
}

// chaque does something in each source.
func (r *Recherche) chaque(f func()) {
	for i, s := range r.sources {
		r.source, r.place, r.ici = s, i, r.etats[i]
		f()
	}
}

// encore tells whether a level is worth its work.
func (r *Recherche) encore(niveau int) bool {
	switch niveau {
	case niveauExact:
		return true
	case niveauProche:
		return len(r.rep.Trouves) < r.nombre && r.effort <= effortMax
	}
	return len(r.rep.Trouves) == 0 && r.effort <= effortMax
}

// monter seeks again with what a level adds.
func (r *Recherche) monter(niveau int) {
	r.vider()
	if niveau == niveauAbsence {
		r.absences()
		return
	}
	r.chaque(func() {
		for i := range r.nbTermes {
			r.apparier(i, niveau)
		}
	})
	if r.parMot = 0; r.nbTermes == 1 && niveau > niveauExact {
		r.parMot = parMotMax
	}
	r.parcourirTout()
	if n := len(r.rep.Trouves); r.parMot > 0 && n > 0 && n < r.nombre { // few near words: more of each
		r.vider()
		r.parMot = r.nombre * parMotMax / n
		r.parcourirTout()
	}
}

func (r *Recherche) vider() { r.rep.Trouves, r.rep.Partiel = r.rep.Trouves[:0], false }

func (r *Recherche) parcourirTout() {
	r.chaque(func() {
		r.ordonner(0)
		r.parcourir(0)
	})
}

// parMotMax keeps the bearers of one near name from hiding the other near names, when
// nothing else tells which is meant; of a frequent one, only the first portee are
// looked at.
const (
	parMotMax = 2
	portee    = 256
)

// absences leaves out the words that nothing bears, then each of the others in turn.
func (r *Recherche) absences() {
	r.rep.Absents = true
	muets, n := uint16(1)<<r.nbTermes-1, uint16(0)
	r.chaque(func() {
		for i := range r.nbTermes {
			if r.ici[i].total > 0 {
				muets &^= 1 << i
			}
		}
	})
	n = uint16(bits.OnesCount16(muets))
	if n > 0 {
		r.chaque(func() {
			r.ordonner(muets)
			r.parcourir(n * r.regles.Absent)
		})
		return
	}
	r.chaque(func() {
		for i := range r.nbTermes {
			if r.ordonner(1 << i); !r.epuise() {
				r.parcourir(r.regles.Absent)
			}
		}
	})
}

// ordonner lists the terms, the rarest first, without those of a set.
func (r *Recherche) ordonner(sans uint16) {
	r.ordre = r.ordre[:0]
	for i := range r.nbTermes {
		if sans>>i&1 == 0 {
			r.ordre = append(r.ordre, i)
		}
	}
	slices.SortFunc(r.ordre, func(a, b int) int { return r.ici[a].total - r.ici[b].total })
}

// parcourir crosses the terms of r.ordre, block by block of the rarest one, and ranks
// what bears them all. plus is added to each cost.
func (r *Recherche) parcourir(plus uint16) {
	if len(r.ordre) == 0 || r.ici[r.ordre[0]].total == 0 {
		return
	}
	base := &r.ici[r.ordre[0]]
	minimum := plus
	for _, i := range r.ordre[1:] {
		if r.ici[i].total == 0 {
			return
		}
		minimum += r.ici[i].liste[0].cout
	}
	k, place, vus := 0, 0, 0
	for k < len(base.liste) {
		if r.assez(minimum+base.liste[k].cout, vus) || r.epuise() {
			break
		}
		k, place = r.bloc(base, k, place)
		r.reunir(r.tranches, r.ordre[0])
		vus += len(r.candidats)
		for _, i := range r.ordre[1:] {
			r.croiserTerme(i)
		}
		for _, c := range r.candidats {
			r.classer(c, plus)
		}
	}
	for _, i := range r.ordre {
		r.rep.Partiel = r.rep.Partiel || r.ici[i].court && len(r.rep.Trouves) < r.nombre
	}
}

// assez tells whether what remains, which costs at least cout, can be left: it is
// further than all the answers, or as near and enough was seen.
func (r *Recherche) assez(cout uint16, vus int) bool {
	n := len(r.rep.Trouves)
	if n < r.nombre || r.rep.Trouves[n-1].Cout > cout {
		return false
	}
	if r.rep.Trouves[n-1].Cout < cout {
		return true
	}
	if vus >= blocMax {
		r.rep.Partiel = true
	}
	return vus >= blocMax
}

// bloc cuts the next block from the meetings of a term, from the meeting k at place.
func (r *Recherche) bloc(t *rencontres, k, place int) (int, int) {
	r.tranches = r.tranches[:0]
	for n := 0; k < len(t.liste) && n < blocMax; {
		m := &t.liste[k]
		tous := m.postings
		if r.parMot > 0 && m.classe > Frappe && len(tous) > portee {
			tous, r.rep.Partiel = tous[:portee], true
		}
		p := tous[place:min(len(tous), place+blocMax-n)]
		r.tranches = append(r.tranches, tranche{p, m, uint16(k)})
		n += len(p)
		if place += len(p); place == len(tous) {
			k, place = k+1, 0
		}
	}
	return k, place
}

// classer puts a candidate at its place among the answers.
func (r *Recherche) classer(c candidat, plus uint16) {
	l := r.rep.Trouves
	x := Trouve{Source: r.place, Ordinal: c.ordinal, Cout: c.cout + plus, par: c.par, mot: c.mot}
	if len(l) == r.nombre && x.Cout > l[len(l)-1].Cout {
		return
	}
	if x.Poids = r.source.Poids(x.Ordinal); x.Poids < 0 {
		return
	}
	if len(l) == r.nombre && !x.Avant(l[len(l)-1]) {
		return
	}
	if i := r.rival(l, x); i >= 0 {
		if !x.Avant(l[i]) {
			return
		}
		l = slices.Delete(l, i, i+1)
	}
	if len(l) == r.nombre {
		l = l[:len(l)-1]
	}
	l = append(l, x)
	for i := len(l) - 1; i > 0 && l[i].Avant(l[i-1]); i-- {
		l[i], l[i-1] = l[i-1], l[i]
	}
	r.rep.Trouves = l
}

// rival is the answer whose place x may only take: the same record, or the last of
// those that its word may give; -1 when there is none.
func (r *Recherche) rival(l []Trouve, x Trouve) int {
	n, dernier := 0, -1
	for i := range l {
		if l[i].Source != x.Source {
			continue
		}
		if l[i].Ordinal == x.Ordinal {
			return i
		}
		if l[i].mot == x.mot {
			n, dernier = n+1, i
		}
	}
	if _, classe, _ := x.Par(0); r.parMot > 0 && n >= r.parMot && classe > Frappe {
		return dernier
	}
	return -1
}
