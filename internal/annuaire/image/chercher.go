package image

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Page is a part of an answer.
type Page struct {
	Refs  []Ref
	Total int // -1 when it was not asked
	// Suivant and Precedent go on from this page, nil at the ends. They are not
	// signed: the door does it.
	Suivant, Precedent []byte
}

// nombreMax bounds a page.
const nombreMax = 10_000

// Chercher answers a question. Records come in the order of the image over all
// segments, or in that of the last changes. A page costs the same wherever it is.
//
// Errors: ErrCurseur and ErrPerime for a cursor that is not of this Vue; ErrOperateur
// and ErrTropLarge for a question that cannot be answered, or not cheaply.
func (v *Vue) Chercher(q *annuaire.Question) (Page, error) {
	p := Page{Total: -1}
	if q.Nature < annuaire.Praticiens || q.Nature >= annuaire.NombreNatures || q.Nombre < 0 {
		return p, annuaire.ErrOperateur
	}
	reste := epreuvesMax
	pistes := make([]piste, len(v.segments))
	for i, s := range v.segments {
		c := compilation{v: v, i: i, s: s, n: q.Nature, r: &s.natures[q.Nature], reste: &reste}
		c1, err := c.compiler(q.Critere, 0)
		if err != nil {
			return p, err
		}
		pistes[i] = piste{c: &c, p: c1, morts: &v.morts[i][q.Nature]}
		if q.Tri == annuaire.ParMajTri {
			pistes[i].parMaj()
		}
	}
	if q.Compter {
		p.Total = v.compterPistes(q, pistes)
	}
	if err := v.placer(q, pistes); err != nil {
		return p, err
	}
	v.remplir(q, pistes, &p)
	if reste < 0 {
		return Page{Total: -1}, annuaire.ErrTropLarge
	}
	return p, nil
}

// piste is the search in one segment: between two places of its order, bas and haut,
// stands what the page has taken.
type piste struct {
	c         *compilation
	p         parcours
	morts     *morts
	maj       bool // places are in the order of changes, not in that of the image
	bas, haut uint32
	g         gabarit
}

// parMaj makes the search walk in the order of changes. Few records are sorted;
// many are found by walking the order and asking of each.
func (t *piste) parMaj() {
	t.maj = true
	r := t.c.r
	if t.p.borne() > r.nombre()/20 {
		t.p = rangs{t.p, r, t.c.reste}
		return
	}
	var l []uint32
	for o := t.p.aller(0); o != fin; o = t.p.aller(o + 1) {
		rang, _ := slices.BinarySearchFunc(r.majOrdre, o, func(x, o uint32) int {
			return cmp.Or(cmp.Compare(r.maj[x], r.maj[o]), cmp.Compare(x, o))
		})
		l = append(l, uint32(rang))
	}
	slices.Sort(l)
	t.p = &liste{l: l}
}

// rangs walks the order of changes.
type rangs struct {
	p     parcours
	r     *rayon
	reste *int // see [filtre]
}

func (x rangs) aller(q uint32) uint32 {
	for ; int(q) < len(x.r.majOrdre); q++ {
		if o := x.r.majOrdre[q]; x.p.aller(o) == o {
			return q
		}
		if *x.reste--; *x.reste < 0 {
			return fin
		}
	}
	return fin
}

func (x rangs) retour(q uint32) uint32 {
	if len(x.r.majOrdre) == 0 {
		return fin
	}
	for q = min(q, uint32(len(x.r.majOrdre)-1)); ; q-- {
		if o := x.r.majOrdre[q]; x.p.aller(o) == o {
			return q
		}
		if *x.reste--; *x.reste < 0 || q == 0 {
			return fin
		}
	}
}

func (x rangs) borne() int { return x.p.borne() }

// ordinal is the record at a place.
func (t *piste) ordinal(place uint32) uint32 {
	if t.maj {
		return t.c.r.majOrdre[place]
	}
	return place
}

// montrer gives the next place up from the top, or down from the bottom.
func (t *piste) montrer(monte bool) uint32 {
	if monte {
		for q := t.p.aller(t.haut); ; q = t.p.aller(q + 1) {
			if q == fin || !t.morts.est(t.ordinal(q)) {
				return q
			}
		}
	}
	for q := t.bas; q > 0; {
		if q = t.p.retour(q - 1); q == fin {
			return fin
		}
		if !t.morts.est(t.ordinal(q)) {
			return q
		}
	}
	return fin
}

// remplir takes the records of a page from all segments, the next one each time.
func (v *Vue) remplir(q *annuaire.Question, pistes []piste, p *Page) {
	monte := q.Inverse == q.Arriere
	tetes := make([]uint32, len(pistes))
	for i := range pistes {
		tetes[i] = pistes[i].montrer(monte)
	}
	n := min(q.Nombre, nombreMax)
	encore := false
	for {
		choix := -1
		for i := range tetes {
			if tetes[i] != fin && (choix < 0 || v.avant(q, pistes, i, tetes[i], choix, tetes[choix]) == monte) {
				choix = i
			}
		}
		if choix < 0 {
			break
		}
		if len(p.Refs) == n {
			encore = true
			break
		}
		t := &pistes[choix]
		p.Refs = append(p.Refs, Ref{q.Nature, uint16(choix), t.ordinal(tetes[choix])})
		if monte {
			t.haut = tetes[choix] + 1
		} else {
			t.bas = tetes[choix]
		}
		tetes[choix] = t.montrer(monte)
	}
	v.bornerPage(q, pistes, p, encore)
}

func (v *Vue) bornerPage(q *annuaire.Question, pistes []piste, p *Page, encore bool) {
	if q.Arriere {
		slices.Reverse(p.Refs)
	}
	debut := len(q.Curseur) == 0
	// Forward, what follows is beyond the page and what precedes is behind it; the
	// other way round when going back.
	if encore || q.Arriere {
		p.Suivant = v.curseur(q, pistes, !q.Inverse)
	}
	if !debut && (!q.Arriere || encore) {
		p.Precedent = v.curseur(q, pistes, q.Inverse)
	}
}

// avant tells whether the place a of segment i comes before the place b of segment j
// in the order of the question.
func (v *Vue) avant(q *annuaire.Question, pistes []piste, i int, a uint32, j int, b uint32) bool {
	x, y := &pistes[i], &pistes[j]
	oa, ob := x.ordinal(a), y.ordinal(b)
	if q.Tri == annuaire.ParMajTri {
		if c := cmp.Compare(x.c.r.maj[oa], y.c.r.maj[ob]); c != 0 {
			return c < 0
		}
	}
	if c := cmp.Compare(x.c.r.tri[oa], y.c.r.tri[ob]); c != 0 {
		return c < 0
	}
	var s1, s2 [128]byte
	return bytes.Compare(x.cle(s1[:0], oa), y.cle(s2[:0], ob)) < 0
}

// cle is the sort key of a record, drawn again from it.
func (t *piste) cle(b []byte, o uint32) []byte {
	lu := codage{b: t.c.r.fiche(o), codes: &t.c.s.codes}
	return cleDeTri(b, t.g.lire(t.c.n, &lu))
}

func (v *Vue) compterPistes(q *annuaire.Question, pistes []piste) (n int) {
	if q.Critere == nil {
		return v.nombres[q.Nature]
	}
	for i := range pistes {
		n += pistes[i].compter()
	}
	return n
}

func (t *piste) compter() (n int) {
	switch t.p.(type) {
	case *liste, *ensemble, tout:
		if t.morts.nombre == 0 {
			return t.p.borne()
		}
	}
	for q := t.p.aller(0); q != fin; q = t.p.aller(q + 1) {
		if !t.morts.est(t.ordinal(q)) {
			n++
		}
	}
	return n
}

// curseur writes where a search stands: the Vue, the order, and in each segment the
// top or the bottom of what was taken.
func (v *Vue) curseur(q *annuaire.Question, pistes []piste, haut bool) []byte {
	b := make([]byte, 0, 12+5*len(pistes))
	b = binary.AppendUvarint(b, v.generation)
	b = append(b, byte(q.Nature), sens(q), byte(len(pistes)), byte(len(pistes)>>8))
	for i := range pistes {
		if haut {
			b = binary.AppendUvarint(b, uint64(pistes[i].haut))
		} else {
			b = binary.AppendUvarint(b, uint64(pistes[i].bas))
		}
	}
	return b
}

func sens(q *annuaire.Question) byte {
	s := byte(q.Tri) << 1
	if q.Inverse {
		s |= 1
	}
	return s
}

// placer puts the search where the cursor says, or at its beginning.
func (v *Vue) placer(q *annuaire.Question, pistes []piste) error {
	b := q.Curseur
	if len(b) == 0 {
		for i := range pistes {
			if q.Inverse {
				pistes[i].bas = uint32(pistes[i].c.r.nombre())
				pistes[i].haut = pistes[i].bas
			}
		}
		return nil
	}
	g, n := binary.Uvarint(b)
	if n <= 0 || len(b) < n+4 {
		return annuaire.ErrCurseur
	}
	if g != v.generation {
		return annuaire.ErrPerime
	}
	b = b[n:]
	if b[0] != byte(q.Nature) || b[1] != sens(q) || int(b[2])|int(b[3])<<8 != len(pistes) {
		return annuaire.ErrCurseur
	}
	b = b[4:]
	for i := range pistes {
		p, n := binary.Uvarint(b)
		if n <= 0 || p > uint64(pistes[i].c.r.nombre()) {
			return annuaire.ErrCurseur
		}
		pistes[i].bas, pistes[i].haut, b = uint32(p), uint32(p), b[n:]
	}
	if len(b) != 0 {
		return annuaire.ErrCurseur
	}
	return nil
}

// GenerationDe reads of which Vue a cursor is.
func GenerationDe(curseur []byte) (uint64, error) {
	g, n := binary.Uvarint(curseur)
	if n <= 0 {
		return 0, annuaire.ErrCurseur
	}
	return g, nil
}
