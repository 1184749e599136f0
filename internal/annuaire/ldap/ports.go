package ldap

import (
	"context"
	"crypto/x509"
	"net/netip"
)

// Annuaire is what the door asks of the directory.
type Annuaire interface {
	// Lier opens the session that a proof gives right to. The zero proof opens the
	// public one. A proof that is false is refused with [IdentifiantsFaux].
	Lier(ctx context.Context, p Preuve) (Session, error)
}

// Session is what one who was recognised may ask.
type Session interface {
	// Qui is under what name the session acts, as RFC 4513 §5.2.1.8 writes it
	// ("dn:…", "u:…"); empty for the public.
	Qui() string
	// Retenue tells whether an answer waits for Chercher to have succeeded: what could not
	// be traced is not sent.
	Retenue() bool
	// Chercher hands over the entries of an answer in an order that does not change,
	// from the cursor of the question, until the receiver has had enough. It says from
	// which cursor the next page starts, nil when there is nothing after. A refusal is
	// a [*Refus].
	Chercher(ctx context.Context, d *Demande, r Receveur) (suite []byte, err error)
}

// Preuve is what a client shows of himself.
type Preuve struct {
	Adresse    netip.Addr // from where he calls
	Nom        string     // name (DN) of a bind by password
	MotDePasse []byte     // never kept, never written
	// Certificats is the chain that the client showed, its own first, for a SASL EXTERNAL
	// bind. TLS proved that he holds its key and nothing else: who implements Lier judges
	// it (path, dates, revocation).
	Certificats []*x509.Certificate
}

// Demande is a search, once read. It lives as long as the call.
type Demande struct {
	base    []rdn
	nomBase []byte // the name as it came
	Portee  Portee
	Filtre  *Filtre
	choix   selection
	// Nombre is how many entries the receiver takes at most; he says no more after.
	Nombre int
	// Pages tells a search by pages: the next one can go on from the cursor.
	Pages bool
	// Curseur is what Chercher gave for the page before, nil for the first.
	Curseur []byte
}

// Portee is how far below its base a search looks.
type Portee uint8

// The scopes. ref: RFC 4511 §4.5.1.2
const (
	Base Portee = iota
	Niveau
	Sous
)

// Receveur takes the entries of an answer.
type Receveur interface {
	// Entree is where to write the next entry, emptied.
	Entree() *Entree
	// Rendre takes what was written there, puts the filter to it, and tells whether
	// another is wanted. Pris tells whether the entry is part of the answer.
	Rendre() (pris, encore bool)
}
