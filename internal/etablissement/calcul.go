package etablissement

import (
	"bytes"
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Calculer obtains the exact share of an insurer and its guarantee of payment:
// on line (CLC), or here when the insurer's answer on rights says so. mode may
// choose when the insurer leaves the choice; it is empty otherwise. Rights that
// have aged are asked again first. ref: ROC §3, §9
func (s *Service) Calculer(ctx context.Context, p Place, o Ordre, k Passage, mode roc.ModeCalcul) (*Venue, error) {
	v, err := s.rafraichir(ctx, p, &o, mode)
	if err != nil {
		return nil, err
	}
	v, err = s.calculer(ctx, v, p, o, k, mode)
	if err != nil {
		return nil, err
	}
	preparee, err := s.preparer(ctx, v, p, Ordre{Agent: o.Agent}, k)
	if err != nil || preparee == nil {
		return v, err
	}
	return s.calculer(ctx, preparee, p, Ordre{Agent: o.Agent}, k, mode)
}

// preparer does by itself what a refusal asks of the software before another
// calculation, once: fresh rights (C301), or an estimate first (C306). It gives
// the visit ready to be calculated, or nil. ref: ROC §18
func (s *Service) preparer(ctx context.Context, v *Venue, p Place, o Ordre, k Passage) (*Venue, error) {
	cv := v.Couverture(p.Rang)
	if cv.Etat != CalculRefuse {
		return nil, nil
	}
	var err error
	switch cv.Code {
	case roc.IDBInconnue:
		v, err = s.DemanderDroits(ctx, p, o)
	case roc.SimulationRequise:
		v, err = s.Simuler(ctx, p, o, k)
	default:
		return nil, nil
	}
	if err != nil || !v.Couverture(p.Rang).Code.Accord() {
		return nil, err
	}
	return v, nil
}

// rafraichir asks the rights again when they are too old for a calculation.
func (s *Service) rafraichir(ctx context.Context, p Place, o *Ordre, mode roc.ModeCalcul) (*Venue, error) {
	v, err := s.Depot.Venue(ctx, p.Venue)
	if err != nil {
		return nil, err
	}
	cv := v.Couverture(p.Rang)
	if cv == nil {
		return nil, refuser(ErrInconnue, "", "Aucune couverture à ce rang.")
	}
	if _, err := suivant(cv.Etat, DemanderCalcul); err != nil || cv.Droits == nil {
		return v, nil // calculer says what is wrong
	}
	var e *Erreur
	err = s.droitsValables(v, cv, cv.calculLocal(mode))
	if !errors.As(err, &e) || e.Code != roc.IDBInconnue {
		return v, nil
	}
	if v, err = s.DemanderDroits(ctx, p, *o); err == nil {
		o.Version = 0 // the agent's version was checked by the question on rights
	}
	return v, err
}

// calculLocal tells whether the calculation is done here: when the insurer
// imposes it, or when it leaves the choice and the caller does not ask for CLC.
// After a cancellation the guarantee of the former answer is spent.
func (c *Couverture) calculLocal(mode roc.ModeCalcul) bool {
	if c.Droits == nil {
		return false
	}
	switch c.Droits.Reponse.ModeCalcul {
	case roc.CalculLocal:
		return true
	case roc.CalculLocalOuCLC:
		_, err := suivant(c.Etat, CalculerIci)
		return mode == roc.CalculLocal || mode != roc.CalculCLC && err == nil && c.Droits.Reponse.GarantieLocale != nil
	}
	return false
}

func (s *Service) calculer(ctx context.Context, v *Venue, p Place, o Ordre, k Passage, mode roc.ModeCalcul) (*Venue, error) {
	cv := v.Couverture(p.Rang)
	if cv == nil {
		return nil, refuser(ErrInconnue, "", "Aucune couverture à ce rang.")
	}
	if cv.Etat == CalculDemande {
		return s.rejoindre(ctx, v, p, &k)
	}
	if cv.Convention != nil {
		return s.calculerParConvention(ctx, p, o, k)
	}
	if cv.calculLocal(mode) {
		return s.calculerIci(ctx, p, o, k)
	}
	if mode == roc.CalculLocal {
		return nil, refuser(ErrDonnees, "", "L'AMC demande un calcul en ligne.")
	}
	v, q, err := s.poser(ctx, p, o, roc.CLC, DemanderCalcul, func(c *Chantier, cv *Couverture) ([]byte, error) {
		if _, err := suivant(cv.Etat, DemanderCalcul); err != nil {
			return nil, cv.modifiableOu(DemanderCalcul, err)
		}
		d, err := s.demandeComplete(c.Venue, cv, &k, false)
		if err != nil {
			return nil, err
		}
		return ecrireCorps(planCalcul, d)
	})
	if err != nil {
		return nil, err
	}
	return s.envoyer(ctx, v, q)
}

// demandeComplete builds the question of a calculation and checks all that the
// hospital can check before the insurer does.
func (s *Service) demandeComplete(v *Venue, cv *Couverture, k *Passage, local bool) (*roc.DemandeCalcul, error) {
	if err := s.droitsValables(v, cv, local); err != nil {
		return nil, err
	}
	return s.demandeDuRang(v, cv, k)
}

// demandeDuRang builds it after what the other ranks pay.
func (s *Service) demandeDuRang(v *Venue, cv *Couverture, k *Passage) (*roc.DemandeCalcul, error) {
	for _, autre := range v.Couvertures {
		if autre.Rang < cv.Rang && !autre.reglee() {
			return nil, refuser(ErrTransition, roc.AutreAMCDAbord, "Calculer d'abord l'AMC de rang inférieur.") // ref: ROC §13.8
		}
		if autre.Rang > cv.Rang && autre.Etat != SansEngagement && (autre.retenu() || autre.Etat.EnAttente() && autre.Etat != DroitsDemandes) {
			return nil, refuser(ErrTransition, roc.RangIncoherent,
				"Une AMC de rang supérieur s'est engagée sur l'ancien calcul : annuler d'abord son engagement.")
		}
	}
	d, err := s.demander(v, cv, k, engagement)
	if err != nil {
		return nil, err
	}
	if len(d.Lignes) == 0 {
		return nil, refuser(ErrDonnees, roc.Illisible, "Au moins une ligne est nécessaire pour un calcul.")
	}
	return d, controler(s.Moteur, d)
}

// engagement is what a rank has committed itself to, or owes by convention.
func engagement(cv *Couverture) *Calcul {
	if cv.retenu() {
		return cv.Calcul
	}
	return nil
}

// rejoindre takes up a calculation whose answer was lost: the same question is
// sent again. What the caller submits now must be what was submitted then.
func (s *Service) rejoindre(ctx context.Context, v *Venue, p Place, k *Passage) (*Venue, error) {
	q, err := s.Questions.EnCours(ctx, p)
	if errors.Is(err, ErrInconnue) { // it has found its end since the visit was read
		return nil, refuser(ErrEnAttente, "", "La réponse au calcul précédent vient d'arriver : relire la venue.")
	}
	if err != nil {
		return nil, err
	}
	v, err = s.relancer(ctx, v, q)
	if err != nil {
		return nil, err
	}
	nouvelle, err := s.demander(v, v.Couverture(p.Rang), k, engagement)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(planCalcul.AppendJSON(nil, nouvelle), q.Corps) {
		return nil, refuser(ErrVersion, "",
			"La réponse au calcul précédent vient d'arriver, et ce qui est soumis a changé depuis : relire la venue, annuler au besoin, puis recalculer.")
	}
	return v, nil
}

// recevoirCLC records the commitment of an insurer, or its refusal.
func (s *Service) recevoirCLC(c *Chantier, cv *Couverture, q *Question, d *roc.DemandeCalcul, r *roc.ReponseCalcul) error {
	cv.Code = r.CodeRetour
	cv.Calcul = &Calcul{Fait: s.maintenant(), IDMessage: q.IDMessage, Demande: *d, Reponse: *r}
	e := RefuserCalcul
	switch {
	case !r.CodeRetour.Accord() || r.NumeroEngagement.IsZero():
		// Refused, or accepted without any guarantee.
	case r.Caractere != roc.Engagement || r.EngagementFin.IsZero() || verifierParts(d, r) != nil:
		// Committed, but to shares that do not add up: nothing can be invoiced on
		// it, and the number is kept so that it can be cancelled.
		cv.Code = roc.TotalFaux
	default:
		e = Engager
	}
	return c.passer(cv, e, s.moment(q, cv.Code))
}

// errParts: the shares of an answer are not those of the question.
var errParts = errors.New("etablissement: parts incohérentes")

// verifierParts checks an answer against its question: every line answered once,
// each share within what was left, and totals exact. ref: ROC §9.2, §9.3 rule 3
func verifierParts(d *roc.DemandeCalcul, r *roc.ReponseCalcul) error {
	restes := map[int]sante.Montant{}
	var total, rangs sante.Montant
	for i := range d.Lignes {
		l := &d.Lignes[i]
		restes[l.Rang] = l.MontantDepense - l.MontantAMO - l.AutrePayeur
		total += restes[l.Rang]
	}
	for i := range d.RangsInferieurs {
		for _, m := range d.RangsInferieurs[i].Montants {
			restes[m.Rang] -= m.Montant
			rangs += m.Montant
		}
	}
	var amc sante.Montant
	for i := range r.Lignes {
		l := &r.Lignes[i]
		reste, connue := restes[l.Rang]
		if !connue || l.MontantAMC < 0 || l.MontantAMC > reste {
			return errParts
		}
		delete(restes, l.Rang)
		amc += l.MontantAMC
	}
	if len(restes) > 0 || r.TotalAMC == nil || r.TotalPatient == nil {
		return errParts
	}
	if *r.TotalAMC != amc || *r.TotalPatient != total-rangs-amc {
		return errParts
	}
	return nil
}
