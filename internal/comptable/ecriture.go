package comptable

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Compte is an account of the books.
type Compte string

// The accounts. Their numbers are those of the M21 classes, at the level we could
// read; a hospital puts its own subdivisions in its export. hyp: COMPTES-M21
const (
	Redevables  Compte = "411" // what the insurers owe
	Produits    Compte = "70"  // the counterpart of titres
	Banque      Compte = "515" // the account at the Treasury
	Attente     Compte = "471" // receipts to be classed
	Excedents   Compte = "466" // surplus to be given back
	HorsMission Compte = "47"  // what another accountant will class
	Pertes      Compte = "654" // bad debts
)

// Nature is what an entry does. It decides the two accounts.
type Nature string

// The natures.
const (
	Emission      Nature = "EMISSION"      // a titre
	Reduction     Nature = "REDUCTION"     // a titre annulled or reduced
	Encaissement  Nature = "ENCAISSEMENT"  // a credit of the bank
	Decaissement  Nature = "DECAISSEMENT"  // a debit of the bank
	Paiement      Nature = "PAIEMENT"      // a credit of the bank pays a titre
	Excedent      Nature = "EXCEDENT"      // a credit of the bank beyond what is owed
	Remboursement Nature = "REMBOURSEMENT" // a debit of the bank gives a surplus back
	HorsChamp     Nature = "HORS_CHAMP"    // a credit that no insurer made for a stay
	HorsChampD    Nature = "HORS_CHAMP_D"  // a debit that is not of this room
	Compensation  Nature = "COMPENSATION"  // a debit takes back a credit
	NonValeur     Nature = "NON_VALEUR"    // a titre that will not be paid
)

// comptes gives the account debited and the account credited.
var comptes = map[Nature][2]Compte{
	Emission:      {Redevables, Produits},
	Reduction:     {Produits, Redevables},
	Encaissement:  {Banque, Attente},
	Decaissement:  {Attente, Banque},
	Paiement:      {Attente, Redevables},
	Excedent:      {Attente, Excedents},
	Remboursement: {Excedents, Attente},
	HorsChamp:     {Attente, HorsMission},
	HorsChampD:    {HorsMission, Attente},
	Compensation:  {Attente, Attente},
	NonValeur:     {Pertes, Redevables},
}

// Comptes gives the account debited and the account credited, "" for an unknown
// nature.
func (n Nature) Comptes() (debit, credit Compte) { return comptes[n][0], comptes[n][1] }

// defaisable tells whether a counter entry may undo it: what the bank says, and the
// existence of a titre, are facts.
func (n Nature) defaisable() bool {
	return n != Emission && n != Encaissement && n != Decaissement
}

// CleTitre is the number of a titre: they are numbered from 1 in each exercise.
type CleTitre struct {
	Exercice int
	Numero   int64
}

// IsZero tells whether no titre is meant.
func (c CleTitre) IsZero() bool { return c == CleTitre{} }

// CleAnnonce names an announce: the insurer that makes it and its return. An insurer
// pays its own invoices only, whoever holds its purse.
type CleAnnonce struct {
	Payeur sante.NumeroAMC
	Retour string
}

// IsZero tells whether no announce is meant.
func (c CleAnnonce) IsZero() bool { return c == CleAnnonce{} }

// IDLigne is the identity of a bank line: a digest, in hexadecimal.
type IDLigne string

// Ecriture moves one amount from an account to another: debits and credits are
// equal by construction.
type Ecriture struct {
	Nature   Nature
	Contre   bool       // counter entry: the accounts are exchanged
	Jour     sante.Jour // date comptable
	AMC      sante.NumeroAMC
	Titre    CleTitre
	Ligne    IDLigne
	Autre    IDLigne // second line of a Compensation, the debit
	Annonce  CleAnnonce
	Rang     int        // of the invoice in the announce, from 1
	Encaisse sante.Jour // day of the bank, of a Paiement
	Montant  sante.Montant
}

// Comptes gives the account debited and the account credited.
func (e *Ecriture) Comptes() (debit, credit Compte) {
	debit, credit = e.Nature.Comptes()
	if e.Contre {
		debit, credit = credit, debit
	}
	return debit, credit
}

// signe is -1 for a counter entry.
func (e *Ecriture) signe() sante.Montant {
	if e.Contre {
		return -1
	}
	return 1
}

// Effet is what an entry takes from the rest of each thing it names; a counter
// entry gives it back.
type Effet struct {
	Reduit, Paye, Perdu sante.Montant // of the titre
	Ligne, Autre        sante.Montant // of the bank lines
	Annonce             sante.Montant
}

// Effet tells what the entry takes.
func (e *Ecriture) Effet() (x Effet) {
	m := e.signe() * e.Montant
	switch e.Nature {
	case Reduction:
		x.Reduit = m
	case NonValeur:
		x.Perdu = m
	case Paiement, Excedent, Remboursement, HorsChamp, HorsChampD:
		x.Ligne = m
		if e.Nature == Paiement {
			x.Paye = m
		}
		if !e.Annonce.IsZero() {
			x.Annonce = m
		}
	case Compensation:
		x.Ligne, x.Autre = m, m
	}
	return x
}

// Motif is why a piece was made.
type Motif string

// The reasons. The first four are those of an automatic match.
const (
	ParReference     Motif = "REFERENCE"        // the line quotes the transfer, the amounts are equal
	ParReferences    Motif = "REFERENCES"       // several lines or announces of a reference add up
	ParMontant       Motif = "MONTANT"          // the only open announce of that amount in the window
	ParMontantEtDate Motif = "MONTANT_ET_DATE"  // the nearest of several announces of that amount
	AlaMain          Motif = "MANUEL"           // a person's choice
	Evenement        Motif = "EVENEMENT"        // the hospital's exchanges with the insurer
	ParReleve        Motif = "RELEVE"           // a bank file
	ParContre        Motif = "CONTRE_PASSATION" // undoes another piece
)

// Score is how sure an automatic match is, out of 100. hyp: SCORES
func (m Motif) Score() int {
	return map[Motif]int{ParReference: 100, ParReferences: 95, ParMontant: 70, ParMontantEtDate: 50}[m]
}

// Piece is one operation of the books, with who did it and why.
type Piece struct {
	Numero      int64 // from 1, without a gap
	Motif       Motif
	Score       int    // of an automatic match
	Agent       string // "" when no person decided
	Raison      string // what the person says
	Origine     string // key of what must be done once only, "" when none
	Message     string // idMessage of the fact, "" when no message told it
	Instant     time.Time
	Connu       sante.Jour // day of Instant at the hospital
	Contrepasse int64      // piece that this one undoes
	DefaitePar  int64      // piece that undoes this one
	Ecritures   []Ecriture
}
