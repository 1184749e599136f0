package jades

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// selMin is the least count of random bytes that keeps a body from being guessed
// by whoever sees the commitment.
const selMin = 16

// Envelopper makes the text to encrypt from a clear body (XML or JSON text): a
// JSON object with a random salt. Two calls on one body give two texts.
// ref: DEC 12
// hyp: JWE-ENGAGEMENT the profile {"sel","corps"} and its digest are ours; no
// text defines one.
func Envelopper(corps []byte) ([]byte, error) {
	if !utf8.Valid(corps) {
		return nil, refus(MotifCharge, "UTF-8")
	}
	var sel [selMin]byte
	rand.Read(sel[:]) // never fails
	clair := append(make([]byte, 0, len(corps)+len(corps)/8+64), `{"sel":"`...)
	clair = base64.RawURLEncoding.AppendEncode(clair, sel[:])
	clair = append(clair, `","corps":`...)
	clair = append(jcs.AppendChaine(clair, corps), '}')
	if len(clair) > ClairMax {
		return nil, refus(MotifTaille, "corps")
	}
	return clair, nil
}

// Engagement is what the readable sealed envelope says of the clear text: the
// base64url of its SHA-256. The salt keeps a relay from trying likely bodies.
func Engagement(clair []byte) string {
	somme := sha256.Sum256(clair)
	return base64.RawURLEncoding.EncodeToString(somme[:])
}

// Devoiler checks that clair is what engagement announced and gives its body.
func Devoiler(clair []byte, engagement string) ([]byte, error) {
	if subtle.ConstantTimeCompare([]byte(Engagement(clair)), []byte(engagement)) != 1 {
		return nil, refus(MotifEngagement, "")
	}
	return lireCharge(clair)
}

// lireCharge reads {"sel","corps"}, in either order, and nothing else.
func lireCharge(clair []byte) ([]byte, error) {
	var l jcs.Lecteur
	l.Reset(clair, jcs.Limites{Taille: ClairMax, Profondeur: 1})
	textes, err := lireTextes(&l, "")
	if err != nil {
		return nil, &Erreur{Motif: MotifCharge, Cause: err}
	}
	if g, err := l.Suivant(); err != nil || g != jcs.Termine {
		return nil, &Erreur{Motif: MotifCharge, Cause: err}
	}
	corps, ok := textes["corps"]
	sel, okSel := b64url([]byte(textes["sel"]))
	if !ok || !okSel || len(sel) < selMin || len(textes) != 2 {
		return nil, refus(MotifCharge, "sel et corps attendus")
	}
	return []byte(corps), nil
}
