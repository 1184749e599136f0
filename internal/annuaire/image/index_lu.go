package image

import (
	"slices"
	"strings"
)

// dictionnaire is an index of terms, read where it lies.
type dictionnaire struct {
	fins   []uint32 // of each term
	debuts []uint32 // of the postings of each term, and the end
	textes []byte
	postes []uint32
}

func lireDictionnaire(b []byte) (d dictionnaire, err error) {
	if len(b) < 16 {
		return d, ErrImage
	}
	t := vueDe[uint64](b[:16])
	n, p := t[0], t[1]
	reste := uint64(len(b) - 16)
	if n > reste/8 || p > reste/4 || 4*n+4*(n+1)+4*p > reste {
		return d, ErrImage
	}
	b = b[16:]
	d.fins, b = vueDe[uint32](b[:4*n]), b[4*n:]
	d.debuts, b = vueDe[uint32](b[:4*(n+1)]), b[4*(n+1):]
	d.textes = b[:uint64(len(b))-4*p]
	d.postes = vueDe[uint32](b[uint64(len(b))-4*p:])
	if n > 0 && (uint64(d.fins[n-1]) > uint64(len(d.textes)) || uint64(d.debuts[n]) > p) {
		return d, ErrImage
	}
	return d, nil
}

func (d *dictionnaire) nombre() int { return len(d.fins) }

// terme gives the i-th term, nothing when the file is damaged there.
func (d *dictionnaire) terme(i int) string {
	var de uint32
	if i > 0 {
		de = d.fins[i-1]
	}
	if a := d.fins[i]; de <= a && int(a) <= len(d.textes) {
		return texte(d.textes[de:a])
	}
	return ""
}

// liste gives the records of the i-th term, sorted.
func (d *dictionnaire) liste(i int) []uint32 {
	de, a := d.debuts[i], d.debuts[i+1]
	if de > a || int(a) > len(d.postes) {
		return nil
	}
	return d.postes[de:a]
}

// depuis is the first term that is not before s.
func (d *dictionnaire) depuis(s string) int {
	i, j := 0, d.nombre()
	for i < j {
		m := int(uint(i+j) >> 1)
		if strings.Compare(d.terme(m), s) < 0 {
			i = m + 1
		} else {
			j = m
		}
	}
	return i
}

func (d *dictionnaire) chercher(s string) []uint32 {
	if i := d.depuis(s); i < d.nombre() && d.terme(i) == s {
		return d.liste(i)
	}
	return nil
}

// prefixe gives the terms [i, j) that begin by s.
func (d *dictionnaire) prefixe(s string) (i, j int) {
	i = d.depuis(s)
	if s == "" {
		return i, d.nombre()
	}
	fin := []byte(s)
	for len(fin) > 0 && fin[len(fin)-1] == 0xff {
		fin = fin[:len(fin)-1]
	}
	if len(fin) == 0 {
		return i, d.nombre()
	}
	fin[len(fin)-1]++
	return i, d.depuis(string(fin))
}

// tableHachee is an index of 64 bits, read where it lies.
type tableHachee struct {
	bits    int
	paquets []uint32
	valeurs []uint64
	ords    []uint32
}

func lireTableHachee(b []byte) (t tableHachee, err error) {
	if len(b) < 16 {
		return t, ErrImage
	}
	e := vueDe[uint64](b[:16])
	n, bits := e[0], e[1]
	b = b[16:]
	if bits > 32 || n > uint64(len(b))/12 || uint64(len(b)) != 8*n+4*(1<<bits+1)+4*n {
		return t, ErrImage
	}
	t.bits = int(bits)
	t.valeurs, b = vueDe[uint64](b[:8*n]), b[8*n:]
	t.paquets = vueDe[uint32](b[:4*(1<<bits+1)])
	t.ords = vueDe[uint32](b[4*(1<<bits+1):])
	return t, nil
}

// liste gives the records of a value, sorted.
func (t *tableHachee) liste(h uint64) []uint32 {
	if len(t.valeurs) == 0 {
		return nil
	}
	p := paquet(h, t.bits)
	de, a := t.paquets[p], t.paquets[p+1]
	if de > a || int(a) > len(t.valeurs) {
		return nil
	}
	for i := de; i < a; i++ {
		if t.valeurs[i] == h {
			return t.ords[i : i+suite(t.valeurs[i:a], h)]
		}
	}
	return nil
}

// suite tells how many values are h from the first: one search for those that a
// large structure has.
func suite(l []uint64, h uint64) uint32 {
	n := 1
	for n < len(l) && n < 16 && l[n] == h {
		n++
	}
	if n < 16 {
		return uint32(n)
	}
	i, _ := slices.BinarySearchFunc(l, h, func(v, h uint64) int {
		if v <= h {
			return -1
		}
		return 1
	})
	return uint32(i)
}
