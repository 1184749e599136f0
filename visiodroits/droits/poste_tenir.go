package droits

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Battement is what a turn of Tenir did.
type Battement struct {
	Lectures []visiodroits.Lecture
	Relances []Relance
	Envois   []EnvoiCompteurs
	Erreur   error
}

// When Tenir does what it does. hyp: VISIO-RELANCE
const (
	repriseRelance    = time.Minute // after a question without answer, then less and less often
	repriseRelanceMax = 15 * time.Minute
	pouls             = 5 * time.Minute // it looks at its clock, which may have been set
	sommeilMin        = time.Second
)

// relances is when the questions that wait are asked again.
type relances struct {
	prochain time.Time
	echecs   int
}

// Tenir keeps lists up to date, asks again what waits and sends counters back, until ctx
// ends. Each list is read when it is due, by its own next issue, and at once when it was
// found stale at the counter; nothing is read meanwhile. Each turn that did something is
// told. It is the caller's to run it, in a goroutine of its own.
func (p *Poste) Tenir(ctx context.Context, dire func(Battement)) {
	for {
		b := p.tourner(ctx)
		if ctx.Err() != nil {
			return
		}
		if dire != nil && (len(b.Lectures)+len(b.Relances)+len(b.Envois) > 0 || b.Erreur != nil) {
			dire(b)
		}
		sommeil := time.NewTimer(p.sommeil(b.Erreur != nil))
		select {
		case <-ctx.Done():
			sommeil.Stop()
			return
		case <-p.reveil.canal():
			sommeil.Stop()
		case <-sommeil.C:
		}
	}
}

// tourner does what is due.
func (p *Poste) tourner(ctx context.Context) (b Battement) {
	b.Lectures, b.Erreur = p.Actualiser(ctx)
	if slices.ContainsFunc(b.Lectures, func(l visiodroits.Lecture) bool { return l.Erreur == nil }) {
		p.lienRevenu()
	}
	a := p.o.Horloge()
	p.mu.Lock()
	relancer, renvoyer := !a.Before(p.relances.prochain), !a.Before(p.prochainEnvoi)
	p.mu.Unlock()
	var err error
	if relancer && p.o.Magasin.EnAttente() {
		b.Relances, err = p.Relancer(ctx)
		b.Erreur = errors.Join(b.Erreur, err)
		p.differerRelances(len(b.Relances) > 0)
	}
	if renvoyer {
		b.Envois, err = p.RenvoyerCompteurs(ctx)
		b.Erreur = errors.Join(b.Erreur, err)
	}
	return b
}

// sommeil is how long nothing is due.
func (p *Poste) sommeil(erreur bool) time.Duration {
	a := p.o.Horloge()
	t, err := p.Prochain(a)
	if erreur || err != nil { // a store that fails is not tried without pause
		return repriseRelance
	}
	attend := p.o.Magasin.EnAttente()
	p.mu.Lock() // never around the store, which counts under its own
	defer p.mu.Unlock()
	if attend && p.relances.prochain.Before(t) {
		t = p.relances.prochain
	}
	if p.prochainEnvoi.Before(t) {
		t = p.prochainEnvoi
	}
	return min(max(t.Sub(a), sommeilMin), pouls)
}

// differerRelances sets when what still waits is asked again.
func (p *Poste) differerRelances(repondu bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := &p.relances
	if repondu {
		r.echecs = 0
	}
	delai := min(repriseRelanceMax, repriseRelance<<min(r.echecs, 10))
	r.prochain = p.o.Horloge().Add(delai + time.Duration(rand.Float64()*etalementLAR*float64(delai)))
	r.echecs++
}

// lienRevenu has what waits asked again at once: something was answered. ref: VISIO §8.3
func (p *Poste) lienRevenu() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.relances.echecs > 0 {
		p.relances = relances{}
		p.reveil.sonner()
	}
}

// attendreLien has a question that nobody answered asked again soon.
func (p *Poste) attendreLien() {
	p.mu.Lock()
	p.relances = relances{prochain: p.o.Horloge().Add(repriseRelance), echecs: 1}
	p.mu.Unlock()
	p.reveil.sonner()
}
