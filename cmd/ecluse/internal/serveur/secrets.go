package serveur

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
)

// secretPartage is secret for one that the nodes of a party must all have: what one of them
// named or kept under it, the others find. A node that has another does not start; it keeps
// none that it has just made. An empty file of the same name ending with .perdu says that the
// former is lost, once.
func (p *Processus) secretPartage(tenant, nom, chemin string) ([]byte, error) {
	_, err := os.Stat(chemin)
	neuf := errors.Is(err, fs.ErrNotExist)
	perdu := chemin + ".perdu"
	_, err = os.Stat(perdu)
	remplacer := err == nil
	k, err := secret(chemin)
	if err != nil {
		return nil, err
	}
	err = accrstore.New(p.Base, tenant).ReconnaitreSecret(context.Background(), nom, k, remplacer)
	switch {
	case err == nil && remplacer:
		return k, os.Remove(perdu)
	case errors.Is(err, accrstore.ErrAutreSecret):
		err = fmt.Errorf("%w : copier %s d'un nœud qui sert déjà ; s'il est perdu partout, poser à côté un fichier vide %s : ce qu'il ouvrait ne se retrouvera plus", err, chemin, perdu)
		if neuf {
			err = errors.Join(err, os.Remove(chemin))
		}
	}
	return k, err
}

// secret reads a file of 32 random bytes in base64, or makes it.
func secret(chemin string) ([]byte, error) {
	b, err := os.ReadFile(chemin)
	if errors.Is(err, os.ErrNotExist) {
		var k [32]byte
		rand.Read(k[:])
		return k[:], DeposerSecret(chemin, []byte(base64.StdEncoding.EncodeToString(k[:])+"\n"))
	}
	if err != nil {
		return nil, err
	}
	k, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(k) < 32 {
		return nil, fmt.Errorf("%s : 32 octets en base64 attendus", chemin)
	}
	return k, nil
}

// DeposerSecret writes a new file, whole or not at all: a process killed half way leaves
// nothing under its name, and a file that is there is never replaced.
func DeposerSecret(chemin string, octets []byte) error {
	dossier := filepath.Dir(chemin)
	if err := os.MkdirAll(dossier, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dossier, filepath.Base(chemin)+".*") // its mode is 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(octets)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), chemin); err != nil {
		return err
	}
	d, err := os.Open(dossier)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
