package vigie

import (
	"slices"
	"time"
)

// file is the order of service, without goroutines nor clock: who starts, who
// waits, who is refused. Partners who wait have a turn each (deficit round-robin):
// in a turn a partner spends what its weight gives it. Admission adds the waiting.
type file struct {
	p           ParametresAdmission
	enService   int
	enAttente   int
	partenaires map[string]*partenaire
	tour        []*partenaire // those who wait; the first has the next turn
	moyenne     time.Duration // smoothed duration of one service
	recents     [2]recent     // the two partners last seen, latest first
}

type recent struct {
	partenaire *partenaire
	vu         time.Time
}

// partenaire is what is known of a partner while it is there, and a little after.
type partenaire struct {
	nom       string
	attente   []*billet // oldest first
	enService int
	credit    int
}

// billet is one request that waits or is served.
type billet struct {
	partenaire *partenaire
	cout       int
	debut      time.Time   // of the service
	verdict    chan *Refus // nil: its turn has come; written once, never blocks
}

func nouvelleFile(p ParametresAdmission) *file {
	return &file{p: p.avecDefauts(), partenaires: map[string]*partenaire{}}
}

// arriver gives a ticket, already called when its service can start at once, or
// refuses.
func (f *file) arriver(nom string, cout int, instant time.Time) (*billet, *Refus) {
	p := f.partenaire(nom, instant)
	if p == nil {
		return nil, f.saturee(f.enAttente)
	}
	b := &billet{partenaire: p, cout: min(max(cout, 1), coutMax), verdict: make(chan *Refus, 1)}
	if len(p.attente) >= f.p.AttenteParPartenaire {
		return nil, f.saturee(len(p.attente))
	}
	if f.enAttente >= f.p.AttenteTotale && !f.faireDeLaPlace(p) {
		return nil, f.saturee(len(p.attente))
	}
	if len(p.attente) == 0 {
		f.tour = append(f.tour, p)
	}
	p.attente = append(p.attente, b)
	f.enAttente++
	f.appeler(instant)
	return b, nil
}

// faireDeLaPlace refuses the last request of the longest queue, unless it is that
// of the newcomer: a full house is not a reason to refuse who asks little.
func (f *file) faireDeLaPlace(nouveau *partenaire) bool {
	long := nouveau
	for _, p := range f.tour {
		if len(p.attente) > len(long.attente) {
			long = p
		}
	}
	if len(long.attente) <= len(nouveau.attente)+1 {
		return false
	}
	dernier := long.attente[len(long.attente)-1]
	long.attente = long.attente[:len(long.attente)-1]
	f.enAttente--
	dernier.verdict <- f.saturee(len(long.attente))
	return true
}

// appeler starts as many services as there is room for.
func (f *file) appeler(instant time.Time) {
	for f.enService < f.p.EnService {
		b := f.suivant(instant)
		if b == nil {
			return
		}
		b.debut = instant
		b.partenaire.enService++
		f.enService++
		b.verdict <- nil
	}
}

// suivant takes the next ticket in turn, nil when those who wait all have their
// share already in service. Each visit brings at least one of credit and no cost
// exceeds coutMax, so that a ticket is found within coutMax rounds.
func (f *file) suivant(instant time.Time) *billet {
	part := f.part(instant)
	for range coutMax*len(f.tour) + 1 {
		if len(f.tour) == 0 {
			return nil
		}
		p := f.tour[0]
		if p.enService >= part {
			f.tourSuivant()
			continue
		}
		if p.credit < p.attente[0].cout {
			p.credit += f.p.poids(p.nom)
			if p.credit < p.attente[0].cout {
				f.tourSuivant()
				continue
			}
		}
		return f.prendre(p)
	}
	return nil
}

func (f *file) prendre(p *partenaire) *billet {
	b := p.attente[0]
	p.attente[0] = nil
	p.attente = p.attente[1:]
	p.credit -= b.cout
	f.enAttente--
	switch {
	case len(p.attente) == 0:
		p.attente, p.credit = nil, 0
		f.tour = slices.Delete(f.tour, 0, 1)
	case p.credit < p.attente[0].cout:
		f.tourSuivant()
	}
	return b
}

func (f *file) tourSuivant() {
	p := f.tour[0]
	copy(f.tour, f.tour[1:])
	f.tour[len(f.tour)-1] = p
}

// part is the most services that one partner may have at once: all of them when
// it is alone, less when another was there lately, so that the other finds a free
// place when it comes back.
func (f *file) part(instant time.Time) int {
	if autre := f.recents[1]; autre.partenaire == nil || instant.Sub(autre.vu) >= f.p.Memoire {
		return f.p.EnService
	}
	return max(f.p.EnService*f.p.PartPourCent/100, 1)
}

func (f *file) voir(p *partenaire, instant time.Time) {
	if f.recents[0].partenaire != p {
		f.recents[1] = f.recents[0]
	}
	f.recents[0] = recent{p, instant}
}

// finir ends a service and calls the next.
func (f *file) finir(b *billet, instant time.Time) {
	const lissage = 16
	f.moyenne += (instant.Sub(b.debut) - f.moyenne) / lissage
	b.partenaire.enService--
	f.voir(b.partenaire, instant)
	f.enService--
	f.appeler(instant)
}

// renoncer takes away a ticket whose holder left. It is false when its turn has
// come in the meantime: the service must then be ended.
func (f *file) renoncer(b *billet) bool {
	p := b.partenaire
	i := slices.Index(p.attente, b)
	if i < 0 {
		return false
	}
	p.attente = slices.Delete(p.attente, i, i+1)
	f.enAttente--
	if len(p.attente) == 0 {
		p.credit = 0
		f.tour = slices.Delete(f.tour, slices.Index(f.tour, p), slices.Index(f.tour, p)+1)
	}
	return true
}

// partenaire finds or makes the record of a partner, forgetting those who left
// when there are too many; nil when all are present.
func (f *file) partenaire(nom string, instant time.Time) *partenaire {
	p := f.partenaires[nom]
	if p == nil {
		if len(f.partenaires) >= f.p.Partenaires && !f.oublier() {
			return nil
		}
		p = &partenaire{nom: nom}
		f.partenaires[nom] = p
	}
	f.voir(p, instant)
	return p
}

// oublier forgets the absent partners.
func (f *file) oublier() bool {
	avant := len(f.partenaires)
	for nom, p := range f.partenaires {
		if p.enService == 0 && len(p.attente) == 0 {
			delete(f.partenaires, nom)
		}
	}
	return len(f.partenaires) < avant
}

// saturee tells when a queue of that length should be served: an estimate from
// the smoothed duration and the turns of the others.
func (f *file) saturee(longueur int) *Refus {
	tours := time.Duration(max(longueur, 1) * max(len(f.tour), 1) / f.p.EnService)
	return refuserSaturation(min(f.moyenne*(tours+1), f.p.AttendreMax))
}
