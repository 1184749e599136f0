package relais

import (
	"sync"
	"time"
)

// disjoncteur stops the messages to a server that does not answer, so that they
// are refused at once instead of holding places until their time is over. After
// a rest it lets one message try. hyp: RELAIS-DISJONCTEUR
type disjoncteur struct {
	echecs int           // in a row, before it opens
	repos  time.Duration // before the first trial; doubled by each that fails
	max    time.Duration

	mu      sync.Mutex
	suite   int       // failures in a row
	ouvert  bool      // messages are refused
	reprise time.Time // when a trial may pass
	pause   time.Duration
	enEssai bool
}

// issue is how a message that passed ended.
type issue int

const (
	sansAvis issue = iota // it says nothing of the server
	repondu
	echoue
)

// passer says whether a message may go, whether it is the trial, and else how
// long to wait.
func (d *disjoncteur) passer(a time.Time) (essai bool, attente time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case !d.ouvert:
		return false, 0
	case d.enEssai:
		return false, time.Second
	case a.Before(d.reprise):
		return false, max(d.reprise.Sub(a), time.Millisecond)
	}
	d.enEssai = true
	return true, 0
}

// noter says how a message ended, and tells whether that opened or closed the
// link. A server that answers is well, whatever was tried; a failure counts while
// the link is closed, or when it was the trial.
func (d *disjoncteur) noter(a time.Time, essai bool, i issue) (change, ouvert bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	avant := d.ouvert
	d.appliquer(a, essai, i)
	return d.ouvert != avant, d.ouvert
}

func (d *disjoncteur) appliquer(a time.Time, essai bool, i issue) {
	if essai {
		d.enEssai = false
	}
	switch {
	case i == repondu:
		d.suite, d.ouvert, d.pause = 0, false, 0
	case i == sansAvis || d.ouvert && !essai:
	case essai:
		d.ouvrir(a, min(2*d.pause, d.max))
	default:
		if d.suite++; d.suite >= d.echecs {
			d.ouvrir(a, d.repos)
		}
	}
}

func (d *disjoncteur) ouvrir(a time.Time, pause time.Duration) {
	d.ouvert, d.pause, d.reprise = true, pause, a.Add(pause)
}
