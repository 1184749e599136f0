package local

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Autorite signs the certificates of a directory. Its key is drawn from a seed, so that
// the same certificates come out each time: everybody can make it, and nobody trusts it.
type Autorite struct {
	cle  ed25519.PrivateKey
	moi  *x509.Certificate
	suit [32]byte // what the keys of holders are drawn from
}

// NouvelleAutorite draws an authority from a seed.
func NouvelleAutorite(graine uint64) (*Autorite, error) {
	s := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("ecluse annuaire local "), graine))
	a := &Autorite{cle: ed25519.NewKeyFromSeed(s[:]), suit: sha256.Sum256(s[:])}
	emetteur, err := nom(emetteurLabo)
	if err != nil {
		return nil, err
	}
	m := &x509.Certificate{RawSubject: emetteur, SerialNumber: big.NewInt(1), NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	der, err := x509.CreateCertificate(rand.Reader, m, m, a.cle.Public(), a.cle)
	if err != nil {
		return nil, fmt.Errorf("annuaire local : autorité : %w", err)
	}
	if a.moi, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("annuaire local : autorité : %w", err)
	}
	return a, nil
}

// Certificat is that of the authority, DER.
func (a *Autorite) Certificat() []byte { return a.moi.Raw }

// DER makes the certificate of a holder: to be given as [Reglage.DER].
func (a *Autorite) DER(sujet string, serie uint64, du, au time.Time) ([]byte, error) {
	brut, err := nom(sujet)
	if err != nil {
		return nil, err
	}
	s := sha256.Sum256(append(a.suit[:], brut...))
	m := &x509.Certificate{RawSubject: brut, SerialNumber: new(big.Int).SetUint64(serie), NotBefore: du, NotAfter: au,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	return x509.CreateCertificate(rand.Reader, m, a.moi, ed25519.NewKeyFromSeed(s[:]).Public(), a.cle)
}

// attributs are the attributes of our subjects, by the names that RFC 4514 gives them.
var attributs = map[string]asn1.ObjectIdentifier{"CN": {2, 5, 4, 3}, "SN": {2, 5, 4, 4}, "C": {2, 5, 4, 6}, "O": {2, 5, 4, 10}, "OU": {2, 5, 4, 11}, "GN": {2, 5, 4, 42}}

// nom encodes a subject of ours: it has no value that would need an escape.
func nom(sujet string) ([]byte, error) {
	var l pkix.RDNSequence
	for x := range strings.SplitSeq(sujet, ",") {
		t, v, ok := strings.Cut(x, "=")
		if !ok || attributs[t] == nil || v == "" {
			return nil, fmt.Errorf("annuaire local : sujet de certificat illisible")
		}
		l = append(pkix.RDNSequence{{{Type: attributs[t], Value: v}}}, l...) // written from the last to the first
	}
	return asn1.Marshal(l)
}

// simple keeps a text without what a subject would have to escape.
func simple(b []byte) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(",+=<>#;\"\\", r) {
			return ' '
		}
		return r
	}, string(b))
}
