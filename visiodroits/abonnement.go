package visiodroits

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Rayon is what a subscription keeps up to date: one list of a Classeur (see
// [Classeur.Rayon]), or any other signed list published in the same way.
type Rayon interface {
	// Deposer takes the bytes that a mirror gave. It believes none of them: it checks
	// seal, issuer and number. An error that is ErrDemanderComplete asks for the whole
	// list.
	Deposer(octets []byte, a time.Time) error
	// Situation is the number of the list held at an instant, 0 when there is none,
	// and when the next one is due.
	Situation(a time.Time) (numero int64, prochaine time.Time)
}

// Suivi is a list that a subscription reads.
type Suivi struct {
	Genre    Genre
	Emetteur Emetteur
	Rayon    Rayon
	// Miroirs publish this list; those of the subscription when there are none. Whoever reads
	// the lists of many, each at its own door, says them here: a door that is slow, or hostile,
	// then delays its own list alone.
	Miroirs []string
	// Periode between two readings; that of [Genre.Lecture] when zero.
	Periode time.Duration
	// Cadence bounds how long [Abonnement.Reveiller] makes a list wait that was still the same
	// each time it was read for a reason; more and more, up to half an hour, when zero. A server
	// that reads for strangers sets it, lest they keep it from reading.
	Cadence time.Duration
	// Max bounds what is read, in bytes; TailleMax when zero.
	Max int64
}

// Abonnement keeps lists up to date by plain HTTP, through whatever caches and
// mirrors there are. None is trusted: what they give is sealed, and what they can do
// is to be silent or late, which is seen. Its fields are set once; it is safe for
// concurrent use. The loop is the caller's: see Actualiser and Prochain.
// ref: VISIO §12
type Abonnement struct {
	// Miroirs are base addresses, http or https, that publish the same lists. One reading asks
	// sixteen of them at most, from one drawn at random.
	Miroirs []string
	Suivis  []Suivi
	// HTTP reads; a client with a time-out of 30 s when nil.
	HTTP *http.Client
	// Alea spreads readings: it draws from [0,1); math/rand when nil.
	Alea func() float64

	mu      sync.Mutex
	etats   []suite
	marques map[string]string // ETag by address
}

// suite is when a list is read next.
type suite struct {
	prochain  time.Time
	lu        time.Time // when it was last asked
	echecs    int
	enCours   bool
	revalider bool // caches are asked whether theirs is still the last
	vains     int  // times it was read for a reason, and was still the same
}

// Lecture is what reading one list gave.
type Lecture struct {
	Genre    Genre
	Emetteur Emetteur
	Miroir   string // the last one asked
	Change   bool   // the list held is another
	// Ecartes are what other mirrors answered that was not taken: silent, stale, or
	// hostile. They are told even when the reading succeeds.
	Ecartes  []error
	Erreur   error // nil when a mirror gave what is needed
	Prochain time.Time
}

// Bounds of the schedule.
const (
	etalement    = 0.2              // share of a period over which readings are spread
	essaiMin     = 30 * time.Second // before trying again after a failure
	essaiSans    = time.Second      // the same, while no list is held: what is waited for has just started, perhaps
	reprendreMax = time.Hour        // longest wait that a server may ask
	miroirsMax   = 16               // asked by one reading
	vainsMax     = 6                // doublings of the delay between two readings for a reason
	echecsMax    = 12
	fraicheMax   = 4 // periods for which a cache may ask not to be read again
)

// ErrMiroirs is wrapped by the error of a list that no mirror could give.
var ErrMiroirs = errors.New("aucun miroir n'a donné de liste à jour")

// Prochain is when Actualiser has something to do, the zero time being at once; ok
// is false when no list is followed.
func (x *Abonnement) Prochain() (t time.Time, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.preparer()
	for i := range x.etats {
		if p := x.etats[i].prochain; i == 0 || p.Before(t) {
			t = p
		}
	}
	return t, len(x.etats) > 0
}

// preparer makes the schedule; mu is held.
func (x *Abonnement) preparer() {
	if x.etats == nil {
		x.etats, x.marques = make([]suite, len(x.Suivis)), map[string]string{}
	}
}

// Actualiser reads the lists that are due at the instant a. A failure leaves what
// is held, is told, and is tried again sooner than a period.
func (x *Abonnement) Actualiser(ctx context.Context, a time.Time) []Lecture {
	var l []Lecture
	for i := range x.Suivis {
		if x.prendre(i, a) {
			l = append(l, x.lire(ctx, i, a))
		}
	}
	return l
}

// Reveiller asks that a list be read at once, past the caches, for something says that
// another was published: a list that is stale, a server or a key that it does not announce.
// One that was read just before waits a little, and more each time it was still the same:
// nobody makes workstations insist.
func (x *Abonnement) Reveiller(g Genre, e Emetteur, a time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.preparer()
	for i := range x.Suivis {
		s := &x.etats[i]
		if x.Suivis[i].Genre != g || x.Suivis[i].Emetteur != e {
			continue
		}
		quand := a
		attente := x.Suivis[i].essai(a) << min(s.vains, vainsMax)
		if c := x.Suivis[i].Cadence; c > 0 {
			attente = min(attente, c)
		}
		if apres := s.lu.Add(attente); apres.After(a) && !s.lu.After(a) {
			quand = apres
		}
		s.revalider = true
		if quand.Before(s.prochain) {
			s.prochain = quand
		}
	}
}

// essai is how long to wait, at least, before the list is asked again.
func (s *Suivi) essai(a time.Time) time.Duration {
	if n, _ := s.Rayon.Situation(a); n == 0 {
		return essaiSans
	}
	return essaiMin
}

// Relire is Reveiller, then the reading of that list alone when it is due; ok is false when
// it was read just before, or is being read.
func (x *Abonnement) Relire(ctx context.Context, g Genre, e Emetteur, a time.Time) (l Lecture, ok bool) {
	x.Reveiller(g, e, a)
	for i := range x.Suivis {
		if x.Suivis[i].Genre == g && x.Suivis[i].Emetteur == e && x.prendre(i, a) {
			return x.lire(ctx, i, a), true
		}
	}
	return Lecture{}, false
}

// prendre reserves a list that is due, so that two callers do not read it at once.
func (x *Abonnement) prendre(i int, a time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.preparer()
	e := &x.etats[i]
	if e.enCours || a.Before(e.prochain) {
		return false
	}
	e.enCours, e.lu = true, a
	return true
}

// lire asks the mirrors one after the other, until one leads to a list that is not
// past its term.
func (x *Abonnement) lire(ctx context.Context, i int, a time.Time) Lecture {
	s := &x.Suivis[i]
	r := Lecture{Genre: s.Genre, Emetteur: s.Emetteur}
	avant, _ := s.Rayon.Situation(a)
	x.mu.Lock()
	revalider := x.etats[i].revalider
	x.etats[i].revalider = false
	x.mu.Unlock()
	var attente attente
	fait := false
	for _, m := range x.ordre(s) {
		if ctx.Err() != nil {
			r.Ecartes = append(r.Ecartes, ctx.Err())
			break
		}
		r.Miroir = m
		c := consultation{x: x, s: s, base: adresse(m, s), a: a, revalider: revalider}
		err := c.lire(ctx)
		attente.fusionner(&c.attente)
		if err != nil {
			r.Ecartes = append(r.Ecartes, fmt.Errorf("%s : %w", m, err))
			continue
		}
		if _, prochaine := s.Rayon.Situation(a); a.After(prochaine) {
			r.Ecartes = append(r.Ecartes, fmt.Errorf("%s : liste qui a passé son terme", m))
			continue
		}
		fait = true
		break
	}
	if !fait {
		r.Erreur = fmt.Errorf("%w : %w", ErrMiroirs, errors.Join(r.Ecartes...))
	}
	apres, _ := s.Rayon.Situation(a)
	r.Change = apres != avant
	if !fait && errors.Is(ctx.Err(), context.Canceled) {
		r.Prochain = x.remettre(i, a, revalider)
		return r
	}
	x.juger(i, revalider, r.Change)
	r.Prochain = x.replanifier(i, a, attente, fait)
	return r
}

// remettre puts off a little a reading that whoever asked for it left: it says nothing of
// the mirrors, nor of the list.
func (x *Abonnement) remettre(i int, a time.Time, revalider bool) time.Time {
	apres := a.Add(x.Suivis[i].essai(a))
	x.mu.Lock()
	defer x.mu.Unlock()
	e := &x.etats[i]
	e.prochain, e.revalider, e.enCours = apres, e.revalider || revalider, false
	return e.prochain
}

// juger counts the readings that were asked for a reason, and gave nothing new.
func (x *Abonnement) juger(i int, demandee, change bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch e := &x.etats[i]; {
	case change:
		e.vains = 0
	case demandee:
		e.vains++
	}
}

// adresse is where a mirror publishes a list. Kinds and issuers are of a form that
// needs no escape.
func adresse(miroir string, s *Suivi) string {
	return strings.TrimRight(miroir, "/") + "/listes/" + strings.ToLower(string(s.Genre)) + "/" + string(s.Emetteur)
}

// ordre gives the mirrors of a list from one drawn at random, so that all carry their part.
func (x *Abonnement) ordre(s *Suivi) []string {
	m := s.Miroirs
	if len(m) == 0 {
		m = x.Miroirs
	}
	if len(m) == 0 {
		return nil
	}
	debut := int(x.alea()*float64(len(m))) % len(m)
	l := make([]string, 0, min(len(m), miroirsMax))
	for k := range cap(l) {
		l = append(l, m[(debut+k)%len(m)])
	}
	return l
}

func (x *Abonnement) alea() float64 {
	if x.Alea != nil {
		return x.Alea()
	}
	return rand.Float64()
}

// replanifier sets the next reading. After a success: a period, or what is left of
// the list when that is less, but not before what a cache holds has run out. After a
// failure: soon, then less and less. Each is spread, so that workstations do not all
// come at once.
func (x *Abonnement) replanifier(i int, a time.Time, w attente, fait bool) time.Time {
	s := &x.Suivis[i]
	periode := s.Periode
	if periode <= 0 {
		periode = s.Genre.Lecture()
	}
	etale := x.alea() * etalement
	x.mu.Lock()
	defer x.mu.Unlock()
	e := &x.etats[i]
	var delai time.Duration
	if fait {
		e.echecs, delai = 0, periode
		if _, prochaine := s.Rayon.Situation(a); prochaine.After(a) {
			delai = max(min(delai, prochaine.Sub(a)), min(essaiMin, periode))
		}
		delai -= time.Duration(etale * float64(delai))
		delai = max(delai, min(w.fraiche, fraicheMax*periode))
	} else {
		essai := s.essai(a)
		if essai > essaiSans {
			essai = max(essai, periode/64)
		}
		delai = min(periode, essai<<min(e.echecs, echecsMax))
		delai = max(delai, min(w.reprendre, reprendreMax))
		delai += time.Duration(etale * float64(delai))
		e.echecs++
	}
	e.prochain, e.enCours = a.Add(delai), false
	return e.prochain
}

// Rayon is one list of the Classeur, for an Abonnement; nil when it is not expected.
func (c *Classeur) Rayon(g Genre, e Emetteur) Rayon {
	if r := c.registre(g, e); r != nil {
		return rayonClasseur{c, r}
	}
	return nil
}

// Suivis are all the lists expected, for an Abonnement.
func (c *Classeur) Suivis() []Suivi {
	l := make([]Suivi, len(c.tous))
	for i, r := range c.tous {
		a := r.attend()
		l[i] = Suivi{Genre: a.Genre, Emetteur: a.Emetteur, Rayon: rayonClasseur{c, r}}
	}
	return l
}

type rayonClasseur struct {
	c *Classeur
	r rayonnage
}

// Deposer refuses a list of another kind or issuer than the one that was asked for:
// a mirror that gives a good list under the address of another is wrong.
func (x rayonClasseur) Deposer(octets []byte, a time.Time) error {
	p, err := x.c.ouvrir(octets, a)
	if err != nil {
		return err
	}
	_, err = x.c.ranger(p, octets, x.r, a)
	return err
}

func (x rayonClasseur) Situation(a time.Time) (int64, time.Time) {
	e := x.r.etat(a)
	return e.Numero, e.ProchaineEmission
}
