package jades_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/jades"
	"pgregory.net/rapid"
)

var url64 = base64.RawURLEncoding.EncodeToString

// forger signs any header for real, so that a refusal has no other reason than
// the header. The signature is that of alg, whatever the header says.
func forger(t testing.TB, entete, alg string, cle crypto.Signer, contenu string) string {
	t.Helper()
	protege := url64([]byte(entete))
	entree := []byte(protege + "." + contenu)
	h256, h384, h512 := sha256.Sum256(entree), sha512.Sum384(entree), sha512.Sum512(entree)
	var sig []byte
	var err error
	switch alg {
	case "ES256", "ES384":
		k := cle.(*ecdsa.PrivateKey)
		empreinte, n := h256[:], 32
		if alg == "ES384" {
			empreinte, n = h384[:], 48
		}
		r, s, e := ecdsa.Sign(rand.Reader, k, empreinte)
		sig, err = append(r.FillBytes(make([]byte, n)), s.FillBytes(make([]byte, n))...), e
	case "PS256":
		sig, err = rsa.SignPSS(rand.Reader, cle.(*rsa.PrivateKey), crypto.SHA256, h256[:], &rsa.PSSOptions{SaltLength: 32})
	case "PS256 sel court":
		sig, err = rsa.SignPSS(rand.Reader, cle.(*rsa.PrivateKey), crypto.SHA256, h256[:], &rsa.PSSOptions{SaltLength: 8})
	case "PS384":
		sig, err = rsa.SignPSS(rand.Reader, cle.(*rsa.PrivateKey), crypto.SHA384, h384[:], &rsa.PSSOptions{SaltLength: 48})
	case "PS512":
		sig, err = rsa.SignPSS(rand.Reader, cle.(*rsa.PrivateKey), crypto.SHA512, h512[:], &rsa.PSSOptions{SaltLength: 64})
	case "RS256":
		sig, err = rsa.SignPKCS1v15(rand.Reader, cle.(*rsa.PrivateKey), crypto.SHA256, h256[:])
	case "HS256":
		der, _ := x509.MarshalPKIXPublicKey(cle.Public())
		m := hmac.New(sha256.New, der)
		m.Write(entree)
		sig = m.Sum(nil)
	default:
		t.Fatalf("algorithme de test %q", alg)
	}
	if err != nil {
		t.Fatal(err)
	}
	return protege + ".." + url64(sig)
}

func x5c(s jades.Signataire) string {
	return `"x5c":["` + base64.StdEncoding.EncodeToString(s.Certificat) + `"]`
}

// Each header is truly signed over the payload: accepted or refused for what it says.
func TestEntetes(t *testing.T) {
	s := acteurs()["P-256"]
	somme := sha256.Sum256(s.Certificat)
	brut, b64 := string(charge), url64(charge)
	x := x5c(s)
	cas := []struct {
		nom, entete, contenu string
		want                 jades.Motif
	}{
		{"le plus simple", `{"alg":"ES256",` + x + `}`, b64, 0},
		{"b64 vrai, critique", `{"alg":"ES256","b64":true,"crit":["b64"],` + x + `}`, b64, 0},
		{"b64 faux", `{"alg":"ES256","b64":false,"crit":["b64"],` + x + `}`, brut, 0},
		{"membre inconnu non critique", `{"alg":"ES256","inconnu":{"a":[1]},` + x + `}`, b64, 0},
		{"sigT avec décalage", `{"alg":"ES256","sigT":"2026-11-22T11:30:15+01:00","crit":["sigT"],` + x + `}`, b64, 0},
		{"iat", `{"alg":"ES256","iat":1763807415,` + x + `}`, b64, 0},
		{"empreinte exacte", `{"alg":"ES256","x5t#S256":"` + url64(somme[:]) + `",` + x + `}`, b64, 0},

		{"b64 faux non critique", `{"alg":"ES256","b64":false,` + x + `}`, brut, jades.MotifCritique},
		{"b64 dit en texte", `{"alg":"ES256","b64":"false","crit":["b64"],` + x + `}`, brut, jades.MotifEntete},
		{"b64 faux, contenu encodé", `{"alg":"ES256","b64":false,"crit":["b64"],` + x + `}`, b64, jades.MotifSignature},
		{"b64 vrai, contenu brut", `{"alg":"ES256",` + x + `}`, brut, jades.MotifSignature},
		{"critique inconnu", `{"alg":"ES256","exp":1,"crit":["exp"],` + x + `}`, b64, jades.MotifCritique},
		{"critique absent de l’en-tête", `{"alg":"ES256","crit":["sigT"],` + x + `}`, b64, jades.MotifCritique},
		{"critique en double", `{"alg":"ES256","b64":true,"crit":["b64","b64"],` + x + `}`, b64, jades.MotifCritique},
		{"critique vide", `{"alg":"ES256","crit":[],` + x + `}`, b64, jades.MotifEntete},
		{"critique d’un autre type", `{"alg":"ES256","b64":true,"crit":"b64",` + x + `}`, b64, jades.MotifEntete},
		{"neuf critiques", `{"alg":"ES256","crit":["1","2","3","4","5","6","7","8","9"],` + x + `}`, b64, jades.MotifEntete},
		{"alg critique", `{"alg":"ES256","crit":["alg"],` + x + `}`, b64, jades.MotifCritique},
		{"sigD critique", `{"alg":"ES256","sigD":{"mId":"x"},"crit":["sigD"],` + x + `}`, b64, jades.MotifCritique},
		{"sigD non critique", `{"alg":"ES256","sigD":{"mId":"x"},` + x + `}`, b64, jades.MotifCritique},
		{"clé dans l’en-tête", `{"alg":"ES256","jwk":{"kty":"EC"},` + x + `}`, b64, jades.MotifSourceCle},
		{"clé à une adresse", `{"alg":"ES256","jku":"https://a.example",` + x + `}`, b64, jades.MotifSourceCle},
		{"certificat à une adresse", `{"alg":"ES256","x5u":"https://a.example",` + x + `}`, b64, jades.MotifSourceCle},
		{"sans certificat", `{"alg":"ES256"}`, b64, jades.MotifCertificat},
		{"certificats vides", `{"alg":"ES256","x5c":[]}`, b64, jades.MotifEntete},
		{"certificat en base64url", `{"alg":"ES256","x5c":["-_-_"]}`, b64, jades.MotifEntete},
		{"certificat illisible", `{"alg":"ES256","x5c":["AAAA"]}`, b64, jades.MotifCertificat},
		{"fin de ligne dans le certificat", `{"alg":"ES256","x5c":["AAAA\n"]}`, b64, jades.MotifEntete},
		{"sept certificats", `{"alg":"ES256","x5c":["AAAA","AAAA","AAAA","AAAA","AAAA","AAAA","AAAA"]}`, b64, jades.MotifEntete},
		{"empreinte fausse", `{"alg":"ES256","x5t#S256":"` + url64(make([]byte, 32)) + `",` + x + `}`, b64, jades.MotifEmpreinte},
		{"empreinte courte", `{"alg":"ES256","x5t#S256":"AAAA",` + x + `}`, b64, jades.MotifEntete},
		{"sans algorithme", `{` + x + `}`, b64, jades.MotifAlgorithme},
		{"none", `{"alg":"none",` + x + `}`, b64, jades.MotifAlgorithme},
		{"HS256", `{"alg":"HS256",` + x + `}`, b64, jades.MotifAlgorithme},
		{"ES256K", `{"alg":"ES256K",` + x + `}`, b64, jades.MotifAlgorithme},
		{"casse de l’algorithme", `{"alg":"es256",` + x + `}`, b64, jades.MotifAlgorithme},
		{"algorithme d’une autre clé", `{"alg":"RS256",` + x + `}`, b64, jades.MotifCle},
		{"algorithme d’une autre courbe", `{"alg":"ES384",` + x + `}`, b64, jades.MotifCle},
		{"membre en double", `{"alg":"ES256",` + x + `,"alg":"ES256"}`, b64, jades.MotifEntete},
		{"membre en double échappé", `{"alg":"ES256",` + x + `,"\u0061lg":"none"}`, b64, jades.MotifEntete},
		{"données après l’en-tête", `{"alg":"ES256",` + x + `} x`, b64, jades.MotifEntete},
		{"en-tête tableau", `[]`, b64, jades.MotifEntete},
		{"en-tête profond", `{"alg":"ES256",` + x + `,"p":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}`, b64, jades.MotifEntete},
		{"sigT sans zone", `{"alg":"ES256","sigT":"2026-11-22T11:30:15",` + x + `}`, b64, jades.MotifInstant},
		{"sigT et iat", `{"alg":"ES256","sigT":"2026-11-22T11:30:15Z","iat":1,` + x + `}`, b64, jades.MotifInstant},
		{"iat décimal", `{"alg":"ES256","iat":1.5,` + x + `}`, b64, jades.MotifInstant},
		{"iat négatif", `{"alg":"ES256","iat":-1,` + x + `}`, b64, jades.MotifInstant},
		{"en-tête trop gros", `{"alg":"ES256","p":"` + strings.Repeat("x", 13<<10) + `",` + x + `}`, b64, jades.MotifTaille},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			_, err := jades.Verifier(forger(t, c.entete, "ES256", s.Cle, c.contenu), charge, jades.Options{})
			if motif(err) != c.want || (err == nil) != (c.want == 0) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestConfusionDAlgorithme(t *testing.T) {
	ec, rsa2048 := acteurs()["P-256"], acteurs()["RSA-2048"]
	p384, p521 := acteurs()["P-384"], acteurs()["P-521"]
	petite, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	faible := certifier(ecdsaCle(p384.Cle.(*ecdsa.PrivateKey).Curve), petite)
	cas := []struct {
		nom, dit, fait string
		s              jades.Signataire
		want           jades.Motif
	}{
		{"PS256", "PS256", "PS256", rsa2048, 0},
		{"PS384", "PS384", "PS384", rsa2048, 0},
		{"PS512", "PS512", "PS512", rsa2048, 0},
		{"RS256", "RS256", "RS256", rsa2048, 0},
		{"ES384", "ES384", "ES384", p384, 0},
		{"PS256 dit, RS256 fait", "PS256", "RS256", rsa2048, jades.MotifSignature},
		{"RS256 dit, PS256 fait", "RS256", "PS256", rsa2048, jades.MotifSignature},
		{"PS256 au sel court", "PS256", "PS256 sel court", rsa2048, jades.MotifSignature},
		{"ES256 dit avec une clé RSA", "ES256", "PS256", rsa2048, jades.MotifCle},
		{"HS256 avec la clé publique RSA", "HS256", "HS256", rsa2048, jades.MotifAlgorithme},
		{"HS256 fait, RS256 dit", "RS256", "HS256", rsa2048, jades.MotifSignature},
		{"HS256 fait, ES256 dit", "ES256", "HS256", ec, jades.MotifSignature},
		{"ES256 par une clé P-384", "ES256", "ES384", p384, jades.MotifCle},
		{"ES384 par une clé P-521", "ES384", "ES384", p521, jades.MotifCle},
		{"RSA de 1024 bits", "PS256", "PS256", faible, jades.MotifCle},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			cle := c.s.Cle
			if c.s.Cle == p521.Cle { // a P-521 key cannot sign in 96 bytes
				cle = p384.Cle
			}
			jws := forger(t, `{"alg":"`+c.dit+`",`+x5c(c.s)+`}`, c.fait, cle, url64(charge))
			if _, err := jades.Verifier(jws, charge, jades.Options{}); motif(err) != c.want || (err == nil) != (c.want == 0) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestFormes(t *testing.T) {
	jws, err := jades.Signer(charge, acteurs()["P-256"], instant)
	if err != nil {
		t.Fatal(err)
	}
	entete, signature, _ := strings.Cut(jws, "..")
	cas := map[string]string{
		"vide":                   "",
		"sans point":             entete,
		"contenu attaché":        entete + "." + url64(charge) + "." + signature,
		"quatre parties":         jws + ".",
		"signature vide":         entete + "..",
		"bourrage":               jws + "==",
		"fin de ligne":           jws + "\n",
		"fin de ligne au milieu": entete + "\n.." + signature,
		"espace":                 " " + jws,
		"base64 ordinaire":       entete + ".." + strings.NewReplacer("-", "+", "_", "/").Replace(signature) + "+",
		"signature en ASN.1":     entete + ".." + url64([]byte{0x30, 0x06, 2, 1, 1, 2, 1, 1}),
		"signature nulle":        entete + ".." + url64(make([]byte, 64)),
		"trop gros":              strings.Repeat("A", 20<<10),
	}
	for nom, c := range cas {
		if _, err := jades.Verifier(c, charge, jades.Options{}); motif(err) == 0 {
			t.Errorf("%s: got %v", nom, err)
		}
	}
	for i := range len(jws) {
		if _, err := jades.Verifier(jws[:i], charge, jades.Options{}); motif(err) == 0 {
			t.Fatalf("coupé à %d: got %v", i, err)
		}
	}
}

func TestExigences(t *testing.T) {
	s := acteurs()["P-256"]
	somme := sha256.Sum256(s.Certificat)
	nu := forger(t, `{"alg":"ES256",`+x5c(s)+`}`, "ES256", s.Cle, url64(charge))
	sansInstant := forger(t, `{"alg":"ES256","x5t#S256":"`+url64(somme[:])+`",`+x5c(s)+`}`, "ES256", s.Cle, url64(charge))
	for nom, c := range map[string]struct {
		jws  string
		opts jades.Options
		want jades.Motif
	}{
		"rien d’exigé":          {nu, jades.Options{}, 0},
		"sans empreinte":        {nu, jades.Options{ExigerBaseline: true}, jades.MotifBaseline},
		"sans instant":          {sansInstant, jades.Options{ExigerBaseline: true}, jades.MotifBaseline},
		"algorithme non retenu": {nu, jades.Options{Algorithmes: []jades.Algorithme{jades.PS256}}, jades.MotifAlgorithme},
		"algorithme retenu":     {nu, jades.Options{Algorithmes: []jades.Algorithme{jades.PS256, jades.ES256}}, 0},
	} {
		if _, err := jades.Verifier(c.jws, charge, c.opts); motif(err) != c.want || (err == nil) != (c.want == 0) {
			t.Errorf("%s: got %v, want %v", nom, err, c.want)
		}
	}
}

// No bit of the seal nor of the payload can change.
func TestUnBit(t *testing.T) {
	s := acteurs()["P-256"]
	jws, err := jades.Signer(charge, s, instant)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		sceau, contenu := []byte(jws), append([]byte(nil), charge...)
		cible := sceau
		if rapid.Bool().Draw(t, "contenu") {
			cible = contenu
		}
		i := rapid.IntRange(0, len(cible)-1).Draw(t, "octet")
		cible[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := jades.Verifier(sceau, contenu, jades.Options{}); motif(err) == 0 {
			t.Fatalf("octet %d changé: got %v", i, err)
		}
	})
	debut := strings.Index(jws, "..") + 2
	for i := debut; i < len(jws); i++ { // the signature, entirely
		for bit := range 8 {
			sceau := []byte(jws)
			sceau[i] ^= 1 << bit
			if _, err := jades.Verifier(sceau, charge, jades.Options{}); motif(err) == 0 {
				t.Fatalf("signature, octet %d bit %d: got %v", i-debut, bit, err)
			}
		}
	}
}

func TestErreurSansSecret(t *testing.T) {
	s := acteurs()["P-256"]
	jws := forger(t, `{"alg":"ES256","crit":["`+strings.Repeat("é", 300)+`\u0007"],`+x5c(s)+`}`, "ES256", s.Cle, url64(charge))
	_, err := jades.Verifier(jws, charge, jades.Options{})
	if motif(err) != jades.MotifCritique || len(err.Error()) > 200 {
		t.Errorf("got %d octets: %v", len(err.Error()), err)
	}
	if got := fmt.Sprint(jades.Motif(99)); got != "motif non précisé" {
		t.Errorf("got %q", got)
	}
}

func FuzzVerifier(f *testing.F) {
	for _, nom := range []string{"P-256", "RSA-2048"} {
		jws, err := jades.Signer(charge, acteurs()[nom], instant)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(jws, charge)
	}
	f.Add("e30..AA", []byte("{}"))
	f.Add(forger(f, `{"alg":"none"}`, "ES256", acteurs()["P-256"].Cle, ""), []byte(""))
	f.Fuzz(func(t *testing.T, jws string, payload []byte) {
		refuse := func([]byte) (crypto.PublicKey, error) { return acteurs()["P-256"].Cle.Public(), nil }
		r, err := jades.Verifier(jws, payload, jades.Options{Cle: refuse})
		if err == nil && string(payload) != string(charge) {
			t.Fatalf("accepté: %+v", r)
		}
		liste, _ := jades.Expliquer(jws, payload, jades.Options{Cle: refuse})
		if valide := liste[len(liste)-1].Valide; valide != (err == nil) {
			t.Fatalf("Expliquer dit %v, Verifier %v", valide, err)
		}
	})
}
