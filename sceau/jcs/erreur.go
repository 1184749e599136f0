package jcs

import "strconv"

// Motif is the reason why a text is refused. The zero value is "not said".
type Motif uint8

// Reasons of refusal.
const (
	MotifTaille         Motif = iota + 1 // larger than Limites.Taille
	MotifProfondeur                      // nested deeper than Limites.Profondeur
	MotifUTF8                            // not valid UTF-8
	MotifSubstitut                       // \uD800..\uDFFF escape without its other half
	MotifDoublon                         // member name already seen in the object
	MotifSyntaxe                         // unexpected character
	MotifTronque                         // text ends before the value does
	MotifReste                           // something follows the value
	MotifControle                        // raw control character in a string
	MotifEchappement                     // unknown or malformed escape
	MotifNombre                          // number not of the JSON grammar
	MotifHorsIntervalle                  // number that no double can hold
)

var libelles = [...]string{
	0:                   "motif non précisé",
	MotifTaille:         "texte JSON trop volumineux",
	MotifProfondeur:     "imbrication trop profonde",
	MotifUTF8:           "encodage UTF-8 invalide",
	MotifSubstitut:      "demi-codet Unicode isolé",
	MotifDoublon:        "clé en double dans un objet",
	MotifSyntaxe:        "caractère inattendu",
	MotifTronque:        "texte JSON tronqué",
	MotifReste:          "données après la valeur JSON",
	MotifControle:       "caractère de contrôle dans une chaîne",
	MotifEchappement:    "séquence d’échappement invalide",
	MotifNombre:         "nombre mal formé",
	MotifHorsIntervalle: "nombre hors de l’intervalle des doubles",
}

// String is the reason in French, without any content of the text.
func (m Motif) String() string {
	if int(m) < len(libelles) {
		return libelles[m]
	}
	return libelles[0]
}

// Erreur tells why and where a text was refused. It never quotes the text, which
// may hold personal data.
type Erreur struct {
	Motif    Motif
	Position int // byte offset, from 0
}

// Error is the French sentence shown to people.
func (e *Erreur) Error() string {
	return "jcs: " + e.Motif.String() + " (octet " + strconv.Itoa(e.Position) + ")"
}
