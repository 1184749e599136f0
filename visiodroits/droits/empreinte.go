package droits

import (
	"encoding/base64"
	"errors"
)

// Empreinte is a digest of 32 octets, written in base64url.
type Empreinte [32]byte

// ErrEmpreinte is returned for a text that is not a digest.
var ErrEmpreinte = errors.New("empreinte attendue : 32 octets en base64url")

var base64url = base64.RawURLEncoding.Strict()

// String is the digest as it is written.
func (e Empreinte) String() string { return base64url.EncodeToString(e[:]) }

// IsZero tells whether there is no digest.
func (e Empreinte) IsZero() bool { return e == Empreinte{} }

// MarshalText writes the digest.
func (e Empreinte) MarshalText() ([]byte, error) { return e.AppendText(nil) }

// AppendText writes the digest.
func (e Empreinte) AppendText(b []byte) ([]byte, error) { return base64url.AppendEncode(b, e[:]), nil }

// UnmarshalText reads a digest.
func (e *Empreinte) UnmarshalText(b []byte) error {
	if !decoder(e[:], b) {
		return ErrEmpreinte
	}
	return nil
}

// Motif is the pattern of the text form.
func (Empreinte) Motif() string { return `[A-Za-z0-9_\-]{43}` }

// decoder fills dst, whole, from base64url.
func decoder(dst, b []byte) bool {
	if len(b) != base64url.EncodedLen(len(dst)) {
		return false
	}
	for _, c := range b { // line ends, that the standard decoder passes over
		if c < '-' {
			return false
		}
	}
	_, err := base64url.Decode(dst, b)
	return err == nil
}
