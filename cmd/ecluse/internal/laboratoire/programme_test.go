package laboratoire

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// dossierProgramme is where the program is built, for the time of the trials.
var dossierProgramme string

// TestMain takes away what the trials built.
func TestMain(m *testing.M) {
	var err error
	if dossierProgramme, err = os.MkdirTemp("", "ecluse-laboratoire-"); err != nil {
		fmt.Fprintln(os.Stderr, "laboratoire :", err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dossierProgramme)
	os.Exit(code)
}

// programme is the program itself, built once, for the trials that run its commands beside a
// laboratory: what an operator types is another process than the servers.
var programme = sync.OnceValues(func() (string, error) {
	if binaire := os.Getenv("ECLUSE_BINAIRE"); binaire != "" {
		return binaire, nil
	}
	binaire := filepath.Join(dossierProgramme, "ecluse")
	if b, err := exec.Command("go", "build", "-o", binaire, "github.com/ecluse-sante/ecluse/cmd/ecluse").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build : %w\n%s", err, b)
	}
	return binaire, nil
})

// lancer runs a command of the program, and gives what it writes; the error is what it says
// when it fails.
func lancer(args ...string) (string, error) {
	binaire, err := programme()
	if err != nil {
		return "", err
	}
	var sortie, erreurs bytes.Buffer
	c := exec.Command(binaire, args...)
	c.Stdout, c.Stderr = &sortie, &erreurs
	if err := c.Run(); err != nil {
		return sortie.String(), errors.Join(errors.New(strings.TrimSpace(erreurs.String())), err)
	}
	return sortie.String(), nil
}
