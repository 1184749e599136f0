package acheminement

import (
	"errors"
	"fmt"
	"time"
)

// Recu is what a partner answered to a message it took.
type Recu struct {
	// Octets is the receipt as it came, sealed; nil when the transport has none.
	Octets []byte
}

// Refus is a partner's refusal for good: sending the same bytes again is useless.
type Refus struct {
	Code   string // of the partner, or ours when it gave none
	Octets []byte // what it answered, as it came
}

// Error is the code.
func (r *Refus) Error() string { return "acheminement: refusé par le destinataire : " + r.Code }

// Passager is a failure that may pass: silence, saturation, a closed door.
type Passager struct {
	Code string
	// Attente is how long the partner asked to be left alone; 0 when it did not.
	Attente time.Duration
	// Avance: part of the message arrived and will not be sent again; the try is
	// not counted.
	Avance bool
	Cause  error // for the operator
}

// Error is the code and the cause.
func (p *Passager) Error() string {
	if p.Cause == nil {
		return "acheminement: échec passager : " + p.Code
	}
	return fmt.Sprintf("acheminement: échec passager : %s : %v", p.Code, p.Cause)
}

// Unwrap gives the cause.
func (p *Passager) Unwrap() error { return p.Cause }

// Our codes of failure.
const (
	CodeSilence   = "SILENCE"   // no answer in time
	CodeEchec     = "ECHEC"     // a failure that nobody named
	CodeTransport = "TRANSPORT" // no such transport here
	CodeContenu   = "CONTENU"   // the bytes could not be read, or are not those posted
	CodeSuite     = "SUITE"     // delivered, but what follows could not be written
	CodePanique   = "PANIQUE"   // a bug of the transport
	CodeMemeCle   = "T012"      // same key, other bytes. ref: ROC §5.2
)

// Errors of this room.
var (
	// ErrBail: the lease was lost; another worker has the message.
	ErrBail = errors.New("acheminement: bail perdu")
	// ErrCle: the key was used for other bytes or another partner. Code T012.
	ErrCle = errors.New("acheminement: T012 : clé déjà employée pour un autre message")
	// ErrInconnu: no such message.
	ErrInconnu = errors.New("acheminement: envoi inconnu")
	// ErrEtat: the message is not in a state where this can be done.
	ErrEtat = errors.New("acheminement: impossible dans cet état")
)

// Sort is what becomes of a message after a try.
type Sort string

// What becomes of a message.
const (
	Acquis   Sort = "ACQUIS"   // delivered
	Rebute   Sort = "REBUTE"   // dead letter
	Repousse Sort = "REPOUSSE" // tried again later
	Rendu    Sort = "RENDU"    // put back as it was: this node stops
)

// Issue is the outcome of a try, to be written.
type Issue struct {
	Cle      string
	Bail     int64 // number of the lease it was taken with
	Sort     Sort
	Code     string
	Recu     []byte    // what the partner answered
	Refuse   bool      // for good, by the partner or here: not for want of tries
	Sujets   []string  // with Rebute: what it speaks of, when the line of its Ordre goes on
	Essais   int       // tries counted so far
	Instant  time.Time // of the outcome
	Echeance time.Time // when to try again
}

// delaisDefaut are the waits before each new try. ref: ROC §17.6
func delaisDefaut() []time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour}
}

// attenteMax bounds what a partner may ask.
const attenteMax = 24 * time.Hour

// juger tells what becomes of a message. alea is in [0, 1[.
//
// hyp: ACH-ESSAIS the five waits precede five new tries, so that a message is
// sent six times before it is a dead letter.
func juger(p *Pris, r Recu, err error, instant time.Time, delais []time.Duration, alea float64) *Issue {
	i := &Issue{Cle: p.Cle, Bail: p.Bail, Essais: p.Essais, Instant: instant, Echeance: instant}
	if err == nil {
		i.Sort, i.Recu = Acquis, r.Octets
		return i
	}
	var refus *Refus
	if errors.As(err, &refus) {
		i.Sort, i.Code, i.Recu, i.Refuse = Rebute, refus.Code, refus.Octets, true
		return i
	}
	var passager *Passager
	if !errors.As(err, &passager) {
		passager = &Passager{Code: CodeEchec}
	}
	i.Code = passager.Code
	if passager.Avance {
		i.Sort, i.Echeance = Repousse, instant.Add(min(passager.Attente, attenteMax))
		return i
	}
	i.Essais++
	if i.Essais > len(delais) {
		i.Sort = Rebute
		return i
	}
	i.Sort = Repousse
	i.Echeance = instant.Add(max(Reculer(delais[i.Essais-1], alea), min(passager.Attente, attenteMax)))
	return i
}

// Reculer spreads a wait over ± 10 %, so that messages that failed together do
// not come back together. alea is in [0, 1[.
func Reculer(d time.Duration, alea float64) time.Duration {
	return d + time.Duration(float64(d)*(alea-0.5)/5)
}
