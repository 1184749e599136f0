package lexique

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"slices"
)

// Index says what a dictionary can be asked besides whole words and beginnings.
type Index struct {
	Fautes     bool // [Lexique.Proches]
	Sons       bool // [Lexique.Sons]
	Trigrammes bool // [Lexique.Contient] without reading all the words
}

// Errors of [Batir]: bugs of the caller.
var (
	ErrOrdre = errors.New("lexique: les mots ne sont pas triés, distincts et non vides")
	ErrTrop  = errors.New("lexique: trop de mots pour un dictionnaire")
)

// Batir makes the bytes of a dictionary from distinct words in the order of their
// bytes, each with its weight: how many records bear it. Words longer than [MotMax]
// are kept, and are not found through mistakes or sounds.
func Batir(mots iter.Seq2[[]byte, uint32], index Index) ([]byte, error) {
	c := &chantier{bornes: []uint32{0}}
	for mot, poids := range mots {
		if err := c.ajouter(mot, poids); err != nil {
			return nil, err
		}
	}
	c.l.n = uint32(len(c.poids))
	c.s[sTextes] = c.textes
	c.s[sBornes] = octetsDe(c.bornes)
	c.s[sPoids] = octetsDe(c.poids)
	c.s[sMaxima] = octetsDe(maxima(c.poids))
	c.l.s[sTextes], c.l.s[sBornes] = c.s[sTextes], c.s[sBornes]
	var log2 uint32
	if index.Fautes {
		log2 = c.fautes()
	}
	if index.Sons {
		c.sons()
	}
	if index.Trigrammes {
		c.trigrammes()
	}
	return c.ecrire(log2), nil
}

// chantier is a dictionary being made.
type chantier struct {
	textes []byte
	bornes []uint32
	poids  []uint32
	s      [nSections][]byte
	l      Lexique // enough of it to read the words
}

func (c *chantier) ajouter(mot []byte, poids uint32) error {
	if n := len(c.poids); len(mot) == 0 || n > 0 && bytes.Compare(c.textes[c.bornes[n-1]:], mot) >= 0 {
		return fmt.Errorf("%w: rang %d", ErrOrdre, n)
	}
	if len(c.poids)+1 >= maxNombre || len(c.textes)+len(mot) > maxTextes {
		return ErrTrop
	}
	c.textes = append(c.textes, mot...)
	c.bornes = append(c.bornes, uint32(len(c.textes)))
	c.poids = append(c.poids, poids)
	return nil
}

// maxima are the levels above the weights.
func maxima(poids []uint32) []uint32 {
	var tout []uint32
	for etage := poids; len(etage) > eventail; {
		debut := len(tout)
		for g := range slices.Chunk(etage, eventail) {
			tout = append(tout, slices.Max(g))
		}
		etage = slices.Clone(tout[debut:])
	}
	return tout
}

// fautes counts the entries of each block, then puts each in its place: nothing is
// sorted and nothing more is held.
func (c *chantier) fautes() uint32 {
	fiches := 0
	for i := range c.l.n {
		suppressions(c.l.Mot(i), func(uint64) { fiches++ })
	}
	log2 := log2Filtre(fiches)
	decalage, blocs := 64-log2, 1<<(log2-6)
	filtre, debuts := make([]uint64, blocs), make([]uint32, blocs+1)
	for i := range c.l.n {
		suppressions(c.l.Mot(i), func(h uint64) {
			b := h >> decalage >> 6
			filtre[b] |= masque(h >> (decalage - 10))
			debuts[b+1]++
		})
	}
	for b := range blocs {
		debuts[b+1] += debuts[b]
	}
	marques, mots := make([]byte, 2*fiches), make([]byte, 4*fiches)
	for i := range c.l.n {
		suppressions(c.l.Mot(i), func(h uint64) {
			b := h >> decalage >> 6
			k := debuts[b]
			debuts[b]++
			binary.LittleEndian.PutUint16(marques[2*k:], marque(h, uint8(decalage)))
			binary.LittleEndian.PutUint32(mots[4*k:], i)
		})
	}
	copy(debuts[1:], debuts) // each had become the beginning of the next
	debuts[0] = 0
	c.s[sFiltre] = octetsDe64(filtre)
	c.s[sDebuts], c.s[sMarques], c.s[sFiches] = octetsDe(debuts), marques, mots
	return log2
}

// suppressions gives the mixed keys of a word and of it less one letter.
func suppressions(mot []byte, f func(uint64)) {
	if len(mot) < 2 || len(mot) > MotMax {
		return
	}
	f(meler(cle(mot)))
	for j := range mot {
		if j > 0 && mot[j] == mot[j-1] {
			continue
		}
		h := cle(mot[:j])
		for _, c := range mot[j+1:] {
			h = h*base + uint64(c)
		}
		f(meler(h))
	}
}

// marque is what an entry keeps of its key: the 16 bits under those of its block.
func marque(h uint64, decalage uint8) uint16 {
	return uint16(h >> (decalage - 10))
}

// sons sorts the words by phonetic key, the heaviest first.
func (c *chantier) sons() {
	type son struct {
		cle, mot uint32
	}
	tous := make([]son, c.l.n)
	var tampon []byte
	for i := range c.l.n {
		tampon = Phonetique(tampon[:0], c.l.Mot(i))
		tous[i] = son{cleSon(tampon), i}
	}
	slices.SortFunc(tous, func(a, b son) int {
		return cmp.Or(cmp.Compare(a.cle, b.cle), cmp.Compare(c.poids[b.mot], c.poids[a.mot]), cmp.Compare(a.mot, b.mot))
	})
	cles, mots := make([]uint32, len(tous)), make([]uint32, len(tous))
	for k, s := range tous {
		cles[k], mots[k] = s.cle, s.mot
	}
	c.s[sSons], c.s[sSonsMots] = octetsDe(cles), octetsDe(mots)
}

// cleSon hashes a phonetic key.
func cleSon(son []byte) uint32 { return uint32(meler(cle(son)) >> 32) }

// ecrire puts the sections after the header, and the checksum in it.
func (c *chantier) ecrire(log2 uint32) []byte {
	taille := tailleEntete
	for _, s := range c.s {
		taille += (len(s) + 7) &^ 7
	}
	b := make([]byte, tailleEntete, taille)
	copy(b, signature)
	binary.LittleEndian.PutUint32(b[8:], version)
	binary.LittleEndian.PutUint32(b[16:], c.l.n)
	binary.LittleEndian.PutUint32(b[20:], log2)
	for i, s := range c.s {
		binary.LittleEndian.PutUint64(b[24+16*i:], uint64(len(b)))
		binary.LittleEndian.PutUint64(b[32+16*i:], uint64(len(s)))
		b = append(b, s...)
		b = append(b, make([]byte, -len(s)&7)...)
		c.s[i] = nil
	}
	binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(b[16:], castagnoli))
	return b
}

func octetsDe(l []uint32) []byte {
	b := make([]byte, 0, 4*len(l))
	for _, x := range l {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return b
}

func octetsDe64(l []uint64) []byte {
	b := make([]byte, 0, 8*len(l))
	for _, x := range l {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	return b
}
