//go:build unix

package local

import (
	"os"
	"syscall"
)

// verrouiller takes the lock of a directory and waits for it.
func verrouiller(chemin string) (liberer func(), err error) {
	f, err := os.OpenFile(chemin, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil // closing lets go of the lock
}
