package relais

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// correspondant is one next step: its link, its places, its state.
type correspondant struct {
	adresse     string
	lien        Lien
	places      chan struct{}
	disjoncteur disjoncteur
	usages      int // messages under way; guarded by the carnet
	vu          time.Time
}

// carnet keeps the next steps in use. Two addresses, or two sets of announced
// certificates, share nothing: one that fails or is slow never holds another.
type carnet struct {
	mu sync.Mutex
	m  map[string]*correspondant
}

// correspondantsMax bounds the next steps kept; beyond, the one unused for the
// longest time goes.
const correspondantsMax = 2048

// prendre gives the correspondant of a step; rendre must follow. It is nil when
// all are in use.
func (r *Relais) prendre(e *etape) *correspondant {
	cle := e.adresse + "|" + strings.Join(e.empreintes, "|")
	r.carnet.mu.Lock()
	defer r.carnet.mu.Unlock()
	c := r.carnet.m[cle]
	if c == nil {
		if len(r.carnet.m) >= correspondantsMax && !r.carnet.oublier() {
			return nil
		}
		c = &correspondant{
			adresse: e.adresse, lien: r.p.Courrier.Ouvrir(e.adresse, e.empreintes), places: make(chan struct{}, r.reglages.Places),
			disjoncteur: disjoncteur{echecs: r.reglages.Echecs, repos: r.reglages.Repos, max: r.reglages.ReposMax},
		}
		r.carnet.m[cle] = c
	}
	c.usages++
	return c
}

func (r *Relais) rendre(c *correspondant) {
	r.carnet.mu.Lock()
	defer r.carnet.mu.Unlock()
	c.usages--
	c.vu = r.p.Horloge()
}

// oublier drops the correspondant unused for the longest time.
func (k *carnet) oublier() bool {
	var ancien string
	for cle, c := range k.m {
		if c.usages == 0 && (ancien == "" || c.vu.Before(k.m[ancien].vu)) {
			ancien = cle
		}
	}
	if ancien == "" {
		return false
	}
	k.m[ancien].lien.Fermer()
	delete(k.m, ancien)
	return true
}

// fermer closes what is not in use.
func (k *carnet) fermer() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, c := range k.m {
		c.lien.Fermer()
	}
}

// placer waits for a place, not for long.
func (c *correspondant) placer(ctx context.Context, attente time.Duration) error {
	select {
	case c.places <- struct{}{}:
		return nil
	default:
	}
	t := time.NewTimer(attente)
	defer t.Stop()
	select {
	case c.places <- struct{}{}:
		return nil
	case <-t.C:
		return &roc.Refus{Code: roc.Saturation, Detail: "trop de messages en attente de ce destinataire", Reprise: 1}
	case <-ctx.Done():
		return enRefus(ErrAbandon)
	}
}
