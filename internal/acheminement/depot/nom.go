package depot

import (
	"encoding/hex"
	"errors"
	"os"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// nom is what the name of a file says.
type nom struct {
	cle, genre string
	empreinte  [32]byte
}

func (n nom) String() string {
	return n.cle + "." + hex.EncodeToString(n.empreinte[:]) + "." + n.genre
}

// lireNom reads the name of a file from its end: a key may have dots.
func lireNom(s string) (n nom, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return n, false
	}
	j := strings.LastIndexByte(s[:i], '.')
	if j < 0 {
		return n, false
	}
	n.cle, n.genre = s[:j], s[i+1:]
	b, err := hex.DecodeString(s[j+1 : i])
	if err != nil || len(b) != len(n.empreinte) || !acheminement.CleValide(n.cle) || !acheminement.GenreValide(n.genre) {
		return nom{}, false
	}
	copy(n.empreinte[:], b)
	return n, n.String() == s // one name for one message: lower-case digits
}

// synchroniser makes the names of a directory durable.
func synchroniser(r *os.Root, dossier string) error {
	d, err := r.Open(dossier)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
