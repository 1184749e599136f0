package etablissement

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// NonScelle labels, in the evidence, what a file said: nobody signed it.
const NonScelle = "non scellé, remis par fichier"

// MotifFichier is why a return file, or an invoice of it, is refused: a code of
// ours, beside those of the format (NOE-nn). hyp: FICHIER-MOTIFS
type MotifFichier string

// The reasons.
const (
	FichierForme        MotifFichier = "FIC-01"
	FichierDestinataire MotifFichier = "FIC-02"
	FichierEmetteur     MotifFichier = "FIC-03"
	FichierTest         MotifFichier = "FIC-04"
	FichierReference    MotifFichier = "FIC-05"
	FichierTaille       MotifFichier = "FIC-06"
	FichierPanne        MotifFichier = "FIC-07"
	FichierChange       MotifFichier = "FIC-08"
	FactureInconnue     MotifFichier = "FIC-10"
	FactureAmbigue      MotifFichier = "FIC-11"
	FactureSansConv     MotifFichier = "FIC-12"
	FactureDejaDite     MotifFichier = "FIC-13"
	FactureInattendue   MotifFichier = "FIC-14"
	FactureNegative     MotifFichier = "FIC-15"
	FactureSansVirement MotifFichier = "FIC-16"
	FactureAnnonce      MotifFichier = "FIC-17"
)

var motifsFichier = map[MotifFichier]string{
	FichierForme:        "le fichier ne se lit pas jusqu'au bout, ou ses totaux sont faux : rien n'en est chargé",
	FichierDestinataire: "le fichier est destiné à un autre établissement : rien n'en est chargé",
	FichierEmetteur:     "le fichier vient d'une AMC qui n'est pas celle qui le remet, ou que la table des conventions ne nomme pas : rien n'en est chargé",
	FichierTest:         "un fichier d'essai n'est pas lu en production, ni l'inverse : rien n'en est chargé",
	FichierReference:    "la référence du fichier n'est ni un paiement (5xx) ni un rejet (900, 908) : rien n'en est chargé",
	FichierTaille:       "le fichier dépasse la taille admise : rien n'en est chargé",
	FichierPanne:        "la lecture s'est interrompue par une faute d'Écluse : la suite du fichier n'est pas chargée ; prévenir l'éditeur, puis le remettre",
	FichierChange:       "le fichier a changé pendant sa lecture : la suite n'en est pas chargée ; le remettre une fois écrit en entier",
	FactureInconnue:     "aucune facture partie chez cette AMC sous ce numéro",
	FactureAmbigue:      "plusieurs factures parties sous ce numéro : ni le lot ni le montant ne les départagent",
	FactureSansConv:     "cette AMC est en ligne : son retour est attendu scellé",
	FactureDejaDite:     "ce retour a déjà eu son effet, par ce fichier, par un autre ou par un retour scellé",
	FactureInattendue:   "la facture n'attend pas ce paiement ou ce rejet : elle est soldée, annulée, ou le montant dépasse ce qui est dû",
	FactureSansVirement: "il manque au paiement la référence ou la date de son virement : sans elles, le comptable ne peut pas l'attendre",
	FactureAnnonce:      "le comptable refuse l'annonce de ce virement : la corriger avec l'AMC, puis relire un fichier corrigé",
	FactureNegative:     "montant nul ou négatif : une reprise se traite avec l'AMC, à la main",
}

// Libelle is the reason in French.
func (m MotifFichier) Libelle() string { return motifsFichier[m] }

// RefusFichier is what a file says that was not loaded: its place and why, never
// what it says of a person.
type RefusFichier struct {
	Ligne   int    `json:"ligne,omitempty"`
	Numero  int    `json:"entite,omitempty"` // rank of the entity in the file
	Entite  string `json:"type,omitempty"`
	Champ   string `json:"zone,omitempty"`
	Code    string `json:"code"` // FIC-nn, or NOE-nn
	Motif   string `json:"motif"`
	Facture string `json:"facture,omitempty"`
}

// EtatFichier is how far a file was read.
type EtatFichier string

// The states.
const (
	FichierEnCours EtatFichier = "EN_COURS"
	FichierLu      EtatFichier = "LU"
	FichierRefuse  EtatFichier = "REFUSE"
)

// FichierRecu is a return file and what became of it.
type FichierRecu struct {
	Empreinte [32]byte
	Nom       string // as it was given
	Remis     string // who handed it over, and by what way
	AMC       string // that it speaks for
	Reference string // 578R, 908R
	Taille    int64
	Instant   time.Time
	Etat      EtatFichier
	Code      string // of the refusal of the whole
	Faites    int    // invoices judged so far: a reading cut short goes on from there
	Chargees  int
	Montant   sante.Montant // paid by those loaded
	Refusees  int
	Refus     []RefusFichier // at most RefusMax of them
	DejaLu    bool           // it was read before: nothing was done
}

// RefusMax bounds what a report lists; the others are counted.
const RefusMax = 1000

func (f *FichierRecu) refuser(r RefusFichier) {
	f.Refusees++
	if len(f.Refus) < RefusMax {
		f.Refus = append(f.Refus, r)
	}
}

// reprendre forgets why a file was refused whole; what was refused of it alone stands.
func (f *FichierRecu) reprendre() {
	if f.Faites == 0 {
		f.Refus, f.Refusees = nil, 0
	} else {
		f.Refus = slices.DeleteFunc(f.Refus, func(r RefusFichier) bool { return r.Code == f.Code })
		f.Refusees--
	}
	f.Etat, f.Code = FichierEnCours, ""
}

// Jeton is a short name of a file, for a person.
func (f *FichierRecu) Jeton() string { return hex.EncodeToString(f.Empreinte[:6]) }

// preuve is the label of what the file says.
func (f *FichierRecu) preuve() string { return fmt.Sprintf("%s %s", NonScelle, f.Jeton()) }

// MarqueRetour is what a return says of an invoice, by what makes it one: the same
// payment told by two files, or by a file and a sealed return, is one.
type MarqueRetour struct {
	AMC      string
	Facture  string // number
	Lot      string
	Nature   roc.NatureRetour
	Jour     sante.Jour // accounting day
	Virement string
	Montant  sante.Montant
	Fichier  [32]byte // zero for a sealed return
	Instant  time.Time
}
