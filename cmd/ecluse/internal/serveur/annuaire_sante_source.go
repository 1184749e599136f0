package serveur

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
	"github.com/ecluse-sante/ecluse/internal/annuaire/local"
	"github.com/ecluse-sante/ecluse/internal/annuaire/national"
	rassstore "github.com/ecluse-sante/ecluse/internal/annuaire/store"
	"github.com/ecluse-sante/ecluse/sante"
)

// alimenter fills the directory from the source that the configuration names by one
// word.
func (a *AnnuaireSante) alimenter(ctx context.Context) error {
	switch a.c.Source {
	case "local":
		return a.remplirFictif(ctx)
	case "extractions", "fhir", "export":
		return a.suivreSource()
	}
	return nil
}

// fictifsAvantOuverture is how many fictitious professionals are made before the process
// says that it is ready; more are made while it serves.
const fictifsAvantOuverture = 20_000

// remplirFictif makes the fictitious directory of the laboratory, once.
func (a *AnnuaireSante) remplirFictif(ctx context.Context) error {
	v := a.Images.Vue()
	vide := v.Nombre(annuaire.Praticiens) == 0
	v.Rendre()
	if !vide {
		return nil
	}
	if a.c.Professionnels <= fictifsAvantOuverture {
		return a.fabriquer(ctx)
	}
	a.p.taches = append(a.p.taches, func(ctx context.Context) {
		if err := a.fabriquer(ctx); err != nil && !errors.Is(err, context.Canceled) {
			a.p.Log.Error("annuaire fictif non fait", "erreur", err)
		}
	})
	return nil
}

func (a *AnnuaireSante) fabriquer(ctx context.Context) error {
	autorite, err := local.NouvelleAutorite(uint64(a.c.Graine))
	if err != nil {
		return err
	}
	n, err := local.New(local.Reglage{Graine: uint64(a.c.Graine), DER: autorite.DER, Professionnels: a.c.Professionnels, Du: a.p.Horloge().In(sante.Paris())})
	if err != nil {
		return err
	}
	j, err := n.Journee(0)
	if err != nil {
		return err
	}
	dossier := filepath.Join(a.travail, "fictif")
	if err := os.MkdirAll(dossier, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(dossier)
	if _, err := j.EcrireDossier(ctx, dossier, false); err != nil {
		return err
	}
	flux, err := charger.Dossier(dossier, false, sante.Paris())
	if err != nil {
		return err
	}
	o, err := a.optionsCharge()
	if err != nil {
		return err
	}
	liberer, err := a.Images.Reserver()
	if err != nil {
		return err
	}
	defer liberer()
	_, err = charger.Charger(ctx, flux, a.Images, o)
	return err
}

// optionsCharge are those of every run of this server.
func (a *AnnuaireSante) optionsCharge() (charger.Options, error) {
	o := charger.Options{Repertoire: filepath.Join(a.travail, "charge"), Maintenant: a.p.Horloge(), Lieu: sante.Paris(), Donnees: a.Donnees}
	historier(&o, a.Registre)
	return o, os.MkdirAll(a.travail, 0o700)
}

// historier makes a run keep, in the registry, its stages and the versions that it
// supersedes.
func historier(o *charger.Options, r *rassstore.Store) {
	o.Journal, o.Historien = r, r
}

// repriseSource is how soon a source that could not be followed is tried again.
const repriseSource = 15 * time.Minute

// suivreSource follows a real source, one round at each period.
func (a *AnnuaireSante) suivreSource() error {
	rep := filepath.Join(a.travail, "source")
	s, err := national.Ouvrir(national.Config{Mode: national.Mode(a.c.Source), Adresses: a.c.Adresses, Repertoire: rep, Lieu: sante.Paris(),
		Acces: national.Acces{FichierCle: a.fichierCle(), Maintenant: a.p.Horloge}})
	if err != nil {
		return err
	}
	a.Miroir = national.NouveauMiroir(s, a.Images, a.Donnees, rep, sante.Paris())
	a.p.tacheVariable(func(ctx context.Context) time.Duration {
		prochain := a.c.Periode.Duration()
		err := a.tour(ctx)
		if err != nil && !errors.Is(err, context.Canceled) {
			a.p.Log.Error("annuaire national non suivi : ce qui était là est toujours servi", "erreur", err)
			prochain = min(prochain, repriseSource)
		}
		if f := a.Miroir.Fraicheur(a.p.Horloge()); f.Alerte {
			a.p.Log.Error("annuaire national périmé", "age", f.Age.String())
		}
		return prochain
	})
	return nil
}

// tour takes what is new at the source.
func (a *AnnuaireSante) tour(ctx context.Context) error {
	o, err := a.optionsCharge()
	if err != nil {
		return err
	}
	liberer, err := a.Images.Reserver()
	if err != nil {
		return err
	}
	defer liberer()
	_, err = a.Miroir.Tour(ctx, o)
	return err
}

func (a *AnnuaireSante) fichierCle() string {
	if a.c.Cle == "" {
		return ""
	}
	return a.p.Fichier.Resoudre(a.c.Cle)
}
