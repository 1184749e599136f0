package droits

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// errPartage is ERROR_SHARING_VIOLATION, which package syscall does not name.
const errPartage = syscall.Errno(32)

// tenir takes the lock of a store for as long as the process lives, or until it is
// closed: a file opened without sharing, that the system closes at the end of the
// process, whatever ends it.
func tenir(chemin string) (io.Closer, error) {
	nom, err := syscall.UTF16PtrFromString(chemin)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(nom, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errPartage) {
		return nil, ErrMagasinTenu
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: chemin, Err: err}
	}
	return os.NewFile(uintptr(h), chemin), nil
}
