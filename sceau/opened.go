package sceau

import (
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// Face is one of the two ways to write the same message.
type Face string

// The two faces.
const (
	SOAP Face = "SOAP"
	REST Face = "REST"
)

// Juge says whether a certificate may seal, now. A certificat.Magasin is one.
type Juge interface {
	Juger(feuille []byte, chaine [][]byte, usage certificat.Usage, a time.Time) (certificat.Verdict, error)
}

// Piece is a message whose seal is intact and whose sealer was judged good. It
// holds the very bytes that were signed.
type Piece struct {
	face    Face
	contenu []byte
	chaine  []byte
	verdict certificat.Verdict
	juge    time.Time // when
	somme   [sha256.Size]byte
	rapport func() Rapport // made only when somebody reads it
	origine origine
}

// Face is how the message was written.
func (p *Piece) Face() Face { return p.face }

// Contenu is the canonical form that was signed: the Body in SOAP, the message
// object in REST. Do not write in it.
func (p *Piece) Contenu() []byte { return p.contenu }

// Chaine is the list of relays as it came, outside the seal, or nil: the
// element or the object itself.
func (p *Piece) Chaine() []byte { return p.chaine }

// Scelleur is who sealed, and how he was judged.
func (p *Piece) Scelleur() certificat.Verdict { return p.verdict }

// JugeeA is when the sealer was judged: chain, usage and revocation, for this very
// message; zero when nobody sealed.
func (p *Piece) JugeeA() time.Time { return p.juge }

// Rapport tells each check of the seal, reference by reference.
func (p *Piece) Rapport() Rapport { return p.rapport() }

// Empreinte is the SHA-256 of Contenu: an answer carries that of its question.
func (p *Piece) Empreinte() [sha256.Size]byte { return p.somme }

// EmpreinteTexte writes a digest as messages carry it.
func EmpreinteTexte(d [sha256.Size]byte) string {
	return base64.RawURLEncoding.EncodeToString(d[:])
}

// Rapport is what was checked of a seal, for a person to read.
type Rapport struct {
	Algorithme string      `json:"algorithme"`           // of the signature
	Instant    time.Time   `json:"instant,omitzero"`     // claimed by the signer
	Profil     string      `json:"profil"`               // "XAdES B", "WS-Security", "JAdES B"
	References []Reference `json:"references,omitempty"` // each part that is signed
}

// Reference is a part of the message that is signed.
type Reference struct {
	Cible       string   `json:"cible"` // what is signed, in words and by its identifier
	Transforms  []string `json:"transforms,omitempty"`
	Algorithme  string   `json:"algorithme"`
	Attendue    string   `json:"attendue"` // digest that the seal carries, base64
	Calculee    string   `json:"calculee"` // digest of what came, base64
	Concordante bool     `json:"concordante"`
}

// Opened is a message of type M whose seal was verified. Only Open makes one;
// the zero value holds nothing, and reading it panics.
type Opened[M any] struct {
	message *M
	piece   *Piece
}

// Open decodes the signed bytes of a piece.
func Open[M any](p *Piece, decoder func(p *Piece, m *M) error) (Opened[M], error) {
	if p == nil || p.verdict.Porteur == nil {
		panic("sceau: pièce qui n'a pas été ouverte")
	}
	m := new(M)
	if err := decoder(p, m); err != nil {
		return Opened[M]{}, err
	}
	return Opened[M]{m, p}, nil
}

// Message is the message that was signed.
func (o Opened[M]) Message() *M {
	if o.message == nil {
		panic("sceau: message lu sans que son sceau ait été vérifié")
	}
	return o.message
}

// Piece is what was signed, and by whom.
func (o Opened[M]) Piece() *Piece {
	if o.piece == nil {
		panic("sceau: pièce lue sans que son sceau ait été vérifié")
	}
	return o.piece
}
