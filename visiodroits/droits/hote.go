package droits

import (
	"errors"
	"net/url"
	"strings"
)

// Hote is the name of a server, without path nor query: what comes after may hold
// what must not be kept.
type Hote struct{ s string }

// ErrHote is returned for what is not the name of a server.
var ErrHote = errors.New("nom de serveur attendu, sans chemin")

// HoteDe is the server of an address.
func HoteDe(adresse string) (Hote, error) {
	u, err := url.Parse(adresse)
	if err != nil { // the error quotes the address
		return Hote{}, ErrHote
	}
	return ParseHote(strings.ToLower(u.Hostname()))
}

// ParseHote checks a name of letters, digits, dots, colons and dashes.
func ParseHote(s string) (Hote, error) {
	if s == "" || len(s) > 253 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.:-") != "" {
		return Hote{}, ErrHote
	}
	return Hote{s}, nil
}

// String is the name of the server.
func (h Hote) String() string { return h.s }

// MarshalText is the name of the server.
func (h Hote) MarshalText() ([]byte, error) { return []byte(h.s), nil }

// AppendText writes the name of the server.
func (h Hote) AppendText(b []byte) ([]byte, error) { return append(b, h.s...), nil }

// UnmarshalText reads a name as ParseHote does.
func (h *Hote) UnmarshalText(b []byte) (err error) {
	*h, err = ParseHote(string(b))
	return err
}

// Motif is the pattern of the text form.
func (Hote) Motif() string { return `[a-z0-9.:\-]{1,253}` }
