package charger

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/rass"
)

// Motif is why a run was refused. The zero value is "not said".
type Motif uint8

// The reasons. After any of them, what stood is still served.
const (
	MotifFlux        Motif = iota + 1 // a feed that cannot be read to its end
	MotifSansFlux                     // a run without a feed, or twice the same one
	MotifRejets                       // too many lines that cannot be read
	MotifRetrait                      // a feed with strangely fewer lines than the last time
	MotifAmpleur                      // too many records changed or gone
	MotifTravail                      // the directory of work cannot be written or read
	MotifPerime                       // a difference made over another state than the one that stands
	MotifAcceptation                  // an acceptance that does not name who accepts
	MotifFiche                        // a record of a feed that is not one
	MotifEncodage                     // too many lines with bytes that are not of UTF-8
)

var motifs = [...]struct{ code, texte string }{
	0:                {"CHG-00", "motif non précisé"},
	MotifFlux:        {"CHG-01", "un flux ne se lit pas jusqu'au bout : le reprendre à sa source ; l'annuaire reste celui d'avant"},
	MotifSansFlux:    {"CHG-02", "un flux de chaque sorte au plus est attendu, et un au moins"},
	MotifRejets:      {"CHG-03", "trop de lignes illisibles dans un flux : prévenir son émetteur ; l'annuaire reste celui d'avant"},
	MotifRetrait:     {"CHG-04", "un flux a perdu trop de lignes depuis la dernière fois : le comparer avec sa source, puis l'accepter en disant qui l'accepte"},
	MotifAmpleur:     {"CHG-05", "trop de fiches changeraient ou finiraient : lire le rapport, puis accepter en disant qui accepte"},
	MotifTravail:     {"CHG-06", "le répertoire de travail ne se lit ou ne s'écrit pas : voir la place et les droits du disque"},
	MotifPerime:      {"CHG-07", "cette différence a été faite sur un autre état de l'annuaire : la refaire"},
	MotifAcceptation: {"CHG-08", "une acceptation dit qui accepte, en 2 à 100 caractères"},
	MotifFiche:       {"CHG-09", "une fiche d'un flux n'en est pas une : prévenir sa source ; l'annuaire reste celui d'avant"},
	MotifEncodage:    {"CHG-10", "trop de lignes d'un flux ne sont pas en UTF-8 : le demander à son émetteur dans cet encodage ; l'annuaire reste celui d'avant"},
}

// Code is the stable code of the reason, as CHG-05.
func (m Motif) Code() string { return motifs[m.connu()].code }

// String is the reason in French, with what to do.
func (m Motif) String() string { return motifs[m.connu()].texte }

func (m Motif) connu() Motif {
	if int(m) < len(motifs) {
		return m
	}
	return 0
}

// Refus is why a run stopped. It names no person.
type Refus struct {
	Motif  Motif
	Flux   string // which feed, empty when none is concerned
	Detail string // numbers, in French
	Cause  error
}

// Error is the French sentence shown to people.
func (r *Refus) Error() string {
	var b strings.Builder
	b.WriteString("annuaire: " + r.Motif.Code() + " " + r.Motif.String())
	if r.Flux != "" {
		b.WriteString(" (" + r.Flux + ")")
	}
	if r.Detail != "" {
		b.WriteString(" : " + r.Detail)
	}
	if r.Cause != nil {
		b.WriteString(" : " + r.Cause.Error())
	}
	return b.String()
}

// Unwrap is the failure below.
func (r *Refus) Unwrap() error { return r.Cause }

// Is makes errors.Is compare the reasons alone.
func (r *Refus) Is(cible error) bool {
	var x *Refus
	return errors.As(cible, &x) && x.Flux == "" && x.Detail == "" && x.Cause == nil && x.Motif == r.Motif
}

// refusFlux says which feed failed and why.
func refusFlux(flux string, err error) error {
	var e *rass.Erreur
	if errors.As(err, &e) {
		return &Refus{Motif: MotifFlux, Flux: flux, Cause: e}
	}
	return &Refus{Motif: MotifFlux, Flux: flux, Cause: fmt.Errorf("lecture: %w", err)}
}
