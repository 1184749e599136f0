package gate

import (
	"errors"
	"sync"
	"time"
)

// errTropDeRefus: whoever asks was refused too often lately. Nothing is signed nor
// written for him until he slows down.
var errTropDeRefus = errors.New("gate: trop de refus de suite")

// contingent bounds the refusals that are sealed and written down: a quota counts
// questions that are good, and who is refused before it must not make us sign and write
// without end. Each channel and each sealer has its own; who shows neither has a small
// one for his address, and all such have one together, since addresses cost nothing: they
// never use up what the others have. The zero value is ready. ref: DEC 29
// hyp: CONTINGENT-REFUS 500 refusals at once, then two a second; without certificate nor
// seal 20, then one in five seconds, and ten a second for all; beyond, 429 without seal
// nor leaf.
type contingent struct {
	mu       sync.Mutex
	seaux    map[cleContingent]seau
	adresses map[cleContingent]seau
	anonymes map[cleContingent]seau // one bucket
}

// bornes is how many refusals a bucket gives in a row, and then by second; so many callers
// are remembered.
type bornes struct {
	suite, parSeconde float64
	appelants         int
}

var (
	bornesDeCanal    = bornes{500, 2, 4096}
	bornesDAdresse   = bornes{20, 0.2, 1024}
	bornesDesAdresse = bornes{500, 10, 1}
)

const contingentReprendre = 10 * time.Second // told to who is cut off

// cleContingent is who is refused: the structure of the channel, or its address when the
// certificate was itself refused or none was shown, and the structure of the seal, "" when
// it was not verified.
type cleContingent struct{ canal, scelleur string }

type seau struct {
	reste float64
	vu    time.Time
	dit   bool // that it is empty, since it was last half full
}

// admettre counts a refusal. premier tells that it is the first one in a row
// that is left out.
func (c *contingent) admettre(k cleContingent, instant time.Time) (admis, premier bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return puiser(&c.seaux, bornesDeCanal, k, instant)
}

// admettreAnonyme counts a refusal of who showed no certificate and whose seal, if any,
// was not verified. premier is of all such.
func (c *contingent) admettreAnonyme(adresse string, instant time.Time) (admis, premier bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if admis, _ := puiser(&c.adresses, bornesDAdresse, cleContingent{canal: adresse}, instant); !admis {
		return false, false
	}
	return puiser(&c.anonymes, bornesDesAdresse, cleContingent{}, instant)
}

func puiser(seaux *map[cleContingent]seau, b bornes, k cleContingent, instant time.Time) (admis, premier bool) {
	s, connu := (*seaux)[k]
	if *seaux == nil || !connu && len(*seaux) >= b.appelants {
		*seaux = make(map[cleContingent]seau)
	}
	if !connu {
		s.reste, s.vu = b.suite, instant
	} else if d := instant.Sub(s.vu); d > 0 { // who waited comes after who came later
		s.reste, s.vu = min(b.suite, s.reste+d.Seconds()*b.parSeconde), instant
	}
	switch {
	case s.reste >= 1:
		s.dit = s.dit && s.reste < b.suite/2
		s.reste--
		admis = true
	case !s.dit:
		s.dit, premier = true, true
	}
	(*seaux)[k] = s
	return admis, premier
}
