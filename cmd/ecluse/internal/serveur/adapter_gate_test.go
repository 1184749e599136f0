package serveur

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/journaltest"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/vigietest"
	"github.com/ecluse-sante/ecluse/preuve"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// The verdict of an answer is whether it was believed: a seal that verifies is not
// enough when what it seals came too late, and a refusal well sealed is believed.
func TestVerdictDeLaReponse(t *testing.T) {
	banc := journaltest.Nouveau(t, bdd.SQLite)
	const tenant = "es:990000127"
	maintenant := time.Now().UTC()
	r := registreJournal{roc.SansRegistre{}, &journaux{par: map[string]*journal.Journal{tenant: banc.Journal(t, tenant)}}, tenant, roc.Partie{Type: roc.ES, ID: "990000127"},
		func() time.Time { return maintenant }, banc.Base.Grouper}
	lui := sceautest.New(t, "1990000135", maintenant)
	m := certificat.NouveauMagasin(certificat.Options{})
	crl, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(2), ThisUpdate: maintenant.Add(-time.Hour), NextUpdate: maintenant.Add(24 * time.Hour)}, lui.AC, lui.CleAC)
	if err == nil {
		err = m.RemplacerAutorites([][]byte{lui.AC.Raw}, nil)
	}
	if err == nil {
		_, err = m.AjouterCRL(crl)
	}
	if err != nil {
		t.Fatal(err)
	}
	scelleur := scellerTest(t, m, lui, maintenant).verdict
	for nom, c := range map[string]struct {
		scelleur certificat.Verdict
		code     roc.Code
		refus    error
		want     string
	}{
		"accord":              {scelleur, roc.Accepte, nil, preuve.VerdictValide},
		"refus du partenaire": {scelleur, roc.HorsCercle, &roc.Refus{Code: roc.HorsCercle, Distant: true}, preuve.VerdictValide},
		"trop tard":           {scelleur, roc.Rejeu, roc.Refuser(roc.Rejeu, "horodatage"), "S504"},
		"sceau refusé":        {certificat.Verdict{}, roc.SceauInvalide, roc.Refuser(roc.SceauInvalide, ""), string(roc.SceauInvalide)},
		"silence":             {certificat.Verdict{}, "", errors.Join(roc.ErrSansReponse), ""},
	} {
		a := &roc.Arrivee{Instant: maintenant, Scelleur: c.scelleur, Code: c.code, Refus: c.refus, Depart: roc.Depart{Service: roc.RET, Instant: maintenant}}
		if got := r.trace(a).VerdictReponse; got != c.want {
			t.Errorf("%s : %q, want %q", nom, got, c.want)
		}
	}
}

// A batch whose persons are unknown stops the invoices of its sealer, with the reason,
// and none of the questions of its admission desk.
func TestDemanderParService(t *testing.T) {
	maintenant := time.Now().UTC()
	horloge := func() time.Time { return maintenant }
	v := vigieGate{garde: vigie.NewGarde(vigie.Parametres{}, nil, nil), horloge: horloge}
	pseudos, err := vigie.NewPseudonymes(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	x := tentatives{garde: v.garde, pseudos: pseudos, tenant: "amc:99000001", numero: "99000001", horloge: horloge}
	for i := range 60 {
		n, err := sante.ParseNumeroAdherent(fmt.Sprintf("INCONNU%03d", i))
		if err != nil {
			t.Fatal(err)
		}
		conclure, err := x.Tenter(t.Context(), amc.Essai{Scelleur: "1990000127", Adherent: n, Pour: amc.PourFacture})
		if err != nil {
			t.Fatal(err)
		}
		conclure(roc.BeneficiaireInconnu)
	}
	if err := v.Demander(t.Context(), x.tenant, "1990000127", "ES-990000127", roc.IDB); err != nil {
		t.Errorf("le bureau des entrées est arrêté avec les factures : %v", err)
	}
	var r *roc.Refus
	if err := v.Demander(t.Context(), x.tenant, "1990000127", "ES-990000127", roc.DRE); !errors.As(err, &r) || r.Code != roc.Quota || r.Reprise != 900 || !strings.Contains(r.Detail, "factures sans engagement") {
		t.Errorf("lot suivant : %v, S506 pour 900 s avec la raison attendu", err)
	}
}

// The gate names who asks without a seal as the watch reads it: a relay that changes the
// name of its caller at each question is one relay.
func TestRelaisComptePourUn(t *testing.T) {
	if gate.ParRelais != vigie.ParRelais {
		t.Fatalf("la porte écrit %q, la vigie lit %q", gate.ParRelais, vigie.ParRelais)
	}
	v := vigieGate{garde: vigie.NewGarde(vigie.Parametres{RelaisParMinute: 100}, nil, nil), horloge: time.Now}
	servies := 0
	for i := range 300 {
		err := v.Demander(t.Context(), "amc:99000001", fmt.Sprint("399912345800013", gate.ParRelais, 750000000+i), "", roc.DLD)
		var r *roc.Refus
		switch {
		case err == nil:
			servies++
		case !errors.As(err, &r) || r.Code != roc.Quota || r.Reprise == 0:
			t.Fatal(err)
		}
	}
	if servies != 100 {
		t.Errorf("%d servies, want 100", servies)
	}
}

// A professional asks so many rights in a day, whatever structures seal for him, and as
// long as the dated bound says; nobody uses up his day by writing his name.
func TestQuotaDuJour(t *testing.T) {
	bornes, err := vigie.LireBornes(strings.NewReader("borne;valeurs;debut;fin;source\nDROITS_PAR_JOUR;100;2026-03-01;2026-03-31;essai\nDROITS_PAR_JOUR;200;2026-04-01;;essai\n"))
	if err != nil {
		t.Fatal(err)
	}
	a := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)
	vus := &vigietest.Evenements{}
	v := vigieGate{garde: vigie.NewGarde(vigie.Parametres{DroitsParMinute: 10_000}, nil, vus), alertes: vus, bornes: bornes, horloge: func() time.Time { return a }}
	servies := func(n int, demandeur func(i int) string, emetteur string, s roc.Service) (total int) {
		t.Helper()
		for i := range n {
			err := v.Demander(t.Context(), "amc:99000001", demandeur(i), emetteur, s)
			var r *roc.Refus
			switch {
			case err == nil:
				total++
			case !errors.As(err, &r) || r.Code != roc.Quota || r.Reprise < 60:
				t.Fatal(err)
			}
		}
		return total
	}
	une := func(s string) func(int) string { return func(int) string { return s } }
	relais := func(i int) string { return fmt.Sprint("399912345800013", gate.ParRelais, "752000012") }
	for _, x := range []struct {
		nom       string
		apres     time.Duration
		n         int
		demandeur func(int) string
		emetteur  string
		service   roc.Service
		want      int
	}{
		{"une adresse qui dit être l'officine", 0, 500, une("@192.0.2.1"), "", roc.DLD, 100},
		{"un relais qui la nomme", 0, 500, relais, "", roc.DLD, 100},
		{"l'officine elle-même, sous deux sceaux", 0, 500, func(i int) string { return fmt.Sprint("S-", i%2) }, "PS-752000012", roc.DLD, 100},
		{"sa voisine, sous un de ces sceaux", 0, 50, une("S-1"), "PS-752000020", roc.DLD, 50},
		{"ses factures", 0, 50, une("S-1"), "PS-752000012", roc.FAO, 50},
		{"une autre adresse", 0, 50, une("@192.0.2.2"), "", roc.DLD, 50},
		{"le soir", 12 * time.Hour, 500, une("S-1"), "PS-752000012", roc.DLD, 0},
		{"deux jours après", 48 * time.Hour, 500, une("S-1"), "PS-752000012", roc.DLD, 100},
		{"en avril", 30 * 24 * time.Hour, 500, une("S-1"), "PS-752000012", roc.DLD, 200},
	} {
		a = time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC).Add(x.apres)
		if n := servies(x.n, x.demandeur, x.emetteur, x.service); n != x.want {
			t.Errorf("%s : %d servies, want %d", x.nom, n, x.want)
		}
	}
	var codes []string
	for _, e := range vus.Tous() {
		codes = append(codes, string(e.Code)+" "+e.Structure)
	}
	const ps = "QUOTA_DU_JOUR PS-752000012"
	if want := []string{"QUOTA_DU_JOUR @192.0.2.1", "QUOTA_DU_JOUR 399912345800013>752000012", ps, ps, ps}; !slices.Equal(codes, want) {
		t.Errorf("événements %q, want %q", codes, want)
	}
}

// A table of bounds that the operator lays down takes the place of the program's, whole;
// one that is refused is told by its name.
func TestBornesPosees(t *testing.T) {
	chemin := filepath.Join(t.TempDir(), "bornes.csv")
	p := &Processus{Fichier: &config.Fichier{}}
	poser := func(texte string) (vigie.Bornes, error) {
		t.Helper()
		if err := os.WriteFile(chemin, []byte(texte), 0o600); err != nil {
			t.Fatal(err)
		}
		p.Fichier.Vigie.Bornes = chemin
		return p.bornes()
	}
	jour := sante.JourDe(2026, 11, 23)
	if l, err := p.bornes(); err != nil || !slices.Equal(l.A(vigie.DroitsParJour, jour), []int{2000}) {
		t.Errorf("du programme : %v, %v", l, err)
	}
	if l, err := poser("borne;valeurs;debut;fin;source\nDROITS_PAR_JOUR;10;2026-01-01;;essai\n"); err != nil || !slices.Equal(l.A(vigie.DroitsParJour, jour), []int{10}) || l.A(vigie.PreavisCle, jour) != nil {
		t.Errorf("posée : %v, %v", l, err)
	}
	if _, err := poser("DROITS_PAR_JOUR;10\n"); !errors.Is(err, vigie.ErrBornes) || !strings.Contains(err.Error(), chemin) {
		t.Errorf("refusée : %v", err)
	}
}
