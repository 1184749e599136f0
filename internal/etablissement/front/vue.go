package front

import (
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// espace names the forms of this interface, one per major version.
const espace = "urn:x-ecluse:local:1"

// VenueVue is a visit as the billing software reads it.
type VenueVue struct {
	ID       string    `fil:"id" doc:"Identifiant opaque de la venue"`
	Version  int64     `fil:"version,min=1" doc:"Version, celle de l'ETag"`
	Ouverte  time.Time `fil:"ouverte" doc:"Instant d'ouverture"`
	Modifiee time.Time `fil:"modifiee" doc:"Instant du dernier changement"`
	etablissement.Dossier
	Couvertures []CouvertureVue          `fil:"couvertures,opt,n=0..3" doc:"AMC, dans l'ordre des rangs"`
	Consignes   []etablissement.Consigne `fil:"consignes,opt,n=0..100" doc:"Ce qu'il faut faire"`
}

// CouvertureVue is an insurer of a visit.
type CouvertureVue struct {
	Rang        int                         `fil:"rang,min=1,max=3" doc:"Rang"`
	Etat        etablissement.Etat          `fil:"etat" doc:"État"`
	Libelle     string                      `fil:"libelle" doc:"État, en clair"`
	Mention     string                      `fil:"mention,opt" doc:"« par convention, sans garantie » pour une AMC qui n'est pas en ligne"`
	Possibles   []string                    `fil:"possibles,opt,n=0..30" doc:"Événements possibles dans cet état"`
	Code        roc.Code                    `fil:"code,opt" doc:"Code de la dernière réponse"`
	Attestation etablissement.Attestation   `fil:"attestation" doc:"Carte de l'AMC"`
	Assureur    etablissement.Assureur      `fil:"assureur" doc:"Qui répond pour cette carte"`
	Droits      *DroitsVue                  `fil:"droits,opt" doc:"Dernière réponse sur les droits"`
	Simulation  *CalculVue                  `fil:"simulation,opt" doc:"Dernière simulation : elle n'engage personne"`
	Calcul      *CalculVue                  `fil:"calcul,opt" doc:"Dernier calcul"`
	Facture     *etablissement.SuiviFacture `fil:"facture,opt" doc:"Dernière facture"`
	Fermeture   *etablissement.Fermeture    `fil:"fermeture,opt" doc:"Comment la couverture a été close"`

	Convention *etablissement.AccordConvention `fil:"convention,opt" doc:"Convention sous laquelle la couverture est, pour une AMC qui n'est pas en ligne"`
}

// DroitsVue is an answer on rights.
type DroitsVue struct {
	Recue              time.Time                   `fil:"recue" doc:"Instant de la réponse"`
	IDMessage          roc.UUID                    `fil:"idMessage" doc:"Message qui a posé la question"`
	CodeRetour         roc.Code                    `fil:"codeRetour" doc:"Code de l'AMC"`
	Precision          string                      `fil:"precision,opt,max=500" doc:"Précision de l'AMC"`
	Statut             roc.StatutDroits            `fil:"statutDroits" doc:"État des droits"`
	Debut              sante.Jour                  `fil:"droitsDebut,opt" doc:"Début de la période de certitude"`
	Fin                sante.Jour                  `fil:"droitsFin,opt" doc:"Fin de la période de certitude"`
	TiersPayant        *bool                       `fil:"tiersPayantAutorise,opt" doc:"Le tiers payant est accordé"`
	ContratResponsable *bool                       `fil:"contratResponsable,opt" doc:"Contrat responsable"`
	TypeContrat        roc.TypeContrat             `fil:"typeContrat,opt" doc:"Type de contrat"`
	ModeCalcul         roc.ModeCalcul              `fil:"modeCalcul,opt" doc:"Calcul local, en ligne, ou au choix"`
	GarantieLocale     *roc.GarantieLocale         `fil:"garantieLocale,opt" doc:"Garantie d'un calcul local"`
	Perimetre          []roc.Perimetre             `fil:"perimetre,opt,n=0..20" doc:"Prestations couvertes"`
	AutresAMC          []roc.AutreAMC              `fil:"autresAMC,opt,n=0..2" doc:"Autres AMC connues de l'AMC"`
	IdentiteCorrigee   *roc.IdentiteCorrigee       `fil:"identiteCorrigee,opt" doc:"Identité proposée par l'AMC : l'agent tranche"`
	SuiteIdentite      etablissement.SuiteIdentite `fil:"suiteIdentite,opt" doc:"Ce que l'agent a décidé"`
	MessageAgent       string                      `fil:"messageAgent,opt,max=250" doc:"Message pour l'agent"`
	MessagePatient     string                      `fil:"messagePatient,opt,max=250" doc:"Message pour le patient"`
}

// CalculVue is a calculation or an estimate.
type CalculVue struct {
	Fait        time.Time         `fil:"fait" doc:"Instant du résultat"`
	IDMessage   roc.UUID          `fil:"idMessage,opt" doc:"Message qui a posé la question ; absent d'un calcul local"`
	Local       bool              `fil:"local" doc:"Calculé ici, sur les règles de l'AMC"`
	TypeFacture roc.TypeFacture   `fil:"typeFacture,opt" doc:"Nature du passage"`
	Lignes      []roc.Ligne       `fil:"lignes,opt,n=0..200" doc:"Lignes soumises"`
	Totaux      *roc.Totaux       `fil:"totaux,opt" doc:"Totaux soumis"`
	Reponse     roc.ReponseCalcul `fil:"reponse" doc:"Parts et engagement"`
}

func (f *Front) vueVenue(v *etablissement.Venue) *VenueVue {
	x := &VenueVue{ID: v.ID, Version: v.Version, Ouverte: v.Ouverte, Modifiee: v.Modifiee, Dossier: v.Dossier, Consignes: f.service.Consignes(v)}
	for _, c := range v.Couvertures {
		y := CouvertureVue{Rang: c.Rang, Etat: c.Etat, Libelle: c.Etat.Libelle(), Code: c.Code, Attestation: c.Attestation,
			Assureur: c.AMC, Droits: vueDroits(c.Droits), Simulation: vueCalcul(c.Simulation), Calcul: vueCalcul(c.Calcul), Facture: c.Facture,
			Convention: c.Convention, Fermeture: c.Fermeture}
		if c.Convention != nil {
			y.Mention = etablissement.SansGarantie
		}
		for _, e := range etablissement.Possibles(c.Etat) {
			y.Possibles = append(y.Possibles, string(e))
		}
		x.Couvertures = append(x.Couvertures, y)
	}
	return x
}

func vueDroits(d *etablissement.Droits) *DroitsVue {
	if d == nil {
		return nil
	}
	r := &d.Reponse
	return &DroitsVue{Recue: d.Recue, IDMessage: d.IDMessage, CodeRetour: r.CodeRetour, Precision: r.Precision, Statut: r.StatutDroits,
		Debut: r.DroitsDebut, Fin: r.DroitsFin, TiersPayant: r.TiersPayantAutorise, ContratResponsable: r.ContratResponsable,
		TypeContrat: r.TypeContrat, ModeCalcul: r.ModeCalcul, GarantieLocale: r.GarantieLocale, Perimetre: r.Perimetre, AutresAMC: r.AutresAMC,
		IdentiteCorrigee: r.IdentiteCorrigee, SuiteIdentite: d.Identite, MessageAgent: r.MessageAgent, MessagePatient: r.MessagePatient}
}

func vueCalcul(c *etablissement.Calcul) *CalculVue {
	if c == nil {
		return nil
	}
	return &CalculVue{Fait: c.Fait, IDMessage: c.IDMessage, Local: c.Local, TypeFacture: c.Demande.TypeFacture,
		Lignes: c.Demande.Lignes, Totaux: c.Demande.Totaux, Reponse: c.Reponse}
}

// VenuesVue is a page of visits.
type VenuesVue struct {
	Venues []ResumeVue `fil:"venues,opt,n=0..200" doc:"Venues, la plus récente d'abord"`
}

// ResumeVue is a line of a list of visits.
type ResumeVue struct {
	ID            string               `fil:"id" doc:"Identifiant opaque de la venue"`
	Dossier       string               `fil:"dossier,max=20" doc:"Numéro de dossier"`
	DateReference sante.Jour           `fil:"dateReference" doc:"Date des soins, ou d'admission"`
	Ouverte       time.Time            `fil:"ouverte" doc:"Instant d'ouverture"`
	Etats         []etablissement.Etat `fil:"etats,opt,n=0..3" doc:"État de chaque rang"`
}

// MessagesVue is the trace of the exchanges of a file.
type MessagesVue struct {
	Messages []MessageVue `fil:"messages,opt,n=0..1000" doc:"Messages, le plus ancien d'abord"`
}

// MessageVue is one emission of a message. The sealed bytes are in base64.
type MessageVue struct {
	IDMessage    roc.UUID  `fil:"idMessage" doc:"Identifiant du message"`
	IDEchange    roc.UUID  `fil:"idEchange" doc:"Identifiant de l'échange"`
	Emission     int       `fil:"emission,min=1" doc:"1, puis un de plus chaque fois que la même question est repartie"`
	ServiceROC   string    `fil:"service" doc:"Service"`
	Destinataire string    `fil:"destinataire" doc:"Destinataire"`
	Posee        time.Time `fil:"posee" doc:"Instant d'émission"`
	Repondue     time.Time `fil:"repondue,opt" doc:"Instant de la réponse"`
	Code         roc.Code  `fil:"code,opt" doc:"Code de la réponse"`
	Verdict      string    `fil:"verdict,opt" doc:"Ce qu'il est advenu du message"`
	Question     string    `fil:"question,max=2000000" doc:"Question scellée, en base64"`
	Reponse      string    `fil:"reponse,opt,max=2000000" doc:"Réponse scellée, en base64"`
}

// HistoriqueVue is the moves of a visit.
type HistoriqueVue struct {
	Moments []MomentVue `fil:"moments,opt,n=0..1000" doc:"Passages d'un état à l'autre, le plus ancien d'abord"`
}

// MomentVue is a move of a coverage.
type MomentVue struct {
	Rang      int                `fil:"rang,min=1,max=3" doc:"Rang"`
	Avant     etablissement.Etat `fil:"avant" doc:"État d'avant"`
	Evenement string             `fil:"evenement" doc:"Ce qui est arrivé"`
	Apres     etablissement.Etat `fil:"apres" doc:"État d'après"`
	Instant   time.Time          `fil:"instant" doc:"Instant"`
	Code      roc.Code           `fil:"code,opt" doc:"Code de la réponse"`
	IDMessage roc.UUID           `fil:"idMessage,opt" doc:"Question concernée"`
	Agent     string             `fil:"agent,opt,max=40" doc:"Pseudonyme de l'agent"`
}

// FluxVue is the life of an invoice or of a batch.
type FluxVue struct {
	Jalons []JalonVue `fil:"jalons,opt,n=0..200" doc:"États, le plus ancien d'abord"`
}

// JalonVue is a state of a flux.
type JalonVue struct {
	Facture   string          `fil:"facture,opt,max=20" doc:"Facture ; absente pour un lot"`
	Annee     int             `fil:"annee,opt,min=0,max=9999" doc:"Année de la facture"`
	Lot       string          `fil:"lot,opt,max=20" doc:"Lot"`
	Etat      roc.EtatFacture `fil:"etat" doc:"État"`
	Auteur    string          `fil:"auteur,max=40" doc:"Qui le dit : une partie, ou la structure qui a scellé"`
	Code      roc.Code        `fil:"code,opt" doc:"Code qui l'accompagne"`
	Instant   time.Time       `fil:"instant" doc:"Instant"`
	IDMessage roc.UUID        `fil:"idMessage,opt" doc:"Message scellé qui le dit"`
	Feuille   string          `fil:"feuille,opt,max=100" doc:"Feuille du journal qui le prouve"`
}

// What the billing software sends.
type (
	// CouvertureDemande attaches a card: its fields, or what its datamatrix says.
	CouvertureDemande struct {
		Rang       int                        `fil:"rang,opt,min=0,max=3" doc:"Rang ; le suivant si rien n'est dit"`
		Carte      *etablissement.Attestation `fil:"carte,opt,choix=carte" doc:"Carte saisie"`
		Datamatrix string                     `fil:"datamatrix,opt,choix=carte,max=120" doc:"Contenu du datamatrix de la carte"`
	}
	// RangDemande names a coverage.
	RangDemande struct {
		Rang int `fil:"rang,min=1,max=3" doc:"Rang"`
	}
	// SimulationDemande asks an estimate.
	SimulationDemande struct {
		Rang int `fil:"rang,min=1,max=3" doc:"Rang"`
		etablissement.Passage
	}
	// CalculDemande asks the exact share.
	CalculDemande struct {
		Rang int            `fil:"rang,min=1,max=3" doc:"Rang"`
		Mode roc.ModeCalcul `fil:"mode,opt" doc:"LOCAL ou CLC, quand l'AMC laisse le choix"`
		etablissement.Passage
	}
	// AnnulationDemande gives an engagement back, or has a simulation forgotten.
	AnnulationDemande struct {
		Rang  int                 `fil:"rang,min=1,max=3" doc:"Rang"`
		Motif roc.MotifAnnulation `fil:"motif" doc:"Motif"`
		Objet ObjetAnnulation     `fil:"objet,opt" doc:"Ce qui est annulé ; l'engagement si rien n'est dit"`
	}
	// FactureDemande asks an invoice, or its annulation.
	FactureDemande struct {
		Rang   int        `fil:"rang,min=1,max=3" doc:"Rang de l'AMC facturée"`
		Numero string     `fil:"numeroFacture,opt,min=1,max=20" doc:"Numéro de la facture ; celui du calcul si rien n'est dit"`
		Date   sante.Jour `fil:"dateFacture,opt" doc:"Date de la facture ; aujourd'hui si rien n'est dit"`
	}
	// ClotureDemande closes a coverage.
	ClotureDemande struct {
		Rang  int    `fil:"rang,min=1,max=3" doc:"Rang de la couverture"`
		Motif string `fil:"motif,opt,max=200" doc:"Pourquoi rien de plus n'est attendu de l'AMC ; obligatoire si elle n'a pas payé, sans donnée du patient"`
	}
	// IdentiteDemande is the agent's word on a corrected identity.
	IdentiteDemande struct {
		Rang  int                         `fil:"rang,min=1,max=3" doc:"Rang de l'AMC qui a proposé"`
		Suite etablissement.SuiteIdentite `fil:"suite" doc:"Ce que l'agent décide"`
	}
)

var (
	planDossier    = trame.Pour[etablissement.Dossier](espace)
	planVenue      = trame.Pour[VenueVue](espace)
	planVenues     = trame.Pour[VenuesVue](espace)
	planCouverture = trame.Pour[CouvertureDemande](espace)
	planRang       = trame.Pour[RangDemande](espace)
	planSimulation = trame.Pour[SimulationDemande](espace)
	planCalcul     = trame.Pour[CalculDemande](espace)
	planAnnulation = trame.Pour[AnnulationDemande](espace)
	planFacture    = trame.Pour[FactureDemande](espace)
	planCloture    = trame.Pour[ClotureDemande](espace)
	planIdentite   = trame.Pour[IdentiteDemande](espace)
	planMessages   = trame.Pour[MessagesVue](espace)
	planHistorique = trame.Pour[HistoriqueVue](espace)
	planFlux       = trame.Pour[FluxVue](espace)
	planEngagement = trame.Pour[roc.ReponseEngagement](espace)
)

// ObjetAnnulation is what a cancellation is about.
type ObjetAnnulation string

// The two objects; the first is meant when none is said.
const (
	annulerEngagement ObjetAnnulation = "ENGAGEMENT"
	annulerSimulation ObjetAnnulation = "SIMULATION"
)

// Codes is the closed list of objects.
func (ObjetAnnulation) Codes() []string {
	return []string{string(annulerEngagement), string(annulerSimulation)}
}
