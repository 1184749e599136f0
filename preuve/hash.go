package preuve

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 digest; in JSON and text it is written in standard base64,
// as in checkpoints.
type Hash [sha256.Size]byte

// TailleSel is the length of a leaf's salt, in octets.
const TailleSel = 32

// domaineFeuille keeps our leaves apart from any other use of SHA-256.
const domaineFeuille = "ecluse-journal-feuille/1\n"

// ErrHash: the text is not a digest.
var ErrHash = errors.New("preuve: empreinte illisible, attendu 32 octets en base64 ou en hexadécimal")

// Feuille gives the datum H that the log holds for a record and its salt.
// ref: DEC 18
func Feuille(sel, record []byte) Hash {
	b := make([]byte, 0, len(domaineFeuille)+len(sel)+len(record))
	b = append(append(append(b, domaineFeuille...), sel...), record...)
	return sha256.Sum256(b)
}

// HashFeuille gives the leaf hash of the tree for a datum H.
// ref: RFC 6962 §2.1
func HashFeuille(h Hash) Hash { return Hash(tlog.RecordHash(h[:])) }

// ParseHash reads a digest in base64 (standard or URL) or hexadecimal.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if len(s) == 2*len(h) {
		if b, err := hex.DecodeString(s); err == nil {
			return Hash(b), nil
		}
	}
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding, base64.URLEncoding} {
		if b, err := e.DecodeString(s); err == nil && len(b) == len(h) {
			return Hash(b), nil
		}
	}
	return h, ErrHash
}

// String writes the digest in base64.
func (h Hash) String() string { return base64.StdEncoding.EncodeToString(h[:]) }

// Hex writes the digest in hexadecimal, as URLs have it.
func (h Hash) Hex() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the digest in base64.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what ParseHash reads.
func (h *Hash) UnmarshalText(b []byte) error {
	v, err := ParseHash(string(b))
	if err != nil {
		return err
	}
	*h = v
	return nil
}

// VerifierInclusion checks that the leaf of datum h is at the given rank (from
// 0) of the tree of a checkpoint.
func VerifierInclusion(pc PointControle, rang int64, h Hash, chemin []Hash) error {
	if err := tlog.CheckRecord(versTlog(chemin), pc.Taille, tlog.Hash(pc.Racine), rang, tlog.Hash(HashFeuille(h))); err != nil {
		return fmt.Errorf("%w: feuille %d dans %d: %w", ErrPreuve, rang, pc.Taille, err)
	}
	return nil
}

// VerifierCoherence checks that a log only grew between two checkpoints.
func VerifierCoherence(ancien, nouveau PointControle, chemin []Hash) error {
	if ancien.Origine != nouveau.Origine {
		return fmt.Errorf("%w: deux journaux différents (%s, %s)", ErrPreuve, ancien.Origine, nouveau.Origine)
	}
	// RFC 6962 leaves the proofs from an empty tree, and of a tree with itself, empty.
	if ancien.Taille == 0 && len(chemin) == 0 {
		return nil
	}
	if ancien.Taille == nouveau.Taille {
		if ancien.Racine == nouveau.Racine && len(chemin) == 0 {
			return nil
		}
		return fmt.Errorf("%w: deux racines pour la taille %d", ErrPreuve, ancien.Taille)
	}
	err := tlog.CheckTree(tlog.TreeProof(versTlog(chemin)), nouveau.Taille, tlog.Hash(nouveau.Racine), ancien.Taille, tlog.Hash(ancien.Racine))
	if err != nil {
		return fmt.Errorf("%w: de %d à %d: %w", ErrPreuve, ancien.Taille, nouveau.Taille, err)
	}
	return nil
}

func versTlog(l []Hash) []tlog.Hash {
	p := make([]tlog.Hash, len(l))
	for i := range l {
		p[i] = tlog.Hash(l[i])
	}
	return p
}

func deTlog(l []tlog.Hash) []Hash {
	p := make([]Hash, len(l))
	for i := range l {
		p[i] = Hash(l[i])
	}
	return p
}
