//go:build unix

package image

import (
	"errors"
	"os"
	"syscall"
)

// verrouiller waits until no other process changes the directory; the lock goes with
// the file that is given, or with the process.
func verrouiller(nom string) (*os.File, error) { return verrou(nom, syscall.LOCK_EX) }

// essayerVerrou is verrouiller that does not wait: errOccupe when another holds it.
func essayerVerrou(nom string) (*os.File, error) {
	f, err := verrou(nom, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrOccupe
	}
	return f, err
}

func verrou(nom string, comment int) (*os.File, error) {
	f, err := os.OpenFile(nom, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if err = syscall.Flock(int(f.Fd()), comment); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, os.NewSyscallError("flock", err)
	}
	return f, nil
}
