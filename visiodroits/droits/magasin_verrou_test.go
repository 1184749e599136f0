package droits

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// One process at a time has the file: the second is told so, by name, and writes
// nothing; one that is killed leaves it free, and so does one that closes.
func TestMagasinTenu(t *testing.T) {
	if c := os.Getenv("ECLUSE_MAGASIN_A_TENIR"); c != "" {
		m := ouvrir(t, c)
		verifier(t, m.Compter(unJour, "A", 1))
		fmt.Println("tenu")
		time.Sleep(time.Minute)
		return
	}
	c := chemin(t)
	q := exec.Command(os.Args[0], "-test.run=^TestMagasinTenu$")
	q.Env = append(os.Environ(), "ECLUSE_MAGASIN_A_TENIR="+c)
	sortie, err := q.StdoutPipe()
	verifier(t, err)
	verifier(t, q.Start())
	defer q.Process.Kill()
	if l, err := bufio.NewReader(sortie).ReadString('\n'); err != nil || l != "tenu\n" {
		t.Fatalf("l'autre programme n'a pas pris le fichier : %q, %v", l, err)
	}
	avant, err := os.ReadFile(c)
	verifier(t, err)
	m, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin})
	if !errors.Is(err, ErrMagasinTenu) || m != nil {
		t.Fatalf("fichier tenu par un autre programme : %v", err)
	}
	for _, mot := range []string{"un autre programme", "fermer", "poste"} {
		if !strings.Contains(err.Error(), mot) {
			t.Errorf("%q ne dit pas %q", err, mot)
		}
	}
	if apres, err := os.ReadFile(c); err != nil || string(apres) != string(avant) {
		t.Errorf("le fichier de l'autre a changé : %v", err)
	}
	q.Process.Kill()
	q.Wait()
	m = ouvrir(t, c)
	if n, err := m.Compteurs(unJour); err != nil || n["A"] != 1 {
		t.Errorf("après la mort de l'autre : %v, %v", n, err)
	}
	// In one process too, and a file that could not be read is let go of.
	if _, err := OuvrirMagasin(c, OptionsMagasin{Cle: cleMagasin}); !errors.Is(err, ErrMagasinTenu) {
		t.Errorf("deux fois dans un programme : %v", err)
	}
	verifier(t, m.Fermer())
	verifier(t, m.Fermer()) // harms nobody who opened it since
	if _, err := OuvrirMagasin(c, OptionsMagasin{Cle: make([]byte, 32)}); !errors.Is(err, ErrCleMagasin) {
		t.Errorf("autre clé : %v", err)
	}
	verifier(t, ouvrir(t, c).Fermer())
}
