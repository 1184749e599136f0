//go:build unix

package image

import (
	"os"
	"syscall"
)

// verrouiller waits until no other process changes the directory; the lock goes with
// the file that is given, or with the process.
func verrouiller(nom string) (*os.File, error) {
	f, err := os.OpenFile(nom, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, os.NewSyscallError("flock", err)
	}
	return f, nil
}
