package preuve

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Errors of this package, to be told apart with errors.Is.
var (
	// ErrPreuve: a proof does not hold, or cannot be read.
	ErrPreuve = errors.New("preuve: preuve refusée")
	// ErrPointControle: the checkpoint is not signed by the expected key, or
	// cannot be read.
	ErrPointControle = errors.New("preuve: point de contrôle refusé")
	// ErrCle: the text is not a public key of a journal.
	ErrCle = errors.New("preuve: clé publique de journal illisible, attendu nom+empreinte+clé")
)

// pointMax bounds a checkpoint read from outside.
const pointMax = 64 << 10

// Cle is the public key of a journal, or of a party that countersigns it.
type Cle struct {
	texte string
	v     note.Verifier
}

// ParseCle reads a key in the form of signed notes: name+hash+base64.
func ParseCle(s string) (Cle, error) {
	s = strings.TrimSpace(s)
	v, err := note.NewVerifier(s)
	if err != nil {
		return Cle{}, fmt.Errorf("%w: %w", ErrCle, err)
	}
	return Cle{s, v}, nil
}

// Nom is the key's name: the first origin of the journal.
func (c Cle) Nom() string {
	if c.v == nil {
		return ""
	}
	return c.v.Name()
}

// String is the text read by ParseCle.
func (c Cle) String() string { return c.texte }

// PointControle is a checkpoint: what the journal was, all of it, at an instant.
type PointControle struct {
	// Origine names the log: the key's name, followed by /2, /3… when a restore
	// from an older copy made the house open a new log.
	Origine string
	// Taille is the number of leaves, Racine the root of their tree.
	Taille int64
	Racine Hash
	// Instant is when it was signed, to the millisecond, UTC.
	Instant time.Time
	// Precedent is the last checkpoint published of the log that this one
	// follows; nil for a first log.
	Precedent *Precedent
	// Cosignataires names the other parties whose signature was verified.
	Cosignataires []string
	// Brut is the signed note, as published.
	Brut []byte
}

// Precedent designates the end of an abandoned log.
type Precedent struct {
	Origine string
	Taille  int64
	Racine  Hash
}

// Extension lines of our checkpoints.
const (
	ligneInstant   = "ecluse-instant "
	lignePrecedent = "ecluse-precedent "
)

// Texte is the text to sign.
// ref: C2SP tlog-checkpoint
func (p PointControle) Texte() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%d\n%s\n%s%d\n", p.Origine, p.Taille, p.Racine, ligneInstant, p.Instant.UnixMilli())
	if a := p.Precedent; a != nil {
		fmt.Fprintf(&b, "%s%s %d %s\n", lignePrecedent, a.Origine, a.Taille, a.Racine)
	}
	return b.String()
}

// OuvrirPointControle checks the journal's signature and reads the checkpoint.
// Signatures of unknown keys are ignored; those of cosignataires are checked
// and named.
func OuvrirPointControle(brut []byte, cle Cle, cosignataires ...Cle) (PointControle, error) {
	if cle.v == nil {
		return PointControle{}, ErrCle
	}
	if len(brut) > pointMax {
		return PointControle{}, fmt.Errorf("%w: plus de %d octets", ErrPointControle, pointMax)
	}
	connues := []note.Verifier{cle.v}
	for _, c := range cosignataires {
		if c.v != nil && c.texte != cle.texte {
			connues = append(connues, c.v)
		}
	}
	n, err := note.Open(brut, note.VerifierList(connues...))
	if err != nil {
		return PointControle{}, fmt.Errorf("%w: %w", ErrPointControle, err)
	}
	p, err := lireTexte(n.Text)
	if err != nil {
		return PointControle{}, err
	}
	p.Brut = bytes.Clone(brut)
	deNous := false
	for _, s := range n.Sigs {
		if s.Name == cle.v.Name() && s.Hash == cle.v.KeyHash() {
			deNous = true
		} else {
			p.Cosignataires = append(p.Cosignataires, s.Name)
		}
	}
	if !deNous {
		return PointControle{}, fmt.Errorf("%w: signé, mais pas par %s", ErrPointControle, cle.Nom())
	}
	if p.Origine != cle.Nom() && !strings.HasPrefix(p.Origine, cle.Nom()+"/") {
		return PointControle{}, fmt.Errorf("%w: origine %q étrangère à la clé %s", ErrPointControle, p.Origine, cle.Nom())
	}
	return p, nil
}

func lireTexte(texte string) (PointControle, error) {
	refus := func(quoi string) (PointControle, error) {
		return PointControle{}, fmt.Errorf("%w: %s illisible", ErrPointControle, quoi)
	}
	lignes := strings.Split(strings.TrimSuffix(texte, "\n"), "\n")
	if len(lignes) < 3 || lignes[0] == "" {
		return refus("texte")
	}
	p := PointControle{Origine: lignes[0]}
	var err error
	if p.Taille, err = taille(lignes[1]); err != nil {
		return refus("taille")
	}
	if p.Racine, err = hash64(lignes[2]); err != nil {
		return refus("racine")
	}
	for _, l := range lignes[3:] {
		if l == "" {
			return refus("extension")
		}
		if v, ok := strings.CutPrefix(l, ligneInstant); ok {
			ms, err := taille(v)
			if err != nil {
				return refus("instant")
			}
			p.Instant = time.UnixMilli(ms).UTC()
		}
		if v, ok := strings.CutPrefix(l, lignePrecedent); ok {
			if p.Precedent, err = lirePrecedent(v); err != nil {
				return refus("journal précédent")
			}
		}
	}
	return p, nil
}

func lirePrecedent(s string) (*Precedent, error) {
	champs := strings.Split(s, " ")
	if len(champs) != 3 {
		return nil, ErrPointControle
	}
	n, err := taille(champs[1])
	if err != nil {
		return nil, err
	}
	r, err := hash64(champs[2])
	return &Precedent{champs[0], n, r}, err
}

// taille reads a decimal without sign nor leading zero.
func taille(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, ErrPointControle
	}
	return n, nil
}

func hash64(s string) (Hash, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(Hash{}) {
		return Hash{}, ErrHash
	}
	return Hash(b), nil
}

// Cosigner verifies a checkpoint and adds the signature of another party, who
// vouches for having seen it. cleSecrete is a signer's key in the form of signed
// notes. ref: DEC 16
func Cosigner(brut []byte, cle Cle, cleSecrete string) ([]byte, error) {
	cosignataire, err := note.NewSigner(cleSecrete)
	if err != nil {
		return nil, fmt.Errorf("preuve: clé du cosignataire: %w", err)
	}
	if _, err := OuvrirPointControle(brut, cle); err != nil {
		return nil, err
	}
	n, err := note.Open(brut, note.VerifierList(cle.v))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPointControle, err)
	}
	n.Sigs = slices.Concat(n.Sigs, n.UnverifiedSigs)
	n.UnverifiedSigs = nil
	b, err := note.Sign(n, cosignataire)
	if err != nil {
		return nil, fmt.Errorf("preuve: contresigner: %w", err)
	}
	return b, nil
}
