package vigie

import (
	"cmp"
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// coutMax bounds what one request may weigh in its partner's turn.
const coutMax = 8

// ParametresAdmission bounds what is served at once. A zero field takes its default.
type ParametresAdmission struct {
	// EnService is the most requests in service at once. It should be about what
	// the machine really does at once: beyond, requests slow each other and no
	// order is fair. Default: 4 a core.
	EnService int
	// AttenteParPartenaire is the most requests waiting of one partner. Default: 64.
	AttenteParPartenaire int
	// AttenteTotale is the most requests waiting in all. Default: 1024.
	AttenteTotale int
	// PartPourCent is the part of EnService that one partner may hold when it is
	// not alone. Default: 50.
	PartPourCent int
	// Memoire is how long a partner that left is still counted as there. Default: 5 s.
	Memoire time.Duration
	// Partenaires bounds those known at once. Default: 4096.
	Partenaires int
	// AttendreMax bounds the time to wait given with T030. Default: 30 s.
	AttendreMax time.Duration
	// Nom is whom events name, all partners together, when it is not empty: of those who
	// have a name for the asking, each would be one more event.
	Nom string
	// Poids gives partners more than one share in a turn: a relay that carries
	// many structures. Absent: 1.
	Poids map[string]int
}

func (p ParametresAdmission) avecDefauts() ParametresAdmission {
	for _, c := range []struct {
		champ  *int
		defaut int
	}{{&p.EnService, 4 * runtime.GOMAXPROCS(0)}, {&p.AttenteParPartenaire, 64}, {&p.AttenteTotale, 1024},
		{&p.PartPourCent, 50}, {&p.Partenaires, 4096}} {
		if *c.champ <= 0 {
			*c.champ = c.defaut
		}
	}
	p.PartPourCent = min(p.PartPourCent, 100)
	if p.Memoire <= 0 {
		p.Memoire = 5 * time.Second
	}
	if p.AttendreMax <= 0 {
		p.AttendreMax = 30 * time.Second
	}
	return p
}

func (p ParametresAdmission) poids(nom string) int { return max(p.Poids[nom], 1) }

// Admission is the door under load. It is safe for concurrent use.
type Admission struct {
	horloge func() time.Time
	alertes Alertes

	mu   sync.Mutex
	file *file
	dits map[string]time.Time // last PartenaireSature of each partner
}

// NewAdmission makes a door; alertes may be nil.
func NewAdmission(p ParametresAdmission, alertes Alertes, horloge func() time.Time) *Admission {
	return &Admission{horloge: horloge, alertes: alertes, file: nouvelleFile(p), dits: map[string]time.Time{}}
}

// Entrer waits for the turn of a partner (the TLS identity: it is known before
// anything costly is done) and gives the function to call, once, when the request
// is served. The error is a *Refus with T030 and a time to wait, or that of ctx.
// cout is what the request weighs, from 1 to 8; the bounds apply.
// ref: DEC 29; ROC §18 (T030)
func (a *Admission) Entrer(ctx context.Context, partenaire string, cout int) (sortir func(), err error) {
	a.mu.Lock()
	b, refus := a.file.arriver(partenaire, cout, a.horloge())
	a.mu.Unlock()
	if refus != nil {
		a.dire(partenaire)
		return nil, refus
	}
	select {
	case refus = <-b.verdict:
	case <-ctx.Done():
		if a.renoncer(b) {
			return nil, ctx.Err()
		}
		refus = <-b.verdict // decided in the meantime
		if refus == nil {
			a.finir(b)
		}
		return nil, ctx.Err()
	}
	if refus != nil {
		a.dire(partenaire)
		return nil, refus
	}
	var une sync.Once
	return func() { une.Do(func() { a.finir(b) }) }, nil
}

func (a *Admission) renoncer(b *billet) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.file.renoncer(b)
}

func (a *Admission) finir(b *billet) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.file.finir(b, a.horloge())
}

// Charge is the state of the door, for supervision.
type Charge struct{ EnService, EnAttente, Partenaires int }

// Charge tells how busy the door is now.
func (a *Admission) Charge() Charge {
	a.mu.Lock()
	defer a.mu.Unlock()
	return Charge{EnService: a.file.enService, EnAttente: a.file.enAttente, Partenaires: len(a.file.partenaires)}
}

// redire is the least time between two events about one partner.
const redire = time.Minute

func (a *Admission) dire(partenaire string) {
	if a.alertes == nil {
		return
	}
	partenaire = cmp.Or(a.file.p.Nom, partenaire)
	a.mu.Lock()
	instant := a.horloge()
	tu := instant.Sub(a.dits[partenaire]) < redire
	if !tu {
		if len(a.dits) >= a.file.p.Partenaires {
			clear(a.dits)
		}
		a.dits[partenaire] = instant
	}
	a.mu.Unlock()
	if !tu {
		a.alertes.Signaler(Evenement{Quand: instant, Gravite: Attention, Code: PartenaireSature, Structure: partenaire})
	}
}

func refuserSaturation(attendre time.Duration) *Refus {
	return refuser(roc.Saturation, "file d’attente pleine", attendre)
}
