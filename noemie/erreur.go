package noemie

import (
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/noemie/zone"
)

// Motif is the reason why a file, an invoice or a value is refused. The zero
// value is "not said".
type Motif uint8

// Reasons of refusal. Those down to MotifErreurs end the reading.
const (
	MotifVide           Motif = iota + 1 // nothing in the file
	MotifCompresse                       // gzip, zip…: to be unpacked first
	MotifEncodage                        // UTF-16, byte order mark, EBCDIC
	MotifFormat                          // another format, or no header entity
	MotifLongueur                        // no separator within the longest entity
	MotifTronque                         // the file stops before its end
	MotifLecture                         // the source failed
	MotifErreurs                         // too many errors
	MotifApresFin                        // something follows the end entity
	MotifType                            // no entity number
	MotifNiveau                          // no level
	MotifCaractere                       // a byte that is no printable ASCII
	MotifCourt                           // the entity stops before the field
	MotifManque                          // a value is awaited and there is none
	MotifChiffres                        // digits awaited
	MotifDate                            // not a day
	MotifSigne                           // neither P nor N, or amounts of both signs
	MotifZeros                           // zeros on the left of a number
	MotifDebordement                     // longer than the field
	MotifOrdre                           // an entity where it cannot stand
	MotifControleAbsent                  // a level that no control entity closes
	MotifMontant                         // the total of a level disagrees
	MotifCompte                          // the count of a level disagrees
	MotifContexte                        // the header above the invoice is unreadable
	MotifLignes                          // too many lines in an invoice
	MotifFerme                           // the file is already closed
)

var motifs = [...]struct{ code, texte string }{
	0:                   {"NOE-00", "motif non précisé"},
	MotifVide:           {"NOE-01", "le fichier est vide"},
	MotifCompresse:      {"NOE-02", "le fichier est compressé : le décompresser d'abord"},
	MotifEncodage:       {"NOE-03", "l'encodage n'est pas l'ASCII : demander à l'émetteur un fichier en ASCII"},
	MotifFormat:         {"NOE-04", "ce n'est pas un fichier NOEMIE : entité d'en-tête 000 attendue"},
	MotifLongueur:       {"NOE-05", "aucun séparateur @ avant la longueur permise d'une entité"},
	MotifTronque:        {"NOE-06", "le fichier est tronqué : entité de fin 999 attendue"},
	MotifLecture:        {"NOE-07", "la lecture du fichier est interrompue"},
	MotifErreurs:        {"NOE-08", "trop d'erreurs : lecture abandonnée"},
	MotifApresFin:       {"NOE-09", "des données suivent l'entité de fin 999"},
	MotifType:           {"NOE-10", "numéro d'entité attendu, sur trois chiffres"},
	MotifNiveau:         {"NOE-11", "niveau attendu, sur deux chiffres"},
	MotifCaractere:      {"NOE-12", "caractère que le fichier ne peut pas porter"},
	MotifCourt:          {"NOE-13", "l'entité finit avant la zone"},
	MotifManque:         {"NOE-14", "valeur attendue"},
	MotifChiffres:       {"NOE-15", "chiffres attendus"},
	MotifDate:           {"NOE-16", "date AAMMJJ attendue, de 1980 à 2079"},
	MotifSigne:          {"NOE-17", "signe P ou N attendu, le même pour tous les montants"},
	MotifZeros:          {"NOE-18", "zéros superflus en tête d'un numéro"},
	MotifDebordement:    {"NOE-19", "valeur plus longue que la zone"},
	MotifOrdre:          {"NOE-20", "entité inattendue à cette place"},
	MotifControleAbsent: {"NOE-21", "niveau sans entité de contrôle 990"},
	MotifMontant:        {"NOE-22", "le total annoncé diffère du total lu"},
	MotifCompte:         {"NOE-23", "le nombre annoncé diffère du nombre lu"},
	MotifContexte:       {"NOE-24", "l'en-tête dont dépend la facture est illisible"},
	MotifLignes:         {"NOE-25", "trop de lignes dans une facture"},
	MotifFerme:          {"NOE-26", "le fichier est déjà fermé"},
}

func (m Motif) connu() Motif {
	if int(m) < len(motifs) {
		return m
	}
	return 0
}

// String is the reason in French, without any content of the file.
func (m Motif) String() string { return motifs[m.connu()].texte }

// Code is the stable code of the reason, as NOE-12.
func (m Motif) Code() string { return motifs[m.connu()].code }

// Fatal tells whether nothing more can be read after this reason.
func (m Motif) Fatal() bool { return m >= MotifVide && m <= MotifApresFin }

// deZone are the reasons of a value.
var deZone = [...]Motif{
	zone.Court: MotifCourt, zone.Vide: MotifManque, zone.Caractere: MotifCaractere, zone.Debordement: MotifDebordement,
	zone.Chiffres: MotifChiffres, zone.Date: MotifDate, zone.Signe: MotifSigne, zone.Zeros: MotifZeros,
}

// Erreur tells why and where something was refused. It never quotes the file,
// which holds personal data: Facture is the number of the refused invoice, to be
// shown to who may see it, and is not in the text of the error.
type Erreur struct {
	Motif   Motif
	Ligne   int    // from 1, 0 when writing
	Numero  int    // rank of the entity in the file, from 1
	Entite  Type   // more than 999 when it has none
	Champ   string // the field in French, "" when the whole entity is concerned
	Niveau  int    // level that a control entity closes, 0 otherwise
	Facture string // number of the refused invoice, when it was read
	Refusee bool   // an invoice is refused; otherwise the error is of the file or of a header
	Cause   error  // failure of the source, for MotifLecture
}

// Error is the French sentence shown to people.
func (e *Erreur) Error() string {
	var b strings.Builder
	b.WriteString("noemie: " + e.Motif.String())
	sep := " ("
	dire := func(s string) { b.WriteString(sep + s); sep = ", " }
	if e.Ligne > 0 {
		dire("ligne " + strconv.Itoa(e.Ligne))
	}
	if e.Numero > 0 {
		dire("entité n° " + strconv.Itoa(e.Numero))
	}
	if e.Entite <= 999 && e.Numero > 0 {
		dire("type " + e.Entite.String())
	}
	if e.Niveau > 0 {
		dire("niveau " + strconv.Itoa(e.Niveau))
	}
	if e.Champ != "" {
		dire("zone « " + e.Champ + " »")
	}
	if sep == ", " {
		b.WriteByte(')')
	}
	return b.String()
}

// Unwrap is the failure of the source.
func (e *Erreur) Unwrap() error { return e.Cause }
