package jades_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/go-jose/go-jose/v4"
	"pgregory.net/rapid"
)

func cleECDH(t testing.TB) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestChiffrer(t *testing.T) {
	cle := ecdsaCle(elliptic.P256())
	accord, err := cle.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		clair := rapid.SliceOf(rapid.Byte()).Draw(t, "clair")
		jwe, err := jades.Chiffrer(clair, &cle.PublicKey, "amc-2026")
		if err != nil {
			t.Fatal(err)
		}
		relu, err := jades.Dechiffrer(jwe, accord)
		if err != nil || !bytes.Equal(relu, clair) {
			t.Fatalf("got %q, %v, want %q", relu, err, clair)
		}
		if kid, err := jades.Destinataire(jwe); kid != "amc-2026" || err != nil {
			t.Fatalf("kid %q, %v", kid, err)
		}
		octets := []byte(jwe)
		i := rapid.IntRange(0, len(octets)-1).Draw(t, "octet")
		octets[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := jades.Dechiffrer(string(octets), accord); motif(err) == 0 {
			t.Fatalf("octet %d changé: got %v", i, err)
		}
	})
}

// muet is a device that refuses to agree.
type muet struct{}

func (muet) ECDH(*ecdh.PublicKey) ([]byte, error) { return nil, errors.New("appareil absent") }

func TestDechiffrerRefuse(t *testing.T) {
	cle := ecdsaCle(elliptic.P256())
	accord, err := cle.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	jwe, err := jades.Chiffrer([]byte("corps"), &cle.PublicKey, "k")
	if err != nil {
		t.Fatal(err)
	}
	entete, suite, _ := strings.Cut(jwe, ".")
	brut, err := base64.RawURLEncoding.DecodeString(entete)
	if err != nil {
		t.Fatal(err)
	}
	avec := func(de, a string) string {
		if !strings.Contains(string(brut), de) {
			t.Fatalf("%q absent de %s", de, brut)
		}
		return url64([]byte(strings.Replace(string(brut), de, a, 1))) + "." + suite
	}
	cas := []struct {
		nom, jwe string
		want     jades.Motif
	}{
		{"vide", "", jades.MotifForme},
		{"quatre parties", entete + "..a.b", jades.MotifForme},
		{"clé chiffrée présente", entete + ".AAAA" + suite, jades.MotifForme},
		{"fin de ligne", jwe + "\n", jades.MotifForme},
		{"alg RSA", avec(`"ECDH-ES"`, `"RSA-OAEP"`), jades.MotifAlgorithme},
		{"alg dir", avec(`"ECDH-ES"`, `"dir"`), jades.MotifAlgorithme},
		{"enc CBC", avec(`"A256GCM"`, `"A128CBC-HS256"`), jades.MotifAlgorithme},
		{"compressé", avec(`"kid"`, `"zip":"DEF","kid"`), jades.MotifCritique},
		{"critique", avec(`"kid"`, `"crit":["x"],"kid"`), jades.MotifEntete},
		{"clé en double", avec(`"kid"`, `"kid":"a","kid"`), jades.MotifEntete},
		{"membre imitant epk", avec(`"kid"`, `"epk.x":"a","kid"`), jades.MotifEntete},
		{"sans kid", avec(`"kid":"k"`, `"typ":"k"`), jades.MotifCle},
		{"autre courbe", avec(`"P-256"`, `"P-384"`), jades.MotifCle},
		{"membre inconnu dans epk", avec(`"x":"`, `"d":"a","x":"`), jades.MotifCritique},
		{"bits en trop", jwe[:len(jwe)-1] + "B", jades.MotifForme},
		{"étiquette coupée", jwe[:len(jwe)-2], jades.MotifIntegrite},
		{"trop gros", entete + ".." + strings.Repeat("A", 6<<20) + "..", jades.MotifTaille},
	}
	for _, c := range cas {
		if _, err := jades.Dechiffrer(c.jwe, accord); motif(err) != c.want {
			t.Errorf("%s: got %v, want %v", c.nom, err, c.want)
		}
	}
	if _, err := jades.Dechiffrer(jwe, cleECDH(t)); motif(err) != jades.MotifIntegrite {
		t.Errorf("autre clé: got %v", err)
	}
	if _, err := jades.Dechiffrer(jwe, muet{}); motif(err) != jades.MotifIntegrite {
		t.Errorf("appareil muet: got %v", err)
	}
}

// A point outside the curve would make each answer tell something of the key.
func TestPointHorsDeLaCourbe(t *testing.T) {
	x := url64(bytes.Repeat([]byte{7}, 32))
	jwe := url64([]byte(`{"alg":"ECDH-ES","enc":"A256GCM","kid":"k","epk":{"kty":"EC","crv":"P-256","x":"`+x+`","y":"`+x+`"}}`)) + "..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA"
	if _, err := jades.Dechiffrer(jwe, cleECDH(t)); motif(err) != jades.MotifCle {
		t.Errorf("got %v, want %v", err, jades.MotifCle)
	}
}

func TestChiffrerRefuse(t *testing.T) {
	p256, p384 := ecdsaCle(elliptic.P256()), ecdsaCle(elliptic.P384())
	if _, err := jades.Chiffrer(nil, &p384.PublicKey, "k"); motif(err) != jades.MotifCle {
		t.Errorf("P-384: got %v", err)
	}
	if _, err := jades.Chiffrer(nil, nil, "k"); motif(err) != jades.MotifCle {
		t.Errorf("sans clé: got %v", err)
	}
	if _, err := jades.Chiffrer(nil, &p256.PublicKey, ""); motif(err) != jades.MotifCle {
		t.Errorf("sans kid: got %v", err)
	}
	if _, err := jades.Chiffrer(make([]byte, jades.ClairMax+1), &p256.PublicKey, "k"); motif(err) != jades.MotifTaille {
		t.Errorf("trop gros: got %v", err)
	}
	accord, _ := p256.ECDH()
	jwe, err := jades.Chiffrer(make([]byte, jades.ClairMax), &p256.PublicKey, "k")
	if err != nil {
		t.Fatal(err)
	}
	if clair, err := jades.Dechiffrer(jwe, accord); err != nil || len(clair) != jades.ClairMax {
		t.Errorf("taille maximale: got %d, %v", len(clair), err)
	}
}

// What a library makes with its defaults passes, when it has our form.
func TestDechiffrerGoJose(t *testing.T) {
	cle := ecdsaCle(elliptic.P256())
	for alg, want := range map[jose.KeyAlgorithm]jades.Motif{jose.ECDH_ES: 0, jose.ECDH_ES_A256KW: jades.MotifForme} {
		c, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: alg, Key: &cle.PublicKey, KeyID: "k",
			PBES2Count: 0}, (&jose.EncrypterOptions{}).WithContentType("xml"))
		if err != nil {
			t.Fatal(err)
		}
		j, err := c.Encrypt([]byte("corps"))
		if err != nil {
			t.Fatal(err)
		}
		jwe, _ := j.CompactSerialize()
		accord, _ := cle.ECDH()
		if _, err := jades.Dechiffrer(jwe, accord); motif(err) != want || (err == nil) != (want == 0) {
			t.Errorf("%s: got %v, want %v", alg, err, want)
		}
	}
}

func TestEngagement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		corps := []byte(rapid.String().Draw(t, "corps"))
		clair, err := jades.Envelopper(corps)
		if err != nil {
			t.Fatal(err)
		}
		relu, err := jades.Devoiler(clair, jades.Engagement(clair))
		if err != nil || !bytes.Equal(relu, corps) {
			t.Fatalf("got %q, %v, want %q", relu, err, corps)
		}
		if autre, _ := jades.Envelopper(corps); jades.Engagement(autre) == jades.Engagement(clair) {
			t.Fatal("deux engagements égaux: le sel ne sert pas")
		}
		i := rapid.IntRange(0, len(clair)-1).Draw(t, "octet")
		altere := append([]byte(nil), clair...)
		altere[i] ^= 1
		if _, err := jades.Devoiler(altere, jades.Engagement(clair)); motif(err) != jades.MotifEngagement {
			t.Fatalf("altéré: got %v", err)
		}
	})
}

func TestDevoilerRefuse(t *testing.T) {
	sel := url64(make([]byte, 16))
	for nom, c := range map[string]struct {
		clair string
		want  jades.Motif
	}{
		"autre ordre":     {`{"corps":"a","sel":"` + sel + `"}`, 0},
		"sel long":        {`{"sel":"` + url64(make([]byte, 32)) + `","corps":""}`, 0},
		"sel court":       {`{"sel":"AAAA","corps":"a"}`, jades.MotifCharge},
		"sans sel":        {`{"corps":"a"}`, jades.MotifCharge},
		"sans corps":      {`{"sel":"` + sel + `"}`, jades.MotifCharge},
		"membre de trop":  {`{"sel":"` + sel + `","corps":"a","x":"b"}`, jades.MotifCharge},
		"corps objet":     {`{"sel":"` + sel + `","corps":{}}`, jades.MotifCharge},
		"corps deux fois": {`{"sel":"` + sel + `","corps":"a","corps":"b"}`, jades.MotifCharge},
		"données après":   {`{"sel":"` + sel + `","corps":"a"}{}`, jades.MotifCharge},
		"pas un objet":    {`"a"`, jades.MotifCharge},
		"sel non base64":  {`{"sel":"` + sel + `=","corps":"a"}`, jades.MotifCharge},
	} {
		if _, err := jades.Devoiler([]byte(c.clair), jades.Engagement([]byte(c.clair))); motif(err) != c.want || (err == nil) != (c.want == 0) {
			t.Errorf("%s: got %v, want %v", nom, err, c.want)
		}
	}
	if _, err := jades.Envelopper([]byte{0xff}); motif(err) != jades.MotifCharge {
		t.Errorf("UTF-8 invalide: got %v", err)
	}
}

func FuzzDechiffrer(f *testing.F) {
	cle := ecdsaCle(elliptic.P256())
	jwe, err := jades.Chiffrer([]byte("corps"), &cle.PublicKey, "k")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(jwe)
	f.Add(url64([]byte(`{"alg":"ECDH-ES","enc":"A256GCM","kid":"k","epk":{"kty":"EC","crv":"P-256"}}`)) + "..a.b.c")
	accord, err := cle.ECDH()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, texte string) {
		clair, err := jades.Dechiffrer(texte, accord)
		if err == nil && string(clair) != "corps" {
			t.Fatalf("déchiffré: %q", clair)
		}
		jades.Devoiler([]byte(texte), jades.Engagement([]byte(texte)))
	})
}
