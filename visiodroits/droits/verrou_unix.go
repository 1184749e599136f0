//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package droits

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// tenir takes the lock of a store for as long as the process lives, or until it is
// closed. The system lets go of it at the end of the process, whatever ends it. The
// file is not the store's own, which a compaction replaces, and is left there: to
// take it out would let two processes hold two files of the same name.
func tenir(chemin string) (io.Closer, error) {
	f, err := os.OpenFile(chemin, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrMagasinTenu
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
