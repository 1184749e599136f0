package tarif

import (
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Sens tells an estimate from a commitment. ref: VISIO §11
type Sens string

// The two directions.
const (
	Devis      Sens = "DEVIS"
	Engagement Sens = "ENGAGEMENT"
)

// Codes is the closed list.
func (Sens) Codes() []string { return []string{"DEVIS", "ENGAGEMENT"} }

// LignesMax bounds a delivery. ref: VISIO §11
const LignesMax = 50

// DemandeTarification asks the price of a delivery: the body of the service TAR, from
// the workstation to the third party, sealed by the card. ref: VISIO §11
type DemandeTarification struct {
	NumeroDossier  NumeroDossier `fil:"numeroDossier" doc:"Dossier remis par le tiers de confiance"`
	DateDelivrance sante.Jour    `fil:"dateDelivrance" doc:"Jour de la délivrance"`
	Sens           Sens          `fil:"sens" doc:"Devis ou engagement"`
	// Lignes is a Delivrance, encrypted whole: relays see neither products nor the
	// prices that would tell them. ref: DEC 32 // hyp: TARIF-LIGNES-CHIFFREES
	Lignes Chiffre `fil:"lignes,max=65536" doc:"Délivrance chiffrée pour le tiers de confiance"`
}

// Delivrance is what the third party alone reads. It says again the file, the day and
// the direction: a cipher text moved to another request is seen.
type Delivrance struct {
	NumeroDossier  NumeroDossier `fil:"numeroDossier" doc:"Dossier, celui de la demande"`
	DateDelivrance sante.Jour    `fil:"dateDelivrance" doc:"Jour, celui de la demande"`
	Sens           Sens          `fil:"sens" doc:"Sens, celui de la demande"`
	Lignes         []Ligne       `fil:"lignes,n=1..50" doc:"Lignes délivrées"`
}

// Ligne is a product delivered. ref: VISIO §11
type Ligne struct {
	Rang           int            `fil:"rang,min=1,max=50" doc:"Rang de la ligne, croissant"`
	Famille        calcul.Famille `fil:"famille" doc:"Famille sous laquelle la ligne sera facturée"`
	CodePrestation CodePrestation `fil:"codePrestation" doc:"Code de prestation"`
	CodeProduit    CodeProduit    `fil:"codeProduit" doc:"Code LPP, CIP ou UCD"`
	Quantite       int            `fil:"quantite,min=1,max=999" doc:"Quantité"`
	PrixUnitaire   sante.Montant  `fil:"prixUnitaire" doc:"Prix unitaire"`
	MontantDepense sante.Montant  `fil:"montantDepense" doc:"Dépense"`
	BaseAMO        sante.Montant  `fil:"baseAMO" doc:"Base de remboursement de l'assurance obligatoire"`
	TauxAMO        sante.Taux     `fil:"tauxAMO" doc:"Taux de l'assurance obligatoire"`
	MontantAMO     sante.Montant  `fil:"montantAMO" doc:"Part de l'assurance obligatoire"`
}

// ReponseTarification gives amounts only. ref: VISIO §10 rule 5, §11
type ReponseTarification struct {
	Retour
	Lignes             []LigneTarifee     `fil:"lignes,opt,n=0..50" doc:"Part de l'AMC sur chaque ligne"`
	TotalAMC           *sante.Montant     `fil:"totalAMC,opt" doc:"Somme des parts de l'AMC"`
	TotalPatient       *sante.Montant     `fil:"totalPatient,opt" doc:"Ce qui reste au patient"`
	NumeroTarification NumeroTarification `fil:"numeroTarification,opt" doc:"Numéro à citer dans la facture ; d'un engagement seulement"`
	Validite           time.Time          `fil:"validite,opt" doc:"Jusqu'à quand la réponse vaut"`
}

// LigneTarifee is the share of the insurer on a line, and why. ref: VISIO §11
type LigneTarifee struct {
	Rang       int           `fil:"rang,min=1,max=50" doc:"Rang de la ligne"`
	MontantAMC sante.Montant `fil:"montantAMC" doc:"Part de l'AMC"`
	Regle      string        `fil:"regle,max=10" doc:"Formule appliquée"`
	Motif      string        `fil:"motif,max=250" doc:"Pourquoi cette part, en français"`
}

var planDelivrance = trame.Pour[Delivrance](Espace)

// Ouvrir decrypts the lines of a request and checks them. The error is
// ErrIndechiffrable, an *Interdit or an *Incoherence.
func (t Trousseau) Ouvrir(d *DemandeTarification) (*Delivrance, error) {
	clair, err := t.Dechiffrer(d.Lignes)
	if err != nil {
		return nil, err
	}
	return lireDelivrance(d, clair)
}

// lireDelivrance reads what was encrypted, and checks that it is of this request.
func lireDelivrance(d *DemandeTarification, clair []byte) (*Delivrance, error) {
	x := new(Delivrance)
	if err := planDelivrance.DecodeJSON(clair, x); err != nil {
		if e := Examiner(clair); e != nil {
			return nil, e
		}
		return nil, &Incoherence{Detail: "lignes illisibles ou incomplètes"}
	}
	if x.NumeroDossier != d.NumeroDossier || x.DateDelivrance != d.DateDelivrance || x.Sens != d.Sens {
		return nil, &Incoherence{Detail: "les lignes chiffrées sont celles d'une autre demande"}
	}
	return x, ControlerLignes(x.Lignes)
}

// Controler looks for what may not be said outside of the encrypted lines. The error
// is an *Interdit.
func (d *DemandeTarification) Controler() error { return d.Lignes.Controler("lignes") }

// NomSchema keeps this direction apart, in the schemas, from that of an envelope.
func (Sens) NomSchema() string { return "SensTarification" }
