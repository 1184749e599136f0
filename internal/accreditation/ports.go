package accreditation

import (
	"context"
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
	// DuBeneficiaire gives the numbers that a person has and that are not revoked, whose
	// rights end on a day or later.
	DuBeneficiaire(ctx context.Context, beneficiaire string, fin sante.Jour) ([]droits.NumeroAccreditation, error)
	// Semblables gives those of the person, trade, conditions and days of e, without file,
	// that were given since an instant and are not revoked: the first max, by instant.
	Semblables(ctx context.Context, e *Emise, depuis time.Time, max int) ([]*Emise, error)
	// Dossiers counts those of a person with a file that were given since an instant.
	Dossiers(ctx context.Context, beneficiaire string, depuis time.Time) (int, error)
	// Revoquer ends an accreditation; one that is revoked already keeps its first
	// revocation, and false is given.
	Revoquer(ctx context.Context, n droits.NumeroAccreditation, r Revocation) (bool, error)
	// RevoquerInconnue has the lists tell a number that is not of the register, until a year
	// after fin; false when they do already.
	RevoquerInconnue(ctx context.Context, n droits.NumeroAccreditation, fin sante.Jour, r Revocation) (bool, error)
	// Emetteurs gives the numbers under which accreditations were ever given.
	Emetteurs(ctx context.Context) ([]sante.NumeroAMC, error)
	Correction
}

// Forme is how a list of revoked accreditations is written: the two are read apart.
type Forme string

// The forms.
const (
	Entiere Forme = "entiere"
	Delta   Forme = "delta" // what changed since the one before; empty when it must be read whole
)

// Listes keeps the lists of revoked accreditations that were published.
type Listes interface {
	// Attente tells how many revocations no list tells yet.
	Attente(ctx context.Context) (int, error)
	// Parution gives the number of the last list and its instant, without reading it; 0 when
	// there is none.
	Parution(ctx context.Context) (numero int64, emission time.Time, err error)
	// Derniere gives the last list, whole, and its number; 0 when there is none.
	Derniere(ctx context.Context) (complete []byte, numero int64, err error)
	// Revoquees gives every revocation whose entry is still needed on a day: those that a
	// list told, on its day, and those that none did.
	Revoquees(ctx context.Context, jour sante.Jour, donner func(droits.EntreeLAR) error) error
	// Publier keeps the next list, whole and as a change of the one before (nil for the
	// first), and writes its day on the revocations that it is the first to tell. All or
	// nothing; ErrPubliee when another node published this number before.
	Publier(ctx context.Context, p *Publication) error
}

// ErrPubliee: another node published this list.
var ErrPubliee = errors.New("liste déjà publiée")

// Publication is a list to publish.
type Publication struct {
	Numero   int64
	Jour     sante.Jour
	Emission time.Time
	Complete []byte
	Delta    []byte
	// Nouvelles are those that no list told before.
	Nouvelles []droits.NumeroAccreditation
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
	// Publiee is the day of the first list that told it, zero before: it has no effect on
	// care of that day or before.
	Publiee sante.Jour
}

// Opposable tells whether the revocation may be opposed to care of a day: it was
// published, and the day after its effect is past. ref: VISIO §6, §13 (F706)
func (r *Revocation) Opposable(soins sante.Jour) bool {
	return r != nil && r.Publiee != 0 && soins > max(r.Effet, r.Publiee)+1
}

// Dossiers makes the token that a workstation gives the third party of confidence for a
// file number. ref: VISIO §10, DEC 32
type Dossiers interface {
	// Jeton seals what the third party must know of these rights: nothing of who the
	// person is. lien ties the file to the accreditation for the issuer alone. It gives
	// "" when too few share these guarantees.
	Jeton(ctx context.Context, s *Situation, conditions []byte) (jeton, lien string, err error)
}
