package comptable

import (
	"errors"
	"strconv"
)

// Errors of the rules. What a person reads beside is in a [Defaut].
var (
	ErrDonnees     = errors.New("comptable: données refusées")
	ErrInconnu     = errors.New("comptable: objet inconnu")
	ErrDifferent   = errors.New("comptable: déjà enregistré, avec un autre contenu")
	ErrDepassement = errors.New("comptable: montant au-delà de ce qui reste")
	ErrDejaDefait  = errors.New("comptable: pièce déjà contre-passée")
	ErrTransition  = errors.New("comptable: opération impossible sur cette pièce")
	ErrFichier     = errors.New("comptable: fichier refusé")
)

// Defaut is an error of the rules with its sentence for a person.
type Defaut struct {
	Sorte  error // one of the errors above
	Detail string
}

func (d *Defaut) Error() string { return d.Sorte.Error() + " : " + d.Detail }

// Unwrap gives the kind, for errors.Is.
func (d *Defaut) Unwrap() error { return d.Sorte }

func refuser(sorte error, detail string) error { return &Defaut{sorte, detail} }

// CodeRefus says why a bank file, or one of its lines, is refused.
type CodeRefus string

// The refusals. Those of a whole file stop its reading.
const (
	FichierCompresse   CodeRefus = "FICHIER_COMPRESSE"
	FichierTropGros    CodeRefus = "FICHIER_TROP_GROS"
	FichierTronque     CodeRefus = "FICHIER_TRONQUE"
	FichierVide        CodeRefus = "FICHIER_VIDE"
	FichierChange      CodeRefus = "FICHIER_CHANGE"
	TropDeRefus        CodeRefus = "TROP_DE_REFUS"
	TropDeLignes       CodeRefus = "TROP_DE_LIGNES"
	Encodage           CodeRefus = "ENCODAGE"
	LigneTropLongue    CodeRefus = "LIGNE_TROP_LONGUE"
	ColonneAbsente     CodeRefus = "COLONNE_ABSENTE"
	NombreColonnes     CodeRefus = "NOMBRE_COLONNES"
	Guillemets         CodeRefus = "GUILLEMETS"
	CompteRefuse       CodeRefus = "COMPTE"
	IBANRefuse         CodeRefus = "IBAN"
	CompteAutre        CodeRefus = "COMPTE_AUTRE"
	DateRefusee        CodeRefus = "DATE"
	DateFuture         CodeRefus = "DATE_FUTURE"
	MontantRefuse      CodeRefus = "MONTANT"
	SensRefuse         CodeRefus = "SENS"
	DeviseRefusee      CodeRefus = "DEVISE"
	TexteTropLong      CodeRefus = "TEXTE_TROP_LONG"
	XMLRefuse          CodeRefus = "XML"
	DTDRefusee         CodeRefus = "DTD"
	MessageRefuse      CodeRefus = "MESSAGE"
	VersionRefusee     CodeRefus = "VERSION"
	SoldeFaux          CodeRefus = "SOLDE"
	NombreFaux         CodeRefus = "NOMBRE_ECRITURES"
	NonComptabilisee   CodeRefus = "NON_COMPTABILISEE"
	DetailsIncoherents CodeRefus = "DETAILS"
)

// Refus is one refusal, with its place. It never quotes what the file holds.
type Refus struct {
	Code   CodeRefus
	Ligne  int    // line of a CSV, rank of the entry of a camt.053; 0 for the whole file
	Champ  string // column or element, "" when none in particular
	Detail string // for a person, in French
}

func (r *Refus) Error() string {
	s := ErrFichier.Error() + " : " + string(r.Code)
	if r.Ligne > 0 {
		s += ", ligne " + strconv.Itoa(r.Ligne)
	}
	if r.Champ != "" {
		s += ", " + r.Champ
	}
	return s + " : " + r.Detail
}

// Unwrap lets errors.Is find ErrFichier.
func (r *Refus) Unwrap() error { return ErrFichier }

// Compte tells whether the line is lost by this refusal: an entry that the bank
// has not booked yet will come again.
func (r *Refus) Compte() bool { return r.Code != NonComptabilisee }
