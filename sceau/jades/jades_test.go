package jades_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/google/go-cmp/cmp"
)

var (
	instant = time.Date(2026, 11, 22, 10, 30, 15, 0, time.UTC)
	charge  = []byte(`{"corps":"é","emetteur":"750000001"}`)
)

// acteurs are keys with their certificates, made once: RSA keys are slow to draw.
var acteurs = sync.OnceValue(func() map[string]jades.Signataire {
	ca := ecdsaCle(elliptic.P256())
	rsaBonne, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return map[string]jades.Signataire{
		"P-256":    certifier(ca, ecdsaCle(elliptic.P256())),
		"P-384":    certifier(ca, ecdsaCle(elliptic.P384())),
		"P-521":    certifier(ca, ecdsaCle(elliptic.P521())),
		"RSA-2048": certifier(ca, rsaBonne),
	}
})

func ecdsaCle(c elliptic.Curve) *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

func certifier(ca *ecdsa.PrivateKey, cle crypto.Signer) jades.Signataire {
	modele := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "AC de test"},
		NotBefore: instant.AddDate(-1, 0, 0), NotAfter: instant.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true}
	caDER, err := x509.CreateCertificate(rand.Reader, modele, modele, ca.Public(), ca)
	if err != nil {
		panic(err)
	}
	feuille := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Établissement de test"},
		NotBefore: modele.NotBefore, NotAfter: modele.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, feuille, modele, cle.Public(), ca)
	if err != nil {
		panic(err)
	}
	return jades.Signataire{Certificat: der, Chaine: [][]byte{caDER}, Cle: cle}
}

func motif(err error) jades.Motif {
	var e *jades.Erreur
	if !errors.As(err, &e) || !errors.Is(err, jades.Err) {
		return 0
	}
	return e.Motif
}

func TestAllerRetour(t *testing.T) {
	for nom, alg := range map[string]jades.Algorithme{"P-256": jades.ES256, "P-384": jades.ES384, "RSA-2048": jades.PS256} {
		for edition, crit := range map[jades.Edition][]string{jades.EditionSigT: {"b64", "sigT"}, jades.EditionIat: {"b64"}} {
			s := acteurs()[nom]
			s.Edition, s.Type = edition, "application/json; profil=\"é\""
			jws, err := jades.Signer(charge, s, instant.Add(999*time.Millisecond).In(time.FixedZone("Paris", 3600)))
			if err != nil {
				t.Fatalf("%s: %v", nom, err)
			}
			r, err := jades.Verifier(jws, charge, jades.Options{ExigerBaseline: true})
			if err != nil {
				t.Fatalf("%s: %v", nom, err)
			}
			if r.Algorithme != alg || !r.Instant.Equal(instant) || r.Entete.Type != s.Type || !r.Entete.ContenuBrut {
				t.Errorf("%s: got %+v", nom, r)
			}
			if d := cmp.Diff(append([][]byte{s.Certificat}, s.Chaine...), append([][]byte{r.Certificat}, r.Chaine...)); d != "" {
				t.Error(nom, d)
			}
			if d := cmp.Diff(crit, r.Entete.Critiques); d != "" {
				t.Error(nom, d)
			}
		}
	}
}

func TestSignerRefuse(t *testing.T) {
	bon, autre := acteurs()["P-256"], acteurs()["P-384"]
	for nom, c := range map[string]struct {
		s jades.Signataire
		m jades.Motif
	}{
		"sans clé":                   {jades.Signataire{Certificat: bon.Certificat}, jades.MotifCle},
		"clé d’un autre":             {jades.Signataire{Certificat: bon.Certificat, Cle: autre.Cle}, jades.MotifCle},
		"certificat illisible":       {jades.Signataire{Certificat: []byte("x"), Cle: bon.Cle}, jades.MotifCertificat},
		"courbe non admise":          {acteurs()["P-521"], jades.MotifCle},
		"chaîne trop longue":         {jades.Signataire{Certificat: bon.Certificat, Cle: bon.Cle, Chaine: make([][]byte, jades.ChaineMax)}, jades.MotifCertificat},
		"chaîne trop grosse":         {jades.Signataire{Certificat: bon.Certificat, Cle: bon.Cle, Chaine: [][]byte{make([]byte, 12<<10)}}, jades.MotifTaille},
		"appareil en panne":          {jades.Signataire{Certificat: bon.Certificat, Cle: appareil{Signer: bon.Cle, err: io.ErrClosedPipe}}, jades.MotifSignature},
		"appareil qui rend du bruit": {jades.Signataire{Certificat: bon.Certificat, Cle: appareil{Signer: bon.Cle, sig: []byte("bruit")}}, jades.MotifSignature},
	} {
		if _, err := jades.Signer(charge, c.s, instant); motif(err) != c.m {
			t.Errorf("%s: got %v, want %v", nom, err, c.m)
		}
	}
}

// appareil is a key that we do not hold: only crypto.Signer is visible.
type appareil struct {
	crypto.Signer
	sig []byte
	err error
}

func (a appareil) Sign(r io.Reader, d []byte, o crypto.SignerOpts) ([]byte, error) {
	if a.sig != nil || a.err != nil {
		return a.sig, a.err
	}
	return a.Signer.Sign(r, d, o)
}

func TestCleDansUnAppareil(t *testing.T) {
	for _, nom := range []string{"P-256", "RSA-2048"} {
		s := acteurs()[nom]
		s.Cle = appareil{Signer: s.Cle}
		jws, err := jades.Signer(charge, s, instant)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jades.Verifier([]byte(jws), charge, jades.Options{}); err != nil {
			t.Errorf("%s: %v", nom, err)
		}
	}
}

// The key callback sees the leaf and decides; its error comes back untouched.
func TestCleFournie(t *testing.T) {
	s := acteurs()["P-256"]
	jws, err := jades.Signer(charge, s, instant)
	if err != nil {
		t.Fatal(err)
	}
	errInconnu := errors.New("structure inconnue")
	appels := 0
	opts := jades.Options{Cle: func(der []byte) (crypto.PublicKey, error) {
		appels++
		if string(der) != string(s.Certificat) {
			return nil, errInconnu
		}
		return s.Cle.Public(), nil
	}}
	if _, err := jades.Verifier(jws, charge, opts); err != nil || appels != 1 {
		t.Errorf("got %v, %d appels", err, appels)
	}
	autre, err := jades.Signer(charge, acteurs()["P-384"], instant)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jades.Verifier(autre, charge, opts); err != errInconnu {
		t.Errorf("got %v, want %v", err, errInconnu)
	}
	opts.Cle = func([]byte) (crypto.PublicKey, error) { return acteurs()["P-384"].Cle.Public(), nil }
	if _, err := jades.Verifier(jws, charge, opts); motif(err) != jades.MotifCle {
		t.Errorf("clé d’une autre courbe: got %v", err)
	}
}

func TestExpliquer(t *testing.T) {
	s := acteurs()["P-256"]
	jws, err := jades.Signer(charge, s, instant)
	if err != nil {
		t.Fatal(err)
	}
	verdicts := func(jws string, payload []byte) string {
		liste, _ := jades.Expliquer(jws, payload, jades.Options{})
		var b strings.Builder
		for _, c := range liste {
			switch {
			case c.Valide:
				b.WriteByte('v')
			case c.Detail == "non examiné":
				b.WriteByte('-')
			default:
				b.WriteByte('x')
			}
		}
		return b.String()
	}
	entete, signature, _ := strings.Cut(jws, "..")
	brut, _ := base64.RawURLEncoding.DecodeString(entete)
	crit := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(brut), `"sigT"]`, `"sigD"]`, 1)))
	for nom, c := range map[string]struct {
		jws     string
		payload []byte
		want    string
	}{
		"bon":               {jws, charge, "vvvvvvvv"},
		"contenu changé":    {jws, []byte(`{}`), "vvvvvvvx"},
		"pas un sceau":      {"abc", charge, "x-------"},
		"en-tête illisible": {"abc.." + signature, charge, "vx------"},
		"critique inconnu":  {crit + ".." + signature, charge, "vvvx----"},
	} {
		if got := verdicts(c.jws, c.payload); got != c.want {
			t.Errorf("%s: got %s, want %s", nom, got, c.want)
		}
	}
	if _, e := jades.Expliquer(jws, nil, jades.Options{}); e == nil || e.Algorithme != jades.ES256 {
		t.Errorf("en-tête: got %+v", e)
	}
}
