package visiodroits

import (
	"errors"
	"fmt"
)

// Motif is why a list was refused. The zero value is "not said".
type Motif uint8

// The reasons of refusal, in the order in which they are looked for.
const (
	MotifTaille       Motif = iota + 1 // larger than the bounds
	MotifIllisible                     // not the expected form
	MotifSceau                         // seal absent or false
	MotifCertificat                    // seal of a certificate that may not seal
	MotifEmetteur                      // not of an issuer expected here, or sealed by another
	MotifGenre                         // of another kind than expected
	MotifDate                          // dates that contradict each other, or to come
	MotifRecul                         // older than the list in force
	MotifDeuxVersions                  // another list under the same number
	MotifSansBase                      // partial list without the list it builds on
	MotifEmpreinte                     // the entries are not those announced
	MotifEntree                        // an entry that cannot be
	MotifHorsMandat                    // speaks of an insurer for which the issuer may not
	MotifTropAVenir                    // too many lists kept for later
)

var motifs = [...]string{
	0:                 "motif non précisé",
	MotifTaille:       "elle dépasse la taille permise",
	MotifIllisible:    "elle est illisible",
	MotifSceau:        "son sceau est faux ou absent",
	MotifCertificat:   "le certificat qui la scelle est refusé",
	MotifEmetteur:     "elle n'est pas d'un émetteur attendu ici",
	MotifGenre:        "elle est d'un autre genre que celui attendu",
	MotifDate:         "ses dates ou son numéro sont incohérents, ou l'horloge du poste est fausse",
	MotifRecul:        "elle est plus ancienne que celle en vigueur",
	MotifDeuxVersions: "une autre liste porte le même numéro : l'émetteur ou un intermédiaire a publié deux versions",
	MotifSansBase:     "elle complète une liste que le poste n'a pas : demander la liste complète",
	MotifEmpreinte:    "ses entrées ne sont pas celles qu'elle annonce : demander la liste complète",
	MotifEntree:       "une de ses entrées est incohérente",
	MotifHorsMandat:   "elle parle d'une AMC pour laquelle cet émetteur ne peut pas parler",
	MotifTropAVenir:   "trop de listes attendent déjà leur date d'effet",
}

// String is the reason in French.
func (m Motif) String() string {
	if int(m) < len(motifs) {
		return motifs[m]
	}
	return motifs[0]
}

// ErrDemanderComplete is what a refusal is, by errors.Is, when a complete list
// mends it: a partial list without its base, or that does not lead where it says.
var ErrDemanderComplete = errors.New("liste complète nécessaire")

// RefusListe says why a list was refused; the one in force stays. What it names
// comes from the list, and is to be believed only once its seal is.
type RefusListe struct {
	Motif    Motif
	Genre    Genre
	Emetteur Emetteur
	Numero   int64
	Detail   string // French; never what was read
	Cause    error
}

// Error is the French sentence shown to people.
func (r *RefusListe) Error() string {
	s := "liste"
	if r.Genre != "" {
		s += fmt.Sprintf(" %s de %s, numéro %d,", r.Genre, r.Emetteur, r.Numero)
	}
	s += " refusée : " + r.Motif.String()
	if r.Detail != "" {
		s += " (" + r.Detail + ")"
	}
	if r.Cause != nil {
		s += " : " + r.Cause.Error()
	}
	return s
}

// Unwrap is the cause.
func (r *RefusListe) Unwrap() error { return r.Cause }

// Is tells whether a complete list would mend the refusal.
func (r *RefusListe) Is(cible error) bool {
	return cible == ErrDemanderComplete && (r.Motif == MotifSansBase || r.Motif == MotifEmpreinte)
}

var (
	errOrdre   = errors.New("clés en double ou hors de l'ordre")
	errRetrait = errors.New("entrée à la fois changée et retirée")
)

func refuser(m Motif, h *EnTete, detail string) *RefusListe {
	return &RefusListe{Motif: m, Genre: h.Genre, Emetteur: h.Emetteur, Numero: h.Numero, Detail: detail}
}

func refusEntree(h *EnTete, i int, cause error) *RefusListe {
	r := refuser(MotifEntree, h, fmt.Sprintf("rang %d", i+1))
	r.Cause = cause
	return r
}

func illisible(cause error, detail string) *RefusListe {
	return &RefusListe{Motif: MotifIllisible, Detail: detail, Cause: cause}
}
