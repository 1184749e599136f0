package etablissement

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// SuiviFacture is where the invoice of a coverage stands.
type SuiviFacture struct {
	Numero    string            `fil:"numero" doc:"Numéro de la dernière facture"`
	Nature    roc.NatureFacture `fil:"nature" doc:"Nature de la dernière facture"`
	Corrige   string            `fil:"corrige,opt" doc:"Facture qu'elle annule ou rectifie"`
	Lot       string            `fil:"lot,opt" doc:"Lot par lequel elle est partie"`
	Date      sante.Jour        `fil:"date,opt" doc:"Date de la facture"`
	Demande   sante.Montant     `fil:"demande" doc:"Part demandée à l'AMC"`
	Paye      sante.Montant     `fil:"paye,opt" doc:"Part payée"`
	Notifiee  roc.EtatFacture   `fil:"notifiee,opt" doc:"Dernier état annoncé par l'AMC"`
	Precision string            `fil:"precision,opt,max=500" doc:"Ce que l'AMC en dit"`
	Lignes    []roc.RetourLigne `fil:"lignes,opt,n=0..200" doc:"Lignes que l'AMC refuse, avec ses montants"`
	Virement  string            `fil:"virement,opt,max=35" doc:"Référence du dernier virement"`
	Mandatee  sante.Jour        `fil:"mandatee,opt" doc:"Date de l'ordre de payer"`
	Accusee   time.Time         `fil:"accusee,opt" doc:"Instant de l'accusé de réception"`
	Remise    time.Time         `fil:"remise,opt" doc:"Instant de la remise par fichier, qui n'a pas d'accusé"`
	Mention   string            `fil:"mention,opt,max=60" doc:"Ce que vaut la part demandée, quand l'AMC ne l'a pas garantie"`
	Preuve    string            `fil:"preuve,opt,max=120" doc:"D'où vient le dernier retour, quand l'AMC ne l'a pas scellé"`
}

// est tells whether it is the invoice of that number.
func (f *SuiviFacture) est(numero string) bool { return f != nil && f.Numero == numero }

// tenue tells whether its insurer holds it: it said so, or was handed it over as a
// file, which nobody acknowledges.
func (f *SuiviFacture) tenue() bool { return !f.Accusee.IsZero() || !f.Remise.IsZero() }

// nommee is the invoice of that number, when it is the last one of a coverage or the
// one that its last one takes back.
func (c *Couverture) nommee(numero string) *SuiviFacture {
	switch {
	case c.Facture.est(numero):
		return c.Facture
	case c.FactureAvant.est(numero):
		return c.FactureAvant
	}
	return nil
}

// reste is what the insurer still owes.
func (f *SuiviFacture) reste() sante.Montant { return f.Demande - f.Paye }

// suivante is what the next invoice of a coverage is: the correction of the last
// one that the insurer held, else a first one.
func (f *SuiviFacture) suivante() (nature roc.NatureFacture, corrige string) {
	switch {
	case f == nil || f.Nature == roc.Annulative:
		return roc.Initiale, ""
	case f.tenue():
		return roc.Rectificative, f.Numero
	}
	return f.Nature, f.Corrige // it was never held: the next takes its place
}

// FactureEmise is an invoice kept until a batch takes it to its insurer, and then
// for its return.
type FactureEmise struct {
	Place
	Numero string
	Annee  int
	AMC    sante.NumeroAMC // who is asked to pay
	Lot    string          // empty until a batch takes it
	Voie   string          // as Voie.Code; empty for the exchange
	// Reference is the number, of one to nine digits, that stands for the invoice in
	// a B2 file; the store draws it. Empty in another form.
	Reference string
	Instant   time.Time
	Contenu   []byte // the invoice, in canonical JSON
}

// Facturation is what the billing software says of an invoice.
type Facturation struct {
	Numero string     // of the invoice; that of the calculation when empty
	Date   sante.Jour // today when zero
}

var planFacture = trame.Pour[roc.Facture](roc.Espace)

// Facturer invoices an insurer exactly what it is engaged for. A rejected
// invoice is followed by a rectification that names it. ref: ROC §3.3, §17.2
func (s *Service) Facturer(ctx context.Context, p Place, o Ordre, k Facturation) (*Venue, error) {
	if s.Depart == nil {
		return nil, refuser(ErrDonnees, "", "Cet établissement ne facture pas par ce serveur : dire dans sa configuration où il reçoit les retours.")
	}
	return s.changer(ctx, p.Venue, o, func(c *Chantier) error {
		cv, err := c.couverture(p.Rang)
		if err != nil {
			return err
		}
		if s.AdresseRetour == "" && !cv.parFichier() {
			return refuser(ErrDonnees, "", "Cet établissement ne facture que par fichier : dire dans sa configuration où il reçoit les retours.")
		}
		m := s.maintenant()
		if cv.echue(c.Venue, m) {
			return refuser(ErrTransition, roc.EngagementExpire, "La garantie est expirée : demander un nouveau calcul.")
		}
		if _, err := suivant(cv.Etat, Facturer); err != nil || cv.Calcul == nil {
			return &Erreur{Sorte: ErrTransition, Cause: err, QuiAgit: agent, AFaire: "Relire la venue : son état dit ce qui peut se faire.",
				Detail: "Il n'y a rien à facturer dans l'état « " + cv.Etat.Libelle() + " »."}
		}
		if err := c.rangsRegles(cv); err != nil {
			return err
		}
		nature, corrige := cv.Facture.suivante()
		if err := c.emettre(cv, k, nature, corrige, m); err != nil {
			return err
		}
		cv.Code = ""
		return c.passer(cv, Facturer, Moment{Instant: m, Agent: o.Agent})
	})
}

// parFichier tells whether the invoices of a coverage leave as files.
func (c *Couverture) parFichier() bool {
	return c.Convention != nil && !strings.HasPrefix(c.Convention.Voie, string(TransportROC)+":")
}

// rangsRegles makes sure that what a share by convention was computed on still
// stands: no engagement holds it.
func (c *Chantier) rangsRegles(cv *Couverture) error {
	for _, autre := range c.Venue.Couvertures {
		if cv.Convention != nil && autre.Rang < cv.Rang && !autre.reglee() {
			return refuser(ErrTransition, roc.AutreAMCDAbord, "L'AMC de rang inférieur ne s'est plus prononcée : la calculer, puis recalculer celle-ci.")
		}
	}
	return nil
}

// emettre writes the invoice of the calculation of a coverage.
func (c *Chantier) emettre(cv *Couverture, k Facturation, nature roc.NatureFacture, corrige string, m time.Time) error {
	jour := sante.JourA(m, c.Venue.fuseau())
	if k.Date.IsZero() {
		k.Date = jour
	}
	if k.Numero == "" {
		k.Numero = cv.Calcul.Demande.NumeroFactureES
	}
	switch {
	case k.Numero == "":
		return &Erreur{Sorte: ErrDonnees, Detail: "Le numéro de la facture est obligatoire : ni l'appel ni le calcul ne le disent.", QuiAgit: agent,
			AFaire: "Donner un numéro de facture (numeroFacture)."}
	case strings.ContainsFunc(k.Numero, unicode.IsControl):
		return refuser(ErrDonnees, roc.Illisible, "Le numéro de la facture porte un caractère de commande.")
	case k.Numero == corrige:
		return refuser(ErrDonnees, roc.FactureEnDouble, "Une correction porte un numéro à elle.")
	case k.Date > jour || k.Date < cv.Calcul.Demande.PeriodeDebut:
		return refuser(ErrDonnees, roc.DatesIncoherentes, "La date de la facture ne suit pas les soins, ou est à venir.")
	}
	fondement := roc.SurEngagement
	switch {
	case cv.Convention != nil:
		fondement = roc.SurConvention
	case cv.Calcul.Local:
		fondement = roc.SurCalculLocal
	}
	f := roc.FactureDe(&cv.Calcul.Demande, &cv.Calcul.Reponse, fondement)
	f.Numero, f.Nature, f.FactureCorrigee, f.Date, f.IDDossierES = k.Numero, nature, corrige, k.Date, c.Venue.Dossier.Numero
	f.Calcul.NumeroFactureES = k.Numero
	voie := ""
	if k := cv.Convention; k != nil {
		voie = k.Voie
	}
	// The insurer knows its member by his number: his NIR is not needed to pay. A B2
	// file has no room for that number, and says the NIR. ref: ROC §17.2 // hyp: B2-NIR
	if !enB2(voie) {
		f.Calcul.Beneficiaire.NIRBeneficiaire, f.Calcul.Beneficiaire.NIRAssure = sante.NIR{}, sante.NIR{}
	}
	if err := f.Coherence(); err != nil {
		return &Erreur{Sorte: ErrDonnees, Code: roc.TotalFaux, Detail: "Le calcul ne se laisse pas facturer.", Cause: err}
	}
	contenu, err := ecrireCorps(planFacture, f)
	if err != nil {
		return err
	}
	if cv.FactureAvant = nil; nature == roc.Annulative {
		cv.FactureAvant = cv.Facture
	}
	cv.Facture = &SuiviFacture{Numero: f.Numero, Nature: nature, Corrige: corrige, Date: f.Date, Demande: f.Demande()}
	if cv.Convention != nil {
		cv.Facture.Mention = SansGarantie
	}
	if enB2(voie) {
		if err := essayerB2(f); err != nil {
			return err
		}
	}
	c.Emettre = &FactureEmise{Voie: voie, Place: Place{c.Venue.ID, cv.Rang}, Numero: f.Numero, Annee: f.Date.Annee(), AMC: cv.AMC.Numero, Instant: m, Contenu: contenu}
	return nil
}

// AnnulerFacture takes back an invoice that is not paid. The engagement may then
// be invoiced again or cancelled. ref: ROC §10, DEC 26
func (s *Service) AnnulerFacture(ctx context.Context, p Place, o Ordre, k Facturation) (*Venue, error) {
	return s.changer(ctx, p.Venue, o, func(c *Chantier) error {
		cv, err := c.couverture(p.Rang)
		if err != nil {
			return err
		}
		if _, err := suivant(cv.Etat, AnnulerFacture); err != nil || cv.Facture == nil {
			return &Erreur{Sorte: ErrTransition, Cause: err, QuiAgit: agent, AFaire: "Relire la venue : ce qui est payé, clos ou jamais parti ne s'annule pas.",
				Detail: "Aucune facture ne peut être annulée dans l'état « " + cv.Etat.Libelle() + " »."}
		}
		m := s.maintenant()
		if err := c.emettre(cv, k, roc.Annulative, cv.Facture.Numero, m); err != nil {
			return err
		}
		cv.Code = ""
		return c.passer(cv, AnnulerFacture, Moment{Instant: m, Agent: o.Agent})
	})
}

// Corriger says that a rejected invoice will be sent again with the same amounts;
// when they change, the engagement is cancelled and calculated anew instead.
// ref: ROC §3.3 rule 4
func (s *Service) Corriger(ctx context.Context, p Place, o Ordre) (*Venue, error) {
	return s.changer(ctx, p.Venue, o, func(c *Chantier) error {
		cv, err := c.couverture(p.Rang)
		if err != nil {
			return err
		}
		if cv.Etat == Rejetee && cv.Convention != nil && (cv.Code == roc.MontantDifferent || cv.Code == roc.RecalculDifferent) {
			return refuser(ErrTransition, cv.Code, "Les montants changent : calculer de nouveau, par convention, puis facturer.")
		}
		if cv.Etat == Rejetee && cv.Code == roc.MontantDifferent {
			return refuser(ErrTransition, roc.MontantDifferent, "Les montants changent : annuler l'engagement, puis demander un nouveau calcul.")
		}
		return c.passer(cv, Corriger, Moment{Instant: s.maintenant(), Agent: o.Agent})
	})
}
