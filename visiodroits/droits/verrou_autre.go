//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package droits

import (
	"errors"
	"fmt"
	"io"
)

// tenir refuses: on a system whose locks are not known here, two processes would
// each lose what the other writes.
func tenir(chemin string) (io.Closer, error) {
	return nil, fmt.Errorf("droits: aucun verrou de fichier connu sur ce système : %w", errors.ErrUnsupported)
}
