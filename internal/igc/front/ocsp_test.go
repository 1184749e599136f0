package front_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/front"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
)

func pemDe(t *testing.T, nom string, ders ...[]byte) string {
	t.Helper()
	var b bytes.Buffer
	for _, d := range ders {
		pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: d})
	}
	f := filepath.Join(t.TempDir(), nom)
	if err := os.WriteFile(f, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestOCSP: openssl asks about a certificate through its life, and about a number
// never issued. ref: PKI §6.3, PKI §11
func TestOCSP(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("openssl absent")
		}
		t.Skip("openssl absent")
	}
	ctx := context.Background()
	g := igctest.Nouvelle(t, time.Now) // openssl ocsp knows no other clock
	mux := http.NewServeMux()
	front.Routes(mux, "/igc", g, time.Now)
	srv := httptest.NewServer(mux)
	defer srv.Close()
	e := igctest.Emettre(t, g, igc.ProfilOrgSign, igctest.Structure())
	autre := igctest.Emettre(t, igctest.Nouvelle(t, time.Now), igc.ProfilOrgSign, igctest.Structure())
	racines, ac := pemDe(t, "racines.pem", append(g.Racines(), g.Intermediaires()...)...), pemDe(t, "ac.pem", e.Chaine[0])
	demander := func(der []byte) string {
		t.Helper()
		b, err := exec.Command("openssl", "ocsp", "-issuer", ac, "-cert", pemDe(t, "c.pem", der), "-CAfile", racines, "-url", srv.URL+"/igc/ocsp", "-no_nonce").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		return string(b)
	}
	attendre := func(etape string, der []byte, mots ...string) {
		t.Helper()
		s := demander(der)
		for _, m := range append(mots, "Response verify OK") {
			if !strings.Contains(s, m) {
				t.Errorf("%s : il manque %q à\n%s", etape, m, s)
			}
		}
	}
	attendre("valide", e.Certificat.Raw, ": good")
	if err := g.Suspendre(ctx, e.Fiche.AC, e.Fiche.Serie, "essai"); err != nil {
		t.Fatal(err)
	}
	attendre("suspendu", e.Certificat.Raw, ": revoked", "certificateHold")
	if err := g.Revoquer(ctx, e.Fiche.AC, e.Fiche.Serie, certificat.RaisonCleCompromise, time.Time{}, "essai"); err != nil {
		t.Fatal(err)
	}
	attendre("révoqué", e.Certificat.Raw, ": revoked", "keyCompromise")
	attendre("jamais émis", autre.Certificat.Raw, ": unknown")
}

func TestOCSPGet(t *testing.T) {
	g := igctest.Nouvelle(t, func() time.Time { return lundi })
	mux := http.NewServeMux()
	front.Routes(mux, "/igc", g, func() time.Time { return lundi })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	e := igctest.Emettre(t, g, igc.ProfilPSAuth, igctest.Personne())
	var ac, racine = g.ACs()[0].Certificat, g.ACs()[0].Certificat
	for _, a := range g.ACs() {
		if a.Nom == e.Fiche.AC {
			ac = a.Certificat
		}
		if a.Nom == "ACR-EL" {
			racine = a.Certificat
		}
	}
	lire := func(req []byte) (int, []byte) {
		rep, err := http.Get(srv.URL + "/igc/ocsp/" + url.PathEscape(base64.StdEncoding.EncodeToString(req)))
		if err != nil {
			t.Fatal(err)
		}
		defer rep.Body.Close()
		b, err := io.ReadAll(rep.Body)
		if err != nil {
			t.Fatal(err)
		}
		return rep.StatusCode, b
	}
	req, err := ocsp.CreateRequest(e.Certificat, ac, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, b := lire(req)
	r, err := ocsp.ParseResponseForCert(b, e.Certificat, ac)
	if err != nil || r.Status != ocsp.Good || r.NextUpdate.Sub(r.ThisUpdate) > time.Hour {
		t.Errorf("%v %+v", err, r)
	}
	reqAC, err := ocsp.CreateRequest(ac, racine, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, b = lire(reqAC); true {
		if r, err := ocsp.ParseResponseForCert(b, ac, racine); err != nil || r.Status != ocsp.Good {
			t.Errorf("autorité intermédiaire : %v %+v", err, r)
		}
	}
	if _, b = lire([]byte("x")); !bytes.Equal(b, ocsp.MalformedRequestErrorResponse) {
		t.Errorf("requête illisible : %x", b)
	}
	autre := igctest.Nouvelle(t, func() time.Time { return lundi }).ACs()[3].Certificat
	if req, err = ocsp.CreateRequest(e.Certificat, autre, nil); err != nil {
		t.Fatal(err)
	}
	if _, b = lire(req); !bytes.Equal(b, ocsp.UnauthorizedErrorResponse) {
		t.Errorf("autorité d'ailleurs : %x", b)
	}
}
