package etablissement

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// RecevoirRetour is RetourEngageant from end to end, in the transaction of the
// exchange.
func (s *Service) RecevoirRetour(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeRET]]) (*roc.ReponseRET, error) {
	r, engager, err := s.RetourEngageant(ctx, d)
	if err != nil || engager == nil {
		return r, err
	}
	return engager(ctx)
}

// RetourEngageant files what an insurer says of invoices and acknowledges it, which
// frees the insurer. It runs in the transaction of the exchange; the gate answers
// a return sent twice as it did the first time. What does not concern this
// hospital, or comes too late to change anything, is acknowledged all the same and
// told in the answer. The directory may be asked who pays for the insurer: that is
// done before the transaction, in which engager runs. ref: ROC §17.1, §17.3
func (s *Service) RetourEngageant(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeRET]]) (r *roc.ReponseRET, engager func(context.Context) (*roc.ReponseRET, error), err error) {
	corps := d.Message().Corps
	if corps == nil {
		return nil, nil, roc.Refuser(roc.Illisible, "corps en clair attendu")
	}
	emetteur := d.Message().Enveloppe.Emetteur
	if emetteur.Type != roc.AMC {
		return nil, nil, roc.Refuser(roc.AutreIdentifiant, "numéro d'AMC attendu")
	}
	amc, err := sante.ParseNumeroAMC(emetteur.ID)
	if err != nil {
		return nil, nil, &roc.Refus{Code: roc.AutreIdentifiant, Detail: "numéro d'AMC attendu", Cause: err}
	}
	var refus *roc.Refus
	res := s.reserver(&d.Message().Enveloppe, corps)
	if err := corps.Verifier(); errors.As(err, &refus) {
		r := &roc.ReponseRET{Retour: roc.RetourDe(refus.Code, refus.Detail), NumeroRetour: corps.Numero}
		res.tout(RetourContredit, refus.Detail)
		return nil, func(ctx context.Context) (*roc.ReponseRET, error) { return r, res.poser(ctx) }, nil
	}
	if err := s.payeur(ctx, amc, corps.Paiement); errors.As(err, &refus) && refus.Code == roc.AutreIdentifiant {
		// The fault undoes nothing: a person must see it all the same.
		res.tout(PayeurRefuse, "")
		if err := s.Factures.Ensemble(ctx, res.poser); err != nil {
			return nil, nil, err
		}
		return nil, nil, err
	} else if err != nil {
		return nil, nil, err
	}
	return nil, func(ctx context.Context) (*roc.ReponseRET, error) { return s.classer(ctx, d) }, nil
}

// payeur checks that who is said to pay is the insurer that seals, or the operator
// that the Annuaire says it mandates. ref: ROC §17.3, DEC 14 // hyp: PAYEUR
func (s *Service) payeur(ctx context.Context, amc sante.NumeroAMC, p *roc.Paiement) error {
	if p == nil || p.Payeur == amc {
		return nil
	}
	refus := roc.Refuser(roc.AutreIdentifiant, "le payeur annoncé n'est ni l'AMC qui envoie ce retour, ni l'opérateur que l'annuaire lui connaît")
	if s.Mandats == nil {
		return refus
	}
	jour := sante.JourA(s.maintenant(), sante.Paris())
	o, err := s.Mandats.Operateur(ctx, amc, jour)
	switch {
	case err != nil:
		return &roc.Refus{Code: roc.DelaiInterne, Detail: "l'annuaire, qui dit qui paie pour l'AMC, n'a pas répondu", Reprise: 60, Cause: err}
	case o == nil || o.ID != p.Payeur.String() || jour < o.MandatDebut || !o.MandatFin.IsZero() && jour > o.MandatFin:
		return refus
	}
	return nil
}

func (s *Service) classer(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeRET]]) (*roc.ReponseRET, error) {
	env, corps := &d.Message().Enveloppe, d.Message().Corps
	r := &roc.ReponseRET{Retour: roc.RetourDe(roc.Accepte, ""), NumeroRetour: corps.Numero}
	res := s.reserver(env, corps)
	if err := res.revenir(ctx); err != nil {
		return nil, err
	}
	l, err := s.connues(ctx, env.Emetteur.ID, corps.Factures)
	if err != nil {
		return nil, fmt.Errorf("etablissement: factures d'un retour: %w", err)
	}
	livre, err := s.ouvrirLivre(ctx)
	if err != nil {
		return nil, err
	}
	livre.id = env.IDMessage
	var refus *roc.Refus
	var deja map[deLot]bool
	err = s.Factures.Ensemble(ctx, func(ctx context.Context) (err error) { // a refusal undoes both
		if deja, err = s.sceller(ctx, corps, l); err != nil {
			return err
		}
		return s.annoncer(ctx, env.Emetteur.ID, env.IDMessage, sans(corps, deja))
	})
	if errors.As(err, &refus) {
		r.Retour = roc.RetourDe(refus.Code, refus.Detail)
		res.tout(LivreRefuse, refus.Detail)
		return r, res.poser(ctx)
	} else if err != nil {
		return nil, fmt.Errorf("etablissement: annoncer un paiement: %w", err)
	}
	m := s.maintenant()
	signaux, dites, causes := ecouter(corps, l, deja, m)
	if err := s.signaler(ctx, m, livre, signaux...); err != nil {
		return nil, err
	}
	filees := make(map[deLot]bool, len(signaux))
	for i, x := range signaux {
		filees[deLot{x.f.Numero, x.f.Lot}] = filees[deLot{x.f.Numero, x.f.Lot}] || x.fait
		if x.fait {
			causes[dites[i]] = ""
		} else if err := x.f.rendue(livre, corps, &corps.Factures[dites[i]]); err != nil {
			return nil, err
		}
		if x.fait || corps.Nature != roc.RetourPaiement {
			r.Connues++ // money that no invoice here expects is never said to be filed
		}
	}
	if err := livre.fermer(ctx); err != nil {
		return nil, err
	}
	for i, cause := range causes {
		if cause != "" {
			res.noter(i, cause, "")
		}
	}
	if err := res.poser(ctx); err != nil {
		return nil, err
	}
	if len(res.l) > 0 {
		r.Retour = roc.RetourDe(roc.AvecReserve, res.phrase())
	}
	scelleur := d.Piece().Scelleur().Porteur.Structure()
	return r, s.noter(ctx, dits(corps, l, filees, scelleur, s.Maison.Etablissement.FinessJuridique, r.CodeRetour, env.IDMessage, m)...)
}

// ecouter makes what a return says of each invoice known here a signal to its coverage.
// dites is the rank in the return of what each signal says; causes is, by rank, why it
// has no effect, if it has none. deja are the payments that a file told before.
func ecouter(corps *roc.DemandeRET, l map[deLot]*FactureEmise, deja map[deLot]bool, m time.Time) (signaux []*signal, dites []int, causes []CauseReserve) {
	causes = make([]CauseReserve, len(corps.Factures))
	for i := range corps.Factures {
		x := &corps.Factures[i]
		f := l[deLot{x.Numero, x.Lot}]
		if f == nil {
			causes[i] = FactureInconnueIci
			continue
		}
		dites = append(dites, i)
		if corps.Nature == roc.RetourPaiement {
			causes[i] = FactureRemplacee // unless its coverage says more
		}
		signaux = append(signaux, &signal{f: f, faire: func(c *Chantier, cv *Couverture) error {
			parFichier := deja[deLot{x.Numero, x.Lot}]
			causes[i] = cv.pourquoi(corps, x, parFichier)
			if parFichier {
				return cv.confirmer(corps.Paiement, x)
			}
			err := c.retourner(cv, corps, x, m)
			if err == nil {
				cv.Facture.Preuve = "" // what a file said before, the insurer now seals
			}
			return err
		}})
	}
	return signaux, dites, causes
}

// sceller writes what a sealed return pays, so that no file pays it again, and gives
// the invoices that a file said so of before.
func (s *Service) sceller(ctx context.Context, d *roc.DemandeRET, l map[deLot]*FactureEmise) (map[deLot]bool, error) {
	if s.Fichiers == nil || d.Nature != roc.RetourPaiement {
		return nil, nil
	}
	var cles []deLot
	var marques []MarqueRetour
	for i := range d.Factures {
		x := &d.Factures[i]
		if f := l[deLot{x.Numero, x.Lot}]; f != nil && x.MontantPaye > 0 {
			cles = append(cles, deLot{x.Numero, x.Lot})
			marques = append(marques, MarqueRetour{AMC: f.AMC.String(), Facture: f.Numero, Lot: f.Lot, Nature: d.Nature,
				Jour: d.Paiement.DateComptable, Virement: d.Paiement.ReferenceVirement, Montant: x.MontantPaye, Instant: s.maintenant()})
		}
	}
	if len(marques) == 0 {
		return nil, nil
	}
	dites, err := s.Fichiers.Sceller(ctx, marques)
	if err != nil {
		return nil, fmt.Errorf("etablissement: retenir un paiement scellé: %w", err)
	}
	deja := make(map[deLot]bool)
	for i, x := range cles {
		deja[x] = dites[i]
	}
	return deja, nil
}

// sans is a payment without what a file told the comptable before.
func sans(d *roc.DemandeRET, deja map[deLot]bool) *roc.DemandeRET {
	if !slices.Contains(slices.Collect(maps.Values(deja)), true) {
		return d
	}
	reste, paiement := *d, *d.Paiement
	reste.Factures, reste.Paiement, paiement.Total = nil, &paiement, 0
	for _, x := range d.Factures {
		if !deja[deLot{x.Numero, x.Lot}] {
			reste.Factures = append(reste.Factures, x)
			paiement.Total += x.MontantPaye
		}
	}
	return &reste
}

// confirmer files that an insurer seals a payment that a file told of: it is counted,
// and proved from now on.
func (c *Couverture) confirmer(p *roc.Paiement, x *roc.RetourFacture) error {
	f := c.Facture
	if !f.est(x.Numero) {
		return errRien
	}
	if f.Virement == p.ReferenceVirement {
		f.Preuve = ""
	}
	return nil
}

// deLot names an invoice as a return does.
type deLot struct{ numero, lot string }

// connues gives the invoices of a return that were sent to its insurer.
func (s *Service) connues(ctx context.Context, amc string, l []roc.RetourFacture) (map[deLot]*FactureEmise, error) {
	numeros := make([]string, len(l))
	for i := range l {
		numeros[i] = l[i].Numero
	}
	emises, err := s.Factures.ParNumero(ctx, amc, numeros)
	m := make(map[deLot]*FactureEmise, len(emises))
	for _, f := range emises {
		m[deLot{f.Numero, f.Lot}] = f
	}
	return m, err
}

// retourner applies a return to the coverage of an invoice. A return that says
// what is known already changes nothing.
func (c *Chantier) retourner(cv *Couverture, d *roc.DemandeRET, x *roc.RetourFacture, m time.Time) error {
	if cv.Annulative.est(x.Numero) {
		return c.retrouver(cv, d, x, m)
	}
	if cv.FactureAvant != nil {
		return c.retournerAnnulation(cv, d, x, m)
	}
	f := cv.Facture
	if f.Accusee.IsZero() && (cv.Etat == Facturee || cv.Etat == Rejetee && cv.Code == roc.PanneRelais) {
		// The return overtook the acknowledgement of its batch, or that batch was given
		// up here and had arrived there.
		if err := c.accuser(cv, x.Numero, x.Lot, m, false, roc.Accepte, ""); err != nil {
			return err
		}
		c.garder = true // whatever this return changes, the insurer holds it
	}
	moment := Moment{Instant: m, Code: x.Code}
	switch d.Nature {
	case roc.RetourPaiement:
		return c.encaisser(cv, d.Paiement, x, moment)
	case roc.RetourRejet:
		if _, err := suivant(cv.Etat, Rejeter); err != nil {
			return errRien
		}
		cv.Code, f.Notifiee, f.Precision, f.Lignes = x.Code, x.Etat, x.Precision, x.Lignes
		c.perdre(x.Numero, ParRejet, d.Numero)
		return c.passer(cv, Rejeter, moment)
	}
	if avance(f.Notifiee) > avance(x.Etat) {
		return errRien // a later return overtook this one
	}
	f.Notifiee, f.Precision, f.Lignes = x.Etat, x.Precision, x.Lignes
	if x.Etat == roc.FactureLiquidee && f.Demande == 0 && cv.Etat == Accusee {
		f.Notifiee = roc.FacturePayee
		return c.passer(cv, Payer, moment) // nothing is due: no payment will come
	}
	return nil
}

// avance is how far a notified state is in the life of an invoice.
func avance(e roc.EtatFacture) int { return slices.Index(e.Codes(), string(e)) }

// attend tells whether a payment follows what was paid before.
func (f *SuiviFacture) attend(x *roc.RetourFacture) bool {
	return x.DejaPaye == f.Paye && x.MontantPaye > 0 && x.MontantPaye <= f.reste()
}

// encaisser files a payment: what was paid before must be what is known here, so
// that a payment told twice, by two returns, is counted once.
func (c *Chantier) encaisser(cv *Couverture, p *roc.Paiement, x *roc.RetourFacture, moment Moment) error {
	f := cv.Facture
	if !f.attend(x) {
		return errRien // hyp: PAIEMENT-DISCORDANT
	}
	evenement := Payer
	if x.MontantPaye < f.reste() {
		evenement = PayerEnPartie
	}
	if _, err := suivant(cv.Etat, evenement); err != nil {
		return errRien
	}
	f.Paye += x.MontantPaye
	cv.Code, f.Notifiee, f.Precision, f.Virement, f.Mandatee = x.Code, x.Etat, x.Precision, p.ReferenceVirement, p.DateMandatement
	return c.passer(cv, evenement, moment)
}
