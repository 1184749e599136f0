package serveur_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/laboratoire"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
)

// unLaboratoire lays out a laboratory in one process, on free ports.
func unLaboratoire(t *testing.T) *config.Fichier {
	t.Helper()
	a, err := laboratoire.HeureDe("")
	if err != nil {
		t.Fatal(err)
	}
	f, err := laboratoire.Quickstart(context.Background(), t.TempDir(), laboratoire.PortsLibres(), a, "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A SQLite base has one server: the second is told so, in French, and the base is
// free again once the first has stopped.
func TestUnSeulServeurSurSQLite(t *testing.T) {
	t.Parallel()
	f := unLaboratoire(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	p, err := serveur.Ouvrir(context.Background(), f, serveur.Options{Log: log, Bureau: laboratoire.Bureau})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := serveur.Ouvrir(context.Background(), f, serveur.Options{Log: log, Bureau: laboratoire.Bureau}); err == nil || !strings.Contains(err.Error(), "est déjà servie par un autre processus d'Écluse") {
		t.Errorf("second serveur : %v", err)
	}
	c, err := serveur.OuvrirPourCommande(context.Background(), f)
	if err != nil {
		t.Fatalf("commande à côté du serveur : %v", err)
	}
	if err := c.Fermer(); err != nil {
		t.Error(err)
	}
	if err := p.Fermer(); err != nil {
		t.Fatal(err)
	}
	if p, err = serveur.Ouvrir(context.Background(), f, serveur.Options{Log: log, Bureau: laboratoire.Bureau}); err != nil {
		t.Fatalf("après l'arrêt du premier : %v", err)
	}
	if err := p.Fermer(); err != nil {
		t.Error(err)
	}
}

// A server whose certificates are out of their dates is not ready, and says which;
// it speaks of them thirty days before.
func TestCertificatsHorsDates(t *testing.T) {
	t.Parallel()
	f := unLaboratoire(t)
	var journal journalEcrit
	decalage := time.Duration(0)
	p, err := serveur.Ouvrir(context.Background(), f, serveur.Options{Log: slog.New(slog.NewTextHandler(&journal, nil)), Bureau: laboratoire.Bureau, Horloge: func() time.Time { return time.Now().Add(decalage) }})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Fermer()
	surveiller := p.DerniereTache() // the last step of Ouvrir
	tour := func() string {
		ctx, fin := context.WithCancel(context.Background())
		fin()
		avant := len(journal.String())
		surveiller(ctx)
		return journal.String()[avant:]
	}
	pret := func() (int, string) {
		w := httptest.NewRecorder()
		p.Pret(w, httptest.NewRequest("GET", "/pret", nil))
		return w.Code, w.Body.String()
	}
	if etat, corps := pret(); etat != 200 || bytes.Contains([]byte(corps), []byte("certificat")) {
		t.Fatalf("%d %s", etat, corps)
	}
	if s := tour(); s != "" {
		t.Errorf("rien à dire encore : %s", s)
	}
	lu := p.LireCertificat(f.Ecoute.Certificat)
	jour := 24 * time.Hour
	for _, x := range []struct {
		nom     string
		a       time.Time
		journal string
		pret    string
	}{
		{"vingt jours avant", lu.NotAfter.Add(-20 * jour), "certificat expirant bientôt", ""},
		{"après", lu.NotAfter.Add(jour), "certificat hors de ses dates", "le certificat du serveur a expiré le "},
		{"horloge en retard de dix ans", lu.NotBefore.Add(-3650 * jour), "certificat hors de ses dates", "le certificat du serveur n'est valable qu'à partir du "},
	} {
		decalage = time.Until(x.a)
		if s := tour(); !strings.Contains(s, x.journal) || !strings.Contains(s, "cachet de l'AMC") {
			t.Errorf("%s : journal %q", x.nom, s)
		}
		if s := tour(); s != "" {
			t.Errorf("%s : dit deux fois le même jour", x.nom)
		}
		etat, corps := pret()
		if x.pret != "" && (etat != 503 || !strings.Contains(corps, x.pret) || !strings.Contains(corps, "le cachet de l'établissement")) {
			t.Errorf("%s : %d %s", x.nom, etat, corps)
		}
		if x.pret == "" && strings.Contains(corps, "expiré") {
			t.Errorf("%s : %s", x.nom, corps)
		}
	}
}

// journalEcrit is read while the server writes in it.
type journalEcrit struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journalEcrit) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(b)
}

func (j *journalEcrit) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}
