package amc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// EtatGarde is the state of an engagement in the insurer's books. ref: DEC 26
type EtatGarde string

// The states; those of the invoice are set by the asynchronous flows.
const (
	Engage         EtatGarde = "ENGAGE"
	Annule         EtatGarde = "ANNULE"
	Expire         EtatGarde = "EXPIRE"
	Facture        EtatGarde = "FACTURE"
	FactureAnnulee EtatGarde = "FACTURE_ANNULEE"
	Rejete         EtatGarde = "REJETE" // for good
	PayeEnPartie   EtatGarde = "PAYE_EN_PARTIE"
	Paye           EtatGarde = "PAYE"
)

// avantFacturation are the states from which invoicing brings an engagement to
// another: what is not here does not happen. A batch may take an invoice, give it
// back and take the one that replaces it at once: only its last word is written.
// ref: DEC 26
var avantFacturation = map[EtatGarde][]EtatGarde{
	Facture:        {Engage, Facture, FactureAnnulee, Rejete},
	FactureAnnulee: {Engage, Facture, FactureAnnulee, Rejete},
	Rejete:         {Facture},
	PayeEnPartie:   {Facture, PayeEnPartie},
	Paye:           {Engage, Facture, FactureAnnulee, Rejete, PayeEnPartie}, // at once when nothing is due
}

// AvantFacturation lists the states from which invoicing may bring an engagement to
// a state.
func AvantFacturation(apres EtatGarde) []EtatGarde { return avantFacturation[apres] }

// GenreGarantie tells a calculation of ours from one that the hospital makes.
type GenreGarantie string

// The kinds. ref: ROC §11.1, DEC 24
const (
	GarantieCLC    GenreGarantie = "CLC"
	GarantieLocale GenreGarantie = "LOCALE"
)

// EngagementGarde is a guarantee of payment in the insurer's books. Cancelled or
// expired it stays, so that its number never serves again. ref: DEC 22
type EngagementGarde struct {
	Numero       roc.NumeroEngagement
	Genre        GenreGarantie
	Finess       sante.FINESS
	Dossier      string
	PeriodeDebut sante.Jour // of care, both included
	PeriodeFin   sante.Jour
	Etat         EtatGarde
	Debut, Fin   sante.Jour     // to invoice, both included
	Total        sante.Montant  // of this insurer; 0 for a local calculation
	Max          *sante.Montant // of a local calculation, nil when it has no limit
	IDB          string
	Patient      string // digest of who the hospital said that it is; "" when not kept
	Calcul       string // digest of the calculation engaged; "" for a local one
	Beneficiaire string
	Version      string // of the contract
	Lignes       []roc.LigneRepondue
	AnnuleLe     sante.Jour
	Instant      time.Time
}

// vivant tells whether an engagement still binds the insurer at a day.
func (e *EngagementGarde) vivant(aujourdhui sante.Jour) bool {
	switch e.Etat {
	case Engage:
		return aujourdhui <= e.Fin
	case Facture, PayeEnPartie, Paye, Rejete, FactureAnnulee:
		return true // a rejected or annulled invoice may still be corrected, until DEL
	}
	return false
}

// echu tells whether an engagement was not invoiced in time.
func (e *EngagementGarde) echu(aujourdhui sante.Jour) bool {
	return e.Etat == Engage && aujourdhui > e.Fin
}

// chevauche tells whether two periods of care share a day. ref: DEC 21
func (e *EngagementGarde) chevauche(debut, fin sante.Jour) bool {
	return e.PeriodeDebut <= fin && debut <= e.PeriodeFin
}

// etat is the state as the exchange says it.
func (e *EngagementGarde) etat(aujourdhui sante.Jour) roc.EtatEngagement {
	switch e.Etat {
	case Annule:
		return roc.EtatAnnule
	case Facture, PayeEnPartie:
		return roc.EtatDejaFacture
	case Paye:
		return roc.EtatDejaPaye
	case Expire:
		return roc.EtatExpire
	}
	if e.echu(aujourdhui) {
		return roc.EtatExpire
	}
	return roc.EngagementEnCours
}

// Engagement shows an engagement to the hospital that holds it; to any other it
// does not exist. ref: ROC §4
func (s *Service) Engagement(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeEngagement]]) (*roc.ReponseEngagement, error) {
	q, err := s.recevoir(&d.Message().Enveloppe, roc.ENG)
	if err != nil {
		return nil, err
	}
	corps, err := corpsDe(d.Message())
	if err != nil {
		return nil, err
	}
	e, err := s.Engagements.Engagement(ctx, corps.NumeroEngagement)
	if errors.Is(err, ErrEngagementInconnu) || err == nil && e.Finess != q.finess {
		return &roc.ReponseEngagement{Retour: roc.RetourDe(roc.EngagementInconnu, ""), EtatEngagement: roc.EngagementPasTrouve}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("consulter un engagement: %w", err)
	}
	total := &e.Total
	if e.Genre == GarantieLocale {
		total = e.Max
	}
	return &roc.ReponseEngagement{
		Retour: roc.RetourDe(roc.Accepte, ""), EtatEngagement: e.etat(q.aujourdhui), IDDossier: e.Dossier,
		EngagementDebut: e.Debut, EngagementFin: e.Fin, DateAnnulation: e.AnnuleLe, TotalAMC: total, Lignes: e.Lignes,
	}, nil
}

// Expirer ends at most max engagements that were not invoiced in time and gives
// back what they consumed. It is called in a transaction, and again while it
// returns max. ref: DEC 26
func (s *Service) Expirer(ctx context.Context, max int) (int, error) {
	// A day is over everywhere in France when it is in the last of its zones.
	l, err := s.Engagements.Echus(ctx, sante.JourA(s.Horloge(), sante.Paris())-1, max)
	if err != nil {
		return 0, fmt.Errorf("chercher les engagements échus: %w", err)
	}
	for i := range l {
		if err := s.expirer(ctx, &l[i]); err != nil {
			return 0, err
		}
	}
	return len(l), nil
}

func (s *Service) expirer(ctx context.Context, e *EngagementGarde) error {
	if err := s.Engagements.Passer(ctx, e.Numero, Expire, 0); err != nil {
		return fmt.Errorf("expirer un engagement: %w", err)
	}
	if err := s.Compteurs.Liberer(ctx, e.Numero); err != nil {
		return fmt.Errorf("libérer les compteurs d'un engagement échu: %w", err)
	}
	return nil
}
