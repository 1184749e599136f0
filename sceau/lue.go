package sceau

import (
	"crypto/sha256"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// Lire opens a message that may have no seal: when it has one, it must be good. A
// piece without seal has no Scelleur, and Open refuses it; Lu reads it.
func (o *Ouvreur) Lire(f Face, brut []byte, a time.Time) (*Piece, error) {
	if f == REST {
		return o.rest(brut, a, true)
	}
	return o.soap(brut, a, true)
}

// Scellee tells whether somebody sealed the message.
func (p *Piece) Scellee() bool { return p.verdict.Porteur != nil }

// Lue is a message of type M that was read, sealed or not: only TLS says where it
// comes from. A rule that takes one says so in its type. ref: VISIO §9.1
type Lue[M any] struct {
	message *M
	piece   *Piece
}

// Lu decodes the bytes of a piece, sealed or not.
func Lu[M any](p *Piece, decoder func(p *Piece, m *M) error) (Lue[M], error) {
	if p == nil || p.contenu == nil {
		panic("sceau: pièce qui n'a pas été lue")
	}
	m := new(M)
	if err := decoder(p, m); err != nil {
		return Lue[M]{}, err
	}
	return Lue[M]{m, p}, nil
}

// Message is the message that was read.
func (l Lue[M]) Message() *M { return l.message }

// Piece is what was read.
func (l Lue[M]) Piece() *Piece { return l.piece }

// Ouverte is the message as one whose seal was verified, false when it had none.
func (l Lue[M]) Ouverte() (Opened[M], bool) {
	if l.piece == nil || !l.piece.Scellee() {
		return Opened[M]{}, false
	}
	return Opened[M](l), true
}

// Envelopper writes a message that nobody seals, as Cachet.REST and Cachet.SOAP write
// one that they seal: contenu is canonical already, and chaine may be nil.
func Envelopper(f Face, contenu, chaine []byte) Scelle {
	if f == SOAP {
		b := make([]byte, 0, len(contenu)+len(chaine)+512)
		return Scelle{xmlsig.EnvelopperSOAP(b, contenu, chaine), xmlsig.EmpreinteCorps(contenu)}
	}
	b := []byte(`{`)
	if chaine != nil {
		b = slices.Concat(b, []byte(`"chaine":`), chaine, []byte(`,`))
	}
	return Scelle{slices.Concat(b, []byte(`"message":`), contenu, []byte(`}`)), sha256.Sum256(contenu)}
}
