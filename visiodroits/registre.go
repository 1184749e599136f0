package visiodroits

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	aVenirMax    = 8  // lists kept for later
	partiellesMx = 64 // partial lists piled on a complete one
)

// registre keeps the editions of one list of one issuer.
type registre[E Entree[E]] struct {
	attendu Attendu
	mu      sync.Mutex // held by who changes it
	vue     atomic.Pointer[rayon[E]]
}

// rayon is what a register holds at one moment. It is never changed.
type rayon[E Entree[E]] struct {
	editions []*edition[E] // by number: the one in force, then those to come
	complete *edition[E]   // the last that came whole: a partial list may build on it
	manques  map[int64]time.Time
	refus    *RefusListe
}

// edition is one complete state, ready to be searched.
type edition[E Entree[E]] struct {
	liste    *Liste[E]
	parTitre map[string][]int32
	pieces   [][]byte // a sealed complete list, then the partial ones that led here
	socle    int64    // number of the complete one
	lue      time.Time
}

func (r *registre[E]) attend() *Attendu { return &r.attendu }

func (r *registre[E]) lire() *rayon[E] {
	if v := r.vue.Load(); v != nil {
		return v
	}
	return &rayon[E]{}
}

// enVigueur is the edition that holds at an instant: the highest number whose day
// has come. A list kept for its day and passed by a later decision never holds.
// hyp: VISIO-EFFET
func (v *rayon[E]) enVigueur(a time.Time) *edition[E] {
	for _, e := range slices.Backward(v.editions) {
		if !e.liste.EnTete.Effet.After(a) {
			return e
		}
	}
	return nil
}

// fraicheur tells whether the edition in force at an instant may be relied on.
func (v *rayon[E]) fraicheur(a time.Time) (*edition[E], Fraicheur, int64) {
	e := v.enVigueur(a)
	if e == nil {
		return nil, Absente, v.plus(0, a)
	}
	plus := v.plus(e.liste.EnTete.Numero, a)
	return e, fraicheur(&e.liste.EnTete, plus, a), plus
}

// plus is the highest number known to be in force at its issuer's.
func (v *rayon[E]) plus(n int64, a time.Time) int64 {
	for numero, effet := range v.manques {
		if !effet.After(a) {
			n = max(n, numero)
		}
	}
	return n
}

func (r *registre[E]) etat(a time.Time) EtatListe {
	v := r.lire()
	e, f, plus := v.fraicheur(a)
	x := EtatListe{Genre: r.attendu.Genre, Emetteur: r.attendu.Emetteur, Fraicheur: f, Plus: plus, Refus: v.refus}
	if e != nil {
		h := &e.liste.EnTete
		x.Numero, x.DateEmission, x.ProchaineEmission, x.Lue = h.Numero, h.DateEmission, h.ProchaineEmission, e.lue
	}
	for _, e := range v.editions {
		if e.liste.EnTete.Effet.After(a) {
			x.AVenir = append(x.AVenir, e.liste.EnTete)
		}
	}
	return x
}

// pieces are the sealed bytes that lead to what is held: chains of the lowest base
// first, so that each piece finds the one it builds on.
func (r *registre[E]) pieces() [][]byte {
	v := r.lire()
	chaines := slices.Clone(v.editions)
	if v.complete != nil && !slices.Contains(chaines, v.complete) {
		chaines = append(chaines, v.complete)
	}
	slices.SortFunc(chaines, func(a, b *edition[E]) int {
		return cmp.Or(cmp.Compare(a.socle, b.socle), cmp.Compare(a.liste.EnTete.Numero, b.liste.EnTete.Numero))
	})
	var l [][]byte
	for _, e := range chaines {
		for _, p := range e.pieces {
			if !slices.ContainsFunc(l, func(x []byte) bool { return &x[0] == &p[0] }) {
				l = append(l, p)
			}
		}
	}
	return l
}

// deposer takes a list whose seal and issuer are good. A list that is refused
// leaves the others, and a trace: that its issuer has said more than is known here.
func (r *registre[E]) deposer(m *morceaux, octets []byte, a time.Time) (Depot, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.lire()
	d, suivant, err := r.prendre(v, m, octets, a)
	if err != nil {
		r.vue.Store(v.apresRefus(&m.entete, err, a))
		return Depot{}, err
	}
	if suivant != nil {
		r.vue.Store(suivant)
	}
	return d, nil
}

// apresRefus is what is held after a refusal.
func (v *rayon[E]) apresRefus(h *EnTete, err error, a time.Time) *rayon[E] {
	x := *v
	if !errors.As(err, &x.refus) || x.refus.Motif == MotifRecul { // a late cache is not news of the issuer
		return v
	}
	dernier := int64(0)
	if e := v.enVigueur(a); e != nil {
		dernier = e.liste.EnTete.Numero
	}
	// A list dated in the future says that a clock is wrong, not what is in force.
	if h.Numero <= dernier || x.refus.Motif == MotifDate {
		return &x
	}
	x.manques = make(map[int64]time.Time, len(v.manques)+1)
	for n, effet := range v.manques {
		if len(x.manques) < aVenirMax {
			x.manques[n] = effet
		}
	}
	x.manques[h.Numero] = h.Effet
	return &x
}

// prendre gives what is held once the list is; nil when nothing changes.
func (r *registre[E]) prendre(v *rayon[E], m *morceaux, octets []byte, a time.Time) (Depot, *rayon[E], error) {
	h := &m.entete
	if h.DateEmission.Sub(a) > ecartHorloge {
		return Depot{}, nil, refuser(MotifDate, h, "émission dans le futur")
	}
	d := Depot{EnTete: *h, AVenir: h.Effet.After(a)}
	connue, err := v.situer(h, a)
	if err != nil {
		return Depot{}, nil, err
	}
	if connue {
		d.Inchangee = true
		return d, v.sansRefus(), nil
	}
	e, err := r.lireEdition(v, m, octets)
	if err != nil {
		return Depot{}, nil, err
	}
	e.lue = a
	x, err := v.avec(e, !h.Partielle(), a)
	return d, x, err
}

// situer looks for the number of a list among those held.
func (v *rayon[E]) situer(h *EnTete, a time.Time) (connue bool, err error) {
	if e := v.enVigueur(a); e != nil && h.Numero < e.liste.EnTete.Numero {
		return false, refuser(MotifRecul, h, "")
	}
	for _, e := range v.editions {
		if e.liste.EnTete.Numero != h.Numero {
			continue
		}
		if !e.liste.EnTete.memeEdition(*h) {
			return false, refuser(MotifDeuxVersions, h, "")
		}
		return true, nil
	}
	return false, nil
}

// lireEdition reads the entries, and those of the base of a partial list.
func (r *registre[E]) lireEdition(v *rayon[E], m *morceaux, octets []byte) (*edition[E], error) {
	l, err := decoder[E](m)
	if err != nil {
		return nil, err
	}
	e := &edition[E]{liste: l, pieces: [][]byte{octets}, socle: l.EnTete.Numero}
	if h := &m.entete; h.Partielle() {
		base := v.base(h.Base)
		if base == nil || len(base.pieces) > partiellesMx {
			return nil, refuser(MotifSansBase, h, "")
		}
		if e.liste, err = base.liste.Appliquer(l); err != nil {
			return nil, err
		}
		if len(e.liste.Entrees) > EntreesMax {
			return nil, refuser(MotifTaille, h, "trop d'entrées")
		}
		e.pieces, e.socle = append(slices.Clone(base.pieces), octets), base.socle
	}
	if err := r.mandatee(e.liste); err != nil {
		return nil, err
	}
	e.indexer()
	return e, nil
}

// base is the state held under a number.
func (v *rayon[E]) base(n int64) *edition[E] {
	for _, e := range v.editions {
		if e.liste.EnTete.Numero == n {
			return e
		}
	}
	if v.complete != nil && v.complete.liste.EnTete.Numero == n {
		return v.complete
	}
	return nil
}

// mandatee refuses a list that speaks of somebody for whom its issuer may not.
func (r *registre[E]) mandatee(l *Liste[E]) error {
	for i := range l.Entrees {
		x, ok := any(l.Entrees[i]).(interface{ sujet() string })
		if ok && x.sujet() != "" && !r.attendu.peutParler(x.sujet()) {
			return refuser(MotifHorsMandat, &l.EnTete, "")
		}
	}
	return nil
}

// peutParler tells whether the list may speak of somebody, named without zeros.
func (a *Attendu) peutParler(sujet string) bool {
	return len(a.Pour) == 0 || slices.ContainsFunc(a.Pour, func(e Emetteur) bool { return sansZeros(string(e)) == sujet })
}

func (e *edition[E]) indexer() {
	e.parTitre = make(map[string][]int32, len(e.liste.Entrees))
	for i := range e.liste.Entrees {
		t := e.liste.Entrees[i].titre()
		e.parTitre[t] = append(e.parTitre[t], int32(i))
	}
}

// sous calls f with each entry of a title, until it says no.
func (e *edition[E]) sous(titre string, f func(*E) bool) {
	for _, i := range e.parTitre[titre] {
		if !f(&e.liste.Entrees[i]) {
			return
		}
	}
}

// avec is what is held with one more edition; those that are past go.
func (v *rayon[E]) avec(e *edition[E], complete bool, a time.Time) (*rayon[E], error) {
	x := &rayon[E]{complete: v.complete, editions: append(slices.Clone(v.editions), e)}
	slices.SortFunc(x.editions, func(a, b *edition[E]) int { return cmp.Compare(a.liste.EnTete.Numero, b.liste.EnTete.Numero) })
	if complete && (x.complete == nil || x.complete.liste.EnTete.Numero < e.liste.EnTete.Numero) {
		x.complete = e
	}
	if courante := x.enVigueur(a); courante != nil {
		x.editions = x.editions[slices.Index(x.editions, courante):]
	}
	if len(x.editions) > aVenirMax+1 {
		return nil, refuser(MotifTropAVenir, &e.liste.EnTete, "")
	}
	for n, effet := range v.manques {
		if n > x.editions[0].liste.EnTete.Numero && x.base(n) == nil {
			if x.manques == nil {
				x.manques = map[int64]time.Time{}
			}
			x.manques[n] = effet
		}
	}
	return x, nil
}

func (v *rayon[E]) sansRefus() *rayon[E] {
	if v.refus == nil {
		return nil
	}
	x := *v
	x.refus = nil
	return &x
}
