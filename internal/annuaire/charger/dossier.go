package charger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/ecluse-sante/ecluse/rass"
)

// ErrDossier says that a folder holds none of the files of the directory.
var ErrDossier = errors.New("annuaire: aucun fichier de l'annuaire ici : NOM_AAAAMMJJhhmm.txt attendus, comme ceux de « ecluse annuaire generer »")

// Dossier gives the latest feed of each kind that a folder holds, whole ones or those of
// differences. lieu is where stamps are said; other files are left aside.
func Dossier(chemin string, delta bool, lieu *time.Location) ([]Flux, error) {
	l, err := os.ReadDir(chemin)
	if err != nil {
		return nil, fmt.Errorf("lire un dossier de l'annuaire: %w", err)
	}
	derniers := map[rass.Fichier]rass.Nom{}
	for _, f := range l {
		n, err := rass.ParseNom(f.Name(), lieu)
		if err == nil && n.Delta == delta && !n.Instant.Before(derniers[n.Fichier].Instant) {
			derniers[n.Fichier] = n
		}
	}
	var flux []Flux
	for _, k := range rass.Fichiers {
		n, ok := derniers[k]
		if !ok {
			continue
		}
		nom := filepath.Join(chemin, n.String())
		flux = append(flux, Flux{Fichier: n.Fichier, Nom: n.String(), Instant: n.Instant,
			Ouvrir: func(context.Context) (io.ReadCloser, error) { return os.Open(nom) }})
	}
	if len(flux) == 0 {
		return nil, ErrDossier
	}
	return flux, nil
}
