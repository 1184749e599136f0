package jades_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/ecluse-sante/ecluse/sceau/jades"
)

func cleP256(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// What we sign is read by another library, and what it signs in the same header by us.
func TestNommeInterop(t *testing.T) {
	k, contenu := cleP256(t), []byte(`{"a":1}`)
	jws, err := jades.SignerNomme(contenu, "cle-1", "essai+json", k)
	if err != nil {
		t.Fatal(err)
	}
	autre, err := jose.ParseSignedCompact(jws, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	if lu, err := autre.Verify(&k.PublicKey); err != nil || !bytes.Equal(lu, contenu) {
		t.Fatalf("go-jose : %q, %v", lu, err)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k, KeyID: "cle-1"}},
		(&jose.SignerOptions{}).WithType("essai+json"))
	if err != nil {
		t.Fatal(err)
	}
	signe, err := s.Sign(contenu)
	if err != nil {
		t.Fatal(err)
	}
	sien, err := signe.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{jws, sien} {
		n, err := jades.LireNomme(x, 1000)
		if err != nil || n.Kid != "cle-1" || n.Type != "essai+json" || !bytes.Equal(n.Contenu, contenu) {
			t.Fatalf("%s : %+v, %v", x, n, err)
		}
		if err := n.Verifier(&k.PublicKey); err != nil {
			t.Error(err)
		}
	}
}

func TestNommeRefuse(t *testing.T) {
	k := cleP256(t)
	jws, err := jades.SignerNomme([]byte("contenu"), "cle", "essai", k)
	if err != nil {
		t.Fatal(err)
	}
	l := strings.Split(jws, ".")
	tete := func(s string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(s)) + "." + l[1] + "." + l[2]
	}
	for nom, s := range map[string]string{
		"vide": "", "deux parts": l[0] + "." + l[1], "quatre parts": jws + ".", "blanc": jws + "\n", "blanc dedans": l[0] + "." + l[1] + "\n." + l[2],
		"autre algorithme": tete(`{"alg":"none","kid":"cle","typ":"essai"}`), "membre de plus": tete(`{"alg":"ES256","kid":"cle","typ":"essai","x":1}`),
		"autre ordre": tete(`{"kid":"cle","alg":"ES256","typ":"essai"}`), "échappement": tete(`{"alg":"ES256","kid":"c\u006ce","typ":"essai"}`),
		"sans clé": tete(`{"alg":"ES256","kid":"","typ":"essai"}`), "kid trop long": tete(`{"alg":"ES256","kid":"` + strings.Repeat("a", 65) + `","typ":"essai"}`),
		"trop grand": l[0] + "." + strings.Repeat("A", 2000) + "." + l[2],
	} {
		if n, err := jades.LireNomme(s, 1000); !errors.Is(err, jades.Err) {
			t.Errorf("%s : %+v, %v", nom, n, err)
		}
	}
	for nom, s := range map[string]string{
		"autre contenu": l[0] + "." + l[1][:len(l[1])-2] + "AA." + l[2], "autre type": tete(`{"alg":"ES256","kid":"cle","typ":"essaj"}`),
		"signature coupée": l[0] + "." + l[1] + "." + l[2][:80], "signature nulle": l[0] + "." + l[1] + "." + strings.Repeat("A", 86), "sans signature": l[0] + "." + l[1] + ".",
	} {
		n, err := jades.LireNomme(s, 1000)
		if err != nil {
			t.Errorf("%s : %v", nom, err)
			continue
		}
		if err := n.Verifier(&k.PublicKey); !errors.Is(err, jades.Err) {
			t.Errorf("%s passe : %v", nom, err)
		}
	}
	bon, err := jades.LireNomme(jws, 1000)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for nom, c := range map[string]*ecdsa.PublicKey{"autre clé": &cleP256(t).PublicKey, "autre courbe": &p384.PublicKey, "aucune": nil} {
		if err := bon.Verifier(c); !errors.Is(err, jades.Err) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	for nom, f := range map[string]func() (string, error){
		"P-384":    func() (string, error) { return jades.SignerNomme(nil, "cle", "essai", p384) },
		"sans":     func() (string, error) { return jades.SignerNomme(nil, "cle", "essai", nil) },
		"nom":      func() (string, error) { return jades.SignerNomme(nil, `c"le`, "essai", k) },
		"type":     func() (string, error) { return jades.SignerNomme(nil, "cle", "", k) },
		"en panne": func() (string, error) { return jades.SignerNomme(nil, "cle", "essai", panne{k}) },
	} {
		if s, err := f(); !errors.Is(err, jades.Err) {
			t.Errorf("%s : %q, %v", nom, s, err)
		}
	}
}

// panne is a device that answers something else than a signature.
type panne struct{ *ecdsa.PrivateKey }

func (panne) Sign(_ io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	return []byte("panne"), nil
}

func FuzzNomme(f *testing.F) {
	k := cleP256(f)
	jws, err := jades.SignerNomme([]byte("contenu"), "cle", "essai", k)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(jws)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := jades.LireNomme(s, 1000)
		if err == nil && n.Verifier(&k.PublicKey) == nil && s != jws {
			// ECDSA has two signatures of one digest: the payload must be ours.
			if string(n.Contenu) != "contenu" || n.Kid != "cle" || n.Type != "essai" {
				t.Fatalf("%q passe", s)
			}
		}
	})
}
