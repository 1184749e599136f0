package lexique

import "math/bits"

// Recherche answers questions one after the other and allocates only the first times.
// It serves one goroutine at a time.
type Recherche struct {
	regles      *Regles
	sources     []Source
	source      Source // the current one, its place and what the terms met in it
	place       int
	ici         *[TermesMax]rencontres
	vers        *rencontres // of the current term
	etats       []*[TermesMax]rencontres
	travail     Travail
	mots        Mots
	tampon      [64]byte
	termes      [TermesMax]terme
	nbTermes    int
	ordre       []int // of the terms, the rarest first
	tranches    []tranche
	candidats   []candidat
	marques     []uint16
	cles        []uint64
	cles2       []uint64
	bords       []int
	echantillon []uint32
	effort      int
	nombre      int
	parMot      int // answers that one near word may give, when it is alone; 0 for no bound
	rep         Reponse

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
// once. An ordinal touched costs 3 to 5 ns. The words are sought with half of it at
// most, so that something is left to cross them.
const (
	effortMax  = 200_000
	effortMots = effortMax / 2
	blocMax    = 4096
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
	r.rep.Partiel = false
	if niveau == niveauAbsence {
		r.absences()
		return
	}
	if r.nbTermes == 1 {
		r.vider() // parMot orders the answers otherwise
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
// nothing else tells which is meant; of a frequent one, only portee are looked at.
const (
	parMotMax = 1
	portee    = 64
)

// absences leaves out the words that nothing bears, then one of the others as well,
// each in turn.
func (r *Recherche) absences() {
	r.rep.Absents = true
	muets := uint16(1)<<r.nbTermes - 1
	r.chaque(func() {
		for i := range r.nbTermes {
			if r.ici[i].total > 0 {
				muets &^= 1 << i
			}
		}
	})
	n := uint16(bits.OnesCount16(muets))
	if n > 0 {
		r.chaque(func() {
			r.ordonner(muets)
			r.parcourir(n * r.regles.Absent)
		})
	}
	if len(r.rep.Trouves) > 0 {
		return
	}
	r.chaque(func() {
		for i := range r.nbTermes {
			if muets>>i&1 == 0 && !r.epuise() {
				r.ordonner(muets | 1<<i)
				r.parcourir((n + 1) * r.regles.Absent)
			}
		}
	})
}
