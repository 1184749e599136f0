// Package front offers the questions of pricing at the gate of the third party: those that
// a card seals, and the control of an operator.
package front

import (
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Services are the doors of a third party. None of its answers is remembered.
func Services(s *tiers.Service) []*gate.Service {
	dossier := func(ctx context.Context, q sceau.Opened[roc.Message[vd.DemandeDossier]]) (*vd.ReponseDossier, func(context.Context) (*vd.ReponseDossier, error), error) {
		c, err := carteDe(q.Piece(), &q.Message().Enveloppe)
		if err != nil {
			return nil, nil, err
		}
		r, err := s.Ouvrir(ctx, c, q.Message().Corps)
		return r, nil, err
	}
	tarification := func(ctx context.Context, q sceau.Opened[roc.Message[vd.DemandeTarification]]) (*vd.ReponseTarification, func(context.Context) (*vd.ReponseTarification, error), error) {
		c, err := carteDe(q.Piece(), &q.Message().Enveloppe)
		if err != nil {
			return nil, nil, err
		}
		x, err := s.Chiffrer(ctx, c, q.Message().Corps)
		if err != nil {
			return nil, nil, err
		}
		if !x.Engage() {
			r, err := s.Conclure(ctx, x)
			return r, nil, err
		}
		return nil, func(ctx context.Context) (*vd.ReponseTarification, error) { return s.Conclure(ctx, x) }, nil
	}
	return []*gate.Service{
		gate.OffrirRejouable(vd.EchangeDossier, dossier, gate.Options[vd.DemandeDossier, vd.ReponseDossier]{Engage: true,
			Interdit: interdit(func(r vd.Retour) *vd.ReponseDossier { return &vd.ReponseDossier{Retour: r} })}).Oublieux(),
		gate.OffrirRejouable(vd.EchangeTarification, tarification, gate.Options[vd.DemandeTarification, vd.ReponseTarification]{
			Interdit: interdit(func(r vd.Retour) *vd.ReponseTarification { return &vd.ReponseTarification{Retour: r} })}).Oublieux(),
		gate.OffrirRejouable(vd.EchangeControle, controle(s), gate.Options[vd.DemandeControle, vd.ReponseControle]{Engage: true}).Oublieux(),
	}
}

// interdit answers T620 to a message that its schema refuses because it tells a person.
func interdit[R any](repondre func(vd.Retour) *R) func(contenu []byte) *R {
	return func(contenu []byte) *R {
		var x *vd.Interdit
		if !errors.As(vd.ExaminerMessage(contenu), &x) {
			return nil
		}
		return repondre(vd.RetourDe(vd.IdentiteEnTrop, x.Detail))
	}
}

// controle is for those who pay: a pharmacy that could ask would try amounts.
func controle(s *tiers.Service) gate.Engageante[vd.DemandeControle, vd.ReponseControle] {
	return func(ctx context.Context, q sceau.Opened[roc.Message[vd.DemandeControle]]) (*vd.ReponseControle, func(context.Context) (*vd.ReponseControle, error), error) {
		if e := q.Message().Enveloppe.Emetteur.Type; e != roc.OTP && e != roc.AMC {
			return nil, nil, roc.Refuser(roc.AutreIdentifiant, "le contrôle d'une facture est demandé par une AMC ou par un opérateur")
		}
		r, err := s.Controler(ctx, q.Message().Corps)
		return r, nil, err
	}
}
