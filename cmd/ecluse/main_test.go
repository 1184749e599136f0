package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A command whose output cannot be written fails, whatever wrote it.
func TestSortiePleine(t *testing.T) {
	plein, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("/dev/full absent")
	}
	defer plein.Close()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var erreurs bytes.Buffer
	c := exec.Command(executable, "numero", "verifier", "E00990001017Q2MZ4WX8T3C5")
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), enSession+"=1"), plein, &erreurs
	if err := c.Run(); c.ProcessState == nil || c.ProcessState.ExitCode() != 1 || !strings.Contains(erreurs.String(), "plus de place") {
		t.Errorf("%v, « %s »", err, erreurs.String())
	}
}
