package droits

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Relance is a question that was asked again, and what it gave.
type Relance struct {
	Demande *DemandeDroits
	Premier visiodroits.Code // the code that the first question met
	Vente   *Vente
}

// Relancer asks again the questions that nobody answered, and gives those that are
// answered now: the software puts the new accreditation in the invoice that did not leave.
// It stops at the first that stays unanswered for a cause of the workstation or of its
// concentrator, and asks no more of an insurer that is silent, or refuses more than that
// question. ref: VISIO §8.3
func (p *Poste) Relancer(ctx context.Context) ([]Relance, error) {
	attentes, err := p.o.Magasin.Attentes()
	if err != nil {
		return nil, err
	}
	var l []Relance
	muettes := map[string]bool{}
	for _, x := range attentes {
		if muettes[x.AMC.Sur10()] {
			continue
		}
		v, err := p.demander(ctx, x.Demande, true)
		switch {
		case ctx.Err() != nil:
			return l, ctx.Err()
		case err != nil:
			return l, err
		case v.Code == visiodroits.PosteHorsLigne || v.Code == visiodroits.OCTInjoignable:
			return l, nil
		case !v.Code.Degrade():
			l = append(l, Relance{x.Demande, x.Code, v})
		default:
			muettes[x.AMC.Sur10()] = v.refus != roc.Illisible && v.refus != roc.MemeID
		}
	}
	return l, nil
}

// Battement is what a turn of Tenir did.
type Battement struct {
	Lectures []visiodroits.Lecture
	Relances []Relance
	Envois   []EnvoiCompteurs
	Erreur   error
}

// battre is how often Tenir looks whether the link is back.
const battre = time.Minute

// Tenir keeps lists up to date, asks again what waits and sends counters back, until ctx ends. Each turn that
// did something is told. It is the caller's to run it, in a goroutine of its own.
func (p *Poste) Tenir(ctx context.Context, dire func(Battement)) {
	for {
		var b Battement
		var err error
		b.Lectures, b.Erreur = p.Actualiser(ctx)
		b.Relances, err = p.Relancer(ctx)
		b.Erreur = errors.Join(b.Erreur, err)
		b.Envois, err = p.RenvoyerCompteurs(ctx)
		b.Erreur = errors.Join(b.Erreur, err)
		if ctx.Err() != nil {
			return
		}
		if dire != nil && (len(b.Lectures)+len(b.Relances)+len(b.Envois) > 0 || b.Erreur != nil) {
			dire(b)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(battre):
		}
	}
}
