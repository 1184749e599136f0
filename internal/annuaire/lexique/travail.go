package lexique

// Travail is what a search writes on, kept from one to the next so that nothing is
// allocated. It serves one goroutine at a time.
type Travail struct {
	rangs   []uint32
	tas     []groupe
	voisins []Voisin
	tris    []uint64
	son     []byte

	masques [256]uint64 // of the asked word, for osa
	vus     [vusMax]uint64
	tour    uint32
	nbVus   int

	prefixes, suffixes, puissances [MotMax + 4]uint64
	tampon                         [MotMax + 2]byte
	listes                         [4]liste
	appel                          byte // see [Lexique.verifier]
}

// vusMax is a power of two, twice as many as the candidates of one search.
const vusMax = 8192

// CandidatsMax is how many words one search of near words measures at most.
const CandidatsMax = vusMax / 2

// voir tells whether a word is met for the first time in this turn. When the table is
// half full everything was seen: the search then ends with what it has.
func (t *Travail) voir(rang uint32) bool {
	v := uint64(t.tour)<<32 | uint64(rang)
	for i := rang * 0x9E3779B1 >> 19; ; i = (i + 1) % vusMax {
		switch {
		case t.vus[i] == v:
			return false
		case uint32(t.vus[i]>>32) != t.tour:
			if t.nbVus >= CandidatsMax {
				return false
			}
			t.nbVus++
			t.vus[i] = v
			return true
		}
	}
}

// tourner forgets what was seen.
func (t *Travail) tourner() {
	t.tour++
	t.nbVus = 0
	if t.tour == 0 {
		clear(t.vus[:])
		t.tour = 1
	}
}
