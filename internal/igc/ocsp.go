package igc

import (
	"context"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"
)

// How long an answer and a responder's certificate are good. ref: PKI §6.3
const (
	valideOCSP     = time.Hour
	dureeRepondeur = 30 * 24 * time.Hour
)

// repondeur is the delegated responder of one authority. It lives in memory; a
// restart makes another.
type repondeur struct {
	cert *x509.Certificate
	cle  crypto.Signer
}

// RepondreOCSP answers a request about one certificate: good, revoked, or unknown
// for a number never issued. What cannot be answered gets one of the unsigned
// error answers of the protocol. ref: RFC 6960, RFC 5019, PKI §6.3
// hyp: OCSP-NONCE the nonce is not echoed (RFC 5019 §2.1.1 allows it): answers are short-lived.
func (g *IGC) RepondreOCSP(ctx context.Context, requete []byte, a time.Time) []byte {
	if len(requete) > 4<<10 {
		return ocsp.MalformedRequestErrorResponse
	}
	r, err := ocsp.ParseRequest(requete)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse
	}
	ac := g.emettriceDe(r)
	if ac == nil {
		return ocsp.UnauthorizedErrorResponse
	}
	b, err := g.repondre(ctx, ac, r, a.UTC().Truncate(time.Second))
	if err != nil {
		return ocsp.InternalErrorErrorResponse
	}
	return b
}

// emettriceDe finds the authority a request speaks of.
func (g *IGC) emettriceDe(r *ocsp.Request) *AC {
	if !r.HashAlgorithm.Available() {
		return nil
	}
	condense := func(b []byte) string {
		h := r.HashAlgorithm.New()
		h.Write(b)
		return string(h.Sum(nil))
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, a := range g.acs {
		if condense(a.Certificat.RawSubject) == string(r.IssuerNameHash) && condense(bitsCle(a.Certificat)) == string(r.IssuerKeyHash) {
			return a
		}
	}
	return nil
}

// bitsCle is the BIT STRING of a public key, which OCSP condenses.
func bitsCle(c *x509.Certificate) []byte {
	s := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var spki cryptobyte.String
	var bits asn1.BitString
	if !s.ReadASN1(&spki, cbasn1.SEQUENCE) || !spki.SkipASN1(cbasn1.SEQUENCE) || !spki.ReadASN1BitString(&bits) {
		return nil
	}
	return bits.RightAlign()
}

func (g *IGC) repondre(ctx context.Context, ac *AC, r *ocsp.Request, a time.Time) ([]byte, error) {
	t := ocsp.Response{SerialNumber: r.SerialNumber, ThisUpdate: a, NextUpdate: a.Add(valideOCSP), IssuerHash: r.HashAlgorithm}
	f, err := g.registre.Fiche(ctx, ac.Nom, r.SerialNumber.Text(16))
	switch {
	case errors.Is(err, ErrInconnu):
		t.Status = ocsp.Unknown
		if g.estFille(ac, r.SerialNumber) {
			t.Status = ocsp.Good
		}
	case err != nil:
		return nil, err
	case f.Etat == EtatValide:
		t.Status = ocsp.Good
	default:
		t.Status, t.RevokedAt, t.RevocationReason = ocsp.Revoked, f.Revocation.Le.Truncate(time.Second), int(f.Revocation.Raison)
	}
	rep, err := g.repondeur(ctx, ac, a)
	if err != nil {
		return nil, err
	}
	t.Certificate = rep.cert
	return ocsp.CreateResponse(ac.Certificat, rep.cert, t, rep.cle)
}

// estFille says whether a number is that of an intermediate of ac: authorities are
// written in the registry only once revoked.
func (g *IGC) estFille(ac *AC, serie *big.Int) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, a := range g.acs {
		if a.Parent == ac.Nom && a.Certificat.SerialNumber.Cmp(serie) == 0 {
			return true
		}
	}
	return false
}

// repondeur gives the responder of an authority, made anew when it nears its end.
func (g *IGC) repondeur(ctx context.Context, ac *AC, a time.Time) (repondeur, error) {
	g.reponses.Lock()
	defer g.reponses.Unlock()
	if r, ok := g.repondeurs[ac.Nom]; ok && a.After(r.cert.NotBefore) && a.Add(valideOCSP).Before(r.cert.NotAfter) {
		return r, nil
	}
	d := Demande{Profil: ProfilOCSP, Par: "répondeur OCSP", Debut: a.Add(-5 * time.Minute), Duree: dureeRepondeur,
		Sujet: Sujet{Organisation: "ECLUSE LABO", Structure: "2" + g.p.SIREN, CN: "LABO OCSP " + ac.Nom}}
	e, err := g.preparerChez(ctx, d, gabarits[ProfilOCSP], ac)
	if err != nil {
		return repondeur{}, fmt.Errorf("igc: répondeur de %s : %w", ac.Nom, err)
	}
	if err := g.registre.Ecrire(ctx, []Fiche{e.Fiche}); err != nil {
		return repondeur{}, err
	}
	r := repondeur{e.Certificat, e.Cle}
	g.repondeurs[ac.Nom] = r
	return r, nil
}

// extensionSansControle is id-pkix-ocsp-nocheck: nobody asks whether the responder
// itself is revoked. ref: RFC 6960 §4.2.2.2.1
func extensionSansControle() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}
}
