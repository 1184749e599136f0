package serveur

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/depot"
	"github.com/ecluse-sante/ecluse/internal/acheminement/https"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
)

// A fault of ours refuses the file that awakens it, and the drop folder goes on: the next is
// judged for itself.
func TestFauteDAccueil(t *testing.T) {
	const amc = "99000306"
	g := &Guichet{p: &Processus{Log: slog.New(slog.DiscardHandler), Horloge: time.Now}, Dossier: t.TempDir(), serveur: &https.Serveur{TailleMax: 1 << 20},
		mu: make(chan struct{}, 1), guetteurs: map[string]*depot.Guetteur{},
		accueil: func(_ context.Context, _, _ string, a acheminement.Arrivee, _ string, _ io.ReadSeeker, _ int64) ([]byte, error) {
			if a.Cle == "affole" {
				panic("faute")
			}
			return nil, &acheminement.Refus{Code: string(etablissement.FichierForme)}
		}}
	if err := os.MkdirAll(filepath.Join(g.Dossier, DossierRecus, amc), 0o700); err != nil {
		t.Fatal(err)
	}
	contenu := []byte("un retour")
	for _, cle := range []string{"affole", "suivant"} {
		envoi := &acheminement.Envoi{Adresse: amc, Genre: GenreNoemie, Cle: cle, Taille: int64(len(contenu)), Empreinte: sha256.Sum256(contenu)}
		if _, err := (&depot.Depot{Racine: filepath.Join(g.Dossier, DossierRecus)}).Livrer(t.Context(), envoi, bytes.NewReader(contenu)); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Relever(t.Context()); err != nil {
		t.Fatal(err)
	}
	for cle, code := range map[string]etablissement.MotifFichier{"affole": etablissement.FichierPanne, "suivant": etablissement.FichierForme} {
		motifs, err := filepath.Glob(filepath.Join(g.Dossier, DossierRecus, amc, dossierRefuses, cle+".*.motif"))
		if err != nil || len(motifs) != 1 {
			t.Fatalf("%s : %v, %v", cle, motifs, err)
		}
		if b, err := os.ReadFile(motifs[0]); err != nil || strings.TrimSpace(string(b)) != string(code) {
			t.Errorf("%s : %s, %v", cle, b, err)
		}
	}
}

// What is kept of a sender is bounded: past it, the sender is asked to come back, and its file
// is taken once there is room.
func TestPlaceDUnEmetteur(t *testing.T) {
	g := &Guichet{p: &Processus{Log: slog.New(slog.DiscardHandler), Horloge: time.Now}, Dossier: t.TempDir()}
	garder := func(cle string, n int) error {
		contenu := bytes.Repeat([]byte(cle), n)
		envoi := &acheminement.Envoi{Adresse: "990001018", Genre: GenreB2, Cle: cle, Taille: int64(len(contenu)), Empreinte: sha256.Sum256(contenu)}
		if err := os.MkdirAll(filepath.Join(g.Dossier, DossierRecus, envoi.Adresse), 0o700); err != nil {
			return err
		}
		return g.garderUn(t.Context(), envoi, func(ctx context.Context, ici porteurDepot) error {
			_, err := (&depot.Depot{Racine: ici.racine}).Livrer(ctx, envoi, bytes.NewReader(contenu))
			return err
		})
	}
	g.gardesMax = 150
	var passager *acheminement.Passager
	for i, place := range []int64{150, 150, 250} {
		g.gardesMax = place
		err := garder([]string{"a", "b", "b"}[i], 100)
		if plein := i == 1; plein != errors.As(err, &passager) || !plein && err != nil {
			t.Errorf("%d : %v", i, err)
		}
	}
	if err := garder("a", 100); err != nil { // kept once, whatever room is left
		t.Error(err)
	}
}
