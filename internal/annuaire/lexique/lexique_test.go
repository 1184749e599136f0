package lexique

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var motifs = [...]string{`[ABCE]{1,7}|[A-E]{2,12}`, `[ABCE]{1,7}|[A-E0]{2,12}`}

// petits are words close to one another, so that near ones are many.
func petits(r *rapid.T) ([][]byte, []uint32) {
	l := rapid.SliceOfDistinct(rapid.StringMatching(motifs[rapid.IntRange(0, 1).Draw(r, "alphabet")]), func(s string) string { return s }).Draw(r, "mots")
	slices.Sort(l)
	var mots [][]byte
	var poids []uint32
	for _, m := range l {
		mots = append(mots, []byte(m))
		poids = append(poids, rapid.Uint32Range(0, 20).Draw(r, "poids"))
	}
	return mots, poids
}

func TestOSA(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a := []byte(rapid.StringMatching(`[ABC]{1,14}|[A-D]{40,48}`).Draw(r, "a"))
		b := []byte(rapid.StringMatching(`[ABC]{0,14}|[A-D]{40,48}`).Draw(r, "b"))
		var tr Travail
		tr.preparer(a)
		if got, attendu := tr.osa(len(a), b), osaLent(a, b); got != attendu {
			r.Fatalf("%s %s : %d, attendu %d", a, b, got, attendu)
		}
		if tr.effacer(a); tr.masques != [256]uint64{} {
			r.Fatal("masques restants")
		}
	})
}

// Every operation against its definition, on small dictionaries of words that
// resemble one another.
func TestLexique(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		mots, poids := petits(r)
		l := batir(t, mots, poids)
		var tr Travail
		q := []byte(rapid.StringMatching(`[ABCE]{1,8}|[A-E]{1,12}|[A-E0]{1,6}`).Draw(r, "question"))

		rang, ok := l.Exact(q)
		if i, vu := slices.BinarySearchFunc(mots, q, bytes.Compare); ok != vu || ok && int(rang) != i {
			r.Fatalf("exact %d %v, attendu %d %v", rang, ok, i, vu)
		}
		lourds := func(garde func(m []byte) bool) (l []uint32) {
			for i, m := range mots {
				if garde(m) {
					l = append(l, uint32(i))
				}
			}
			slices.SortStableFunc(l, func(a, b uint32) int { return cmp.Compare(poids[b], poids[a]) })
			return l
		}
		limite := rapid.IntRange(1, 30).Draw(r, "limite")
		attendu := lourds(func(m []byte) bool { return bytes.HasPrefix(m, q) })
		if got := l.Debuts(&tr, q, limite); !slices.Equal(got, attendu[:min(limite, len(attendu))]) {
			r.Fatalf("débuts %v, attendu %v", got, attendu)
		}
		son := Phonetique(nil, q)
		attendu = lourds(func(m []byte) bool { return bytes.Equal(Phonetique(nil, m), son) })
		if got := l.Sons(&tr, q, limite); !slices.Equal(got, attendu[:min(limite, len(attendu))]) {
			r.Fatalf("sons %v, attendu %v", got, attendu)
		}
		attendu = lourds(func(m []byte) bool { return bytes.Contains(m, q) })
		slices.Sort(attendu)
		if got := l.Contient(&tr, nil, q, limite); !slices.Equal(got, attendu[:min(limite, len(attendu))]) {
			r.Fatalf("contient %v, attendu %v", got, attendu)
		}
		verifierProches(r, l, &tr, mots, poids, q, limite)
	})
}

func verifierProches(r interface{ Fatalf(string, ...any) }, l *Lexique, tr *Travail, mots [][]byte, poids []uint32, q []byte, limite int) {
	if len(q) < 2 {
		return
	}
	chiffres := bytes.ContainsRune(bytes.Join(append(slices.Clone(mots), q), nil), '0')
	for mx := range 3 {
		if mx == 2 && chiffres {
			continue // two letters guessed at once are letters
		}
		var attendu []Voisin
		for i, m := range mots {
			if d := osaLent(q, m); d <= mx && (len(m) > 1 || d == 0) {
				attendu = append(attendu, Voisin{uint32(i), uint8(d)})
			}
		}
		slices.SortStableFunc(attendu, func(a, b Voisin) int {
			return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(poids[b.Rang], poids[a.Rang]))
		})
		attendu = attendu[:min(limite, len(attendu))]
		if got := l.Proches(tr, q, mx, limite); !slices.Equal(got, attendu) {
			r.Fatalf("proches de %s à %d : %v, attendu %v", q, mx, got, attendu)
		}
	}
}

// On the great dictionary, against the distance of all the words.
func TestProchesGrand(t *testing.T) {
	d := grand()
	var tr Travail
	r := rand.New(rand.NewPCG(3, 3))
	for range 10 {
		q := fauter(r, fauter(r, d.mots[d.tirer(r)]))
		if len(q) < 4 {
			continue
		}
		var attendu []uint64
		tr.preparer(q)
		for i, m := range d.mots {
			if e := tr.osa(len(q), m); e <= 2 {
				attendu = append(attendu, uint64(e)<<62|uint64(poidsTri-d.poids[i])<<32|uint64(i))
			}
		}
		tr.effacer(q)
		slices.Sort(attendu)
		got := d.l.Proches(&tr, q, 2, CandidatsMax)
		if tr.nbVus == CandidatsMax {
			continue // said in the contract: those seen first are kept
		}
		if len(got) != len(attendu) {
			t.Fatalf("%s : %d voisins, attendu %d", q, len(got), len(attendu))
		}
		for k, v := range got {
			if v.Rang != uint32(attendu[k]) || v.Distance != uint8(attendu[k]>>62) {
				t.Fatalf("%s : %v au rang %d", q, v, k)
			}
		}
	}
}

// At least 95 of 100 mistakes are found: one mistake in a name as one meets them, and
// the meant name is among the first 32. ref: DEC 36
func TestRappel(t *testing.T) {
	d := grand()
	var tr Travail
	for fautes, seuil := range []float64{1, 0.99, 0.90} {
		r := rand.New(rand.NewPCG(11, uint64(fautes)))
		trouves, tires := 0, 0
		for range 5000 {
			vise := d.tirer(r)
			q := d.mots[vise]
			for range fautes {
				q = fauter(r, q)
			}
			if len(q) < 3 {
				continue
			}
			tires++
			for _, v := range d.l.Proches(&tr, q, max(1, fautes), 32) {
				if v.Rang == uint32(vise) {
					trouves++
					break
				}
			}
		}
		rappel := float64(trouves) / float64(tires)
		t.Logf("%d faute(s) : %.2f %% retrouvés", fautes, 100*rappel)
		if rappel < seuil {
			t.Errorf("%d faute(s) : %.3f, attendu %.3f", fautes, rappel, seuil)
		}
	}
}

func TestNAllouePas(t *testing.T) {
	d := grand()
	tr, dst := &Travail{}, make([]uint32, 0, 500_000)
	q := []byte("BOUCHEREAU")
	f := func() {
		d.l.Proches(tr, q, 2, 32)
		d.l.Debuts(tr, q[:2], 32)
		d.l.Sons(tr, q, 32)
		dst = d.l.Contient(tr, dst[:0], q[2:6], 0)
	}
	f()
	if n := testing.AllocsPerRun(20, f); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestBatirRefuse(t *testing.T) {
	for nom, mots := range map[string][][]byte{
		"désordre": {[]byte("B"), []byte("A")}, "double": {[]byte("A"), []byte("A")}, "vide": {[]byte("")},
	} {
		if _, err := Batir(suite(mots, []uint32{1, 1}), Index{}); !errors.Is(err, ErrOrdre) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

// Without its indexes, a dictionary still answers what needs none.
func TestSansIndex(t *testing.T) {
	b, err := Batir(suite([][]byte{[]byte("AB"), []byte("ABC")}, []uint32{1, 2}), Index{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := Ouvrir(b)
	if err != nil {
		t.Fatal(err)
	}
	var tr Travail
	if v := l.Proches(&tr, []byte("AB"), 2, 9); len(v) != 1 {
		t.Error(v)
	}
	if v := l.Sons(&tr, []byte("AB"), 9); len(v) != 0 {
		t.Error(v)
	}
	if v := l.Contient(&tr, nil, []byte("ABC"), 9); len(v) != 1 || v[0] != 1 {
		t.Error(v)
	}
}

// Any one byte altered is refused; so is any cut.
func TestOuvrirRefuse(t *testing.T) {
	mots, poids := noms(40, 2)
	b, err := Batir(suite(mots, poids), tout)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		x := bytes.Clone(b)
		x[i] ^= 0x41
		if _, err := Ouvrir(x); !errors.Is(err, ErrForme) {
			t.Fatalf("octet %d altéré : %v", i, err)
		}
		if _, err := Ouvrir(b[:i]); !errors.Is(err, ErrForme) {
			t.Fatalf("coupé à %d : %v", i, err)
		}
	}
}

// Bytes whose checksum is right and whose contents are not: an error or false
// answers, never a panic nor an endless search.
func FuzzOuvrir(f *testing.F) {
	for _, n := range []int{0, 1, 17, 60} {
		mots, poids := noms(n, 2)
		b, _ := Batir(suite(mots, poids), tout)
		f.Add(b, []byte("BOUCHER"), uint32(30), uint64(1))
		f.Add(b, []byte("AB"), uint32(tailleEntete), ^uint64(0))
	}
	f.Fuzz(func(t *testing.T, b, q []byte, place uint32, valeur uint64) {
		if len(b) >= 24 {
			b = bytes.Clone(b)
			if p := int(place) % (len(b) - 7); p >= 16 {
				binary.LittleEndian.PutUint64(b[p:], valeur)
			}
			binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(b[16:], castagnoli))
		}
		l, err := Ouvrir(b)
		if err != nil {
			return
		}
		var tr Travail
		l.Exact(q)
		l.Debuts(&tr, q[:min(2, len(q))], 20)
		l.Sons(&tr, q, 20)
		for _, v := range l.Proches(&tr, q, 2, 20) {
			l.Mot(v.Rang)
		}
		l.Contient(&tr, nil, q, 100)
	})
}

// Inner search in the great dictionary, with and without the lists.
func TestContientGrand(t *testing.T) {
	d := grand()
	var tr Travail
	for _, motif := range []string{"A", "EAU", "EAUX", "BRAN", "CHEAU", "RTHEAUX", "ZZZ", "GRANDEAUX"} {
		var attendu []uint32
		for i, m := range d.mots {
			if bytes.Contains(m, []byte(motif)) {
				attendu = append(attendu, uint32(i))
			}
		}
		if got := d.l.Contient(&tr, nil, []byte(motif), 0); !slices.Equal(got, attendu) {
			t.Errorf("%s : %d mots, attendu %d", motif, len(got), len(attendu))
		}
		for _, limite := range []int{1, 64, 65, 1000} {
			if got := d.l.Contient(&tr, []uint32{7}, []byte(motif), limite); !slices.Equal(got[1:], attendu[:min(limite, len(attendu))]) {
				t.Errorf("%s limité à %d : %d mots", motif, limite, len(got)-1)
			}
		}
	}
}
