package front_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc/front"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
)

var lundi = time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)

func lire(t *testing.T, url, etag string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	rep, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer rep.Body.Close()
	b, err := io.ReadAll(rep.Body)
	if err != nil {
		t.Fatal(err)
	}
	return rep, b
}

func TestRoutes(t *testing.T) {
	g := igctest.Nouvelle(t, func() time.Time { return lundi })
	mux := http.NewServeMux()
	front.Routes(mux, "/igc", g, func() time.Time { return lundi })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	if rep, _ := lire(t, srv.URL+"/igc/crl/ACI-EL-ORG.crl", ""); rep.StatusCode != http.StatusNotFound {
		t.Errorf("avant publication : %d, want 404", rep.StatusCode)
	}
	if _, err := g.PublierSiNecessaire(context.Background(), lundi); err != nil {
		t.Fatal(err)
	}
	if _, err := g.PublierDelta(context.Background(), "ACI-EL-ORG", lundi); err != nil {
		t.Fatal(err)
	}
	for chemin, genre := range map[string]string{
		"/crl/ACI-EL-ORG.crl": "application/pkix-crl", "/crl/ACI-EL-ORG-delta.crl": "application/pkix-crl",
		"/crl/ACR-EL.crl": "application/pkix-crl", "/ac/ACI-EL-ORG.cer": "application/pkix-cert",
		"/racines.pem": "application/x-pem-file", "/autorites.pem": "application/x-pem-file",
	} {
		rep, b := lire(t, srv.URL+"/igc"+chemin, "")
		if rep.StatusCode != 200 || rep.Header.Get("Content-Type") != genre || len(b) == 0 {
			t.Errorf("%s : %d %s, %d octets", chemin, rep.StatusCode, rep.Header.Get("Content-Type"), len(b))
		}
		rep2, b2 := lire(t, srv.URL+"/igc"+chemin, rep.Header.Get("ETag"))
		if rep2.StatusCode != http.StatusNotModified || len(b2) != 0 {
			t.Errorf("%s avec son ETag : %d, want 304", chemin, rep2.StatusCode)
		}
	}
	for _, chemin := range []string{"/crl/ACI-XX.crl", "/crl/..%2fACR-EL.crl", "/crl/ACI-EL-ORG", "/ac/ACR-EL.key", "/crl/ACI-FO-PP-delta.crl"} {
		if rep, _ := lire(t, srv.URL+"/igc"+chemin, ""); rep.StatusCode != http.StatusNotFound {
			t.Errorf("%s : %d, want 404", chemin, rep.StatusCode)
		}
	}
}

// TestActualiser: a store refreshes its lists over HTTP from this front.
func TestActualiser(t *testing.T) {
	g := igctest.Nouvelle(t, func() time.Time { return lundi })
	mux := http.NewServeMux()
	front.Routes(mux, "/igc", g, func() time.Time { return lundi })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	m := certificat.NouveauMagasin(certificat.Options{})
	_, pemR := lire(t, srv.URL+"/igc/racines.pem", "")
	_, pemI := lire(t, srv.URL+"/igc/autorites.pem", "")
	if err := m.RemplacerAutorites(certificat.Extraire(pemR, "CERTIFICATE"), certificat.Extraire(pemI, "CERTIFICATE")); err != nil {
		t.Fatal(err)
	}
	hote := srv.Listener.Addr().String()
	x := &certificat.Actualiseur{Magasin: m, Source: certificat.NouvelleSourceHTTP(certificat.OptionsHTTP{Hotes: []string{hote}, AdressesPrivees: true})}
	for _, a := range g.ACs() {
		x.Adresses = append(x.Adresses, srv.URL+"/igc/crl/"+a.Nom+".crl")
	}
	e := igctest.Emettre(t, g, "ORG-SIGN", igctest.Structure())
	compter := func(a time.Time) (neuves, erreurs int) {
		for _, r := range x.ActualiserCRL(context.Background(), a) {
			if r.Erreur != nil && bytes.Contains([]byte(r.Adresse), []byte(srv.URL)) {
				erreurs++
			}
			if r.Liste != nil {
				neuves++
			}
		}
		return neuves, erreurs
	}
	if _, e := compter(lundi); e != 9 {
		t.Errorf("rien de publié : %d erreurs, want 9", e)
	}
	if _, err := g.PublierSiNecessaire(context.Background(), lundi); err != nil {
		t.Fatal(err)
	}
	if n, e := compter(lundi); n != 9 || e != 0 {
		t.Errorf("%d listes, %d erreurs, want 9 et 0", n, e)
	}
	if n, _ := compter(lundi.Add(time.Minute)); n != 0 {
		t.Errorf("une minute après : %d lectures utiles, want 0", n)
	}
	if n, e := compter(lundi.Add(2 * time.Hour)); n != 0 || e != 0 {
		t.Errorf("rien de changé : %d listes, %d erreurs, want 0 (304)", n, e)
	}
	if _, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi); err != nil {
		t.Error(err)
	}
}

// TestSourceFermee: hosts that are not listed and private addresses are refused,
// also behind a redirect. ref: PKI §6.4 (3)
func TestSourceFermee(t *testing.T) {
	cible := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("liste")) }))
	defer cible.Close()
	renvoi := httptest.NewServer(http.RedirectHandler(cible.URL, http.StatusFound))
	defer renvoi.Close()
	grosse := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 2048)) }))
	defer grosse.Close()
	hote := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	for nom, c := range map[string]struct {
		o   certificat.OptionsHTTP
		url string
	}{
		"hôte absent de la liste": {certificat.OptionsHTTP{AdressesPrivees: true}, cible.URL},
		"adresse privée":          {certificat.OptionsHTTP{Hotes: []string{hote(cible)}}, cible.URL},
		"redirection hors liste":  {certificat.OptionsHTTP{Hotes: []string{hote(renvoi)}, AdressesPrivees: true}, renvoi.URL},
		"trop gros":               {certificat.OptionsHTTP{Hotes: []string{hote(grosse)}, AdressesPrivees: true, Max: 1024}, grosse.URL},
		"ldap":                    {certificat.OptionsHTTP{Hotes: []string{"annuaire"}}, "ldap://annuaire/x"},
		"fichier":                 {certificat.OptionsHTTP{Hotes: []string{""}}, "file:///etc/passwd"},
	} {
		if _, _, err := certificat.NouvelleSourceHTTP(c.o).CRL(context.Background(), c.url, ""); err == nil {
			t.Errorf("%s : lu", nom)
		}
	}
	b, _, err := certificat.NouvelleSourceHTTP(certificat.OptionsHTTP{Hotes: []string{hote(cible)}, AdressesPrivees: true}).CRL(context.Background(), cible.URL, "")
	if err != nil || string(b) != "liste" {
		t.Errorf("%q, %v", b, err)
	}
}

func TestPEMLisible(t *testing.T) {
	g := igctest.Nouvelle(t, func() time.Time { return lundi })
	mux := http.NewServeMux()
	front.Routes(mux, "", g, func() time.Time { return lundi })
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/racines.pem", nil))
	p, _ := pem.Decode(w.Body.Bytes())
	if p == nil {
		t.Fatal("pas de PEM")
	}
	if c, err := x509.ParseCertificate(p.Bytes); err != nil || !c.IsCA {
		t.Error(err)
	}
}
