package droits

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// etalementLAR is the share of a delay over which readings are spread, so that those who
// follow a list do not all come at once. hyp: VISIO-LECTURE
const etalementLAR = 0.2

// reveil wakes who sleeps until the next reading. Its zero value is ready.
type reveil struct {
	une sync.Once
	c   chan struct{}
}

func (r *reveil) canal() chan struct{} {
	r.une.Do(func() { r.c = make(chan struct{}, 1) })
	return r.c
}

func (r *reveil) sonner() {
	select {
	case r.canal() <- struct{}{}:
	default: // it rings already
	}
}

// Prochain is when Actualiser has something to read next; at once when it is not after a.
func (v *Veille) Prochain(a time.Time) (time.Time, error) {
	t, suivie := v.abonnement.Prochain()
	if !suivie {
		t = a.Add(periodeLAR)
	}
	if v.o.LAR == nil {
		return t, nil
	}
	sources, err := v.o.LAR(a)
	if err != nil {
		return t, err
	}
	v.verrou.Lock()
	defer v.verrou.Unlock()
	for _, x := range sources {
		if s := v.lars[x.Emetteur.Sur10()]; s == nil {
			return a, nil
		} else if s.prochain.Before(t) {
			t = s.prochain
		}
	}
	return t, nil
}

// replanifierLAR sets when a list of revoked accreditations is read next. What was read:
// after a period, or before its next issue when that is sooner. What could not be, or is
// past its issue: soon, then less and less often.
func (v *Veille) replanifierLAR(s *suiviLAR, a time.Time, lue bool) time.Time {
	l := v.rev.LAR(s.Emetteur)
	etale := rand.Float64() * etalementLAR
	v.verrou.Lock()
	defer v.verrou.Unlock()
	delai := periodeLAR
	if reste := resteLAR(l, a); lue && reste > 0 {
		s.echecs, delai = 0, max(min(delai, reste), repriseLAR)
		delai -= time.Duration(etale * float64(delai))
	} else {
		delai = min(delai, repriseLAR<<min(s.echecs, 6))
		delai += time.Duration(etale * float64(delai))
		s.echecs++
	}
	s.prochain = a.Add(delai)
	return s.prochain
}

// resteLAR is how long a list has before its next issue; negative when it is past.
func resteLAR(l *LAR, a time.Time) time.Duration {
	if l == nil {
		return -1
	}
	return l.entete.ProchaineEmission.Sub(a)
}

// reveillerLAR has the list of an issuer read at once: it was found stale at the counter.
// One that was read just before waits a little.
func (v *Veille) reveillerLAR(emetteur sante.NumeroAMC) {
	a := v.o.Horloge()
	v.verrou.Lock()
	if s := v.lars[emetteur.Sur10()]; s != nil {
		quand := a
		if apres := s.lue.Add(repriseLAR / 2); apres.After(a) && !s.lue.After(a) {
			quand = apres
		}
		if quand.Before(s.prochain) {
			s.prochain = quand
		}
	}
	v.verrou.Unlock()
	v.reveil.sonner()
}

// reveillerListes has the lists of these issuers read at once, past the caches: one is stale,
// or says nothing of what was met. ref: VISIO §12
func (v *Veille) reveillerListes(g visiodroits.Genre, emetteurs ...visiodroits.Emetteur) {
	a := v.o.Horloge()
	for _, e := range emetteurs {
		v.abonnement.Reveiller(g, e, a)
	}
	v.reveil.sonner()
}
