package laboratoire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/sante"
)

// Heure is the clock of a laboratory: that of the machine, or one of its own.
type Heure struct {
	horloge sante.Horloge
	fichier string // "" for that of the machine
}

// HeureDe is the clock that a file holds, that of the machine for "".
func HeureDe(fichier string) (Heure, error) {
	if fichier == "" {
		return Heure{horloge: time.Now}, nil
	}
	fichier, err := filepath.Abs(fichier)
	if err != nil {
		return Heure{}, err
	}
	h, err := serveur.HorlogeDeFichier(fichier)
	return Heure{h, fichier}, err
}

// ToutOuRien fills a directory that is empty or not there, and leaves it so when
// that fails.
func ToutOuRien(dir string, remplir func() error) error {
	l, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case len(l) > 0:
		return francais.Conseiller(fmt.Errorf("%s n'est pas vide", dir), "donner un répertoire vide, ou qui n'existe pas encore")
	}
	neuf := errors.Is(err, fs.ErrNotExist)
	if err = remplir(); err == nil {
		return nil
	}
	if neuf {
		return errors.Join(err, os.RemoveAll(dir))
	}
	faits, e := os.ReadDir(dir)
	err = errors.Join(err, e)
	for _, x := range faits {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, x.Name())))
	}
	return err
}

// Quickstart lays out a whole laboratory in one process.
func Quickstart(ctx context.Context, dir string, p Ports, h Heure, base string) (*config.Fichier, error) {
	l, err := Fonder(ctx, dir, h.horloge, p)
	if err != nil {
		return nil, err
	}
	l.heure = h.fichier
	c := l.Base()
	c.Base = cmp.Or(base, c.Base)
	c.IGC = &config.IGC{Repertoire: filepath.Join("igc", "autorite"), Adresse: l.adresses["igc"]}
	c.Surveillance.Adresse, _ = p("surveillance")
	c.Bureau.Adresse, _ = p("bureau")
	g := &l.Monde.Gestionnaire
	if err := errors.Join(l.Serveur(ctx, dir, g, &c.Ecoute), l.ouvrir(g.Cle, &c.Ecoute)); err != nil {
		return nil, err
	}
	// One process, one listener: every insurer is behind the same address.
	for i := range l.Monde.AMC {
		qui := l.repondant(&l.Monde.AMC[i]).Cle
		l.adresses[qui], l.empreinte[qui] = l.adresses[monde.CleAnnuaire], l.empreinte[monde.CleAnnuaire]
	}
	id, err := l.identite(ctx, dir, "cles-"+g.Cle, g)
	if err != nil {
		return nil, err
	}
	c.Annuaire = &config.Annuaire{ID: g.Identifiant, Libelle: g.Nom, Identite: id}
	if c.AnnuaireSante, err = l.annuaireSante(dir, p); err != nil {
		return nil, err
	}
	for i := range l.Monde.AMC {
		a, err := l.Amc(ctx, dir, &l.Monde.AMC[i])
		if err != nil {
			return nil, err
		}
		a.Hebergeurs = []string{g.IDNat} // its server hears the returns of everybody
		c.AMC = append(c.AMC, a)
	}
	for i := range l.Monde.Etablissements {
		e, err := l.etablissement(ctx, dir, &l.Monde.Etablissements[i])
		if err != nil {
			return nil, err
		}
		c.Etablissements = append(c.Etablissements, e)
	}
	if err := l.Confiance(ctx, dir); err != nil {
		return nil, err
	}
	f, err := EcrireConfig(dir, "Laboratoire d'Écluse : un processus qui tient tous les rôles.\nTout est fictif ; les certificats sont de test.", &c)
	if err != nil {
		return nil, err
	}
	return f, l.peupler(ctx, f)
}
