//go:build !unix

package image

import "os"

// verrouiller only opens the file where the system is not one whose locks we know:
// there, one process alone may change the directory.
func verrouiller(nom string) (*os.File, error) {
	return os.OpenFile(nom, os.O_CREATE|os.O_RDWR, 0o600)
}

func essayerVerrou(nom string) (*os.File, error) { return verrouiller(nom) }
