package gate

import (
	"errors"
	"sync"
	"time"
)

// errTropDeRefus: whoever asks was refused too often lately. Nothing is signed nor
// written for him until he slows down.
var errTropDeRefus = errors.New("gate: trop de refus de suite")

// contingent bounds the refusals that are sealed and written down, for each
// channel and each sealer: a quota counts questions that are good, and who is
// refused before it must not make us sign and write without end. The zero value
// is ready. ref: DEC 29
// hyp: CONTINGENT-REFUS 500 refusals at once, then two a second; beyond, 429 without seal nor leaf.
type contingent struct {
	mu    sync.Mutex
	seaux map[cleContingent]seau
}

const (
	contingentSuite      = 500              // refusals in a row
	contingentParSeconde = 2                // and then
	contingentMax        = 4096             // callers remembered
	contingentReprendre  = 10 * time.Second // told to who is cut off
)

// cleContingent is who is refused: the structure of the channel, "" when it was
// itself refused, and that of the seal, "" when it was not verified.
type cleContingent struct{ canal, scelleur string }

type seau struct {
	reste float64
	vu    time.Time
}

// admettre counts a refusal. premier tells that it is the first one in a row
// that is left out.
func (c *contingent) admettre(k cleContingent, instant time.Time) (admis, premier bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seaux == nil || len(c.seaux) >= contingentMax {
		c.seaux = make(map[cleContingent]seau)
	}
	s, connu := c.seaux[k]
	if !connu {
		s.reste = contingentSuite
	} else if d := instant.Sub(s.vu); d > 0 {
		s.reste = min(contingentSuite, max(s.reste, 0)+d.Seconds()*contingentParSeconde)
	}
	s.vu = instant
	switch {
	case s.reste >= 1:
		s.reste--
		admis = true
	case s.reste >= 0:
		s.reste, premier = -1, true
	}
	c.seaux[k] = s
	return admis, premier
}
