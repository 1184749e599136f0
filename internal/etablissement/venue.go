package etablissement

import (
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Maison is the hospital that this service works for, as its configuration says.
type Maison struct {
	Etablissement roc.Etablissement
	Libelle       string
}

// Patient is who is cared for, as the hospital knows him. ref: ROC §14.2
type Patient struct {
	IPP             string              `fil:"ipp,opt,max=20" doc:"Identifiant permanent du patient dans l'établissement"`
	NIRAssure       sante.NIR           `fil:"nirAssure,opt" doc:"NIR de l'ouvrant droit, avec sa clé"`
	NIRBeneficiaire sante.NIR           `fil:"nirBeneficiaire,opt" doc:"NIR certifié du patient, avec sa clé"`
	NomNaissance    string              `fil:"nomNaissance,min=1,max=80" doc:"Nom de naissance"`
	NomUsage        string              `fil:"nomUsage,opt,max=80" doc:"Nom d'usage"`
	Prenom          string              `fil:"prenom,min=1,max=60" doc:"Prénom"`
	DateNaissance   sante.DateNaissance `fil:"dateNaissance" doc:"Date de naissance AAAAMMJJ, éventuellement lunaire"`
	RangGemellaire  int                 `fil:"rangGemellaire,min=1,max=9" doc:"Rang de naissance"`
	Qualite         string              `fil:"qualite,opt,max=1" doc:"Qualité : 0 assuré, 1 ascendant, 2 conjoint, 6 enfant"`
}

// Dossier is what the billing software says of a visit: one billing period of
// a hospital file. A long stay billed in several periods is several visits of
// the same file. ref: ROC §14.2 // hyp: VENUE-PERIODE
type Dossier struct {
	Numero        string         `fil:"dossier,min=1,max=20" doc:"Numéro de dossier de l'établissement (idDossierES), opaque pour l'AMC"`
	FinessGeo     sante.FINESS   `fil:"finessGeo,opt" doc:"Site des soins ; celui de l'établissement si rien n'est dit"`
	Contexte      roc.Contexte   `fil:"contexte" doc:"Étape du parcours"`
	DateReference sante.Jour     `fil:"dateReference" doc:"Date des soins, ou d'admission"`
	PeriodeDebut  sante.Jour     `fil:"periodeDebut,opt" doc:"Début de la période de facturation ; la date de référence si rien n'est dit"`
	PeriodeFin    sante.Jour     `fil:"periodeFin,opt" doc:"Fin de la période"`
	Discipline    roc.Discipline `fil:"discipline" doc:"Champ d'activité"`
	DMT           string         `fil:"dmt,opt,max=3" doc:"Discipline médico-tarifaire"`
	MT            string         `fil:"mt,opt,max=2" doc:"Mode de traitement"`
	Patient       Patient        `fil:"patient" doc:"Patient"`
	AMO           roc.AMO        `fil:"amo" doc:"Assurance obligatoire"`
	Information   bool           `fil:"consentementInformation" doc:"Le patient a reçu la notice d'information"`
}

// Attestation is the image of the insurer's card. ref: ROC §14.2, §15.6
type Attestation struct {
	NumeroAMC       sante.NumeroAMC      `fil:"numeroAMC" doc:"Numéro d'AMC"`
	TypeConvention  string               `fil:"typeConvention,opt,max=2" doc:"Type de convention"`
	CSR             string               `fil:"csr,opt,max=15" doc:"Critère secondaire de routage"`
	NumeroAdherent  sante.NumeroAdherent `fil:"numeroAdherent" doc:"Numéro d'adhérent"`
	ValiditeDebut   sante.Jour           `fil:"validiteDebut,opt" doc:"Début de validité imprimé"`
	ValiditeFin     sante.Jour           `fil:"validiteFin,opt" doc:"Fin de validité imprimée"`
	ModeAcquisition roc.Acquisition      `fil:"modeAcquisition" doc:"Comment la carte a été lue"`
}

// Venue is a visit and its coverages, in the order of their ranks.
type Venue struct {
	ID          string
	Version     int64 // grows by one at each change
	Ouverte     time.Time
	Modifiee    time.Time
	Dossier     Dossier
	Couvertures []*Couverture
}

// Couverture is one insurer of a visit: the card, what the insurer answered and
// where the exchange stands. ref: ROC §14.2, §3.3 rule 5
type Couverture struct {
	Rang        int
	Etat        Etat
	Attestation Attestation
	AMC         Assureur
	Code        roc.Code // of the last answer
	Droits      *Droits
	Simulation  *Calcul // last estimate; it binds nobody
	Calcul      *Calcul // last calculation; binding while Etat says so
	Facture     *SuiviFacture
	// FactureAvant is the invoice that Facture takes back, until the insurer says
	// whether it lets it go.
	FactureAvant *SuiviFacture
	// Annulative is the last annulative invoice whose batch was given up here: it may
	// have arrived there. hyp: ANNULATIVE-ABANDONNEE
	Annulative *SuiviFacture
	Fermeture  *Fermeture // once closed
	// Compte is where the money of the last engagement stands; nil before one, and
	// for what was written before accounts were kept.
	Compte *Compte
	// Convention is under which convention the coverage is, nil for an insurer that
	// is on line.
	Convention *AccordConvention
}

// Assureur is who answers for a card, as the Annuaire says.
type Assureur struct {
	Numero        sante.NumeroAMC `fil:"numero,opt" doc:"AMC qui répond : celle de la carte, ou celle qui la remplace"`
	Libelle       string          `fil:"libelle,opt,max=60" doc:"Nom de l'AMC"`
	OffreSIM      bool            `fil:"offreSim,opt" doc:"L'AMC offre la simulation"`
	CalculLocal   bool            `fil:"calculLocal,opt" doc:"L'AMC accepte le calcul local"`
	DateReference sante.Jour      `fil:"dateReference,opt" doc:"Jour pour lequel l'Annuaire a répondu"`
}

// Droits is the last answer on rights.
type Droits struct {
	Recue     time.Time      `fil:"recue" doc:"Instant de la réponse"`
	IDMessage roc.UUID       `fil:"idMessage" doc:"Message qui a posé la question"`
	Empreinte string         `fil:"empreinte" doc:"Empreinte des données avec lesquelles la question a été posée"`
	Reponse   roc.ReponseIDB `fil:"reponse" doc:"Réponse de l'AMC"`
	Identite  SuiteIdentite  `fil:"identite,opt" doc:"Suite donnée par l'agent à l'identité corrigée"`
}

// SuiteIdentite is what the agent answered to an identity that the insurer
// corrected. ref: ROC §7.2
type SuiteIdentite string

// The two answers; nothing changes before one is given.
const (
	IdentiteAcceptee SuiteIdentite = "ACCEPTEE"
	IdentiteRefusee  SuiteIdentite = "REFUSEE"
)

// Codes is the closed list of answers.
func (SuiteIdentite) Codes() []string { return []string{"ACCEPTEE", "REFUSEE"} }

// Calcul is what was asked of an insurer, or computed here, and the result.
type Calcul struct {
	Fait      time.Time         `fil:"fait" doc:"Instant du résultat"`
	IDMessage roc.UUID          `fil:"idMessage,opt" doc:"Message qui a posé la question ; absent d'un calcul local"`
	Local     bool              `fil:"local,opt" doc:"Calculé par l'établissement, sur les formules de l'AMC"`
	Demande   roc.DemandeCalcul `fil:"demande" doc:"Passage et lignes soumis"`
	Reponse   roc.ReponseCalcul `fil:"reponse" doc:"Parts calculées"`
}

// Couverture gives the coverage of a rank, or nil.
func (v *Venue) Couverture(rang int) *Couverture {
	for _, c := range v.Couvertures {
		if c.Rang == rang {
			return c
		}
	}
	return nil
}

// fuseau is the time zone of the site of care. ref: DEC 5
func (v *Venue) fuseau() *time.Location { return v.Dossier.FinessGeo.Fuseau() }

// numeroEngagement is the number that the last calculation gave, if any.
func (c *Couverture) numeroEngagement() roc.NumeroEngagement {
	if c.Calcul == nil {
		return roc.NumeroEngagement{}
	}
	return c.Calcul.Reponse.NumeroEngagement
}

// garantie tells whether the insurer is bound by the last calculation.
func (c *Couverture) garantie() bool { return c.Convention == nil && c.retenu() }

// retenu tells whether the last calculation is the one that counts, whoever it
// binds: the next ranks quote it.
func (c *Couverture) retenu() bool {
	etat := c.Etat
	if etat == Close && c.Fermeture != nil {
		etat = c.Fermeture.Avant // what was paid stays paid
	}
	switch etat {
	case SansEngagement:
		return c.Convention != nil && c.Calcul != nil
	case Engagee, Facturee, Accusee, Payee, PayeePartiellement, Rejetee, Corrigee:
		return c.Calcul != nil
	}
	return false
}

// reglee tells whether nothing more is expected from this rank before the next
// one is calculated.
func (c *Couverture) reglee() bool {
	switch c.Etat {
	case DroitsRefuses, CalculRefuse, Close:
		return true
	}
	return c.retenu()
}

// verifier checks what one field alone cannot say, and completes the defaults.
func (d *Dossier) verifier(m *Maison) error {
	if d.FinessGeo.IsZero() {
		d.FinessGeo = m.Etablissement.FinessGeo
	}
	if d.PeriodeDebut.IsZero() {
		d.PeriodeDebut = d.DateReference
	}
	switch {
	case d.DateReference.IsZero():
		return refuser(ErrDonnees, roc.DatesIncoherentes, "La date de référence est obligatoire.")
	case !d.PeriodeFin.IsZero() && d.PeriodeFin < d.PeriodeDebut:
		return refuser(ErrDonnees, roc.DatesIncoherentes, "La période finit avant d'avoir commencé.")
	case d.DateReference > d.PeriodeDebut:
		return refuser(ErrDonnees, roc.DatesIncoherentes, "La période commence avant l'admission.")
	case d.Patient.NomNaissance == "" || sante.Plier(d.Patient.NomNaissance) == "" || sante.Plier(d.Patient.Prenom) == "":
		return refuser(ErrDonnees, roc.Illisible, "Le nom de naissance et le prénom sont obligatoires.")
	}
	return nil
}
