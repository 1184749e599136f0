package national

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
	"github.com/ecluse-sante/ecluse/rass"
)

// extractions follows the public files. ref: RASS §5
type extractions struct {
	c Config
	r *reseau
}

// Lot implements [Source]: the files that changed, each whole.
func (x *extractions) Lot(ctx context.Context) (*Lot, error) {
	l := &Lot{appliquer: func() error { return nil }, fermer: func() {}}
	for i, adresse := range x.c.Adresses {
		t := &telechargement{r: x.r, adresse: adresse, chemin: filepath.Join(x.c.Repertoire, "extraction-"+strconv.Itoa(i)), max: x.c.Max}
		m, _, err := t.obtenir(ctx)
		if err != nil {
			l.fermer()
			return nil, err
		}
		if m.SHA256 == m.Applique {
			continue
		}
		if err := x.ajouter(l, t, m); err != nil {
			l.fermer()
			return nil, err
		}
		avant := l.appliquer
		l.appliquer = func() error { return errors.Join(avant(), t.appliquer(m.SHA256)) }
	}
	if len(l.Flux) == 0 {
		l.fermer()
		return nil, ErrInchange
	}
	return l, nil
}

// ajouter adds the feeds of one file: itself, or those of the archive.
func (x *extractions) ajouter(l *Lot, t *telechargement, m fichierRecu) error {
	if nom, err := rass.ParseNom(m.Nom, x.c.Lieu); err == nil {
		l.ajouter(charger.Flux{Fichier: nom.Fichier, Nom: m.Nom, Instant: nom.Instant, Empreinte: m.SHA256,
			Ouvrir: func(context.Context) (io.ReadCloser, error) { return os.Open(t.chemin) }})
		return nil
	}
	f, err := os.Open(t.chemin)
	if err != nil {
		return fmt.Errorf("annuaire national: %w", err)
	}
	d, err := f.Stat()
	if err != nil {
		f.Close()
		return fmt.Errorf("annuaire national: %w", err)
	}
	a, err := rass.OuvrirArchive(f, d.Size(), x.c.Max, x.c.Lieu)
	if err != nil {
		f.Close()
		return fmt.Errorf("annuaire national: fichier reçu de la source : %w", err)
	}
	avant := l.fermer
	l.fermer = func() { avant(); f.Close() }
	for _, e := range a.Entrees() {
		l.ajouter(charger.Flux{Fichier: e.Fichier, Nom: e.Nom.String(), Instant: e.Instant, Empreinte: m.SHA256 + "/" + e.Nom.String(),
			Ouvrir: func(context.Context) (io.ReadCloser, error) { return a.Ouvrir(e.Fichier) }})
	}
	return nil
}

// ajouter adds a feed; the lot is as old as the oldest.
func (l *Lot) ajouter(f charger.Flux) {
	l.Flux = append(l.Flux, f)
	if l.Instant.IsZero() || !f.Instant.IsZero() && f.Instant.Before(l.Instant) {
		l.Instant = f.Instant
	}
}
