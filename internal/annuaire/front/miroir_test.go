package front

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/national"
)

// The mirror of a directory, which is another's code, follows our door page after page
// and by exports: the records that it draws say in public what ours say.
func TestMiroir(t *testing.T) {
	x, err := NouvelExporteur(t.TempDir(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	d := depot(t, foule(70))
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	p := porte(t, d, func(o *Options) { o.Base, o.Exports, o.Horloge = s.URL+"/fhir", x, time.Now })
	s.Config.Handler = p
	enFond(t, p)
	racines := x509.NewCertPool()
	racines.AddCert(s.Certificate())
	v := d.Vue()
	defer v.Rendre()
	for _, mode := range []national.Mode{national.FHIR, national.Export} {
		source, err := national.Ouvrir(national.Config{Mode: mode, Adresses: []string{s.URL + "/fhir"}, Repertoire: t.TempDir(), Page: 20, Acces: national.Acces{
			Hotes: []string{strings.TrimPrefix(s.URL, "https://")}, Permis: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, TLS: &tls.Config{RootCAs: racines, MinVersion: tls.VersionTLS13},
			ParMinute: 1e6, Dormir: func(ctx context.Context, _ time.Duration) error { time.Sleep(5 * time.Millisecond); return ctx.Err() }}})
		if err != nil {
			t.Fatal(err)
		}
		l, err := source.Lot(t.Context())
		if err != nil {
			t.Fatalf("%s : %v", mode, err)
		}
		n := 0
		for k, err := range l.Flux[0].Fiches {
			if err != nil {
				t.Fatalf("%s : %v", mode, err)
			}
			n++
			comparer(t, p, mode, k)
		}
		attendues := 0
		for _, nature := range []annuaire.Nature{annuaire.Praticiens, annuaire.Situations, annuaire.Structures, annuaire.Activites, annuaire.Equipements} {
			attendues += v.Nombre(nature)
		}
		if n != attendues {
			t.Errorf("%s : %d fiches, attendu %d", mode, n, attendues)
		}
	}
}

// comparer writes what the mirror drew as the public would read it there, and reads ours.
func comparer(t *testing.T, p *Porte, mode national.Mode, k annuaire.Changement) {
	t.Helper()
	n, e := k.Entete()
	type_, quelle := map[annuaire.Nature]string{annuaire.Praticiens: "Practitioner", annuaire.Situations: "PractitionerRole", annuaire.Structures: "Organization",
		annuaire.Activites: "HealthcareService", annuaire.Equipements: "Device"}[n], e.ID
	w := demander(t, p, "", "/"+type_+"/"+quelle)
	if w.Code != 200 {
		t.Fatalf("%s : %s %d", mode, type_, w.Code)
	}
	if strings.Contains(w.Body.String(), `"INSURER"`) {
		return // the national directory has none: a mirror does not know them
	}
	sans := func(b []byte) map[string]any {
		var v map[string]any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		delete(v, "meta")    // versions and instants are those of each directory
		delete(v, "_line")   // a label is not in the parts
		delete(v, "address") // nor the label of a kind of street
		return v
	}
	notre, sien := sans(w.Body.Bytes()), sans(ecrit(t, "", k))
	a, _ := json.Marshal(notre)
	b, _ := json.Marshal(sien)
	if string(a) != string(b) {
		t.Errorf("%s : %s\nici   %s\nlà-bas %s", mode, type_, a, b)
	}
}
