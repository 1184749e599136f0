package droits

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sante"
)

// Every row of the table of §8.3, then its edges. ref: VISIO §8.3
func TestReutilisationPermise(t *testing.T) {
	for _, c := range []struct {
		droitsFin, facturation string
		revoquee               bool
		x                      int
		motif                  MotifDecision
		permis                 bool
	}{
		{"2026-01-31", "2026-01-20", false, 0, DroitsOuverts, true},
		{"2026-01-31", "2026-02-01", false, 0, HorsTolerance, false},
		{"2026-01-31", "2026-02-01", false, 1, HorsTolerance, false},
		{"2026-01-31", "2026-02-01", false, 2, DansTolerance, true},
		{"2026-01-31", "2026-02-15", false, 15, HorsTolerance, false},
		{"2026-01-31", "2026-02-14", false, 15, DansTolerance, true},
		{"", "2026-02-01", false, 15, SansDroits, false},
		{"2026-01-31", "2026-01-20", true, 15, Revoquee, false},
		{"2026-01-31", "2026-02-01", true, 15, Revoquee, false},

		{"2026-01-31", "2026-01-31", false, 0, DroitsOuverts, true},
		{"2026-01-31", "2026-02-01", false, -1, HorsTolerance, false},
		{"2026-03-28", "2026-03-30", false, 3, DansTolerance, true}, // over the change to summer time
		{"2026-03-28", "2026-03-30", false, 2, HorsTolerance, false},
		{"2027-12-31", "2028-03-01", false, 61, HorsTolerance, false}, // over the 29th of February
		{"2027-12-31", "2028-03-01", false, 62, DansTolerance, true},
	} {
		var p *Anterieurs
		if c.droitsFin != "" {
			p = &Anterieurs{jour(t, c.droitsFin), c.revoquee}
		}
		d := ReutilisationPermise(p, jour(t, c.facturation), c.x)
		if d.Motif != c.motif || d.Permis != c.permis || d.Phrase == "" || d.QuiAgit == "" {
			t.Errorf("%+v : %+v", c, d)
		}
	}
	if d := ReutilisationPermise(&Anterieurs{}, jour(t, "2026-01-01"), 15); d.Motif != SansDroits {
		t.Errorf("droits sans fin : %+v", d)
	}
}

// A larger tolerance never refuses what a smaller one allows, a later billing never
// is allowed when an earlier one is refused, and a revoked accreditation never
// serves.
func TestReutilisationMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &Anterieurs{sante.Jour(rapid.Int32Range(1, 1_000_000).Draw(t, "fin")), rapid.Bool().Draw(t, "révoquée")}
		j := sante.Jour(rapid.Int32Range(1, 1_000_000).Draw(t, "facturation"))
		if rapid.Bool().Draw(t, "proche") {
			j = p.DroitsFin + sante.Jour(rapid.Int32Range(-40, 400).Draw(t, "écart"))
		}
		x := rapid.IntRange(-2, 366).Draw(t, "X")
		plus, avant := rapid.IntRange(0, 400).Draw(t, "de plus"), sante.Jour(rapid.Int32Range(0, 400).Draw(t, "avant"))
		d := ReutilisationPermise(p, j, x)
		if d.Permis && (p.Revoquee || !ReutilisationPermise(p, j, x+plus).Permis || !ReutilisationPermise(p, j-avant, x).Permis) {
			t.Fatalf("%+v, le %s, X = %d : %+v", p, j, x, d)
		}
		// The rule, as the text has it.
		if want := !p.Revoquee && (p.DroitsFin >= j || int(j-p.DroitsFin) < x); want != d.Permis {
			t.Fatalf("%+v, le %s, X = %d : %v", p, j, x, d.Permis)
		}
	})
}

// Each reason has its sentence, and nothing is allowed without a known reason.
func TestDecisions(t *testing.T) {
	for m, d := range decisions {
		if d.Phrase == "" || !strings.HasSuffix(d.Phrase, ".") || d.Motif != "" || !d.Permis && d.QuiAgit == "" {
			t.Errorf("%s : %+v", m, d)
		}
	}
	if d := decider("INCONNU"); d.Permis {
		t.Error("un motif inconnu permet")
	}
}

// 200 and 201 are never confused: a service that is not open does not open the
// degraded mode, nor does any refusal of the insurer. ref: VISIO §14
func TestCauseDe(t *testing.T) {
	for code, want := range map[string]CauseDegrade{"201": CauseAMC, "202": CauseOTP, "203": CauseOCT, "204": CausePS,
		"": "", "000": "", "001": "", "100": "", "110": "", "111": "", "120": "", "130": "", "200": "", "300": "", "T611": "", "S503": "", "205": ""} {
		if got, ok := CauseDe(code); got != want || ok != (want != "") {
			t.Errorf("%q : %q, %v", code, got, ok)
		}
	}
	if l := (CauseDegrade("")).Codes(); !slices.Equal(l, []string{"PS", "OCT", "OTP", "AMC"}) {
		t.Error(l)
	}
}

func TestTentative(t *testing.T) {
	h, err := HoteDe("https://DLD.amc.example:8443/v1/visiodroits/dld?adherent=SECRET")
	if err != nil || h.String() != "dld.amc.example" {
		t.Fatalf("%s, %v", h, err)
	}
	x, err := NouvelleTentative(instant, h, ErreurDelai, "201")
	if err != nil || x.Cause != CauseAMC {
		t.Fatalf("%+v, %v", x, err)
	}
	const want = `{"cause":"AMC","classe":"DELAI","code":"201","hote":"dld.amc.example","instant":"2026-11-22T10:30:15.000Z"}`
	if got := string(x.Octets()); got != want {
		t.Errorf("got %s", got)
	}
	if lue, err := LireTentative(x.Octets()); err != nil || lue != x {
		t.Errorf("%+v, %v", lue, err)
	}
	for nom, f := range map[string]func() (Tentative, error){
		"service non ouvert":    func() (Tentative, error) { return NouvelleTentative(instant, h, ErreurReponse, "200") },
		"sans hôte":             func() (Tentative, error) { return NouvelleTentative(instant, Hote{}, ErreurReponse, "201") },
		"sans instant":          func() (Tentative, error) { return NouvelleTentative(time.Time{}, h, ErreurReponse, "201") },
		"classe inconnue":       func() (Tentative, error) { return NouvelleTentative(instant, h, "AUTRE", "201") },
		"cause d'un autre code": func() (Tentative, error) { return LireTentative([]byte(strings.Replace(want, "AMC", "OTP", 1))) },
		"code qui n'ouvre rien": func() (Tentative, error) { return LireTentative([]byte(strings.Replace(want, "201", "200", 1))) },
		"du texte en plus":      func() (Tentative, error) { return LireTentative([]byte(strings.Replace(want, "{", `{"a":"b",`, 1))) },
		"blanc":                 func() (Tentative, error) { return LireTentative([]byte(want + "\n")) },
	} {
		if x, err := f(); !errors.Is(err, ErrTentative) {
			t.Errorf("%s : %+v, %v", nom, x, err)
		}
	}
	for _, s := range []string{"", "a b", "amc.example/adherent", "é", "A", strings.Repeat("a", 254), "a?b", "u@h"} {
		if _, err := ParseHote(s); !errors.Is(err, ErrHote) {
			t.Errorf("hôte %q : %v", s, err)
		}
	}
	if _, err := HoteDe("https://a b/1850199SECRET"); !errors.Is(err, ErrHote) || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("adresse illisible : %v", err)
	}
}

// Real failures find their class.
func TestClasser(t *testing.T) {
	lent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer lent.Close()
	coupe := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer coupe.Close()
	secret := httptest.NewUnstartedServer(http.NotFoundHandler())
	secret.Config.ErrorLog = log.New(io.Discard, "", 0)
	secret.StartTLS()
	defer secret.Close()
	ferme, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mort := "http://" + ferme.Addr().String()
	ferme.Close()
	get := func(adresse string) error {
		delai := 30 * time.Second
		if adresse == lent.URL {
			delai = 100 * time.Millisecond
		}
		ctx, fin := context.WithTimeout(context.Background(), delai)
		defer fin()
		q, err := http.NewRequestWithContext(ctx, http.MethodGet, adresse, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.DefaultClient.Do(q)
		if err == nil {
			r.Body.Close()
		}
		return err
	}
	for _, c := range []struct {
		cas  string
		err  error
		want ClasseErreur
	}{
		{"port fermé", get(mort), ErreurConnexion},
		{"serveur lent", get(lent.URL), ErreurDelai},
		{"autorité inconnue", get(secret.URL), ErreurTLS},
		{"TLS demandé à un serveur qui n'en fait pas", get(strings.Replace(lent.URL, "http", "https", 1)), ErreurReponse},
		{"connexion coupée avant la réponse", get(coupe.URL), ErreurConnexion},
		{"certificat d'un autre", fmt.Errorf("x: %w", x509.HostnameError{Certificate: secret.Certificate(), Host: "a"}), ErreurTLS},
		{"nom inconnu", fmt.Errorf("x: %w", &net.DNSError{Err: "no such host", Name: "a", IsNotFound: true}), ErreurNom},
		{"réponse", errors.New("HTTP 503"), ErreurReponse},
	} {
		if c.err == nil {
			t.Errorf("%s : pas d'erreur", c.cas)
		} else if got := Classer(c.err); got != c.want {
			t.Errorf("%s : %s, attendu %s (%v)", c.cas, got, c.want, c.err)
		}
	}
}

func FuzzTentative(f *testing.F) {
	f.Add([]byte(`{"cause":"AMC","classe":"DELAI","code":"201","hote":"a","instant":"2026-11-22T10:30:15.000Z"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, err := LireTentative(b); err == nil && string(x.Octets()) != string(b) {
			t.Fatalf("%s lu %s", b, x.Octets())
		}
	})
}
