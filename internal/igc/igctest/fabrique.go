package igctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// fabrique makes certificates without any of the checks of package igc: that is
// its use. Names still carry LABO.
type fabrique struct {
	a      time.Time
	serie  int64
	racine noeud
	inter  noeud
}

// noeud is an authority of the factory.
type noeud struct {
	cert *x509.Certificate
	cle  *ecdsa.PrivateKey
}

func nouvelleFabrique(a time.Time) (*fabrique, error) {
	f := &fabrique{a: a.UTC().Truncate(time.Second)}
	var err error
	if f.racine, err = f.autorite("LABO AC RACINE IGC ELEMENTAIRE", nil, nil); err != nil {
		return nil, err
	}
	f.inter, err = f.autorite("LABO AC IGC ELEMENTAIRE ORGANISATIONS", &f.racine, func(t *x509.Certificate) { t.MaxPathLenZero = true })
	return f, err
}

func (f *fabrique) numero() *big.Int {
	f.serie++
	n, _ := new(big.Int).SetString("4a00000000000000000000000000000", 16) // a constant that parses
	return n.Add(n, big.NewInt(f.serie))
}

func nomAC(cn string) []byte {
	der, _ := asn1.Marshal(pkix.RDNSequence{{{Type: asn1.ObjectIdentifier{2, 5, 4, 6}, Value: "FR"}},
		{{Type: asn1.ObjectIdentifier{2, 5, 4, 10}, Value: "ECLUSE LABO"}}, {{Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: "IGC-LABO"}},
		{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: cn}}}) // constants
	return der
}

func (f *fabrique) autorite(cn string, parent *noeud, changer func(*x509.Certificate)) (noeud, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return noeud{}, err
	}
	return f.autoriteCle(cn, parent, k, changer)
}

func (f *fabrique) autoriteCle(cn string, parent *noeud, k *ecdsa.PrivateKey, changer func(*x509.Certificate)) (noeud, error) {
	spki, err := x509.MarshalPKIXPublicKey(k.Public())
	if err != nil {
		return noeud{}, err
	}
	ski := sha256.Sum256(spki)
	t := &x509.Certificate{SerialNumber: f.numero(), RawSubject: nomAC(cn), NotBefore: f.a.AddDate(-1, 0, 0),
		NotAfter: f.a.AddDate(5, 0, 0), IsCA: true, BasicConstraintsValid: true, SubjectKeyId: ski[:20],
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	if changer != nil {
		changer(t)
	}
	p := noeud{t, k}
	if parent != nil {
		p = *parent
	}
	der, err := x509.CreateCertificate(rand.Reader, t, p.cert, k.Public(), p.cle)
	if err != nil {
		return noeud{}, err
	}
	c, err := x509.ParseCertificate(der)
	return noeud{c, k}, err
}

// attribut is one attribute of a name, its string type chosen.
type attribut struct {
	oid asn1.ObjectIdentifier
	tag cbasn1.Tag
	val []byte
}

const (
	utf8Tag      = cbasn1.UTF8String
	printableTag = cbasn1.PrintableString
	t61Tag       = cbasn1.T61String
	bmpTag       = cbasn1.Tag(30)
)

func at(dernier int, tag cbasn1.Tag, v string) attribut {
	return attribut{asn1.ObjectIdentifier{2, 5, 4, dernier}, tag, []byte(v)}
}

// nom writes a name with its groups in the order given, sorted or not.
func nom(rdns ...[]attribut) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, r := range rdns {
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				for _, a := range r {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(a.oid)
						b.AddASN1(a.tag, func(b *cryptobyte.Builder) { b.AddBytes(a.val) })
					})
				}
			})
		}
	})
	return b.BytesOrPanic() // lengths are ours
}

// structure is the ordinary name of an organisation.
func structure(o attribut) []byte {
	return nom([]attribut{at(6, printableTag, "FR")}, []attribut{at(8, utf8Tag, "Doubs (25)")}, []attribut{o},
		[]attribut{at(11, printableTag, "1990000127")}, []attribut{at(11, printableTag, "IGC-LABO")},
		[]attribut{at(3, printableTag, "LABO-ECLUSE")})
}

// feuille issues a leaf; changer turns the good template into what is wanted.
func (f *fabrique) feuille(par noeud, changer func(*x509.Certificate)) ([]byte, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return f.feuilleCle(par, k.Public(), changer)
}

func (f *fabrique) feuilleCle(par noeud, k crypto.PublicKey, changer func(*x509.Certificate)) ([]byte, error) {
	fraiche := cryptobyte.NewBuilder(nil)
	fraiche.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.Tag(0).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.Tag(0).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.Tag(6).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes([]byte("http://labo.invalid/d.crl")) })
				})
			})
		})
	})
	t := &x509.Certificate{SerialNumber: f.numero(), RawSubject: structure(at(10, utf8Tag, "CH DE LA COMBE-AUX-FÉES")),
		NotBefore: f.a.AddDate(0, -1, 0), NotAfter: f.a.AddDate(2, 0, 0), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 46}, Value: fraiche.BytesOrPanic()}}}
	if changer != nil {
		changer(t)
	}
	return x509.CreateCertificate(rand.Reader, t, par.cert, k, par.cle)
}

// liste signs a revocation list.
func (f *fabrique) liste(par noeud, numero int64, changer func(*x509.RevocationList)) ([]byte, error) {
	t := &x509.RevocationList{Number: big.NewInt(numero), ThisUpdate: f.a.Add(-time.Hour), NextUpdate: f.a.Add(7 * 24 * time.Hour)}
	if changer != nil {
		changer(t)
	}
	return x509.CreateRevocationList(rand.Reader, t, par.cert, par.cle)
}

func (f *fabrique) revoque(der []byte, raison int) func(*x509.RevocationList) {
	return func(l *x509.RevocationList) {
		if c, err := x509.ParseCertificate(der); err == nil {
			l.RevokedCertificateEntries = append(l.RevokedCertificateEntries,
				x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: f.a.Add(-2 * time.Hour), ReasonCode: raison})
		}
	}
}

func deltaDe(base int64) func(*x509.RevocationList) {
	return func(l *x509.RevocationList) {
		der, _ := asn1.Marshal(base) // an integer
		l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: der})
	}
}

// resigner replaces the serial number of a certificate by any octets, and signs
// again: crypto/x509 would not write such a number.
func resigner(der []byte, par noeud, serie []byte) ([]byte, error) {
	var cert, tbs, version, reste cryptobyte.String
	s := cryptobyte.String(der)
	if !s.ReadASN1(&cert, cbasn1.SEQUENCE) || !cert.ReadASN1(&tbs, cbasn1.SEQUENCE) ||
		!tbs.ReadASN1Element(&version, cbasn1.Tag(0).Constructed().ContextSpecific()) || !tbs.SkipASN1(cbasn1.INTEGER) {
		return nil, errors.New("igctest: certificat illisible")
	}
	reste = tbs
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(version)
		b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(serie) })
		b.AddBytes(reste)
	})
	brut := b.BytesOrPanic()
	h := sha256.Sum256(brut)
	sig, err := ecdsa.SignASN1(rand.Reader, par.cle, h[:])
	if err != nil {
		return nil, fmt.Errorf("igctest: %w", err)
	}
	var x cryptobyte.Builder
	x.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(brut)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2})
		})
		b.AddASN1BitString(sig)
	})
	return x.Bytes()
}
