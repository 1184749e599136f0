package trame

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// The types of the tests hold every kind of field, as a message of the exchange
// would.

const espaceEssai = "urn:x-essai:trame:1"

// Sens is a closed list with labels.
type Sens string

func (Sens) Codes() []string { return []string{"Q", "R"} }

func (s Sens) Libelle() string {
	return map[Sens]string{"Q": "Question", "R": "Réponse"}[s]
}

// Rang is a closed list kept as a number.
type Rang uint8

func (Rang) Codes() []string { return []string{"UN", "DEUX"} }

func (r Rang) AppendText(b []byte) ([]byte, error) {
	return append(b, [...]string{"", "UN", "DEUX"}[r]...), nil
}

func (r *Rang) UnmarshalText(b []byte) error {
	*r = map[string]Rang{"UN": 1, "DEUX": 2}[string(b)]
	return nil
}

// Empreinte is a text with a form.
type Empreinte string

func (Empreinte) Motif() string { return `[0-9a-f]{8}` }

type Entete struct {
	Norme      string    `fil:"normeVersion,max=20" doc:"Version du profil."`
	Sens       Sens      `fil:"sens" doc:"Question ou réponse."`
	Horodatage time.Time `fil:"horodatage" doc:"Instant d'émission."`
	Ferme      time.Time `fil:"fermeture,opt" doc:"Prochaine fermeture."`
}

type Commun struct {
	Site sante.FINESS `fil:"finessGeo,opt" doc:"Site de soins."`
	Jour sante.Jour   `fil:"dateReference" doc:"Jour des soins."`
}

type Ligne struct {
	_        struct{}       `doc:"Une ligne de facture."`
	Rang     int            `fil:"rang,min=1,max=200" doc:"Rang de la ligne."`
	Montant  sante.Montant  `fil:"montantDepense" doc:"Total facturé."`
	Base     *sante.Montant `fil:"baseAMO,opt" doc:"Base de remboursement."`
	Taux     sante.Taux     `fil:"taux" doc:"Taux de l'assurance maladie."`
	Libelle  string         `fil:"libelle,opt,max=40" doc:"Libellé."`
	Gratuit  *bool          `fil:"gratuit,opt" doc:"Acte gratuit."`
	Quantite *int           `fil:"quantite,opt,min=0,max=999" doc:"Quantité."`
}

type Corps struct {
	Commun
	Type      Rang        `fil:"typeFacture,opt" doc:"Type de facture."`
	Ald       bool        `fil:"ald" doc:"Affection de longue durée."`
	Urgence   bool        `fil:"urgence,opt" doc:"Passage aux urgences."`
	Compteur  int64       `fil:"compteur,opt" doc:"Compteur."`
	Commen    string      `fil:"commentaire,min=0,max=60" doc:"Commentaire, qui peut être vide."`
	Pins      []Empreinte `fil:"empreinte,n=0..2" doc:"Empreintes."`
	Services  []Sens      `fil:"service,opt,n=2..3" doc:"Deux ou trois services."`
	Lignes    []Ligne     `fil:"lignes,n=1..4" doc:"Lignes."`
	Conjoint  *Entete     `fil:"conjoint,opt" doc:"Un sous-élément facultatif."`
	Choix     *Choix      `fil:"choix,opt" doc:"Deux choix."`
	Extension Extension   `fil:"extension,opt" doc:"Contenu scellé hors du schéma."`
}

// Choix holds two choices, one of which may be a list, and one form under two
// lengths.
type Choix struct {
	Prevu    *sante.Montant       `fil:"prevu,choix=p" doc:"Montant prévu."`
	Reels    []sante.Montant      `fil:"reel,choix=p,n=1..2" doc:"Montants réels."`
	Avant    sante.NumeroAdherent `fil:"avant,choix=q,max=10" doc:"Numéro court."`
	Apres    time.Time            `fil:"apres,choix=q" doc:"Instant."`
	Adherent sante.NumeroAdherent `fil:"numeroAdherent,opt" doc:"Numéro d'adhérent."`
	Caisse   Caisse               `fil:"caisse,opt,min=3" doc:"Forme sans borne haute."`
}

// Caisse is a form without an upper bound.
type Caisse string

func (Caisse) Motif() string { return `[0-9]+(\.[0-9]{2}|)` }

type Message[C any] struct {
	_            struct{} `doc:"Un message de l'échange."`
	Enveloppe    Entete   `fil:"enveloppe" doc:"Enveloppe."`
	Corps        *C       `fil:"corps,opt,choix=a" doc:"Corps en clair."`
	CorpsChiffre string   `fil:"corpsChiffre,opt,choix=a,max=2000000" doc:"Corps chiffré."`
}
