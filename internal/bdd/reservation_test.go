package bdd_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// A SQLite base has one server at a time; another base, PostgreSQL, and whoever
// opens the base without serving it are not in the way.
func TestReserver(t *testing.T) {
	t.Parallel()
	ctx, dir := context.Background(), t.TempDir()
	adresse := "sqlite:" + filepath.Join(dir, "a.db")
	liberer, err := bdd.Reserver(ctx, adresse)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bdd.Reserver(ctx, adresse); !errors.Is(err, bdd.ErrReservee) {
		t.Errorf("second serveur : %v, want ErrReservee", err)
	}
	b, err := bdd.Ouvrir(ctx, adresse, bdd.Options{})
	if err != nil {
		t.Fatalf("une commande à côté du serveur : %v", err)
	}
	if err := b.Fermer(); err != nil {
		t.Error(err)
	}
	for _, autre := range []string{"sqlite:" + filepath.Join(dir, "b.db"), "postgres://essai@localhost/essai"} {
		l, err := bdd.Reserver(ctx, autre)
		if err != nil {
			t.Fatalf("%s : %v", autre, err)
		}
		if err := l(); err != nil {
			t.Error(err)
		}
	}
	if err := liberer(); err != nil {
		t.Fatal(err)
	}
	if liberer, err = bdd.Reserver(ctx, adresse); err != nil {
		t.Fatalf("après l'arrêt du premier : %v", err)
	}
	if err := liberer(); err != nil {
		t.Error(err)
	}
}

// A server that is killed leaves the base free.
func TestReserverMort(t *testing.T) {
	const variable = "ECLUSE_ESSAI_RESERVER"
	if a := os.Getenv(variable); a != "" {
		if _, err := bdd.Reserver(context.Background(), a); err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(filepath.Dir(a[len("sqlite:"):]), "pris"), nil, 0o600)
		time.Sleep(time.Minute)
		return
	}
	t.Parallel()
	dir := t.TempDir()
	adresse := "sqlite:" + filepath.Join(dir, "a.db")
	c := exec.Command(os.Args[0], "-test.run=^TestReserverMort$")
	c.Env = append(os.Environ(), variable+"="+adresse)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for fin := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "pris")); err == nil {
			break
		}
		if time.Now().After(fin) {
			t.Fatal("l'autre processus n'a pas pris la base")
		}
	}
	if _, err := bdd.Reserver(context.Background(), adresse); !errors.Is(err, bdd.ErrReservee) {
		t.Errorf("base prise par un autre processus : %v", err)
	}
	c.Process.Kill()
	c.Wait()
	liberer, err := bdd.Reserver(context.Background(), adresse)
	if err != nil {
		t.Fatalf("après la mort de l'autre : %v", err)
	}
	if err := liberer(); err != nil {
		t.Error(err)
	}
}
