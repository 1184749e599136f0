package serveur

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/sante"
)

// ErrSansAnnuaire says that a configuration has no national directory.
var ErrSansAnnuaire = errors.New("cette configuration ne sert pas d'annuaire national : table [annuaire-sante] attendue, ou --repertoire")

// OuvrirImages opens the images of the national directory of a configuration, and says
// where they are.
func OuvrirImages(f *config.Fichier) (*image.Depot, string, error) {
	a := f.AnnuaireSante
	if a == nil {
		return nil, "", ErrSansAnnuaire
	}
	rep := f.Resoudre(filepath.Join(f.Donnees, a.Repertoire))
	if err := os.MkdirAll(rep, 0o700); err != nil {
		return nil, "", err
	}
	h, err := HorlogeDe(f)
	if err != nil {
		return nil, "", err
	}
	d, err := image.Ouvrir(rep, image.Options{Horloge: h})
	return d, rep, err
}

// Tables reads the tables of the directory: those of the program, and those of a folder
// in their place, when one is said.
func Tables(dossier string) (*annuaire.Donnees, error) {
	var l fs.FS
	if dossier != "" {
		l = os.DirFS(dossier)
	}
	return annuaire.Charger(l)
}

// TablesAnnuaire reads the tables of a configuration; those of the program without one.
func TablesAnnuaire(f *config.Fichier) (*annuaire.Donnees, error) {
	if f == nil || f.AnnuaireSante == nil || f.AnnuaireSante.Tables == "" {
		return Tables("")
	}
	return Tables(f.Resoudre(f.AnnuaireSante.Tables))
}

// ChargerAnnuaire puts feeds in service in a directory of images. Without a
// configuration, nothing is kept of the run nor of what it supersedes.
func ChargerAnnuaire(ctx context.Context, f *config.Fichier, d *image.Depot, rep string, flux []charger.Flux, accepteePar string) (*charger.Rapport, error) {
	donnees, err := TablesAnnuaire(f)
	if err != nil {
		return nil, err
	}
	h := sante.Horloge(time.Now)
	o := charger.Options{Repertoire: filepath.Join(rep, "travail", "charge"), Lieu: sante.Paris(), Donnees: donnees, AccepteePar: accepteePar}
	if f != nil {
		if h, err = HorlogeDe(f); err != nil {
			return nil, err
		}
		b, err := OuvrirBase(ctx, f)
		if err != nil {
			return nil, err
		}
		defer b.Fermer()
		historier(&o, registreAnnuaire(b))
	}
	o.Maintenant = h()
	liberer, err := d.Reserver()
	if err != nil {
		return nil, err
	}
	defer liberer()
	r, err := charger.Charger(ctx, flux, d, o)
	if r != nil && r.Fin.IsZero() {
		r.Fin = h()
	}
	return r, err
}
