package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
)

// laboratoireSeul lays out a laboratory in one process, on free ports.
func laboratoireSeul(t *testing.T) *config.Fichier {
	t.Helper()
	f, err := quickstart(context.Background(), t.TempDir(), portsLibres(), heure{horloge: time.Now}, "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A SQLite base has one server: the second is told so, in French, and the base is
// free again once the first has stopped.
func TestUnSeulServeurSurSQLite(t *testing.T) {
	t.Parallel()
	f := laboratoireSeul(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	p, err := ouvrir(context.Background(), f, options{log: log})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ouvrir(context.Background(), f, options{log: log}); err == nil || !strings.Contains(err.Error(), "est déjà servie par un autre processus d'Écluse") {
		t.Errorf("second serveur : %v", err)
	}
	c, err := ouvrirPourCommande(context.Background(), f)
	if err != nil {
		t.Fatalf("commande à côté du serveur : %v", err)
	}
	if err := c.fermer(); err != nil {
		t.Error(err)
	}
	if err := p.fermer(); err != nil {
		t.Fatal(err)
	}
	if p, err = ouvrir(context.Background(), f, options{log: log}); err != nil {
		t.Fatalf("après l'arrêt du premier : %v", err)
	}
	if err := p.fermer(); err != nil {
		t.Error(err)
	}
}

// A server whose certificates are out of their dates is not ready, and says which;
// it speaks of them thirty days before.
func TestCertificatsHorsDates(t *testing.T) {
	t.Parallel()
	f := laboratoireSeul(t)
	var journal tampon
	decalage := time.Duration(0)
	p, err := ouvrir(context.Background(), f, options{log: slog.New(slog.NewTextHandler(&journal, nil)), horloge: func() time.Time { return time.Now().Add(decalage) }})
	if err != nil {
		t.Fatal(err)
	}
	defer p.fermer()
	surveiller := p.taches[len(p.taches)-1] // the last step of ouvrir
	tour := func() string {
		ctx, fin := context.WithCancel(context.Background())
		fin()
		avant := len(journal.String())
		surveiller(ctx)
		return journal.String()[avant:]
	}
	pret := func() (int, string) {
		w := httptest.NewRecorder()
		p.direPret(w, httptest.NewRequest("GET", "/pret", nil))
		return w.Code, w.Body.String()
	}
	if etat, corps := pret(); etat != 200 || bytes.Contains([]byte(corps), []byte("certificat")) {
		t.Fatalf("%d %s", etat, corps)
	}
	if s := tour(); s != "" {
		t.Errorf("rien à dire encore : %s", s)
	}
	serveur := p.lus.lire(f.Ecoute.Certificat)
	jour := 24 * time.Hour
	for _, x := range []struct {
		nom     string
		a       time.Time
		journal string
		pret    string
	}{
		{"vingt jours avant", serveur.NotAfter.Add(-20 * jour), "certificat expirant bientôt", ""},
		{"après", serveur.NotAfter.Add(jour), "certificat hors de ses dates", "le certificat du serveur a expiré le "},
		{"horloge en retard de dix ans", serveur.NotBefore.Add(-3650 * jour), "certificat hors de ses dates", "le certificat du serveur n'est valable qu'à partir du "},
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
