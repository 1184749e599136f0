package front

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// etape is where a search stands: what a link to another page holds.
type etape struct {
	nature     annuaire.Nature
	recherche  string // the text of the search
	souple     bool   // unknown parameters were ignored
	le         int64  // instant of the search, in milliseconds: what "about" means does not move
	generation uint64
	arriere    bool // the page is before the cursor
	renverse   bool // the search goes from its end: the page is the last one, or before it
	curseur    []byte
}

// lienMax is the longest link: some clients cut those beyond two to four kilobytes.
// ref: RASS §7.2
const lienMax = 3500

// scelleur encrypts and opens links.
type scelleur struct{ aead cipher.AEAD }

func nouveauScelleur(cle []byte) (scelleur, error) {
	b, err := aes.NewCipher(cle)
	if err != nil {
		return scelleur{}, fmt.Errorf("clé des liens de l'annuaire: %w", err)
	}
	a, err := cipher.NewGCM(b)
	return scelleur{a}, err
}

const (
	bitSouple = 1 << iota
	bitArriere
	bitRenverse
	bitTasse
)

// sceller writes an etape so that nobody reads it, nor makes another.
func (s scelleur) sceller(e *etape) (string, error) {
	drapeaux := byte(0)
	for i, v := range [...]bool{e.souple, e.arriere, e.renverse} {
		if v {
			drapeaux |= 1 << i
		}
	}
	texte := []byte(e.recherche)
	if len(texte) > 512 {
		texte = tasser(texte)
		drapeaux |= bitTasse
	}
	clair := append(make([]byte, 0, 64+len(texte)+len(e.curseur)), drapeaux, byte(e.nature))
	clair = binary.AppendUvarint(clair, e.generation)
	clair = binary.AppendUvarint(clair, uint64(e.le))
	clair = binary.AppendUvarint(clair, uint64(len(e.curseur)))
	clair = append(append(clair, e.curseur...), texte...)
	b := make([]byte, 12, 12+len(clair)+16)
	_, _ = rand.Read(b) // never fails
	b = s.aead.Seal(b, b, clair, nil)
	if base64.RawURLEncoding.EncodedLen(len(b)) > lienMax {
		return "", refus(fhir.CodeTooLong, "", "cette recherche est trop longue pour avoir plusieurs pages : la raccourcir, ou la couper en plusieurs")
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func tasser(b []byte) []byte {
	var t bytes.Buffer
	w, _ := flate.NewWriter(&t, flate.BestSpeed) // the level is right
	_, _ = w.Write(b)                            // to memory
	_ = w.Close()
	return t.Bytes()
}

// ouvrir reads what sceller wrote. ErrCurseur for all else.
func (s scelleur) ouvrir(lien string) (*etape, error) {
	if len(lien) > lienMax {
		return nil, annuaire.ErrCurseur
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(lien) // one writing only
	if err != nil || len(b) < 12 {
		return nil, annuaire.ErrCurseur
	}
	clair, err := s.aead.Open(nil, b[:12], b[12:], nil)
	if err != nil || len(clair) < 2 {
		return nil, annuaire.ErrCurseur
	}
	e := &etape{nature: annuaire.Nature(clair[1]), souple: clair[0]&bitSouple != 0, arriere: clair[0]&bitArriere != 0, renverse: clair[0]&bitRenverse != 0}
	tasse := clair[0]&bitTasse != 0
	clair = clair[2:]
	var n [3]uint64
	for i := range n {
		l := 0
		if n[i], l = binary.Uvarint(clair); l <= 0 {
			return nil, annuaire.ErrCurseur
		}
		clair = clair[l:]
	}
	if n[2] > uint64(len(clair)) {
		return nil, annuaire.ErrCurseur
	}
	e.generation, e.le, e.curseur, clair = n[0], int64(n[1]), clair[:n[2]], clair[n[2]:]
	if tasse {
		if clair, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(clair)), 64<<10)); err != nil {
			return nil, annuaire.ErrCurseur
		}
	}
	e.recherche = string(clair)
	return e, nil
}
