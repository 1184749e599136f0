package annuaire

import (
	"slices"
	"sync"
	"time"
)

// Garde counts, in the memory of one node, what each reader asks and how many different
// records he reads. What the nodes counted is put together from time to time by
// [Garde.Lever] and [Garde.Fondre]: between two, each knows what was read through
// itself. It is safe for concurrent use.
type Garde struct {
	quotas Quotas
	max    int

	mu       sync.Mutex
	lecteurs map[string]*Lecteur
	finies   []Lecture // of the hours that are over
}

// LecteursMax is how many readers a node tells apart; beyond, the newcomers of a family
// are counted together, so that who changes name at each request gains nothing.
const LecteursMax = 20_000

// NouvelleGarde counts nothing yet. max is LecteursMax when 0.
func NouvelleGarde(q Quotas, max int) *Garde {
	if max == 0 {
		max = LecteursMax
	}
	return &Garde{quotas: q, max: max, lecteurs: map[string]*Lecteur{}}
}

// Lecteur is one reader at one node.
type Lecteur struct {
	garde   *Garde
	nom     string
	famille string
	quota   Quota

	mu   sync.Mutex
	etat etatQuota
	vu   int64 // instant of the last request, ms
}

// Lecture is what a reader read in an hour through a node.
type Lecture struct {
	Lecteur, Famille string
	Heure            time.Time // its beginning
	Lectures, Refus  int64
	Croquis          Croquis
	// Distinctes and Seuil are said when the reader went beyond what slows him down, and
	// it was not said yet.
	Distinctes, Seuil int64
}

// Lecteur finds a reader by the name under which he is counted. A door keeps what it is
// given for one request, or one session.
func (g *Garde) Lecteur(nom, famille string) *Lecteur {
	cle := famille + "\x00" + nom
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lecteurs[cle]
	if l == nil && len(g.lecteurs) >= g.max {
		nom, cle = "*", famille+"\x00*"
		l = g.lecteurs[cle]
	}
	if l == nil {
		l = &Lecteur{garde: g, nom: nom, famille: famille, quota: g.quotas.De(famille)}
		g.lecteurs[cle] = l
	}
	return l
}

// Entrer counts a request and says whether to answer it, and when.
func (l *Lecteur) Entrer(maintenant time.Time) Reponse {
	ms := maintenant.UnixMilli()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.avancer(ms)
	l.vu = max(l.vu, ms)
	return l.quota.juger(&l.etat, ms)
}

// Lire counts a record that was shown.
func (l *Lecteur) Lire(id string) {
	if l.quota.Ralenti == 0 {
		return
	}
	h := empreinte(0, id)
	l.mu.Lock()
	l.etat.lire(h)
	l.mu.Unlock()
}

// avancer begins a new hour, once the last one is over; an hour that comes again, by a
// clock that went back, is not begun again.
func (l *Lecteur) avancer(ms int64) {
	heure := ms / heureMs
	if heure <= l.etat.heure {
		return
	}
	if l.etat.heure > 0 && l.etat.lectures > 0 {
		x := l.lecture()
		// The hour that is over is left to who levies, without waiting for him.
		l.garde.finir(x)
	}
	l.etat = etatQuota{heure: heure, dernier: l.etat.dernier, manque: l.etat.manque}
}

// finiesMax bounds the hours that nobody levied.
const finiesMax = 4 * LecteursMax

func (g *Garde) finir(x Lecture) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.finies) < finiesMax {
		g.finies = append(g.finies, x)
	}
}

func (l *Lecteur) lecture() Lecture {
	e := &l.etat
	x := Lecture{Lecteur: l.nom, Famille: l.famille, Heure: time.UnixMilli(e.heure * heureMs).UTC(), Lectures: e.lectures, Refus: e.refus}
	if e.croquis != nil {
		x.Croquis = *e.croquis
	}
	if n := e.nombre(); l.quota.Ralenti > 0 && n > l.quota.Ralenti && !e.signale {
		x.Distinctes, x.Seuil = n, l.quota.Ralenti
		e.signale = true
	}
	return x
}

// Lever gives what was counted since the hours began, to be kept, and forgets the readers
// who did not come for an hour.
func (g *Garde) Lever(maintenant time.Time) []Lecture {
	g.mu.Lock()
	tous := make([]*Lecteur, 0, len(g.lecteurs))
	for _, l := range g.lecteurs {
		tous = append(tous, l)
	}
	g.mu.Unlock()
	ms := maintenant.UnixMilli()
	var faites []Lecture
	var partis []*Lecteur
	for _, l := range tous {
		l.mu.Lock()
		l.avancer(ms)
		if l.etat.lectures > 0 {
			faites = append(faites, l.lecture())
		} else if ms-l.vu > heureMs {
			partis = append(partis, l)
		}
		l.mu.Unlock()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range partis {
		delete(g.lecteurs, l.famille+"\x00"+l.nom)
	}
	faites = append(g.finies, faites...)
	g.finies = nil
	return faites
}

// Rendre gives back what could not be kept, so that it is levied again.
func (g *Garde) Rendre(l []Lecture) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.finies = append(g.finies, l[:min(len(l), max(0, finiesMax-len(g.finies)))]...)
}

// Ailleurs is what a reader read in an hour through the other nodes.
type Ailleurs struct {
	Lecteur, Famille string
	Heure            time.Time
	Croquis          Croquis
}

// Fondre takes in what the other nodes counted.
func (g *Garde) Fondre(l []Ailleurs) {
	for i := range l {
		x := &l[i]
		g.mu.Lock()
		r := g.lecteurs[x.Famille+"\x00"+x.Lecteur]
		g.mu.Unlock()
		if r == nil {
			continue // he did not come through this node: what he read is in the store
		}
		r.mu.Lock()
		if r.etat.heure == x.Heure.UnixMilli()/heureMs {
			r.etat.fondre(&x.Croquis)
		}
		r.mu.Unlock()
	}
}

// Noms are the readers that the node tells apart, for those who watch it.
func (g *Garde) Noms() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var l []string
	for _, x := range g.lecteurs {
		l = append(l, x.nom)
	}
	slices.Sort(l)
	return l
}
