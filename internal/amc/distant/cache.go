package distant

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/sante"
)

// cache keeps answers for a short time, in two generations: the older is dropped
// when the younger is full, so that the memory is bounded without a list.
type cache struct {
	duree time.Duration
	max   int

	verrou       sync.Mutex
	jeune, vieux map[cleCache]gardee
}

type cleCache [sha256.Size]byte

type gardee struct {
	jusqua time.Time
	l      []amc.Beneficiaire
}

// cle is a digest of what a call says of the person.
func cle(c *amc.Critere, jour sante.Jour) cleCache {
	return sha256.Sum256([]byte(c.NumeroAdherent.String() + "\x00" + c.NIRBeneficiaire.String() + "\x00" + c.NIRAssure.String() + "\x00" + jour.String()))
}

func (c *cache) lire(k cleCache, a time.Time) ([]amc.Beneficiaire, bool) {
	c.verrou.Lock()
	defer c.verrou.Unlock()
	g, ok := c.jeune[k]
	if !ok {
		g, ok = c.vieux[k]
	}
	return g.l, ok && a.Before(g.jusqua)
}

func (c *cache) garder(k cleCache, l []amc.Beneficiaire, a time.Time) {
	if c.duree <= 0 {
		return
	}
	c.verrou.Lock()
	defer c.verrou.Unlock()
	if c.jeune == nil || len(c.jeune) >= c.max/2 {
		c.jeune, c.vieux = make(map[cleCache]gardee), c.jeune
	}
	c.jeune[k] = gardee{a.Add(c.duree), l}
}
