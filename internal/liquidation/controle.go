package liquidation

import (
	"errors"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Constat is what a control says of an invoice.
type Constat struct {
	Code      roc.Code // 000 when the invoice is accepted
	Precision string
	Lignes    []roc.RetourLigne // lines that differ, with both amounts
}

// Accord tells whether the invoice is accepted.
func (c Constat) Accord() bool { return c.Code.Accord() }

func refuser(code roc.Code, precision string) Constat {
	return Constat{Code: code, Precision: precision}
}

// Parametres are the settings of an insurer.
type Parametres struct {
	// Debitrices are the numbers of AMC for which it pays.
	Debitrices []sante.NumeroAMC
	// Convention tells whether a hospital may invoice without guarantee, by a static
	// convention. ref: DEC 28
	Convention func(sante.FINESS) bool
	// SansRecalcul leaves an invoice by convention as its hospital computed it: the
	// rights alone are controlled.
	SansRecalcul bool
	// Joignable tells whether returns may be sent to a host; nil: to any. A name is
	// judged again each time that it is resolved.
	Joignable func(hote string) bool
	// DelaiPaiement is the promise, in calendar days from the acknowledgement.
	// ref: DEC 30
	DelaiPaiement int
}

// piece is an invoice under control, with what the insurer holds of it.
type piece struct {
	facture   *roc.Facture
	emetteur  sante.FINESS
	garantie  *Garantie // nil when unknown
	recue     sante.Jour
	contrat   calcul.Contrat // of a local calculation, or of the person of an invoice by convention
	droits    roc.Code       // of that person; "" when they could not be asked
	compteurs calcul.Compteurs
	soins     string // name of its care, when its hospital may invoice by convention
}

// controler says whether an invoice is to be paid; the first failure tells the
// code. ref: ROC §17.2, §18, DEC 24, 28
func (p *Parametres) controler(m calcul.Moteur, x *piece) Constat {
	f := x.facture
	if err := f.Coherence(); err != nil {
		var r *roc.Refus
		if errors.As(err, &r) {
			return refuser(r.Code, r.Detail)
		}
		return refuser(roc.TotalFaux, "")
	}
	if f.Calcul.Etablissement.FinessJuridique != x.emetteur {
		return refuser(roc.EngagementInconnu, "l'établissement de la facture n'est pas celui qui l'envoie")
	}
	if !p.debitrice(f.Calcul.Carte.NumeroAMC) {
		return refuser(roc.AMCNonDebitrice, "")
	}
	if f.Fondement == roc.SurConvention {
		if !p.conventionne(x.emetteur) {
			return refuser(roc.EngagementInconnu, "aucune convention ne dispense d'engagement")
		}
		return p.controlerConvention(m, x)
	}
	if c := x.controlerGarantie(); !c.Accord() {
		return c
	}
	if x.garantie.Locale {
		return x.recalculer(m)
	}
	return x.comparer()
}

// controlerConvention judges an invoice that nobody guaranteed: its person must be a
// member, covered at the dates of care; and its amounts are those of the contract,
// when they are computed again. ref: DEC 28, ROC §17.2 « period inside rights »
func (p *Parametres) controlerConvention(m calcul.Moteur, x *piece) Constat {
	switch {
	case x.droits == "":
		return refuser(roc.EngagementInconnu, "les droits d'une facture sans engagement ne peuvent être contrôlés ici")
	case x.droits == roc.Quota:
		return refuser(roc.Quota, "trop d'identifications refusées sur ce numéro d'adhérent : l'établissement vérifie la carte, puis renvoie sa facture plus tard")
	case !x.droits.Accord():
		return refuser(x.droits, SansGarantie)
	case p.SansRecalcul:
		return Constat{Code: roc.Accepte}
	}
	return x.recalculer(m)
}

// conventionne tells whether a hospital may invoice without guarantee: of another, no
// person is looked for.
func (p *Parametres) conventionne(f sante.FINESS) bool {
	return p.Convention != nil && p.Convention(f)
}

func (p *Parametres) debitrice(n sante.NumeroAMC) bool {
	for _, d := range p.Debitrices {
		if d == n {
			return true
		}
	}
	return false
}

// controlerGarantie checks that the guarantee quoted may pay the invoice. A
// guarantee given to another is unknown: nothing is disclosed.
func (x *piece) controlerGarantie() Constat {
	f, g := x.facture, x.garantie
	if g == nil || g.Finess != x.emetteur || g.Dossier != f.IDDossierES || g.Locale != (f.Fondement == roc.SurCalculLocal) {
		return refuser(roc.EngagementInconnu, "")
	}
	switch g.Etat {
	case GarantieAnnulee:
		return refuser(roc.EngagementAnnule, "")
	case GarantieEngagee, GarantieExpiree:
	case GarantieRejetee, GarantieRendue:
		// The amount is still the one engaged: only formal data were at fault.
		if f.Nature != roc.Rectificative {
			return refuser(roc.EngagementFacture, "une facture déjà rejetée se corrige par une rectificative")
		}
	default:
		return refuser(roc.EngagementFacture, "")
	}
	if x.recue > g.Fin {
		if f.Date > g.Fin {
			return refuser(roc.EngagementExpire, "")
		}
		return refuser(roc.FactureTardive, "reçue après le dernier jour pour facturer")
	}
	if g.Etat == GarantieExpiree {
		return refuser(roc.EngagementExpire, "")
	}
	if g.Patient != "" && g.Patient != f.Calcul.Beneficiaire.Empreinte() {
		return refuser(roc.IdentiteDiscordante, "le bénéficiaire de la facture n'est pas celui de l'engagement") // hyp: FACTURE-BENEFICIAIRE
	}
	if f.Calcul.PeriodeDebut < g.PeriodeDebut || f.Calcul.DernierJour() > g.PeriodeFin {
		return refuser(roc.DroitsFermes, "la période facturée dépasse celle de l'engagement")
	}
	return Constat{Code: roc.Accepte}
}

// comparer asks for the amounts engaged, line by line, to the cent.
// ref: ROC §3.3 rule 2
func (x *piece) comparer() Constat {
	engages := make(map[int]*roc.LigneRepondue, len(x.garantie.Lignes))
	for i := range x.garantie.Lignes {
		engages[x.garantie.Lignes[i].Rang] = &x.garantie.Lignes[i]
	}
	var ecarts []roc.RetourLigne
	for _, p := range x.facture.Parts {
		e := engages[p.Rang]
		delete(engages, p.Rang)
		attendu, regle := sante.Montant(0), ""
		if e != nil {
			attendu, regle = e.MontantAMC, e.Regle
		}
		if e == nil || p.MontantAMC != attendu {
			ecarts = append(ecarts, roc.RetourLigne{Rang: p.Rang, Code: roc.MontantDifferent, Facture: p.MontantAMC, Attendu: &attendu, Regle: regle})
		}
	}
	switch g := x.garantie; {
	case len(ecarts) > 0 || len(engages) > 0 || x.facture.Totaux.AMC != g.Total:
		return Constat{Code: roc.MontantDifferent, Lignes: ecarts}
	case g.Calcul != "" && g.Calcul != roc.EmpreinteCalcul(&x.facture.Calcul):
		return refuser(roc.MontantDifferent, "le passage ou les lignes facturés ne sont pas ceux sur lesquels l'engagement a été calculé")
	}
	return Constat{Code: roc.Accepte}
}

// recalculer computes a local calculation again from the same formulas: a
// difference is a reject of its own, with both computations. ref: DEC 24
func (x *piece) recalculer(m calcul.Moteur) Constat {
	if g := x.garantie; g != nil && g.Max != nil && x.facture.Totaux.AMC > *g.Max {
		return refuser(roc.MontantDifferent, "au-delà du montant garanti pour un calcul local")
	}
	r, _, err := roc.Repartir(m, x.contrat, &x.facture.Calcul, x.compteurs)
	var rejet *calcul.Rejet
	if errors.As(err, &rejet) {
		return refuser(roc.Code(rejet.Code), rejet.Detail)
	}
	if err != nil {
		return refuser(roc.Interne, "")
	}
	attendues := make(map[int]*roc.LigneRepondue, len(r.Lignes))
	for i := range r.Lignes {
		attendues[r.Lignes[i].Rang] = &r.Lignes[i]
	}
	var ecarts []roc.RetourLigne
	for _, p := range x.facture.Parts {
		a := attendues[p.Rang] // the engine answers every line
		if p.MontantAMC != a.MontantAMC {
			ecarts = append(ecarts, roc.RetourLigne{Rang: p.Rang, Code: roc.RecalculDifferent, Facture: p.MontantAMC, Attendu: &a.MontantAMC, Regle: a.Regle})
		}
	}
	if len(ecarts) == 0 {
		return Constat{Code: roc.Accepte}
	}
	return Constat{Code: roc.RecalculDifferent, Lignes: ecarts}
}
