package local_test

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
	"github.com/ecluse-sante/ecluse/internal/igc/local"
)

var maintenant = time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)

func horloge() time.Time { return maintenant }

func ouvrir(t *testing.T, dir string) *local.Depot {
	t.Helper()
	d, err := local.Ouvrir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRegistre(t *testing.T) {
	igctest.Registre(t, func(t *testing.T) igc.Registre { return ouvrir(t, t.TempDir()) })
}

// TestDeuxProcessus: what one process writes, the other reads at its next call.
func TestDeuxProcessus(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	p := igc.Parametres{Base: "http://127.0.0.1:1/igc"}
	un := ouvrir(t, dir)
	g1, err := igc.Creer(ctx, p, un, un, horloge)
	if err != nil {
		t.Fatal(err)
	}
	deux := ouvrir(t, dir)
	g2, err := igc.Ouvrir(ctx, p, deux, deux, horloge)
	if err != nil {
		t.Fatal(err)
	}
	e := igctest.Emettre(t, g1, igc.ProfilOrgSign, igctest.Structure())
	if err := g2.Suspendre(ctx, e.Fiche.AC, e.Fiche.Serie, "essai"); err != nil {
		t.Fatal(err)
	}
	if err := g1.Suspendre(ctx, e.Fiche.AC, e.Fiche.Serie, "essai"); !errors.Is(err, igc.ErrEtat) {
		t.Errorf("got %v, want ErrEtat", err)
	}
	if _, err := igc.Creer(ctx, p, deux, deux, horloge); err == nil {
		t.Error("une seconde hiérarchie a été créée par-dessus la première")
	}
}

// TestLigneCoupee: a crash in the middle of a write loses the fact nobody was told
// of, and nothing else.
func TestLigneCoupee(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	d := ouvrir(t, dir)
	f := igc.Fiche{AC: "A", Serie: "4a01", Etat: igc.EtatValide, Fin: maintenant}
	if err := d.Ecrire(ctx, []igc.Fiche{f}); err != nil {
		t.Fatal(err)
	}
	j, err := os.OpenFile(filepath.Join(dir, "registre.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.WriteString(`{"fiche":{"ac":"A","serie":"4a0`); err != nil {
		t.Fatal(err)
	}
	j.Close()
	f.Serie = "4a03"
	d = ouvrir(t, dir)
	if err := d.Ecrire(ctx, []igc.Fiche{f}); err != nil {
		t.Fatal(err)
	}
	if l, err := ouvrir(t, dir).Lister(ctx, igc.Filtre{}); err != nil || len(l) != 2 {
		t.Errorf("%d fiches, %v ; want 2", len(l), err)
	}
}

func TestClesFermees(t *testing.T) {
	dir := t.TempDir()
	d := ouvrir(t, dir)
	if _, err := igc.Creer(context.Background(), igc.Parametres{Base: "http://h/igc"}, d, d, horloge); err != nil {
		t.Fatal(err)
	}
	l, err := filepath.Glob(filepath.Join(dir, "prive", "*.key"))
	if err != nil || len(l) != 9 {
		t.Fatalf("%d clés, %v ; want 9", len(l), err)
	}
	for _, f := range l {
		if i, err := os.Stat(f); err != nil || i.Mode().Perm() != 0o600 {
			t.Errorf("%s : mode %v, want 0600", f, i.Mode())
		}
	}
	echange(t, dir)
	if _, err := igc.Ouvrir(context.Background(), igc.Parametres{Base: "http://h/igc"}, d, d, horloge); err == nil {
		t.Error("une autorité a été ouverte avec la clé d'une autre")
	}
}

// echange puts the key of one authority in the place of another's.
func echange(t *testing.T, dir string) {
	b, err := os.ReadFile(filepath.Join(dir, "prive", "ACI-EL-PP.key"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "prive", "ACI-EL-ORG.key"), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestConfiance: the directory of authorities can be loaded by a trust store.
func TestConfiance(t *testing.T) {
	dir := t.TempDir()
	d := ouvrir(t, dir)
	g, err := igc.Creer(context.Background(), igc.Parametres{Base: "http://h/igc"}, d, d, horloge)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.PublierSiNecessaire(context.Background(), maintenant); err != nil {
		t.Fatal(err)
	}
	dest := t.TempDir()
	if err := local.Confiance(context.Background(), dest, g); err != nil {
		t.Fatal(err)
	}
	m := certificat.NouveauMagasin(certificat.Options{})
	rap, err := m.ChargerRepertoire(dest)
	if err != nil || rap.Racines != 3 || rap.Intermediaires != 6 || rap.Listes != 9 || len(rap.Refus) != 0 {
		t.Errorf("%+v, %v", rap, err)
	}
	e := igctest.Emettre(t, g, igc.ProfilOrgAuth, igctest.Structure())
	if _, err := m.Juger(e.Certificat.Raw, nil, certificat.UsageTLSClient, maintenant); err != nil {
		t.Error(err)
	}
	if _, err := x509.ParseCertificate(e.Chaine[1]); err != nil {
		t.Error(err)
	}
}
