package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/https"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
)

// clientDe shows the certificate of a party of the laboratory.
func clientDe(t *testing.T, p *processus, id *config.Identite) *https.Client {
	t.Helper()
	auth, err := p.paire(id.Authentification)
	if err != nil {
		t.Fatal(err)
	}
	transport := roc.NewTransport(auth, p.magasin, p.horloge)
	t.Cleanup(transport.Fermer)
	return &https.Client{Aller: transport, Seuil: 100, Morceau: 150} // by pieces
}

// The files of a party are fetched and handed over by mutual TLS, each by whom the
// circle admits, and what is bad is refused with its code.
func TestFichiersParHTTPS(t *testing.T) {
	if testing.Short() {
		t.Skip("laboratoire entier")
	}
	ctx := context.Background()
	s, err := monter(ctx, t.TempDir(), time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.demonter(); err != nil {
			t.Error(err)
		}
	}()
	r, err := conter(s, func(e pupitre.Etape) {
		if !e.Tient() {
			t.Errorf("%s : %s", e.Titre, e.Constate)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.convenir(ctx); err != nil {
		t.Fatal(err)
	}
	hopital, moulin, clinique := s.parties[monde.CleHopital], s.parties[monde.CleMoulin], s.parties[monde.CleClinique]
	e := hopital.etablissements[0]
	base := s.adresses[monde.CleHopital] + cheminFichiers + fichierSur(e.tenant)
	partenaire := clientDe(t, moulin, &moulin.f.AMC[0].Identite)
	var refus *acheminement.Refus
	if _, err := partenaire.Lister(ctx, base+"/envois/"+amcHorsLigne); !errors.As(err, &refus) || refus.Code != "PARTENAIRE" {
		t.Fatalf("les fichiers d'une AMC pour laquelle il ne parle pas : %v", err)
	}
	// The structure is admitted for the insurer that is not on line.
	lien := cercle.Lien{Tenant: e.tenant, Structure: moulin.f.AMC[0].Identite.Structure, Role: cercle.RoleAMC, Identifiant: amcHorsLigne}
	if err := hopital.cercle.Admettre(ctx, []cercle.Lien{lien}, cercle.Periode{Du: hopital.horloge().Add(-time.Minute)}, "essai"); err != nil {
		t.Fatal(err)
	}
	l, err := partenaire.Lister(ctx, base+"/envois/"+amcHorsLigne)
	if err != nil || len(l) != 1 || l[0].Genre != genreB2 {
		t.Fatalf("%+v, %v", l, err)
	}
	chemin, err := partenaire.Retirer(ctx, base+"/envois/"+amcHorsLigne, l[0], t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	retires, err := achstore.New(hopital.base, e.tenant).Retraits(ctx)
	if err != nil || len(retires) != 1 || retires[0].Partenaire != amcHorsLigne || retires[0].Nom != filepath.Base(chemin) {
		t.Errorf("retraits %+v, %v", retires, err)
	}
	deposer := func(c *https.Client, cle string, b []byte) ([]byte, error) {
		r, err := c.Livrer(ctx, &acheminement.Envoi{Adresse: base + "/recus", Genre: genreNoemie, Cle: cle, Taille: int64(len(b)), Empreinte: sha256.Sum256(b)}, bytes.NewReader(b))
		return r.Octets, err
	}
	dir := filepath.Join(e.guichet.dossier, dossierRecus, amcHorsLigne, "traites")
	fichiers, err := filepath.Glob(filepath.Join(dir, "retour-417.*"))
	if err != nil || len(fichiers) != 1 {
		t.Fatalf("%v, %v", fichiers, err)
	}
	lu, err := os.ReadFile(fichiers[0])
	if err != nil {
		t.Fatal(err)
	}
	recu, err := deposer(partenaire, "retour-encore", lu)
	var x rapport
	if err != nil || json.Unmarshal(recu, &x) != nil || !x.DejaLu || x.Preuve != etablissement.NonScelle {
		t.Errorf("le même retour, par HTTPS : %s, %v", recu, err)
	}
	for nom, b := range map[string][]byte{"tronque": lu[:len(lu)-100], "ordures": bytes.Repeat([]byte("ordures "), 5000), "comprime": append([]byte("\x1f\x8b\x08"), lu...)} {
		if _, err := deposer(partenaire, nom, b); !errors.As(err, &refus) || refus.Code != string(etablissement.FichierForme) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	if _, err := deposer(clientDe(t, clinique, &clinique.f.Etablissements[0].Identite), "clinique", lu); !errors.As(err, &refus) || refus.Code != "HTTP_403" {
		t.Errorf("déposé par qui n'est pas une AMC : %v", err)
	}
	traces, err := e.store.ListerFichiers(ctx, "", 20)
	refuses := 0
	for _, f := range traces {
		if f.Etat == etablissement.FichierRefuse {
			refuses++
		}
	}
	if err != nil || refuses != 3 {
		t.Errorf("%d refus gardés, %v", refuses, err)
	}
}

// The table that the command shows as an example is right, and a mistake of a table is
// told with its line.
func TestConventionsExemple(t *testing.T) {
	chemin := filepath.Join(t.TempDir(), "conventions.toml")
	ecrire := func(s string) error { return os.WriteFile(chemin, []byte(s), 0o600) }
	if err := ecrire(exempleConventions); err != nil {
		t.Fatal(err)
	}
	table, err := lireConventions(chemin)
	if err != nil || len(table.Conventions) != 1 || len(table.Conventions[0].Garanties) != 3 || table.Conventions[0].Garanties[2].Formule.M != 4500 {
		t.Fatalf("%+v, %v", table, err)
	}
	for _, c := range []struct{ avant, apres, faute string }{
		{`debut = "2026-01-01"`, `debut = "2027-01-01"`, "la fin précède le début"},
		{`csr = "66?"`, `cssr = "66?"`, "clé inconnue"},
		{`numero = "F01"`, `numero = "F07"`, "F07"},
		{`voie = "mutuelle-du-gue"`, `voie = "ailleurs"`, "aucune voie"},
		{`debut = "2026-01-01"`, `debut = "1er janvier"`, "debut"},
	} {
		if err := ecrire(strings.Replace(exempleConventions, c.avant, c.apres, 1)); err != nil {
			t.Fatal(err)
		}
		if _, err := lireConventions(chemin); err == nil || !strings.Contains(err.Error(), c.faute) || !strings.Contains(err.Error(), "conventions.toml:") {
			t.Errorf("%s : %v", c.apres, err)
		}
	}
}
