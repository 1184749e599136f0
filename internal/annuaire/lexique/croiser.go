package lexique

import "slices"

// candidat is a record that bears the words crossed so far. par says, for each term,
// which field and class it met (8 bits each), 0 for a term not met; mot is which
// meeting of the first term crossed.
type candidat struct {
	ordinal   uint32
	cout, mot uint16
	par       uint64
}

// tranche is a part of the postings of one meeting.
type tranche struct {
	postings []uint32
	m        *rencontre
	numero   uint16 // of the meeting
}

// trace is what a meeting leaves in candidat.par.
func (m *rencontre) trace(terme int) uint64 {
	return uint64(uint8(m.champ)<<4|uint8(m.classe)+1) << (8 * terme)
}

// reunir makes the candidates of the postings of one term, sorted, each at its
// cheapest. The runs are sorted already: they are merged two by two.
func (r *Recherche) reunir(tranches []tranche, terme int) {
	r.candidats = r.candidats[:0]
	if len(tranches) == 1 {
		t := tranches[0]
		for _, o := range t.postings {
			r.candidats = append(r.candidats, candidat{o, t.m.cout, t.numero, t.m.trace(terme)})
		}
		r.effort += len(t.postings)
		return
	}
	r.cles, r.bords = r.cles[:0], append(r.bords[:0], 0)
	for i, t := range tranches {
		for _, o := range t.postings {
			r.cles = append(r.cles, uint64(o)<<32|uint64(i))
		}
		r.bords = append(r.bords, len(r.cles))
	}
	r.effort += 2 * len(r.cles)
	r.fusionner()
	for _, c := range r.cles {
		o := uint32(c >> 32)
		if n := len(r.candidats); n > 0 && r.candidats[n-1].ordinal == o {
			continue // tranches come cheapest first
		}
		t := tranches[uint32(c)]
		r.candidats = append(r.candidats, candidat{o, t.m.cout, t.numero, t.m.trace(terme)})
	}
}

// fusionner sorts r.cles, made of sorted runs that end at r.bords.
func (r *Recherche) fusionner() {
	r.cles2 = slices.Grow(r.cles2[:0], len(r.cles))[:len(r.cles)]
	for len(r.bords) > 2 {
		k := 1
		for i := 0; i+1 < len(r.bords); i += 2 {
			de, milieu, fin := r.bords[i], r.bords[i+1], r.bords[i+1]
			if i+2 < len(r.bords) {
				fin = r.bords[i+2]
			}
			fusion(r.cles2[de:fin], r.cles[de:milieu], r.cles[milieu:fin])
			r.bords[k] = fin
			k++
		}
		r.bords = r.bords[:k]
		r.cles, r.cles2 = r.cles2, r.cles
	}
}

func fusion(dst, a, b []uint64) {
	i, j := 0, 0
	for k := range dst {
		if j == len(b) || i < len(a) && a[i] < b[j] {
			dst[k] = a[i]
			i++
		} else {
			dst[k] = b[j]
			j++
		}
	}
}

// croiserTerme keeps the candidates that bear the term too.
func (r *Recherche) croiserTerme(numero int) {
	t := &r.ici[numero]
	r.marques = slices.Grow(r.marques[:0], len(r.candidats))[:len(r.candidats)]
	clear(r.marques)
	reste := len(r.candidats)
	for i := range t.liste {
		if reste == 0 || r.epuise() {
			break // the others cost more
		}
		reste -= r.marquer(t.liste[i].postings, uint16(i+1))
	}
	n := 0
	for i, c := range r.candidats {
		if k := r.marques[i]; k != 0 {
			m := &t.liste[k-1]
			r.candidats[n] = candidat{c.ordinal, c.cout + m.cout, c.mot, c.par | m.trace(numero)}
			n++
		}
	}
	r.candidats = r.candidats[:n]
}

// marquer notes the candidates that are in the postings and were not yet noted, and
// counts them. The shorter side is walked, the longer one is leapt in.
func (r *Recherche) marquer(postings []uint32, marque uint16) (n int) {
	c := r.candidats
	if len(postings) < len(c) {
		i := 0
		for _, o := range postings {
			i = sauterCandidats(c, i, o)
			if i == len(c) {
				break
			}
			if c[i].ordinal == o && r.marques[i] == 0 {
				r.marques[i] = marque
				n++
			}
		}
		r.effort += 4*len(postings) + 8
		return n
	}
	i := 0
	for k := range c {
		i = sauter(postings, i, c[k].ordinal)
		if i == len(postings) {
			break
		}
		if postings[i] == c[k].ordinal && r.marques[k] == 0 {
			r.marques[k] = marque
			n++
		}
	}
	r.effort += 4*len(c) + 8
	return n
}

// sauter is the first place from i of a value not under o.
func sauter(l []uint32, i int, o uint32) int {
	pas := 1
	for i+pas < len(l) && l[i+pas] < o {
		i += pas
		pas *= 2
	}
	fin := min(i+pas+1, len(l))
	for i < fin {
		if m := int(uint(i+fin) >> 1); l[m] < o {
			i = m + 1
		} else {
			fin = m
		}
	}
	return i
}

// sauterCandidats is sauter among candidates.
func sauterCandidats(l []candidat, i int, o uint32) int {
	pas := 1
	for i+pas < len(l) && l[i+pas].ordinal < o {
		i += pas
		pas *= 2
	}
	fin := min(i+pas+1, len(l))
	for i < fin {
		if m := int(uint(i+fin) >> 1); l[m].ordinal < o {
			i = m + 1
		} else {
			fin = m
		}
	}
	return i
}
