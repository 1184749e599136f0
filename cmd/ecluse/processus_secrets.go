package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
)

// secretPartage is secret for one that the nodes of a party must all have: what one of them
// named or kept under it, the others find. A node that has another does not start; it keeps
// none that it has just made. An empty file of the same name ending with .perdu says that the
// former is lost, once.
func (p *processus) secretPartage(tenant, nom, chemin string) ([]byte, error) {
	_, err := os.Stat(chemin)
	neuf := errors.Is(err, fs.ErrNotExist)
	perdu := chemin + ".perdu"
	_, err = os.Stat(perdu)
	remplacer := err == nil
	k, err := secret(chemin)
	if err != nil {
		return nil, err
	}
	err = accrstore.New(p.base, tenant).ReconnaitreSecret(context.Background(), nom, k, remplacer)
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
