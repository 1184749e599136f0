package front

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// errOccupe: as many lists are being read as may be at once.
var errOccupe = errors.New("trop de lectures de listes à la fois")

const (
	// lecturesEtal is how many old lists are read at once from where they are kept: each
	// may be of tens of megabytes. Who finds no place within attenteEtal comes back later.
	lecturesEtal = 4
	attenteEtal  = time.Second
	// fraicheurEtal is for how long the list in memory is given without asking whether
	// there is a later one: this node's, or another's. Caches are told minutes.
	fraicheurEtal = time.Second
	// delaiEtal bounds one reading, which several may wait for.
	delaiEtal = 10 * time.Second
)

// etal holds in memory the last list of each issuer, and its change of the one before:
// those who follow them ask for that, or whether there is a later one. Older ones are read
// when they are asked for, a few at once, and once for all who ask the same.
type etal struct {
	r       Revocations
	horloge func() time.Time
	places  chan struct{}
	// Two readings in flight never meet: the last list of an issuer is not what an old one is.
	vol, volAnciennes singleflight.Group

	mu        sync.RWMutex
	courantes map[string]*exposee
}

// exposee is a list in memory; it is never changed.
type exposee struct {
	numero int64
	octets map[accreditation.Forme][]byte
	marque string    // of the whole list
	vue    time.Time // when it was last known to be the last one
}

func nouvelEtal(r Revocations, horloge func() time.Time) *etal {
	return &etal{r: r, horloge: horloge, places: make(chan struct{}, lecturesEtal), courantes: map[string]*exposee{}}
}

// courante is the last list of an issuer.
func (e *etal) courante(ctx context.Context, emetteur string) (*exposee, error) {
	if c := e.tenue(emetteur); e.fraiche(c) {
		return c, nil
	}
	// Who asked first may leave: the others wait for the same reading.
	v, err, _ := e.vol.Do(emetteur, func() (any, error) {
		ctx, fin := context.WithTimeout(context.WithoutCancel(ctx), delaiEtal)
		defer fin()
		return e.relire(ctx, emetteur)
	})
	if err != nil {
		return nil, err
	}
	return v.(*exposee), nil
}

func (e *etal) tenue(emetteur string) *exposee {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.courantes[emetteur]
}

func (e *etal) fraiche(c *exposee) bool {
	if c == nil {
		return false
	}
	age := e.horloge().Sub(c.vue)
	return age >= 0 && age < fraicheurEtal
}

func (e *etal) relire(ctx context.Context, emetteur string) (*exposee, error) {
	c := e.tenue(emetteur)
	if e.fraiche(c) { // read while we came
		return c, nil
	}
	a := e.horloge()
	n, err := e.r.Dernier(ctx, emetteur)
	if err != nil {
		return nil, err
	}
	suite := &exposee{numero: n, vue: a}
	if c != nil && c.numero == n {
		suite.octets, suite.marque = c.octets, c.marque
	} else if suite.octets, err = e.prendre(ctx, emetteur, n); err != nil {
		return nil, err
	} else {
		suite.marque = visiodroits.MarqueDe(suite.octets[accreditation.Entiere])
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.courantes[emetteur] = suite
	return suite, nil
}

func (e *etal) prendre(ctx context.Context, emetteur string, n int64) (map[accreditation.Forme][]byte, error) {
	m := map[accreditation.Forme][]byte{}
	for _, f := range []accreditation.Forme{accreditation.Entiere, accreditation.Delta} {
		var err error
		if m[f], err = e.r.Octets(ctx, emetteur, n, f); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// octets is a list by its number: that in memory when it is the one.
func (e *etal) octets(ctx context.Context, emetteur string, n int64, f accreditation.Forme) ([]byte, error) {
	if c := e.tenue(emetteur); c != nil && c.numero == n {
		return c.octets[f], nil
	}
	v, err, _ := e.volAnciennes.Do(fmt.Sprint(emetteur, " ", n, " ", f), func() (any, error) {
		ctx, fin := context.WithTimeout(context.WithoutCancel(ctx), delaiEtal)
		defer fin()
		return lecture(ctx, e, func() ([]byte, error) { return e.r.Octets(ctx, emetteur, n, f) })
	})
	if err != nil {
		return nil, err
	}
	return v.([]byte), nil
}

// taille is how many bytes a list has, which are not read.
func (e *etal) taille(ctx context.Context, emetteur string, n int64, f accreditation.Forme) (int, error) {
	if c := e.tenue(emetteur); c != nil && c.numero == n {
		return len(c.octets[f]), nil
	}
	return lecture(ctx, e, func() (int, error) { return e.r.Taille(ctx, emetteur, n, f) })
}

// lecture runs a reading once there is a place for it.
func lecture[T any](ctx context.Context, e *etal, lire func() (T, error)) (v T, err error) {
	attente := time.NewTimer(attenteEtal)
	defer attente.Stop()
	select {
	case e.places <- struct{}{}:
	case <-ctx.Done():
		return v, ctx.Err()
	case <-attente.C:
		return v, errOccupe
	}
	defer func() { <-e.places }()
	return lire()
}
