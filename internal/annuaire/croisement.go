package annuaire

import (
	"sync"
	"unicode/utf8"
)

// References tells whether a record exists: an image, or a set made while loading.
type References interface {
	Existe(n Nature, id string) bool
}

// Croisement remembers what it takes to compare the records of one load with each
// other: 64-bit fingerprints, never a name. It takes 16 octets for each professional,
// mailbox and structure, and may be shared by several goroutines.
type Croisement struct {
	parts [partsCroisement]partCroisement
}

// partsCroisement cuts the tables so that goroutines seldom wait for one another.
const partsCroisement = 64

type partCroisement struct {
	mu    sync.Mutex
	table empreintes
	_     [24]byte // apart in the processor's cache
}

// NouveauCroisement makes room for a number of records, which may be exceeded.
func NouveauCroisement(fiches int) *Croisement {
	c := new(Croisement)
	for i := range c.parts {
		c.parts[i].table.reserver(fiches/partsCroisement + 1)
	}
	return c
}

// The spaces of keys, so that a mailbox is not taken for a professional.
const (
	espaceTraits = 1 + iota
	espaceBAL
	espacePorteur
	espaceFiche // plus the nature
)

// premier gives the value kept under a key, and keeps v when there was none.
func (c *Croisement) premier(cle, v uint64) (deja uint64, nouveau bool) {
	p := &c.parts[cle>>58]
	p.mu.Lock()
	deja, nouveau = p.table.poser(cle, v)
	p.mu.Unlock()
	return deja, nouveau
}

func (c *Croisement) valeur(cle uint64) (uint64, bool) {
	p := &c.parts[cle>>58]
	p.mu.Lock()
	v, ok := p.table.lire(cle)
	p.mu.Unlock()
	return v, ok
}

// Connaitre keeps that a record exists, for Existe.
func (c *Croisement) Connaitre(n Nature, id string) {
	c.premier(empreinte(espaceFiche+uint64(n), id), 1)
}

// Existe implements References, for what Connaitre was told.
func (c *Croisement) Existe(n Nature, id string) bool {
	_, ok := c.valeur(empreinte(espaceFiche+uint64(n), id))
	return ok
}

// empreintes is a table from non-null keys to values, by linear probing.
type empreintes struct {
	cles, valeurs []uint64
	n             int
}

func (t *empreintes) reserver(n int) {
	taille := 64
	for taille*3 < n*4 {
		taille *= 2
	}
	t.cles, t.valeurs = make([]uint64, taille), make([]uint64, taille)
}

func (t *empreintes) place(cle uint64) int {
	masque := uint64(len(t.cles) - 1)
	i := cle & masque
	for t.cles[i] != 0 && t.cles[i] != cle {
		i = (i + 1) & masque
	}
	return int(i)
}

func (t *empreintes) lire(cle uint64) (uint64, bool) {
	if t.n == 0 {
		return 0, false
	}
	i := t.place(cle)
	return t.valeurs[i], t.cles[i] == cle
}

func (t *empreintes) poser(cle, v uint64) (deja uint64, nouveau bool) {
	if (t.n+1)*4 > len(t.cles)*3 {
		t.grandir()
	}
	i := t.place(cle)
	if t.cles[i] == cle {
		return t.valeurs[i], false
	}
	t.cles[i], t.valeurs[i] = cle, v
	t.n++
	return v, true
}

func (t *empreintes) grandir() {
	cles, valeurs := t.cles, t.valeurs
	t.reserver(max(64, len(cles)*3/2))
	for i, c := range cles {
		if c != 0 {
			j := t.place(c)
			t.cles[j], t.valeurs[j] = c, valeurs[i]
		}
	}
}

// FNV-1a, mixed at the end so that all the bits of a key may choose its place.
const (
	fnvDebut   = 14695981039346656037
	fnvPremier = 1099511628211
)

func commencer(espace uint64) uint64 { return (fnvDebut ^ espace) * fnvPremier }

func ajouter(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPremier
	}
	return (h ^ 0xff) * fnvPremier // no octet of UTF-8: "ab","c" is not "a","bc"
}

// ajouterPlie adds a text without case, accents, spaces nor hyphens.
func ajouterPlie(h uint64, s string) uint64 {
	for i := 0; i < len(s); {
		c, n := rune(s[i]), 1
		if c >= utf8.RuneSelf {
			c, n = utf8.DecodeRuneInString(s[i:])
		}
		i += n
		if l := lettreNue(c); l != 0 {
			h = (h ^ uint64(l)) * fnvPremier
		}
	}
	return (h ^ 0xff) * fnvPremier
}

// ajouterBas adds a text of ASCII in lower case.
func ajouterBas(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(minuscule(s[i]))) * fnvPremier
	}
	return (h ^ 0xff) * fnvPremier
}

func finir(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return max(h, 1)
}

func empreinte(espace uint64, s string) uint64 { return finir(ajouter(commencer(espace), s)) }

func minuscule(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// nues are the letters under U+00C0 to U+00FF, '.' for what is not a letter.
const nues = "AAAAAAACEEEEIIIIDNOOOOO.OUUUUYPSAAAAAAACEEEEIIIIDNOOOOO.OUUUUYPY"

// lettreNue is a letter in capitals without its accent, itself beyond Latin 1, and 0
// for what separates words.
func lettreNue(c rune) rune {
	switch {
	case 'a' <= c && c <= 'z':
		return c - 'a' + 'A'
	case 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return c
	case 0xC0 <= c && c <= 0xFF:
		if n := nues[c-0xC0]; n != '.' {
			return rune(n)
		}
		return 0
	case c < 0xC0, 0x300 <= c && c <= 0x36F, c == 0x2019: // signs, accents apart, apostrophe
		return 0
	}
	return c
}
