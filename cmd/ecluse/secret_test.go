package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// A secret is whole or is not there, is for its owner only, and is never replaced.
func TestDeposerSecret(t *testing.T) {
	chemin := filepath.Join(t.TempDir(), "neuf", "cle.pem")
	if err := deposerSecret(chemin, []byte("un")); err != nil {
		t.Fatal(err)
	}
	if err := deposerSecret(chemin, []byte("deux")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("remplacé : %v", err)
	}
	b, err := os.ReadFile(chemin)
	i, err2 := os.Stat(chemin)
	if err != nil || err2 != nil || string(b) != "un" || i.Mode().Perm() != 0o600 {
		t.Errorf("%q %v, %v, %v", b, i, err, err2)
	}
	if l, err := os.ReadDir(filepath.Dir(chemin)); err != nil || len(l) != 1 {
		t.Errorf("restes : %v, %v", l, err)
	}
	if k, err := secret(chemin + "2"); err != nil || len(k) != 32 {
		t.Errorf("secret neuf : %d octets, %v", len(k), err)
	}
}

// A list whose key is over is still read back: the next one follows it.
func TestListeDUneCleFinie(t *testing.T) {
	ctx := context.Background()
	numero := lireOuEchouer(t, sante.ParseNumeroAMC, "99000101")
	e := &emetteurDroits{numero: numero, parutions: accrstore.NewParutions(bddtest.Ouvrir(t, accrstore.Migrations), "amc-99000101", numero)}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	debut := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	fin := debut.AddDate(2, 0, 0)
	if err := e.parutions.Inscrire(ctx, accreditation.ClePublique{Kid: "vieille", Usage: droits.PourLAR, Publique: &k.PublicKey, Debut: debut, Fin: fin}); err != nil {
		t.Fatal(err)
	}
	a := fin.Add(-time.Hour)
	cle := accreditation.Cle{Kid: "vieille", Cle: k}
	x := &accreditation.Editeur{Emetteur: numero, Listes: e.parutions, Horloge: func() time.Time { return a }, Cle: func() accreditation.Cle { return cle }, Cles: e.cles()}
	if publiee, err := x.Publier(ctx, false); err != nil || !publiee {
		t.Fatal(publiee, err)
	}
	n, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a = fin.AddDate(0, 0, 3)
	cle = accreditation.Cle{Kid: "neuve", Cle: n}
	if err := e.parutions.Inscrire(ctx, accreditation.ClePublique{Kid: "neuve", Usage: droits.PourLAR, Publique: &n.PublicKey, Debut: fin, Fin: fin.AddDate(2, 0, 0)}); err != nil {
		t.Fatal(err)
	}
	if publiee, err := x.Publier(ctx, false); err != nil || !publiee {
		t.Errorf("après la fin de la clé : %v, %v", publiee, err)
	}
}
