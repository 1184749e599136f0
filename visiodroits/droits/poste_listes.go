package droits

import (
	"context"

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
