package lexique

import "slices"

// Demande is a question as a person writes it.
type Demande struct {
	Texte    string
	Nombre   int  // answers wanted, up to [NombreMax]; 0 for 10
	EnFrappe bool // the last word is perhaps not finished
}

// Trouve is a record that answers.
type Trouve struct {
	Ordinal uint32
	Cout    uint16 // 0 for the nearest; comparable between sources under the same rules
	Poids   int    // as the source said
	par     uint64
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
	return t.Poids > u.Poids || t.Poids == u.Poids && t.Ordinal < u.Ordinal
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
	source    Source
	travail   Travail
	mots      Mots
	tampon    [64]byte
	termes    [TermesMax]terme
	nbTermes  int
	ordre     []int // of the terms, the rarest first
	tranches  []tranche
	candidats []candidat
	marques   []uint8
	cles      []uint64
	cles2     []uint64
	bords     []int
	effort    int
	nombre    int
	rep       Reponse
}

// NouvelleRecherche makes one that obeys these rules; nil for [ReglesDefaut].
func NouvelleRecherche(regles *Regles) *Recherche {
	if regles == nil {
		regles = ReglesDefaut()
	}
	return &Recherche{regles: regles}
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

// Chercher answers a question: whole words first, then, while answers are fewer than
// wanted, near words, then, when nothing answers, words two mistakes away, then
// records that lack a word.
func (r *Recherche) Chercher(s Source, d Demande) *Reponse {
	r.source, r.effort = s, 0
	r.nombre = d.Nombre
	if r.nombre <= 0 {
		r.nombre = 10
	}
	r.nombre = min(r.nombre, NombreMax)
	r.rep = Reponse{Trouves: r.rep.Trouves[:0]}
	r.lireQuestion(d.Texte, d.EnFrappe)
	r.rep.Mots = r.nbTermes
	for niveau := niveauExact; niveau <= niveauAbsence && r.nbTermes > 0 && r.encore(niveau); niveau++ {
		r.monter(niveau)
	}
	r.source = nil
	return &r.rep
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
	r.rep.Trouves, r.rep.Partiel = r.rep.Trouves[:0], false
	if niveau == niveauAbsence {
		r.absences()
		return
	}
	for i := range r.nbTermes {
		r.apparier(&r.termes[i], niveau)
	}
	r.ordonner(-1)
	r.parcourir(0)
}

// absences leaves out the words that nothing bears, then each of the others in turn.
func (r *Recherche) absences() {
	r.rep.Absents = true
	r.ordonner(-1)
	muets := 0
	for len(r.ordre) > 0 && r.termes[r.ordre[0]].total == 0 {
		r.ordre = r.ordre[1:]
		muets++
	}
	if muets > 0 {
		r.parcourir(uint16(muets) * r.regles.Absent)
		return
	}
	for i := range r.nbTermes {
		if r.ordonner(i); !r.epuise() {
			r.parcourir(r.regles.Absent)
		}
	}
}

// ordonner lists the terms, the rarest first, without one of them.
func (r *Recherche) ordonner(sans int) {
	r.ordre = r.ordre[:0]
	for i := range r.nbTermes {
		if i != sans {
			r.ordre = append(r.ordre, i)
		}
	}
	slices.SortFunc(r.ordre, func(a, b int) int { return r.termes[a].total - r.termes[b].total })
}

// parcourir crosses the terms of r.ordre, block by block of the rarest one, and ranks
// what bears them all. plus is added to each cost.
func (r *Recherche) parcourir(plus uint16) {
	if len(r.ordre) == 0 || r.termes[r.ordre[0]].total == 0 {
		return
	}
	base := &r.termes[r.ordre[0]]
	minimum := plus
	for _, i := range r.ordre[1:] {
		if r.termes[i].total == 0 {
			return
		}
		minimum += r.termes[i].liste[0].cout
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
			r.croiserTerme(&r.termes[i], i)
		}
		for _, c := range r.candidats {
			r.classer(c, plus)
		}
	}
	for _, i := range r.ordre {
		r.rep.Partiel = r.rep.Partiel || r.termes[i].court && len(r.rep.Trouves) < r.nombre
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
func (r *Recherche) bloc(t *terme, k, place int) (int, int) {
	r.tranches = r.tranches[:0]
	for n := 0; k < len(t.liste) && n < blocMax; {
		m := &t.liste[k]
		p := m.postings[place:min(len(m.postings), place+blocMax-n)]
		r.tranches = append(r.tranches, tranche{p, m})
		n += len(p)
		if place += len(p); place == len(m.postings) {
			k, place = k+1, 0
		}
	}
	return k, place
}

// classer puts a candidate at its place among the answers.
func (r *Recherche) classer(c candidat, plus uint16) {
	l := r.rep.Trouves
	x := Trouve{Ordinal: c.ordinal, Cout: c.cout + plus, par: c.par}
	if len(l) == r.nombre && x.Cout > l[len(l)-1].Cout {
		return
	}
	if x.Poids = r.source.Poids(x.Ordinal); x.Poids < 0 {
		return
	}
	if len(l) == r.nombre && !x.Avant(l[len(l)-1]) {
		return
	}
	if i := slices.IndexFunc(l, func(t Trouve) bool { return t.Ordinal == x.Ordinal }); i >= 0 {
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
