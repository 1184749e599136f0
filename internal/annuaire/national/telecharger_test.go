package national

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// contenu serves a file with ranges and validators, as a real server does.
func contenu(corps string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"un"`)
		w.Header().Set("Content-Disposition", `attachment; filename="PS_LibreAcces_SavoirFaire_202611230312.txt"`)
		http.ServeContent(w, r, "x.txt", midi.Add(-9*time.Hour), strings.NewReader(corps))
	}
}

// A download that is cut, slow, refused for a while or lied about ends with the right
// file, or with a clear error and nothing in its place.
func TestTelecharger(t *testing.T) {
	corps := strings.Repeat("une ligne fictive\n", 1000)
	part := func(w http.ResponseWriter, _ *http.Request) { // another part than the one that was asked for
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 5-%d/%d", len(corps)-1, len(corps)))
		w.WriteHeader(http.StatusPartialContent)
		w.Write([]byte(corps[5:]))
	}
	longue := func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(corps + corps)) }
	cas := []struct {
		nom      string
		fautes   []http.HandlerFunc
		requetes int
		reprise  bool // the last request asks for the rest alone
		err      error
	}{
		{"sans faute", nil, 1, false, nil},
		{"coupé puis repris", []http.HandlerFunc{coupe(corps, 5000, "ETag", `"un"`)}, 2, true, nil},
		{"coupé trois fois", []http.HandlerFunc{coupe(corps, 5000, "ETag", `"un"`), coupe(corps, 0, "ETag", `"un"`), coupe(corps, 9000, "ETag", `"un"`)}, 4, true, nil},
		{"coupé sans marque : repris au début", []http.HandlerFunc{coupe(corps, 5000)}, 2, false, nil},
		{"coupé, et le fichier a changé", []http.HandlerFunc{coupe(strings.Repeat("x", len(corps)), 5000, "ETag", `"zero"`)}, 2, true, nil},
		{"occupé puis en panne", []http.HandlerFunc{reponse(429), reponse(503), reponse(500)}, 4, false, nil},
		{"muet à mi-chemin", []http.HandlerFunc{lente(corps, 700)}, 2, true, nil},
		{"une autre part que demandée", []http.HandlerFunc{coupe(corps, 5000, "ETag", `"un"`), part}, 3, false, nil},
		{"plus long que permis", []http.HandlerFunc{longue}, 1, false, ErrTaille},
		{"en panne sans fin", []http.HandlerFunc{reponse(500), reponse(500), reponse(500), reponse(500), reponse(500)}, 4, false, ErrSource},
		{"interdit", []http.HandlerFunc{reponse(403)}, 1, false, ErrRefuse},
		{"absent", []http.HandlerFunc{reponse(404)}, 1, false, ErrSource},
		{"redirigé vers un réseau privé", []http.HandlerFunc{redirige("https://10.1.2.3/x")}, 1, false, ErrHote},
		{"redirigé vers la machine même", []http.HandlerFunc{redirige("https://169.254.169.254/latest/meta-data")}, 1, false, ErrHote},
		{"redirigé en clair", []http.HandlerFunc{redirige("http://127.0.0.1/")}, 1, false, ErrHote},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			o := nouvelleOrigine(t, contenu(corps))
			o.fauter(c.fautes...)
			d := &telechargement{r: nouveauReseau(o.acces()), adresse: o.URL + "/f.txt", chemin: filepath.Join(t.TempDir(), "f"), max: int64(len(corps) + 10)}
			m, neuf, err := d.obtenir(context.Background())
			if !errors.Is(err, c.err) {
				t.Fatalf("erreur %v, attendu %v", err, c.err)
			}
			if n := o.nombre(); n != c.requetes {
				t.Errorf("%d requêtes, attendu %d", n, c.requetes)
			}
			if c.err != nil {
				if _, err := os.Stat(d.chemin); err == nil {
					t.Error("un fichier refusé est en place")
				}
				return
			}
			if got := o.recues[len(o.recues)-1].Header.Get("Range") != ""; got != c.reprise {
				t.Errorf("reprise %v, attendu %v", got, c.reprise)
			}
			b, err := os.ReadFile(d.chemin)
			if err != nil || !neuf || string(b) != corps {
				t.Fatalf("%d octets, neuf %v, %v", len(b), neuf, err)
			}
			if m.Nom != "PS_LibreAcces_SavoirFaire_202611230312.txt" || len(m.SHA256) != 64 {
				t.Errorf("reçu %+v", m)
			}
			if _, neuf, err := d.obtenir(context.Background()); err != nil || neuf {
				t.Errorf("la seconde fois : neuf %v, %v", neuf, err)
			}
			if r := o.recues[len(o.recues)-1]; r.Header.Get("If-None-Match") == "" {
				t.Error("la seconde demande ne dit pas ce qui est déjà là")
			}
		})
	}
}

// A name that leads to a private address is refused when it is dialled, though it is in
// the list of hosts.
func TestAdressePrivee(t *testing.T) {
	o := nouvelleOrigine(t, contenu("x"))
	a := o.acces()
	a.Permis = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	_, err := nouveauReseau(a).demander(context.Background(), o.URL, nil, 200)
	if !errors.Is(err, ErrHote) || o.nombre() != 0 {
		t.Errorf("erreur %v, %d requêtes", err, o.nombre())
	}
}

// The wait that a source asks for is kept, within bounds.
func TestAttente(t *testing.T) {
	o := nouvelleOrigine(t, contenu("x"))
	dire := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", s); w.WriteHeader(429) }
	}
	o.fauter(dire("7"), dire("999999"), dire(midi.Add(9*time.Second).Format(http.TimeFormat)))
	rep, err := nouveauReseau(o.acces()).demander(context.Background(), o.URL, nil, 200)
	if err != nil {
		t.Fatal(err)
	}
	rep.Body.Close()
	if got := fmt.Sprint(o.attentes); got != "[7s 2m0s 9s]" {
		t.Errorf("attentes %s", got)
	}
}

// The key goes to its source, and to nobody else; it is in no error.
func TestCle(t *testing.T) {
	autre := nouvelleOrigine(t, contenu("x"))
	o := nouvelleOrigine(t, contenu("x"))
	a := o.acces()
	a.FichierCle = secret(t)
	u, _ := url.Parse(autre.URL)
	a.Hotes = append(a.Hotes, u.Host)
	a.TLS.RootCAs.AddCert(autre.Certificate())
	r := nouveauReseau(a)
	o.fauter(redirige(autre.URL + "/ailleurs"))
	rep, err := r.demander(context.Background(), o.URL, nil, 200)
	if err != nil {
		t.Fatal(err)
	}
	rep.Body.Close()
	if o.recues[0].Header.Get("ESANTE-API-KEY") != "cle-fictive-1234" {
		t.Error("la clé n'est pas donnée à sa source")
	}
	if autre.recues[0].Header.Get("ESANTE-API-KEY") != "" {
		t.Error("la clé est partie ailleurs")
	}
	o.fauter(reponse(401))
	_, err = r.demander(context.Background(), o.URL, nil, 200)
	if !errors.Is(err, ErrRefuse) {
		t.Errorf("erreur %v", err)
	}
	sansSecret(t, err)
	for nom, contenu := range map[string]string{"vide": " \n", "deux lignes": "a\nb", "énorme": strings.Repeat("a", 5000)} {
		os.WriteFile(a.FichierCle, []byte(contenu), 0o600)
		if _, err := r.demander(context.Background(), o.URL, nil, 200); !errors.Is(err, ErrCle) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	a.FichierCle = filepath.Join(t.TempDir(), "absent")
	if _, err := nouveauReseau(a).demander(context.Background(), o.URL, nil, 200); !errors.Is(err, ErrCle) {
		t.Errorf("absent : %v", err)
	}
}

func TestAdressesRefusees(t *testing.T) {
	r := nouveauReseau(Acces{Hotes: []string{"annuaire.example"}})
	for _, a := range []string{"http://annuaire.example/", "https://autre.example/", "https://moi:secret@annuaire.example/", "https://annuaire.example:8443/",
		"file:///etc/passwd", "://", ""} {
		if _, err := r.demander(context.Background(), a, nil, 200); !errors.Is(err, ErrHote) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s : %v", a, err)
		}
	}
}

func TestModes(t *testing.T) {
	for _, m := range []Mode{Extractions, FHIR, Export} {
		if _, err := Ouvrir(Config{Mode: m, Adresses: []string{"https://x.example"}, Repertoire: t.TempDir()}); err != nil {
			t.Error(m, err)
		}
	}
	if _, err := Ouvrir(Config{Mode: "ftp", Adresses: []string{"x"}, Repertoire: t.TempDir()}); !errors.Is(err, ErrMode) {
		t.Error(err)
	}
	s, err := Ouvrir(Config{Mode: Extractions, Adresses: []string{"https://a.example/x.zip", "https://b.example:8443/y.txt"}, Repertoire: t.TempDir()})
	if err != nil || !slices.Equal(s.(*extractions).r.a.Hotes, []string{"a.example", "b.example:8443"}) {
		t.Errorf("hôtes %v, %v", s.(*extractions).r.a.Hotes, err)
	}
	if _, err := Ouvrir(Config{Mode: FHIR, Repertoire: t.TempDir()}); err == nil {
		t.Error("sans adresse")
	}
}
