package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/sante"
)

func commandeQuickstart() *cli.Command {
	return &cli.Command{
		Name: "quickstart", ArgsUsage: "RÉPERTOIRE", Usage: "écrit une configuration commentée, une autorité de laboratoire et des données fictives",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "ports-libres", Usage: "tire des ports libres au lieu de 8080 à 8446 : plusieurs laboratoires sur une machine"},
			&cli.BoolFlag{Name: "separees", Usage: "écrit un répertoire par partie au lieu d'un seul processus : chacune a sa configuration, ses clés, sa base et son journal"},
			&cli.StringFlag{Name: "horloge", Usage: "fichier d'horloge du laboratoire, un instant RFC 3339 ou un décalage comme +72h : il naît à cette heure-là et la suit"},
			&cli.StringSliceFlag{Name: "base", Usage: "base à la place de SQLite, comme postgres://… ; avec --separees, PARTIE=postgres://…, une base par partie"}},
		Action: func(ctx context.Context, c *cli.Command) error {
			dir, err := unArgument(c, unRepertoireVide)
			if err != nil {
				return err
			}
			h, err := heureDe(c.String("horloge"))
			if err != nil {
				return err
			}
			p := portsFixes()
			if c.Bool("ports-libres") {
				p = portsLibres()
			}
			bases, err := basesDe(c.StringSlice("base"))
			if err != nil {
				return erreurUsage(c, err)
			}
			if c.Bool("separees") {
				return toutOuRien(dir, func() error { return separees(ctx, c.Root().Writer, dir, p, h, bases) })
			}
			var f *config.Fichier
			if err := toutOuRien(dir, func() (err error) { f, err = quickstart(ctx, dir, p, h, bases[""]); return err }); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Root().Writer, `Laboratoire écrit dans %[1]s : tout y est fictif, les certificats sont de test.

Et maintenant (Ctrl-C arrête le serveur ; la suite dans un autre terminal) :
  ecluse serve --config %[1]s/ecluse.toml
  curl -s http://%[2]s/pret
  curl -s -H "Authorization: Bearer $(cat %[1]s/jeton-%[3]s)" http://%[4]s/v1/venues
`, dir, f.Surveillance.Adresse, f.Etablissements[0].Finess, f.Etablissements[0].API.Adresse)
			return err
		},
	}
}

// heure is the clock of a laboratory: that of the machine, or one of its own.
type heure struct {
	horloge sante.Horloge
	fichier string // "" for that of the machine
}

func heureDe(fichier string) (heure, error) {
	if fichier == "" {
		return heure{horloge: time.Now}, nil
	}
	fichier, err := filepath.Abs(fichier)
	if err != nil {
		return heure{}, err
	}
	h, err := horlogeDeFichier(fichier)
	return heure{h, fichier}, err
}

// toutOuRien fills a directory that is empty or not there, and leaves it so when
// that fails.
func toutOuRien(dir string, remplir func() error) error {
	l, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case len(l) > 0:
		return conseiller(fmt.Errorf("%s n'est pas vide", dir), "donner un répertoire vide, ou qui n'existe pas encore")
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

// quickstart lays out a whole laboratory in one process.
func quickstart(ctx context.Context, dir string, p ports, h heure, base string) (*config.Fichier, error) {
	l, err := fonder(ctx, dir, h.horloge, p)
	if err != nil {
		return nil, err
	}
	l.heure = h.fichier
	c := l.base()
	c.Base = cmp.Or(base, c.Base)
	c.IGC = &config.IGC{Repertoire: filepath.Join("igc", "autorite"), Adresse: l.adresses["igc"]}
	c.Surveillance.Adresse, _ = p("surveillance")
	c.Bureau.Adresse, _ = p("bureau")
	g := &l.monde.Gestionnaire
	if err := errors.Join(l.serveur(ctx, dir, g, &c.Ecoute), l.ouvrir(g.Cle, &c.Ecoute)); err != nil {
		return nil, err
	}
	// One process, one listener: every insurer is behind the same address.
	for i := range l.monde.AMC {
		qui := l.repondant(&l.monde.AMC[i]).Cle
		l.adresses[qui], l.empreinte[qui] = l.adresses[monde.CleAnnuaire], l.empreinte[monde.CleAnnuaire]
	}
	id, err := l.identite(ctx, dir, "cles-"+g.Cle, g)
	if err != nil {
		return nil, err
	}
	c.Annuaire = &config.Annuaire{ID: g.Identifiant, Libelle: g.Nom, Identite: id}
	for i := range l.monde.AMC {
		a, err := l.amc(ctx, dir, &l.monde.AMC[i])
		if err != nil {
			return nil, err
		}
		a.Hebergeurs = []string{g.IDNat} // its server hears the returns of everybody
		c.AMC = append(c.AMC, a)
	}
	for i := range l.monde.Etablissements {
		e, err := l.etablissement(ctx, dir, &l.monde.Etablissements[i])
		if err != nil {
			return nil, err
		}
		c.Etablissements = append(c.Etablissements, e)
	}
	if err := l.confiance(ctx, dir); err != nil {
		return nil, err
	}
	f, err := ecrireConfig(dir, "Laboratoire d'Écluse : un processus qui tient tous les rôles.\nTout est fictif ; les certificats sont de test.", &c)
	if err != nil {
		return nil, err
	}
	return f, l.peupler(ctx, f)
}
