package laboratoire

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	rassstore "github.com/ecluse-sante/ecluse/internal/annuaire/store"
)

// TestAnnuaireSante serves the directory of a laboratory and reads it as each reader: what
// each sees, what is refused, what leaves a trace; then an ordre strikes a physician off,
// and everybody sees it within seconds.
func TestAnnuaireSante(t *testing.T) {
	t.Parallel()
	f := laboratoireSeul(t)
	dir := filepath.Dir(f.Chemin)
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	demander := func(lecteur, methode, chemin, corps string) (*http.Response, []byte) {
		t.Helper()
		q, err := http.NewRequest(methode, "https://"+f.AnnuaireSante.Ecoute+chemin, strings.NewReader(corps))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", "application/json")
		switch lecteur {
		case "":
		case "inconnu":
			q.Header.Set("ESANTE-API-KEY", "une-cle-que-personne-n-a-donnee")
		default:
			cle, err := os.ReadFile(filepath.Join(dir, "annuaire-"+lecteur+".cle"))
			if err != nil {
				t.Fatal(err)
			}
			q.Header.Set("Authorization", "Bearer "+string(cle))
		}
		r, err := client.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r, b
	}
	var journal bytes.Buffer
	var id string
	avecServeurDisant(t, f, &journal, func(visiteur) {
		r, b := demander("ordre", "GET", "/fhir/Practitioner?qualification-code=10&active=true&_count=1", "")
		var x struct {
			Entry []struct {
				Resource struct{ ID string }
			}
		}
		if err := json.Unmarshal(b, &x); err != nil || r.StatusCode != http.StatusOK || len(x.Entry) != 1 {
			t.Fatalf("un médecin : %s, %v\n%s", r.Status, err, b)
		}
		id = x.Entry[0].Resource.ID
		for _, c := range []struct {
			lecteur, vue   string
			statut         int
			naissance, bal bool
		}{
			{"", "V0/1", 200, false, true}, {"editeur", "V1/1", 200, false, true}, {"etablissement", "V6/1", 200, false, true},
			{"ministere", "V5/1", 200, true, true}, {"inconnu", "", 401, false, false},
		} {
			r, b := demander(c.lecteur, "GET", "/fhir/Practitioner/"+id, "")
			if r.StatusCode != c.statut || r.Header.Get("X-Vue") != c.vue || bytes.Contains(b, []byte("birthDate")) != c.naissance {
				t.Errorf("%q : %s, vue %q, naissance %v", c.lecteur, r.Status, r.Header.Get("X-Vue"), bytes.Contains(b, []byte("birthDate")))
			}
			if c.statut == 200 && r.Header.Get("RateLimit-Remaining") == "" {
				t.Errorf("%q : le quota n'est pas dit", c.lecteur)
			}
		}
		radiation := `{"nature":"praticien","id":"` + id + `","modifications":[{"rubrique":"actif","nouveau":"non"}]}`
		if r, b := demander("editeur", "POST", "/v1/demandes", radiation); r.StatusCode < 400 {
			t.Errorf("un éditeur radie un médecin sans preuve : %s %s", r.Status, b)
		}
		if r, b := demander("ordre", "POST", "/v1/demandes", radiation); r.StatusCode >= 300 || !bytes.Contains(b, []byte("APPLIQUEE")) {
			t.Fatalf("radiation : %s %s", r.Status, b)
		}
		for limite := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			if _, b := demander("", "GET", "/fhir/Practitioner/"+id, ""); bytes.Contains(b, []byte(`"active":false`)) {
				break
			}
			if time.Now().After(limite) {
				t.Fatal("dix secondes après, le médecin radié exerce encore")
			}
		}
	})
	for _, secret := range []string{"une-cle-que-personne", "birthDate"} {
		if strings.Contains(journal.String(), secret) {
			t.Errorf("le journal porte « %s »", secret)
		}
	}
	base, err := serveur.OuvrirBase(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer base.Fermer()
	s := rassstore.New(base, serveur.TenantAnnuaireSante, rassstore.Codec{Version: image.Format, Encoder: image.Encoder, Decoder: image.Decoder})
	l, err := s.ConsultationsDe(context.Background(), annuaire.Praticiens, id, 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(l) != 1 || l[0].Lecteur != "ministere" || l[0].Famille != "ministere" || l[0].Motif == "" {
		t.Errorf("traces : %+v", l)
	}
}
