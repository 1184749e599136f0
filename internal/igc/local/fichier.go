package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ecrireFichier replaces a file whole: a reader sees the former or the new one,
// and a crash leaves one of the two.
func ecrireFichier(chemin string, b []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(chemin), ".neuf-*")
	if err != nil {
		return fmt.Errorf("igc: %w", err)
	}
	defer os.Remove(f.Name()) // fails when renamed: nothing to remove
	_, err = f.Write(b)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), chemin)
	}
	if err != nil {
		return fmt.Errorf("igc: écrire %s : %w", chemin, err)
	}
	return synchroniser(filepath.Dir(chemin))
}

// synchroniser makes the renaming itself durable.
func synchroniser(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("igc: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("igc: %w", err)
	}
	return nil
}
