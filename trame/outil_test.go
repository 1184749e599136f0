package trame

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// outil finds the program of an independent oracle. In CI it must be there.
func outil(t *testing.T, nom string) string {
	chemin, err := exec.LookPath(nom)
	if err != nil {
		absent(t, nom)
	}
	return chemin
}

func absent(t *testing.T, nom string) {
	t.Helper()
	if os.Getenv("ECLUSE_CI") == "1" {
		t.Fatalf("%s absent", nom)
	}
	t.Skipf("%s absent", nom)
}

// deposer writes numbered files and returns their paths.
func deposer(t *testing.T, ext string, contenus [][]byte) []string {
	dossier := t.TempDir()
	var chemins []string
	for i, c := range contenus {
		chemin := filepath.Join(dossier, strconv.Itoa(i)+ext)
		if err := os.WriteFile(chemin, c, 0o600); err != nil {
			t.Fatal(err)
		}
		chemins = append(chemins, chemin)
	}
	return chemins
}
