package droits

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// disque is what the store asks of the file system, so that tests can make it fail.
type disque interface {
	// Ouvrir opens a file to read and write, with further flags of package os; the
	// error of a file that is not there is os.ErrNotExist.
	Ouvrir(nom string, drapeaux int) (fichier, error)
	// Renommer puts a file in the place of another, at once, and for good when it
	// returns without an error.
	Renommer(de, vers string) error
	Retirer(nom string) error
	Etat(nom string) (os.FileInfo, error)
}

// fichier is an open file.
type fichier interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(int64) error
	Stat() (os.FileInfo, error)
}

// disqueReel is the file system of the machine.
type disqueReel struct{}

func (disqueReel) Ouvrir(nom string, drapeaux int) (fichier, error) {
	f, err := os.OpenFile(nom, os.O_RDWR|drapeaux, 0o600)
	if err != nil { // a nil *os.File would be a fichier that is not nil
		return nil, err
	}
	return f, nil
}

func (disqueReel) Renommer(de, vers string) error {
	if err := os.Rename(de, vers); err != nil || runtime.GOOS == "windows" { // where folders are not synced
		return err
	}
	d, err := os.Open(filepath.Dir(vers))
	if err != nil {
		return err
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	return err
}

func (disqueReel) Retirer(nom string) error { return os.Remove(nom) }

func (disqueReel) Etat(nom string) (os.FileInfo, error) { return os.Stat(nom) }
