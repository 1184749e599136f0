package roc

import (
	"context"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// Depart is a question about to leave.
type Depart struct {
	Service      Service
	IDMessage    UUID
	IDEchange    UUID
	Dossier      string
	Destinataire Partie
	Instant      time.Time
	Essai        int    // 1 for the first time
	Scelle       []byte // the whole message, seal included
	Empreinte    [32]byte
	Sujet        string // of whom, to be digested; never written in clear
	Corps        any    // the body in clear, for who shows it; never written
}

// Arrivee is how a question ended: an answer whose seal was checked, or why there
// is none.
type Arrivee struct {
	Depart     Depart
	Instant    time.Time
	Duree      time.Duration
	Scelle     []byte // the answer as received; nil when none came
	Empreinte  [32]byte
	Scelleur   certificat.Verdict // who sealed the answer; empty when its seal was refused
	Code       Code
	Engagement string
	Feuille    string // hash of the leaf that the partner announced
	Chiffre    bool   // bodies encrypted end to end
	Relais     []Maillon
	Refus      error // nil when the answer is good, business refusals included
}

// Registre is where a party writes what it asks and what it is answered. It is
// the memory that lets a lost answer be asked again with the same idMessage.
type Registre interface {
	// Question writes a question; it is durable when Question returns. A question
	// that could not be written is not sent. ref: DEC 13
	Question(ctx context.Context, d *Depart) error
	// Reponse writes how it ended, with the leaf of the exchange.
	Reponse(ctx context.Context, a *Arrivee) error
}

// SansRegistre is the registry of who keeps nothing of what it asks: the rights of a patient, a
// price, an address, that are asked anew when the answer is lost.
type SansRegistre struct{}

// Question implements Registre.
func (SansRegistre) Question(context.Context, *Depart) error { return nil }

// Reponse implements Registre.
func (SansRegistre) Reponse(context.Context, *Arrivee) error { return nil }
