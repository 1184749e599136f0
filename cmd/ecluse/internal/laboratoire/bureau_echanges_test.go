package laboratoire

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
)

// The desk of a laboratory shows what its hospitals really asked, seal checked and
// proof beside, and still does once the server was started again.
func TestBureauGardeLesEchanges(t *testing.T) {
	t.Parallel()
	f := laboratoireSeul(t)
	var essai string
	avecServeur(t, f, func(b visiteur) {
		if page := b.lire("/", http.StatusOK); !strings.Contains(page, "n'a encore rien échangé") {
			t.Error("un laboratoire neuf ne dit pas quoi faire")
		}
		essai = b.demanderDroits()
		b.verifierEchange(essai)
	})
	avecServeur(t, f, func(b visiteur) {
		if page := b.lire("/", http.StatusOK); !strings.Contains(page, `href="`+essai+`"`) || !strings.Contains(page, "Vos essais") {
			t.Error("après un redémarrage, l'essai n'est plus listé")
		}
		b.verifierEchange(essai)
		if suivant := b.demanderDroits(); suivant == essai {
			t.Errorf("deux essais sous la même adresse %s", essai)
		}
	})
}

// visiteur is who visits the desk of a laboratory.
type visiteur struct {
	t       *testing.T
	adresse string
}

// laboratoireSeul lays out a laboratory in one process, on free ports.
func laboratoireSeul(t *testing.T) *config.Fichier {
	t.Helper()
	f, err := Quickstart(context.Background(), t.TempDir(), PortsLibres(), Heure{horloge: time.Now}, "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// avecServeur runs a server for a while.
func avecServeur(t *testing.T, f *config.Fichier, visiter func(visiteur)) {
	t.Helper()
	avecServeurDisant(t, f, io.Discard, visiter)
}

// avecServeurDisant runs a server that says all to a log.
func avecServeurDisant(t *testing.T, f *config.Fichier, journal io.Writer, visiter func(visiteur)) {
	t.Helper()
	p, err := serveur.Ouvrir(context.Background(), f, serveur.Options{Log: slog.New(slog.NewTextHandler(journal, &slog.HandlerOptions{Level: slog.LevelDebug})), Bureau: Bureau})
	if err != nil {
		t.Fatal(err)
	}
	ctx, arreter := context.WithCancel(context.Background())
	fini := make(chan error, 1)
	go func() { fini <- p.Servir(ctx) }()
	defer func() {
		arreter()
		if err := <-fini; err != nil {
			t.Error(err)
		}
		if err := p.Fermer(); err != nil {
			t.Error(err)
		}
	}()
	visiter(visiteur{t, "http://" + f.Bureau.Adresse})
}

func (v visiteur) lire(chemin string, etat int) string {
	v.t.Helper()
	r, err := http.Get(v.adresse + chemin)
	if err != nil {
		v.t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != etat {
		v.t.Fatalf("%s : %d, %v", chemin, r.StatusCode, err)
	}
	return string(b)
}

// demanderDroits sends an IDB by the form, and gives the page where it is shown.
func (v visiteur) demanderDroits() string {
	v.t.Helper()
	formulaire := v.lire("/essayer", http.StatusOK)
	premier := func(liste string) string { // the first value that a list of the form offers
		_, reste, _ := strings.Cut(formulaire, `<select id="`+liste+`"`)
		for {
			_, reste, _ = strings.Cut(reste, `<option value="`)
			if valeur, _, ok := strings.Cut(reste, `"`); !ok || valeur != "" {
				return valeur
			}
		}
	}
	corps := url.Values{"service": {"IDB"}, "face": {"REST"}, "etablissement": {premier("etablissement")}, "patient": {premier("patient")}, "passage": {"ACE"}}
	r, err := http.NewRequest(http.MethodPost, v.adresse+"/essayer", strings.NewReader(corps.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", v.adresse)
	rep, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer rep.Body.Close()
	adresse := rep.Header.Get("Location")
	if rep.StatusCode != http.StatusSeeOther || !strings.HasPrefix(adresse, "/etape/") {
		b, _ := io.ReadAll(rep.Body)
		v.t.Fatalf("essai : %d %q %s", rep.StatusCode, adresse, b)
	}
	return adresse
}

// verifierEchange checks that an exchange is shown with its two messages, their
// seals and its proof.
func (v visiteur) verifierEchange(chemin string) {
	v.t.Helper()
	page := v.lire(chemin, http.StatusOK)
	for _, attendu := range []string{"Demande de droits (IDB)", "accepté", `id="question"`, `id="reponse"`, "Message brut", "preuve vérifiée"} {
		if !strings.Contains(page, attendu) {
			v.t.Errorf("%s : rien sur %q", chemin, attendu)
		}
	}
	for _, refus := range []string{"Le sceau est refusé", "preuve refusée"} {
		if strings.Contains(page, refus) {
			v.t.Errorf("%s : %s", chemin, refus)
		}
	}
}
