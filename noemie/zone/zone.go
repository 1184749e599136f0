// Package zone reads and writes the fixed-width zones of the French health
// insurance file norms: texts on the left padded with spaces, numbers on the
// right padded with zeros, amounts in cents, days as six digits.
//
// A [Zone] says where a value stands and how it is written. A [Passage] carries
// values between zones and Go fields; [Lecture] and [Ecriture] are its two
// directions, so that one function describes an entity or a record for both:
//
//	func (f *Facture) passer(p zone.Passage) {
//		p.Texte(&zNumero, &f.Numero)
//		p.Montant(&zTotal, &f.Total)
//	}
//
// A value that would not come back the same is refused, never cut.
package zone

import "github.com/ecluse-sante/ecluse/sante"

// Nature is how the value of a zone is written. The zero value is "not said".
type Nature uint8

// Natures of zone.
const (
	Texte       Nature = iota + 1 // capitals without accents, on the left, padded with spaces
	Numero                        // digits kept as text, on the right, padded with zeros
	Identifiant                   // the same with capital letters (a FINESS of Corsica)
	Nombre                        // a whole number, padded with zeros
	Montant                       // cents, padded with zeros
	Jour                          // six digits
)

var natures = [...]string{"non précisée", "texte", "numéro", "identifiant", "nombre", "montant", "jour"}

// String is the nature in French.
func (n Nature) String() string {
	if int(n) < len(natures) {
		return natures[n]
	}
	return natures[0]
}

// Zone is one place of an entity or of a record.
type Zone struct {
	Type        string // entity or record, as "100" or "2S"
	Nom         string // what it holds, in French
	Debut       int    // offset of the first byte, from 0
	Longueur    int    // bytes
	Nature      Nature
	Mini        int    // Numero, Identifiant: zeros on the left are kept down to this length
	Obligatoire bool   // must be there, and a text must not be empty
	Source      string // where the position comes from: a source of the package, or "hyp"
}

// Fin is the offset after the last byte.
func (z *Zone) Fin() int { return z.Debut + z.Longueur }

// Motif is why a value is refused. The zero value is "no reason".
type Motif uint8

// Reasons of refusal.
const (
	Court       Motif = iota + 1 // the entity ends before the zone does
	Vide                         // a value is awaited and there is none
	Caractere                    // a character the file cannot hold
	Debordement                  // the value is longer than the zone
	Chiffres                     // digits awaited
	Date                         // not a day of the calendar, or of another century
	Signe                        // an amount below zero where no sign can be written
	Zeros                        // zeros on the left, which would not come back
)

// Refus is a value refused: which zone, why, and how long the value is. It never
// holds the value, which may be personal data.
type Refus struct {
	Motif    Motif
	Zone     *Zone
	Longueur int
}

// Passage carries values between zones and Go fields, in one direction or in
// the other. After a refusal it does nothing more; Refus tells the first one.
type Passage interface {
	Texte(z *Zone, v *string)          // Texte, Numero, Identifiant
	Nombre(z *Zone, v *int)            // Nombre
	Montant(z *Zone, v *sante.Montant) // Montant
	Jour(z *Zone, v *sante.Jour)       // Jour
	Refus() *Refus                     // nil when all went well
	Refuser(z *Zone, m Motif, lon int) // a reason that the caller saw
}
