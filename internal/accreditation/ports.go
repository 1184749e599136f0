package accreditation

import (
	"context"
	"crypto"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Errors of the ports.
var (
	// ErrIndisponible: the portfolio does not answer; it may later.
	ErrIndisponible = errors.New("portefeuille indisponible")
	// ErrInconnue: no accreditation has this number here.
	ErrInconnue = errors.New("accréditation inconnue")
)

// Portefeuille is what is known of the rights of persons: the insurer's own, or what an
// operator holds. ref: VISIO §3
type Portefeuille interface {
	// Droits identifies the person of a question and gives the rights of the day, with
	// Fournis, or the code of a refusal: 100 to 130. demandeur is who is counted by the
	// guessing rules, whose refusal is a *roc.Refus. The error wraps ErrIndisponible when
	// the system behind does not answer.
	Droits(ctx context.Context, demandeur string, q *droits.DemandeDroits) (*Situation, visiodroits.Code, error)
}

// Situation is the rights of a person at a day.
type Situation struct {
	Beneficiaire string // the issuer's own reference of the person, never sent
	Etendue      droits.Etendue
}

// Registre keeps the accreditations issued.
type Registre interface {
	// Garder keeps an accreditation, durable with the answer that carries it.
	Garder(ctx context.Context, e *Emise) error
	// Emise gives an accreditation by its number, or ErrInconnue.
	Emise(ctx context.Context, n droits.NumeroAccreditation) (*Emise, error)
}

// Emise is what is kept of an accreditation that was issued.
type Emise struct {
	Numero       droits.NumeroAccreditation
	Beneficiaire string
	Personne     droits.Empreinte // of who was named: what an invoice must name
	Categorie    droits.Categorie
	Convention   string
	PS           sante.NumeroFacturation // who asked
	// Conditions is the extent of the rights without its days; Debut and Fin are they.
	Conditions []byte
	Debut, Fin sante.Jour
	Emission   time.Time
	Lien       string // what the third party of confidence knows it by; "" without file
	Revocation *Revocation
}

// Revocation ends an accreditation. ref: VISIO §7
type Revocation struct {
	Effet sante.Jour
	Motif droits.MotifRevocation
}

// Cle is the key that signs now, and its name in the list of keys.
type Cle struct {
	Kid string
	Cle crypto.Signer
}

// Dossiers makes the token that a workstation gives the third party of confidence for a
// file number. ref: VISIO §10, DEC 32
type Dossiers interface {
	// Jeton seals what the third party must know of these rights: nothing of who the
	// person is. lien ties the file to the accreditation for the issuer alone. It gives
	// "" when too few share these guarantees.
	Jeton(ctx context.Context, s *Situation, conditions []byte) (jeton, lien string, err error)
}
