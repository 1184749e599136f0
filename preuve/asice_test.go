package preuve_test

import (
	"archive/zip"
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/preuve"
)

func signataire(t testing.TB, cle crypto.Signer) preuve.Conteneur {
	t.Helper()
	modele := &x509.Certificate{SerialNumber: big.NewInt(0x1234), Subject: pkix.Name{CommonName: "Cachet d'essai"},
		NotBefore: instant0.AddDate(-1, 0, 0), NotAfter: instant0.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, modele, modele, cle.Public(), cle)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return preuve.Conteneur{Cle: cle, Chaine: []*x509.Certificate{c}, Instant: instant0}
}

func cleEC(t testing.TB) crypto.Signer {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func evidence(t testing.TB) (preuve.Echange, preuve.Cle) {
	t.Helper()
	x := unEchange()
	l := nouveauLivre(t, "amc")
	l.ajouter(x.emetteur)
	e := l.echange(l.ajouter(x.dest))
	e.Question, e.Reponse = x.question, x.reponse
	e.ChaineQuestion = [][]byte{[]byte("cert 1"), []byte("cert 2")}
	e.Revocations = [][]byte{[]byte("crl")}
	e.Horodatage = []byte("jeton")
	return *e, l.cle
}

func conteneur(t testing.TB, e preuve.Echange, c preuve.Conteneur) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := e.ExporterASiCE(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func lire(b []byte) (preuve.Echange, preuve.Garantie, error) {
	return preuve.LireASiCE(bytes.NewReader(b), int64(len(b)))
}

func TestASiCE(t *testing.T) {
	e, cle := evidence(t)
	kr, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	horodate := preuve.Conteneur{Horodater: func(h [32]byte) ([]byte, error) { return h[:], nil }}
	for nom, c := range map[string]preuve.Conteneur{"EC": signataire(t, cleEC(t)), "RSA": signataire(t, kr), "horodaté": horodate} {
		b := conteneur(t, e, c)
		relu, g, err := lire(b)
		if err != nil {
			t.Fatalf("%s: %v", nom, err)
		}
		if d := cmp.Diff(e, relu); d != "" {
			t.Errorf("%s: %s", nom, d)
		}
		if k, err := relu.Verifier(cle, sceauJouet); err != nil || k.Question.Sceau.Structure != hopital {
			t.Errorf("%s: %+v, %v", nom, k, err)
		}
		if c.Cle != nil && (len(g.Signataire) != 1 || !g.Signataire[0].Equal(c.Chaine[0])) {
			t.Errorf("%s: signer %v", nom, g.Signataire)
		}
		if h := sha256.Sum256(g.Manifeste); c.Cle == nil && !bytes.Equal(g.Horodatage, h[:]) {
			t.Errorf("%s: the token is not over the manifest", nom)
		}
		// ref: ETSI EN 319 162-1 §A.1: name at octet 30, type at octet 38.
		if string(b[30:38]) != "mimetype" || string(b[38:38+len(preuve.TypeASiCE)]) != preuve.TypeASiCE {
			t.Errorf("%s: the first octets do not show the type", nom)
		}
	}
	if err := e.ExporterASiCE(io.Discard, preuve.Conteneur{}); !errors.Is(err, preuve.ErrASiC) {
		t.Errorf("without guarantee: got %v", err)
	}
}

// rezipper writes the container again after changing its files.
func rezipper(t testing.TB, b []byte, f func(map[string][]byte) []string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	fichiers, ordre := make(map[string][]byte), []string(nil)
	for _, x := range z.File {
		r, _ := x.Open()
		fichiers[x.Name], _ = io.ReadAll(r)
		ordre = append(ordre, x.Name)
	}
	ordre = append(ordre, f(fichiers)...)
	var w bytes.Buffer
	zw := zip.NewWriter(&w)
	for _, nom := range ordre {
		o, la := fichiers[nom]
		if !la {
			continue
		}
		m := zip.Deflate
		if nom == "mimetype" {
			m = zip.Store
		}
		x, _ := zw.CreateHeader(&zip.FileHeader{Name: nom, Method: m})
		x.Write(o)
	}
	zw.Close()
	return w.Bytes()
}

func TestASiCERefuse(t *testing.T) {
	e, _ := evidence(t)
	c := signataire(t, cleEC(t))
	b := conteneur(t, e, c)
	autre := e
	autre.Question = []byte("autre|x|y")
	etranger := conteneur(t, autre, c)
	var signatureAutre []byte
	rezipper(t, etranger, func(m map[string][]byte) []string { signatureAutre = m["META-INF/signature.p7s"]; return nil })
	for nom, f := range map[string]func(map[string][]byte) []string{
		"message altéré": func(m map[string][]byte) []string { m["question.bin"][0] ^= 1; return nil },
		"fichier ôté":    func(m map[string][]byte) []string { delete(m, "reponse.bin"); return nil },
		"fichier ajouté": func(m map[string][]byte) []string { m["intrus.txt"] = []byte("x"); return []string{"intrus.txt"} },
		"fichier hors":   func(m map[string][]byte) []string { m["../x"] = []byte("x"); return []string{"../x"} },
		"fichier répété": func(m map[string][]byte) []string { return []string{"question.bin"} },
		"manifeste altéré": func(m map[string][]byte) []string {
			m["META-INF/ASiCManifest.xml"] = append(m["META-INF/ASiCManifest.xml"], ' ')
			return nil
		},
		"signature ôtée":       func(m map[string][]byte) []string { delete(m, "META-INF/signature.p7s"); return nil },
		"signature d'un autre": func(m map[string][]byte) []string { m["META-INF/signature.p7s"] = signatureAutre; return nil },
		"sans manifeste":       func(m map[string][]byte) []string { delete(m, "META-INF/ASiCManifest.xml"); return nil },
		"autre type":           func(m map[string][]byte) []string { m["mimetype"] = []byte("application/zip"); return nil },
		"bombe":                func(m map[string][]byte) []string { m["bombe"] = make([]byte, 40<<20); return []string{"bombe"} },
	} {
		if _, _, err := lire(rezipper(t, b, f)); !errors.Is(err, preuve.ErrASiC) {
			t.Errorf("%s: got %v", nom, err)
		}
	}
	for nom, x := range map[string][]byte{"vide": nil, "autre chose": []byte("bonjour"), "tronqué": b[:len(b)/2]} {
		if _, _, err := lire(x); !errors.Is(err, preuve.ErrASiC) {
			t.Errorf("%s: got %v", nom, err)
		}
	}
}

func outil(t *testing.T, nom string) {
	t.Helper()
	if _, err := exec.LookPath(nom); err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatalf("%s absent alors que ECLUSE_CI=1", nom)
		}
		t.Skipf("%s absent", nom)
	}
}

// openssl verifies our CAdES signature, as CAdES; unzip reads the archive.
func TestASiCEParDAutres(t *testing.T) {
	outil(t, "openssl")
	outil(t, "unzip")
	kr, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := evidence(t)
	for nom, k := range map[string]crypto.Signer{"EC": cleEC(t), "RSA": kr} {
		c := signataire(t, k)
		dir := t.TempDir()
		chemin := filepath.Join(dir, "x.asice")
		os.WriteFile(chemin, conteneur(t, e, c), 0o600)
		os.WriteFile(filepath.Join(dir, "cachet.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Chaine[0].Raw}), 0o600)
		jouer := func(prog string, args ...string) {
			t.Helper()
			cmd := exec.Command(prog, args...)
			cmd.Dir = dir
			if o, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %s %s: %v\n%s", nom, prog, strings.Join(args, " "), err, o)
			}
		}
		jouer("unzip", "-tq", "x.asice")
		jouer("unzip", "-q", "x.asice")
		jouer("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER",
			"-CAfile", "cachet.pem", "-partial_chain", "-purpose", "any", "-no_check_time",
			"-in", "META-INF/signature.p7s", "-content", "META-INF/ASiCManifest.xml", "-out", "sortie")
		if _, err := exec.LookPath("xmllint"); err == nil {
			jouer("xmllint", "--noout", "META-INF/ASiCManifest.xml")
		}
	}
}

func FuzzASiCE(f *testing.F) {
	e, _ := evidence(f)
	f.Add(conteneur(f, e, signataire(f, cleEC(f))))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, g, err := lire(b); err == nil && g.Signataire == nil && g.Manifeste == nil {
			t.Fatal("accepted without guarantee")
		}
	})
}

// A container with one bit changed is refused as such, or the bit said nothing.
func TestConteneurAbime(t *testing.T) {
	e, _ := evidence(t)
	intact := conteneur(t, e, signataire(t, cleEC(t)))
	refus := 0
	for i := 0; i < len(intact); i += 3 {
		b := bytes.Clone(intact)
		b[i] ^= 1 << (i % 8)
		relu, _, err := lire(b)
		switch {
		case errors.Is(err, preuve.ErrASiC):
			refus++
		case err != nil:
			t.Errorf("octet %d : %v", i, err)
		case !cmp.Equal(e, relu):
			t.Errorf("octet %d : un autre échange est lu", i)
		}
	}
	if refus < len(intact)/6 {
		t.Errorf("%d refus seulement, sur %d octets", refus, len(intact))
	}
}
