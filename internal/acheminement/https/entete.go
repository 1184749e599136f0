package https

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

const (
	enteteCle       = "Idempotency-Key"
	enteteGenre     = "Ecluse-Genre"
	enteteEmpreinte = "Repr-Digest"
	enteteOffset    = "Upload-Offset"
	enteteTaille    = "Upload-Length"
	enteteComplet   = "Upload-Complete"
	genreEntier     = "application/octet-stream"
	genreMorceau    = "application/partial-upload"
)

// message is what the fields of a request say of the bytes.
type message struct {
	cle, genre string
	empreinte  [32]byte
}

var errEntetes = errors.New("https: en-têtes illisibles")

func (m message) ecrire(h http.Header) {
	h.Set(enteteCle, `"`+m.cle+`"`)
	h.Set(enteteGenre, m.genre)
	h.Set(enteteEmpreinte, "sha-256=:"+base64.StdEncoding.EncodeToString(m.empreinte[:])+":")
}

func lireMessage(h http.Header) (m message, err error) {
	m.cle = strings.Trim(h.Get(enteteCle), `"`)
	m.genre = h.Get(enteteGenre)
	if !acheminement.CleValide(m.cle) || !acheminement.GenreValide(m.genre) {
		return m, errEntetes
	}
	m.empreinte, err = lireEmpreinte(h.Get(enteteEmpreinte))
	return m, err
}

// lireEmpreinte finds the SHA-256 among the digests of a field. ref: RFC 9530 §3
func lireEmpreinte(s string) (e [sha256.Size]byte, err error) {
	if len(s) > 1024 {
		return e, errEntetes
	}
	for champ := range strings.SplitSeq(s, ",") {
		nom, valeur, _ := strings.Cut(strings.TrimSpace(champ), "=")
		if !strings.EqualFold(nom, "sha-256") || len(valeur) < 2 || valeur[0] != ':' || valeur[len(valeur)-1] != ':' {
			continue
		}
		b, err := base64.StdEncoding.Strict().DecodeString(valeur[1 : len(valeur)-1])
		if err != nil || len(b) != sha256.Size {
			return e, errEntetes
		}
		copy(e[:], b)
		return e, nil
	}
	return e, errEntetes
}

// lireNombre reads a count of bytes.
func lireNombre(s string) (int64, error) {
	if s == "" || len(s) > 15 || strings.Trim(s, "0123456789") != "" {
		return 0, errEntetes
	}
	return strconv.ParseInt(s, 10, 64)
}

func booleen(b bool) string {
	if b {
		return "?1"
	}
	return "?0"
}
