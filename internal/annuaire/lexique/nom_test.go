package lexique

import (
	"bytes"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The made-up names of these tests: French syllables, seeded, borne as names are
// (Zipf). They are nobody's.
var (
	attaques = strings.Fields("b br c ch cl cr d dr f fl fr g gl gr gu j l m n p ph pl pr qu r s t th tr v vr")
	noyaux   = strings.Fields("a a a e e e i i o o u ou ai au eau oi an en in on un ie ei eu y")
	codes    = strings.Fields("- - - - - - l r n s t x ll rt nd rd nt ng")
	finales  = strings.Fields("et ot eau eaux ier in on ard aud el ain ais ez y ac as ert and ois oux e e - -")
)

func nomInvente(r *rand.Rand) []byte {
	var b strings.Builder
	for range 1 + r.IntN(4)/3 {
		b.WriteString(attaques[r.IntN(len(attaques))])
		b.WriteString(noyaux[r.IntN(len(noyaux))])
		b.WriteString(codes[r.IntN(len(codes))])
	}
	b.WriteString(attaques[r.IntN(len(attaques))])
	b.WriteString(finales[r.IntN(len(finales))])
	return Plier(nil, strings.ReplaceAll(b.String(), "-", ""))
}

// noms makes n distinct names with their weights, in order.
func noms(n int, graine uint64) (mots [][]byte, poids []uint32) {
	r := rand.New(rand.NewPCG(graine, 5))
	vus := map[string]uint32{}
	for len(vus) < n {
		m := string(nomInvente(r))
		if _, vu := vus[m]; !vu && len(m) >= 3 {
			vus[m] = uint32(math.Ceil(8000 / math.Pow(float64(len(vus)+1), 0.8)))
		}
	}
	for m := range vus {
		mots = append(mots, []byte(m))
	}
	slices.SortFunc(mots, bytes.Compare)
	for _, m := range mots {
		poids = append(poids, vus[string(m)])
	}
	return mots, poids
}

func suite(mots [][]byte, poids []uint32) iter.Seq2[[]byte, uint32] {
	return func(yield func([]byte, uint32) bool) {
		for i, m := range mots {
			if !yield(m, poids[i]) {
				return
			}
		}
	}
}

var tout = Index{Fautes: true, Sons: true, Trigrammes: true}

func batir(t testing.TB, mots [][]byte, poids []uint32) *Lexique {
	t.Helper()
	b, err := Batir(suite(mots, poids), tout)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Ouvrir(b)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

type dictionnaire struct {
	mots  [][]byte
	poids []uint32
	cumul []uint64
	l     *Lexique
	n     int // bytes
}

// grand is the dictionary of the measures. ref: DEC 36
var grand = sync.OnceValue(func() *dictionnaire {
	d := &dictionnaire{}
	d.mots, d.poids = noms(grandNombre, 1)
	b, err := Batir(suite(d.mots, d.poids), tout)
	if err != nil {
		panic(err)
	}
	if d.l, err = Ouvrir(b); err != nil {
		panic(err)
	}
	d.n = len(b)
	var c uint64
	for _, p := range d.poids {
		c += uint64(p)
		d.cumul = append(d.cumul, c)
	}
	return d
})

// tirer draws a name as one meets it: the frequent ones often.
func (d *dictionnaire) tirer(r *rand.Rand) int {
	i, _ := slices.BinarySearch(d.cumul, r.Uint64N(d.cumul[len(d.cumul)-1])+1)
	return i
}

// fauter makes one typing mistake in a word of two letters or more.
func fauter(r *rand.Rand, m []byte) []byte {
	i := r.IntN(len(m))
	lettre := byte('A' + r.IntN(26))
	switch r.IntN(5) {
	case 0: // substitution
		x := bytes.Clone(m)
		x[i] = lettre
		return x
	case 1: // deletion
		return slices.Delete(bytes.Clone(m), i, i+1)
	case 2: // insertion
		return slices.Insert(bytes.Clone(m), i, lettre)
	case 3: // doubled letter
		return slices.Insert(bytes.Clone(m), i, m[i])
	}
	x := bytes.Clone(m)
	i = r.IntN(len(m) - 1)
	x[i], x[i+1] = x[i+1], x[i]
	return x
}

// osaLent is the distance by its definition: the oracle of osa.
func osaLent(a, b []byte) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			c := 1
			if a[i-1] == b[j-1] {
				c = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+c)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
