//go:build !unix

package local

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// verrouiller takes the lock of a directory by making a file nobody else can
// make; one older than a minute was left by a crash.
func verrouiller(chemin string) (liberer func(), err error) {
	for range 600 {
		f, err := os.OpenFile(chemin, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			f.Close()
			return func() { os.Remove(chemin) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if i, err := os.Stat(chemin); err == nil && time.Since(i.ModTime()) > time.Minute {
			os.Remove(chemin)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, errors.New("verrou tenu par un autre processus")
}
