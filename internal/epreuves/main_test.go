//go:build linux

package epreuves

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// binaire is the ecluse under trial.
var binaire string

func TestMain(m *testing.M) {
	code, err := essayer(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "epreuves :", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func essayer(m *testing.M) (int, error) {
	if binaire = os.Getenv("ECLUSE_BINAIRE"); binaire != "" {
		return m.Run(), nil
	}
	dir, err := os.MkdirTemp("", "ecluse-epreuves-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	binaire = filepath.Join(dir, "ecluse")
	args := []string{"build", "-o", binaire}
	if os.Getenv("ECLUSE_RACE") == "1" {
		args = append(args, "-race")
	}
	c := exec.Command("go", append(args, "github.com/ecluse-sante/ecluse/cmd/ecluse")...)
	if sortie, err := c.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("go build : %w\n%s", err, sortie)
	}
	return m.Run(), nil
}

// endurance tells whether the long version is played.
func endurance() bool { return os.Getenv("ECLUSE_ENDURANCE") == "1" }

// selon chooses a count for the short and for the long version.
func selon(court, long int) int {
	if endurance() {
		return long
	}
	return court
}

// hasard is the seeded chance of a trial; the seed is told when it fails.
func hasard(t *testing.T) *rand.Rand {
	t.Helper()
	graine := uint64(20260301)
	if s := os.Getenv("ECLUSE_GRAINE"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("ECLUSE_GRAINE : %v", err)
		}
		graine = n
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("graine %d", graine)
		}
	})
	return rand.New(rand.NewPCG(graine, uint64(len(t.Name()))))
}

// longue skips a trial that is not for -short.
func longue(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("épreuve de bout en bout : sautée par -short")
	}
}
