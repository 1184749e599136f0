package pupitre

import (
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// ErrClotureInconnue: there is no such hospital, visit or figure.
var ErrClotureInconnue = errors.New("pupitre: rien de tel dans cette clôture")

// ChoixCloture is a hospital whose day may be looked at.
type ChoixCloture struct{ Cle, Nom string }

// Somme is how many invoices, and how much.
type Somme struct {
	Nombre  int64
	Montant sante.Montant
}

// Nulle tells whether there is nothing.
func (s Somme) Nulle() bool { return s == Somme{} }

// ClotureJour is the close of a day of a hospital.
type ClotureJour struct {
	Jour       sante.Jour
	Provisoire bool
	Delai      int // days promised to pay
	ARouvrir   int64
	Controle   time.Time // last control; zero when there was none
	Ecarts     int64     // that it found
	Engage     Somme     // since the origin
	Sans       Somme     // by convention, without guarantee, since the origin
	Postes     Somme     // both, where they stand
	AMCs       []ClotureAMC
	EnReserve  int64            // what returns said without effect and waits for a person now
	Reserves   []ClotureReserve // the first of them
}

// ClotureReserve is what a return of an insurer said of an invoice without effect.
type ClotureReserve struct {
	Cle                      string
	Recue                    time.Time
	AMC, Retour, Facture     string
	Montant                  sante.Montant // paid by the return
	Constat, QuiAgit, AFaire string
	LeveePar, LeveeMotif     string // "" as long as it waits
}

// Equilibre tells whether the posts add up to what was engaged.
func (c *ClotureJour) Equilibre() bool { return c.Origine() == c.Postes }

// Origine is all that came since the origin, guaranteed or not.
func (c *ClotureJour) Origine() Somme {
	return Somme{c.Engage.Nombre + c.Sans.Nombre, c.Engage.Montant + c.Sans.Montant}
}

// ClotureAMC is an insurer of the close of a day.
type ClotureAMC struct {
	Numero   string
	Nom      string // "" when it is not known
	Chiffres []ClotureChiffre
}

// ClotureChiffre is a figure of an insurer; it opens the invoices behind it.
type ClotureChiffre struct {
	Cle, Libelle string
	Flux, Stock  Somme
	Motifs       []ClotureMotif
}

// ClotureMotif is the part of a figure that has one reason.
type ClotureMotif struct {
	Code, Libelle string
	Flux, Stock   Somme
}

// QuestionCloture says which invoices to list.
type QuestionCloture struct {
	Jour                sante.Jour
	AMC, Chiffre, Motif string
	Flux                bool // what came in the day, instead of what stands at its end
	Apres               string
}

// ClotureFacture is an invoice behind a figure, without any data of a patient.
type ClotureFacture struct {
	Venue           string
	Rang            int
	Dossier, Numero string
	Poste           string // in French
	Motif           string
	Entree          sante.Jour
	Montant         sante.Montant
	Part            bool   // of an invoice, the rest of which is elsewhere
	Mention         string // what it is worth, when its insurer did not guarantee it
	QuiAgit, AFaire string // on its late payment; "" when it is not late
}

// HistoireFacture is an invoice and its own story.
type HistoireFacture struct {
	Dossier, AMC, Etat string
	Numero, Lot        string
	Engagement         string
	Demande, Paye      sante.Montant
	Poste              string
	Mention            string // what it is worth, when its insurer did not guarantee it
	Precision          string // the last word of the insurer
	Moments            []MomentFacture
	Consignes          []ConsigneFacture
	Reserves           []ClotureReserve // what returns said of it without effect
	Messages           []MessageFacture
}

// ConsigneFacture is what is to be done of an invoice.
type ConsigneFacture struct{ Constat, QuiAgit, AFaire string }

// MomentFacture is a state that an invoice went through.
type MomentFacture struct {
	Instant       time.Time
	Avant, Apres  string
	Code, Libelle string
	Message       string // identifier of the message that made it, if any
}

// MessageFacture is a message of the file of an invoice.
type MessageFacture struct {
	ID, Service, Code, Verdict string
	Instant                    time.Time
}
