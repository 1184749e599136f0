package jades_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/go-jose/go-jose/v4"
)

// absent skips a test whose oracle is not there; CI requires them all.
func absent(t *testing.T, quoi string) {
	t.Helper()
	if os.Getenv("ECLUSE_CI") == "1" {
		t.Fatalf("%s absent", quoi)
	}
	t.Skipf("%s absent", quoi)
}

// go-jose knows b64 as its only critical header: it reads the iat edition.
func TestGoJoseVerifieLesNotres(t *testing.T) {
	for _, nom := range []string{"P-256", "P-384", "RSA-2048"} {
		s := acteurs()[nom]
		s.Edition = jades.EditionIat
		jws, err := jades.Signer(charge, s, instant)
		if err != nil {
			t.Fatal(err)
		}
		algs := []jose.SignatureAlgorithm{jose.ES256, jose.ES384, jose.PS256}
		lu, err := jose.ParseDetached(jws, charge, algs)
		if err != nil {
			t.Fatalf("%s: %v", nom, err)
		}
		if err := lu.DetachedVerify(charge, s.Cle.Public()); err != nil {
			t.Errorf("%s: %v", nom, err)
		}
		if err := lu.DetachedVerify([]byte("autre"), s.Cle.Public()); err == nil {
			t.Errorf("%s: go-jose accepte un autre contenu", nom)
		}
	}
}

func TestNousVerifionsGoJose(t *testing.T) {
	for nom, algs := range map[string][]jose.SignatureAlgorithm{
		"P-256": {jose.ES256}, "P-384": {jose.ES384}, "RSA-2048": {jose.PS256, jose.PS384, jose.PS512, jose.RS256}} {
		s := acteurs()[nom]
		for _, alg := range algs {
			for _, brut := range []bool{true, false} {
				opts := (&jose.SignerOptions{}).WithHeader("x5c", []string{base64.StdEncoding.EncodeToString(s.Certificat)})
				if brut {
					opts = opts.WithBase64(false)
				}
				sg, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: s.Cle}, opts)
				if err != nil {
					t.Fatal(err)
				}
				j, err := sg.Sign(charge)
				if err != nil {
					t.Fatal(err)
				}
				jws, err := j.DetachedCompactSerialize()
				if err != nil {
					t.Fatal(err)
				}
				r, err := jades.Verifier(jws, charge, jades.Options{})
				if err != nil || r.Algorithme.String() != string(alg) || r.Entete.ContenuBrut != brut {
					t.Errorf("%s b64:%v: got %+v, %v", alg, !brut, r, err)
				}
			}
		}
	}
}

func TestOpensslVerifieLesNotres(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		absent(t, "openssl")
	}
	for nom, c := range map[string]struct {
		hash string
		args []string
	}{
		"P-256":    {"-sha256", nil},
		"P-384":    {"-sha384", nil},
		"RSA-2048": {"-sha256", []string{"-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"}},
	} {
		s := acteurs()[nom]
		jws, err := jades.Signer(charge, s, instant)
		if err != nil {
			t.Fatal(err)
		}
		entete, signature, _ := strings.Cut(jws, "..")
		sig, err := base64.RawURLEncoding.DecodeString(signature)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(nom, "P-") {
			n := len(sig) / 2
			sig, err = asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(sig[:n]), new(big.Int).SetBytes(sig[n:])})
			if err != nil {
				t.Fatal(err)
			}
		}
		d := t.TempDir()
		ecrire(t, d, "entree", append([]byte(entete+"."), charge...))
		ecrire(t, d, "sig", sig)
		ecrire(t, d, "pub.pem", pemPublique(t, s.Cle.Public()))
		args := append([]string{"dgst", c.hash, "-verify", "pub.pem", "-signature", "sig"}, c.args...)
		cmd := exec.Command(openssl, append(args, "entree")...)
		cmd.Dir = d
		if sortie, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(sortie, []byte("Verified OK")) {
			t.Errorf("%s: %v %s", nom, err, sortie)
		}
	}
}

func ecrire(t *testing.T, dossier, nom string, contenu []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dossier, nom), contenu, 0o600); err != nil {
		t.Fatal(err)
	}
}

func pemPublique(t *testing.T, cle any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(cle)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func pemPrivee(t *testing.T, cle any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(cle)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

type objet = map[string]any

// Both directions with npm jose, which $ECLUSE_NPM (a node_modules) holds.
func TestNpmJose(t *testing.T) {
	npm := os.Getenv("ECLUSE_NPM")
	if _, err := os.Stat(filepath.Join(npm, "jose", "package.json")); npm == "" || err != nil {
		absent(t, "paquet npm jose ($ECLUSE_NPM)")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		absent(t, "node")
	}
	confidentialite := ecdsaCle(elliptic.P256())
	notre, err := jades.Chiffrer([]byte("le corps é"), &confidentialite.PublicKey, "notre-clé")
	if err != nil {
		t.Fatal(err)
	}
	question := objet{"charge": string(charge), "sceaux": nosSceaux(t), "aSigner": aSigner(t), "jwe": objet{
		"notre": notre, "clair": "leur corps é",
		"clePrivee": string(pemPrivee(t, confidentialite)), "clePublique": string(pemPublique(t, confidentialite.Public()))}}
	entree, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "testdata/jose.mjs")
	cmd.Stdin = bytes.NewReader(entree)
	var erreurs bytes.Buffer
	cmd.Stderr = &erreurs
	sortie, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v %s", err, erreurs.String())
	}
	lireNode(t, sortie, confidentialite)
}

func nosSceaux(t *testing.T) (liste []objet) {
	for nom, alg := range map[string]string{"P-256": "ES256", "P-384": "ES384", "RSA-2048": "PS256"} {
		for _, ed := range []jades.Edition{jades.EditionSigT, jades.EditionIat} {
			s := acteurs()[nom]
			s.Edition = ed
			jws, err := jades.Signer(charge, s, instant)
			if err != nil {
				t.Fatal(err)
			}
			cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificat})
			liste = append(liste, objet{"nom": nom, "alg": alg, "jws": jws, "certificat": string(cert)})
		}
	}
	return liste
}

func aSigner(t *testing.T) (liste []objet) {
	for nom, algs := range map[string][]string{"P-256": {"ES256"}, "P-384": {"ES384"}, "RSA-2048": {"PS256", "PS384", "PS512", "RS256"}} {
		s := acteurs()[nom]
		somme := sha256.Sum256(s.Certificat)
		for _, alg := range algs {
			for _, b64 := range []bool{true, false} {
				liste = append(liste, objet{"nom": alg, "alg": alg, "b64": b64, "cle": string(pemPrivee(t, s.Cle)),
					"x5c": []string{base64.StdEncoding.EncodeToString(s.Certificat)}, "empreinte": url64(somme[:])})
			}
		}
	}
	return liste
}

func lireNode(t *testing.T, sortie []byte, confidentialite *ecdsa.PrivateKey) {
	t.Helper()
	var r struct {
		Verifies                        []struct{ Nom, Bon, Altere string }
		Sceaux                          []struct{ Nom, Jws string }
		Clair, Kid, Jwe, JweAvecParties string
	}
	if err := json.Unmarshal(sortie, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Verifies) != 6 || len(r.Sceaux) != 12 {
		t.Fatalf("got %d vérifications, %d sceaux", len(r.Verifies), len(r.Sceaux))
	}
	for _, v := range r.Verifies {
		if !strings.HasSuffix(v.Bon, "S256") && v.Bon != "ES384" || v.Altere != "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" {
			t.Errorf("npm jose sur %s: %s, altéré: %s", v.Nom, v.Bon, v.Altere)
		}
	}
	for _, s := range r.Sceaux {
		res, err := jades.Verifier(s.Jws, charge, jades.Options{ExigerBaseline: true})
		if err != nil || res.Algorithme.String() != s.Nom || res.Instant.IsZero() {
			t.Errorf("sceau %s de npm jose: %+v, %v", s.Nom, res, err)
		}
	}
	if r.Clair != "le corps é" || r.Kid != "notre-clé" {
		t.Errorf("npm jose déchiffre %q pour %q", r.Clair, r.Kid)
	}
	cle, err := confidentialite.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	for _, jwe := range []string{r.Jwe, r.JweAvecParties} {
		clair, err := jades.Dechiffrer(jwe, cle)
		kid, errKid := jades.Destinataire(jwe)
		if err != nil || errKid != nil || string(clair) != "leur corps é" || kid != "leur-clé" {
			t.Errorf("JWE de npm jose: %q, %q, %v", clair, kid, err)
		}
	}
}
