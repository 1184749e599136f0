package acheminement

import "time"

// partenaire is what a Tournee knows of a partner: how many messages are under
// way, how many it trusts him with, and whether he is left alone for a while.
type partenaire struct {
	enCours int
	fenetre int // how many may be under way; grows with success, 1 after a failure
	suite   int // failures in a row
	ouvert  bool
	pause   time.Duration // current rest
	depuis  time.Time     // when the rest began
	reprise time.Time     // when it ends
}

// fenetreDebut is how many messages leave at once to a partner of whom nothing
// is known: silent partners hold few workers.
const fenetreDebut = 2

func nouveauPartenaire() *partenaire { return &partenaire{fenetre: fenetreDebut} }

// places is how many more messages may leave now. After a rest, one tries.
func (p *partenaire) places(a time.Time, r *Reglages) int {
	switch {
	case !p.ouvert:
		return min(p.fenetre, r.Plafond) - p.enCours
	case p.enCours > 0:
		return 0
	case p.repose(a, r):
		return 0
	}
	return 1
}

// repose tells whether the rest goes on. One that would begin in the future was
// set by a clock that has gone back since: it is over.
func (p *partenaire) repose(a time.Time, r *Reglages) bool {
	return p.ouvert && a.Before(p.reprise) && !a.Before(p.depuis.Add(-r.Recul))
}

// repondre notes that the partner answered, whatever he answered.
func (p *partenaire) repondre(r *Reglages) {
	p.suite, p.ouvert, p.pause = 0, false, 0
	p.fenetre = min(p.fenetre+1, r.Plafond)
}

// echouer notes a failure, and tells whether the partner is now left alone.
// attente is how long he asked to be.
func (p *partenaire) echouer(a time.Time, attente time.Duration, r *Reglages) bool {
	p.suite++
	p.fenetre = 1
	if !p.ouvert && p.suite < r.Echecs && attente == 0 {
		return false
	}
	if p.repose(a, r) && attente == 0 {
		return false // of a message that had left before the rest
	}
	p.pause = min(max(r.Pause, 2*p.pause), r.PauseMax)
	p.depuis, p.reprise = a, a.Add(max(p.pause, min(attente, attenteMax)))
	deja := p.ouvert
	p.ouvert = true
	return !deja
}

// oubliable tells whether nothing would be lost by forgetting him.
func (p *partenaire) oubliable() bool { return p.enCours == 0 && !p.ouvert && p.suite == 0 }
