package image

import (
	"iter"
	"math/bits"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Ref is where a record is in a [Vue].
type Ref struct {
	Nature  annuaire.Nature
	Segment uint16
	Ordinal uint32
}

// Vue is the directory at one moment: it does not change. All that is read from it is
// valid until [Vue.Rendre].
type Vue struct {
	generation uint64
	faiteLe    time.Time
	segments   []*segment
	morts      [][annuaire.NombreNatures]morts // of each segment: the records that a later one replaces
	nombres    [annuaire.NombreNatures]int
	tenants    atomic.Int32
	memoire    memoire
}

// morts are the records of a segment that are no longer: a bit for each.
type morts struct {
	bits   []uint64
	nombre int
}

func (m *morts) est(o uint32) bool {
	return m.nombre > 0 && m.bits[o>>6]>>(o&63)&1 == 1
}

// nouvelleVue lays segments one over the other, the last above. The Vue holds them:
// they go with it. The segments that it shares with avant, from the bottom, are
// already covered there by those that it does not share any more: what replaced these
// covers as much.
func nouvelleVue(generation uint64, segments []*segment, faiteLe time.Time, avant *Vue) *Vue {
	v := &Vue{generation: generation, faiteLe: faiteLe, segments: segments, morts: make([][annuaire.NombreNatures]morts, len(segments))}
	communs := 0
	for avant != nil && communs < min(len(segments), len(avant.segments)) && segments[communs] == avant.segments[communs] {
		for _, n := range annuaire.Natures {
			v.morts[communs][n].bits = slices.Clone(avant.morts[communs][n].bits)
		}
		communs++
	}
	for i := max(communs, 1); i < len(segments); i++ {
		for _, n := range annuaire.Natures {
			v.couvrir(i, n)
		}
	}
	v.compter()
	v.tenants.Store(1)
	return v
}

// couvrir marks what the i-th segment replaces in those under it.
func (v *Vue) couvrir(i int, n annuaire.Nature) {
	dessus := v.segments[i]
	for o := range dessus.natures[n].nombre() {
		id := dessus.id(n, uint32(o))
		h := hacher(id)
		for j := i - 1; j >= 0; j-- {
			if p, ok := v.segments[j].parID(n, id, h); ok {
				v.tuer(j, n, p)
			}
		}
	}
}

func (v *Vue) tuer(j int, n annuaire.Nature, o uint32) {
	m := &v.morts[j][n]
	if m.bits == nil {
		m.bits = make([]uint64, (v.segments[j].natures[n].nombre()+63)/64)
	}
	m.bits[o>>6] |= 1 << (o & 63)
}

func (v *Vue) compter() {
	for i := range v.segments {
		for _, n := range annuaire.Natures {
			m := &v.morts[i][n]
			m.nombre = 0
			for _, b := range m.bits {
				m.nombre += bits.OnesCount64(b)
			}
			v.nombres[n] += v.segments[i].natures[n].nombre() - m.nombre
		}
	}
}

// Rendre gives the Vue back: nothing read from it may be used any more.
func (v *Vue) Rendre() {
	if v.tenants.Add(-1) == 0 {
		for _, s := range v.segments {
			s.rendre()
		}
	}
}

// tenir takes the Vue once more; false when it has gone.
func (v *Vue) tenir() bool {
	for {
		n := v.tenants.Load()
		if n == 0 {
			return false
		}
		if v.tenants.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Generation tells one Vue from another.
func (v *Vue) Generation() uint64 { return v.generation }

// FaiteLe is when the Vue was made.
func (v *Vue) FaiteLe() time.Time { return v.faiteLe }

// Nombre is how many records of a nature there are.
func (v *Vue) Nombre(n annuaire.Nature) int { return v.nombres[n] }

// ParID finds a record by its ID.
func (v *Vue) ParID(n annuaire.Nature, id string) (Ref, bool) {
	h := hacher(id)
	for i := len(v.segments) - 1; i >= 0; i-- {
		if o, ok := v.segments[i].parID(n, id, h); ok {
			return Ref{n, uint16(i), o}, true
		}
	}
	return Ref{}, false
}

func (v *Vue) codage(r Ref) codage {
	s := v.segments[r.Segment]
	return codage{b: s.natures[r.Nature].fiche(r.Ordinal), codes: &s.codes}
}

// ID is the ID of a record.
func (v *Vue) ID(r Ref) string { return v.segments[r.Segment].id(r.Nature, r.Ordinal) }

// Maj is the instant of the last change of a record, in milliseconds.
func (v *Vue) Maj(r Ref) int64 { return v.segments[r.Segment].natures[r.Nature].maj[r.Ordinal] }

// Empreinte is what [Empreinte] said of the record when it was written.
func (v *Vue) Empreinte(r Ref) uint64 {
	return v.segments[r.Segment].natures[r.Nature].empreintes[r.Ordinal]
}

// Praticien reads a professional into p, whose slices are used again. Texts alias the
// image: they are valid until Rendre.
func (v *Vue) Praticien(r Ref, p *annuaire.Praticien) {
	c := v.codage(r)
	c.praticien(p)
}

// Situation reads a situation, as Praticien does.
func (v *Vue) Situation(r Ref, s *annuaire.Situation) {
	c := v.codage(r)
	c.situation(s)
}

// Structure reads a structure, as Praticien does.
func (v *Vue) Structure(r Ref, s *annuaire.Structure) {
	c := v.codage(r)
	c.structure(s)
}

// Activite reads an activity, as Praticien does.
func (v *Vue) Activite(r Ref, a *annuaire.Activite) {
	c := v.codage(r)
	c.activite(a)
}

// Equipement reads an equipment, as Praticien does.
func (v *Vue) Equipement(r Ref, e *annuaire.Equipement) {
	c := v.codage(r)
	c.equipement(e)
}

// Acces reads an access point, as Praticien does.
func (v *Vue) Acces(r Ref, a *annuaire.PointAcces) {
	c := v.codage(r)
	c.acces(a)
}

// Lire reads any record, into a place of its own.
func (v *Vue) Lire(r Ref) annuaire.Changement {
	c := v.codage(r)
	k, _ := vierge(r.Nature)
	parcourir(&c, &k)
	return k
}

// Parcourir gives all records of a nature, segment after segment.
func (v *Vue) Parcourir(n annuaire.Nature) iter.Seq[Ref] {
	return func(un func(Ref) bool) {
		for i, s := range v.segments {
			m := &v.morts[i][n]
			for o := range uint32(s.natures[n].nombre()) {
				if !m.est(o) && !un(Ref{n, uint16(i), o}) {
					return
				}
			}
		}
	}
}
