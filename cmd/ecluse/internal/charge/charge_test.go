package charge

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

func optionsEssai(s roc.Service, f sceau.Face) Options {
	return Options{Base: "sqlite", Service: s, Face: f, Duree: 150 * time.Millisecond, Tours: 1, Connexions: 4, Emetteurs: 3,
		Beneficiaires: 60, Questions: 120, Cles: igc.EC256}
}

// A laboratory whose server runs in this process answers questions of both
// services, on both faces, and every answer is verified.
func TestCharge(t *testing.T) {
	for _, s := range []roc.Service{roc.IDB, roc.CLC} {
		for _, f := range []sceau.Face{sceau.REST, sceau.SOAP} {
			t.Run(string(s)+"/"+string(f), func(t *testing.T) {
				o := optionsEssai(s, f)
				o.Dir, o.Demi = t.TempDir(), s == roc.IDB
				b := &banc{o: o}
				b.t = servirEssai(t, &o)
				ctx := context.Background()
				if err := b.preparer(ctx); err != nil {
					t.Fatal(err)
				}
				if err := b.tour(ctx, 0); err != nil {
					t.Fatal(err)
				}
				if err := b.conclure(ctx); err != nil {
					t.Fatal(err)
				}
				b.lacher()
				m := b.mesure
				if m.Debit <= 0 || m.Plafond <= 0 || m.Rapport <= 0 || m.Delais.P50 <= 0 || m.Codes["erreur"] > 0 || m.Codes[string(roc.Accepte)] == 0 {
					t.Errorf("%+v", m)
				}
				if o.Demi && (m.Demi == nil || m.Demi.Delais.P99 <= 0) {
					t.Errorf("demi-charge %+v", m.Demi)
				}
			})
		}
	}
}

// servirEssai runs the server of a laboratory until the end of the test.
func servirEssai(t *testing.T, o *Options) *terrain {
	t.Helper()
	ctx, arreter := context.WithCancel(context.Background())
	x, err := laboratoireDeCharge(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := serveur.Ouvrir(ctx, x.f, serveur.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	fini := make(chan error, 1)
	go func() { fini <- p.Servir(ctx) }()
	t.Cleanup(func() {
		arreter()
		if err := <-fini; err != nil {
			t.Error(err)
		}
		if err := p.Fermer(); err != nil {
			t.Error(err)
		}
	})
	x.pid = os.Getpid()
	return x
}

// A question that leaves twice is another question: other identifiers, another
// dossier, and a seal that holds.
func TestQuestionsDifferentes(t *testing.T) {
	for _, f := range []sceau.Face{sceau.REST, sceau.SOAP} {
		o := optionsEssai(roc.IDB, f)
		o.Dir = t.TempDir()
		x, err := laboratoireDeCharge(context.Background(), &o)
		if err != nil {
			t.Fatal(err)
		}
		c, err := nouveauCarnet(x, &o)
		if err != nil {
			t.Fatal(err)
		}
		l, err := c.idb(2)
		if err != nil {
			t.Fatal(err)
		}
		h := rand.NewChaCha8([32]byte{1})
		vus := map[string]bool{}
		for passage := range 3 {
			for i := range l {
				v := envoi{chaine: chainePassage("OCTESSAI", f)}
				if err := v.preparer(&l[i], x.emetteurs[l[i].emetteur].cachet, f, passage, h); err != nil {
					t.Fatal(err)
				}
				e := lireQuestion(t, x, v.scelle.Octets, f)
				for _, cle := range []string{e.IDMessage.String(), e.IDEchange.String(), e.IDDossierES} {
					if vus[cle] {
						t.Errorf("%s : %s déjà servi", f, cle)
					}
					vus[cle] = true
				}
				if e.IDEchange != v.echange || time.Since(e.Horodatage).Abs() > time.Minute {
					t.Errorf("%s : %+v", f, e)
				}
			}
		}
	}
}

func lireQuestion(t *testing.T, x *terrain, brut []byte, f sceau.Face) roc.Enveloppe {
	t.Helper()
	o := sceau.Ouvreur{Juge: x.magasin, Relais: roc.BlocChaine}
	ouvrir := o.REST
	if f == sceau.SOAP {
		ouvrir = o.SOAP
	}
	p, err := ouvrir(brut, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if ch, err := roc.LireChaine(p); err != nil || len(ch.Maillons) != 1 {
		t.Errorf("chaîne %+v, %v", ch, err)
	}
	m := new(roc.Message[roc.DemandeIDB])
	if err := lireMessage(p, roc.EchangeIDB.Demande, roc.EchangeIDB.NomDemande, m); err != nil {
		t.Fatal(err)
	}
	return m.Enveloppe
}

func TestArrivees(t *testing.T) {
	l := arrivees(1000, 4*time.Second)
	if n := len(l); n < 3600 || n > 4400 {
		t.Errorf("%d arrivées en 4 s à 1000/s", n)
	}
	for i := 1; i < len(l); i++ {
		if l[i] < l[i-1] || l[i] >= 4*time.Second {
			t.Fatalf("arrivée %d à %s après %s", i, l[i], l[i-1])
		}
	}
}

func TestPercentiles(t *testing.T) {
	var l []time.Duration
	for i := range 100 {
		l = append(l, time.Duration(100-i)*time.Millisecond)
	}
	if d := percentiles(l); d.P50 != 51 || d.P95 != 96 || d.P99 != 100 || d.Max != 100 {
		t.Errorf("%+v", d)
	}
	if d := percentiles(nil); d != (delaisCharge{}) {
		t.Errorf("%+v", d)
	}
	if m := mediane([]float64{3, 1, 2, 10}); m != 2.5 {
		t.Errorf("médiane %v", m)
	}
}

func TestOptionsCharge(t *testing.T) {
	for nom, changer := range map[string]func(*Options){
		"service": func(o *Options) { o.Service = roc.DEL }, "face": func(o *Options) { o.Face = "X" },
		"tours": func(o *Options) { o.Tours = 0 }, "durée": func(o *Options) { o.Duree = time.Hour },
		"émetteurs": func(o *Options) { o.Emetteurs = emetteursMax + 1 }, "base": func(o *Options) { o.Base = "mysql://x" },
		"clés": func(o *Options) { o.Cles = "RSA-1024" }, "débit": func(o *Options) { o.Debit = -1 },
	} {
		o := optionsEssai(roc.IDB, sceau.REST)
		if err := o.Verifier(); err != nil {
			t.Fatal(err)
		}
		changer(&o)
		if o.Verifier() == nil {
			t.Errorf("%s : accepté", nom)
		}
	}
}

// The report for a person writes decimals with a comma, and leaves names alone.
func TestRapportVirgules(t *testing.T) {
	r := &Rapport{Go: "go1.26.8", Mesures: []mesureCharge{{HTTP: "HTTP/1.1", Rapport: 0.249, RapportCPU: 0.5, Delais: delaisCharge{P50: 1.5}, Demi: &demiCharge{}}},
		Ecarts: []ecartCharge{{De: "a", A: "b", Debit: -1.5}}}
	var b bytes.Buffer
	if err := r.Ecrire(&b); err != nil {
		t.Fatal(err)
	}
	for _, veut := range []string{"24,9 %", "50,0 %", "p50 1,5 ms", "débit -1,5 %", "go1.26.8", "HTTP/1.1"} {
		if !strings.Contains(b.String(), veut) {
			t.Errorf("manque « %s » :\n%s", veut, b.String())
		}
	}
	for l := range strings.Lines(b.String()) {
		if strings.HasPrefix(l, "  ") && regexp.MustCompile(`\d\.\d`).MatchString(l) {
			t.Errorf("point décimal : %s", l)
		}
	}
}
