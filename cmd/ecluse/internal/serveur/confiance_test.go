package serveur

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
)

// A process that starts again knows the revocations it had read, its distribution
// point down or replaying an older list. ref: PKI §6.4 (4)
func TestConfianceRedemarrage(t *testing.T) {
	lundi := time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)
	ctx := context.Background()
	horloge := func() time.Time { return lundi }
	g := igctest.Nouvelle(t, horloge)
	e := igctest.Emettre(t, g, igc.ProfilOrgSign, igctest.Structure())
	liste := func(ac string) []byte {
		l, err := g.Publier(ctx, ac, lundi)
		if err != nil {
			t.Fatal(err)
		}
		return l.DER
	}
	dir := t.TempDir()
	ecrire := func(dossier string, ders ...[]byte) {
		if err := os.MkdirAll(filepath.Join(dir, "confiance", dossier), 0o755); err != nil {
			t.Fatal(err)
		}
		for i, der := range ders {
			if err := os.WriteFile(filepath.Join(dir, "confiance", dossier, fmt.Sprint(i)), der, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	ecrire("racines", g.Racines()...)
	ecrire("intermediaires", g.Intermediaires()...)
	ecrire("crl", liste("ACR-EL"))
	ancienne := liste(e.Fiche.AC)
	if err := g.Revoquer(ctx, e.Fiche.AC, e.Fiche.Serie, certificat.RaisonCleCompromise, time.Time{}, "essai"); err != nil {
		t.Fatal(err)
	}
	neuve := liste(e.Fiche.AC)

	var offerte atomic.Pointer[[]byte]
	var lectures atomic.Int64
	point := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		lectures.Add(1)
		if b := offerte.Load(); b != nil {
			w.Write(*b)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer point.Close()
	f := &config.Fichier{Chemin: filepath.Join(dir, "ecluse.toml")}
	f.Laboratoire = true
	f.Confiance = config.Confiance{Autorites: "confiance", Listes: []string{point.URL + "/liste.crl"}, Actualiser: config.Duree(time.Hour)}

	type vie struct {
		avant, apres error
		journal      string
	}
	// vivre is one life of a process: what it judges when it starts, then after the
	// first round of its task.
	vivre := func(offre []byte) vie {
		offerte.Store(nil)
		if offre != nil {
			offerte.Store(&offre)
		}
		var log bytes.Buffer
		p := &Processus{Fichier: f, Log: slog.New(slog.NewTextHandler(&log, nil)), Horloge: horloge}
		if err := p.ouvrirConfiance(ctx); err != nil {
			t.Fatal(err)
		}
		juger := func() error {
			_, err := p.Magasin.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi)
			return err
		}
		avant := juger()
		n := lectures.Load()
		p.SuivreConfiance(filepath.Join(dir, "confiance"))(ctx)
		if lectures.Load() == n {
			t.Fatal("le point de distribution n'a pas été lu")
		}
		return vie{avant, juger(), log.String()}
	}
	revoque := func(err error) bool {
		return errors.Is(err, &certificat.Refus{Motif: certificat.MotifRevoque})
	}
	if v := vivre(ancienne); revoque(v.avant) || v.apres != nil {
		t.Fatalf("liste qui ne révoque pas : %v, puis %v\n%s", v.avant, v.apres, v.journal)
	}
	if v := vivre(neuve); v.avant != nil || !revoque(v.apres) {
		t.Fatalf("liste qui révoque : %v, puis %v\n%s", v.avant, v.apres, v.journal)
	}
	for nom, offre := range map[string][]byte{"muet": nil, "qui rejoue la liste d'avant": ancienne} {
		v := vivre(offre)
		if !revoque(v.avant) || !revoque(v.apres) || !strings.Contains(v.journal, "non actualisée") {
			t.Errorf("point %s : %v, puis %v\n%s", nom, v.avant, v.apres, v.journal)
		}
	}
}
