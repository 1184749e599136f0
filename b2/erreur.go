package b2

import (
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/noemie/zone"
)

// Motif is the reason why a file or a value is refused. The zero value is "not said".
type Motif uint8

// Reasons of refusal.
const (
	MotifFormat      Motif = iota + 1 // no opening record
	MotifCompresse                    // gzip or zip
	MotifTronque                      // the file stops before its end
	MotifLecture                      // the source failed
	MotifApresFin                     // something follows the end record
	MotifTaille                       // a line end within a record
	MotifType                         // unknown record
	MotifSequence                     // a record where it cannot stand, or of another invoice
	MotifCaractere                    // a character that is no printable ASCII
	MotifManque                       // a value is awaited and there is none
	MotifChiffres                     // digits awaited
	MotifDate                         // not a day
	MotifSigne                        // an amount below zero
	MotifZeros                        // zeros on the left of a number
	MotifDebordement                  // longer than the field
	MotifMontant                      // a total disagrees
	MotifCompte                       // a count disagrees
	MotifLot                          // no batch is open
	MotifFerme                        // the file is already closed
)

var motifs = [...]struct{ code, texte string }{
	0:                {"B2-00", "motif non précisé"},
	MotifFormat:      {"B2-01", "ce n'est pas un fichier B2 : enregistrement 000 attendu"},
	MotifCompresse:   {"B2-02", "le fichier est compressé : le décompresser d'abord"},
	MotifTronque:     {"B2-03", "le fichier est tronqué : enregistrement 999 attendu"},
	MotifLecture:     {"B2-04", "la lecture du fichier est interrompue"},
	MotifApresFin:    {"B2-05", "des données suivent l'enregistrement 999"},
	MotifTaille:      {"B2-06", "un enregistrement fait 128 caractères"},
	MotifType:        {"B2-07", "type d'enregistrement inconnu"},
	MotifSequence:    {"B2-08", "enregistrement inattendu à cette place"},
	MotifCaractere:   {"B2-09", "caractère que le fichier ne peut pas porter"},
	MotifManque:      {"B2-10", "valeur attendue"},
	MotifChiffres:    {"B2-11", "chiffres attendus"},
	MotifDate:        {"B2-12", "date AAMMJJ attendue, de 1980 à 2079"},
	MotifSigne:       {"B2-13", "un montant ne peut pas être négatif : l'annulation se dit par la nature d'opération"},
	MotifZeros:       {"B2-14", "zéros superflus en tête d'un numéro"},
	MotifDebordement: {"B2-15", "valeur plus longue que la zone"},
	MotifMontant:     {"B2-16", "le total annoncé diffère du total lu"},
	MotifCompte:      {"B2-17", "le nombre annoncé diffère du nombre lu"},
	MotifLot:         {"B2-18", "aucun lot n'est ouvert"},
	MotifFerme:       {"B2-19", "le fichier est déjà fermé"},
}

func (m Motif) connu() Motif {
	if int(m) < len(motifs) {
		return m
	}
	return 0
}

// String is the reason in French, without any content of the file.
func (m Motif) String() string { return motifs[m.connu()].texte }

// Code is the stable code of the reason, as B2-15.
func (m Motif) Code() string { return motifs[m.connu()].code }

var deZone = [...]Motif{
	zone.Court: MotifTaille, zone.Vide: MotifManque, zone.Caractere: MotifCaractere, zone.Debordement: MotifDebordement,
	zone.Chiffres: MotifChiffres, zone.Date: MotifDate, zone.Signe: MotifSigne, zone.Zeros: MotifZeros,
}

// Erreur tells why and where something was refused. It never holds a value,
// which may be personal data: only its length.
type Erreur struct {
	Motif          Motif
	Rang           int    // of the record in the file, from 1
	Enregistrement string // its type, as "3F"; "" when it has none
	Champ          string // the field in French, "" when the whole record is concerned
	Longueur       int    // of the value refused, 0 when it says nothing
	Cause          error  // failure of the source, for MotifLecture
}

// Error is the French sentence shown to people.
func (e *Erreur) Error() string {
	var l []string
	if e.Rang > 0 {
		l = append(l, "enregistrement n° "+strconv.Itoa(e.Rang))
	}
	if e.Enregistrement != "" {
		l = append(l, "type "+e.Enregistrement)
	}
	if e.Champ != "" {
		l = append(l, "zone « "+e.Champ+" »")
	}
	if e.Longueur > 0 {
		l = append(l, strconv.Itoa(e.Longueur)+" caractères")
	}
	if len(l) == 0 {
		return "b2: " + e.Motif.String()
	}
	return "b2: " + e.Motif.String() + " (" + strings.Join(l, ", ") + ")"
}

// Unwrap is the failure of the source.
func (e *Erreur) Unwrap() error { return e.Cause }
