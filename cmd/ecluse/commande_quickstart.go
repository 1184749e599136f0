package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/laboratoire"
	"github.com/ecluse-sante/ecluse/internal/config"
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
			h, err := laboratoire.HeureDe(c.String("horloge"))
			if err != nil {
				return err
			}
			p := laboratoire.PortsFixes()
			if c.Bool("ports-libres") {
				p = laboratoire.PortsLibres()
			}
			bases, err := laboratoire.BasesDe(c.StringSlice("base"))
			if err != nil {
				return erreurUsage(c, err)
			}
			if c.Bool("separees") {
				return laboratoire.ToutOuRien(dir, func() error { return laboratoire.Separees(ctx, c.Root().Writer, dir, p, h, bases) })
			}
			var f *config.Fichier
			if err := laboratoire.ToutOuRien(dir, func() (err error) { f, err = laboratoire.Quickstart(ctx, dir, p, h, bases[""]); return err }); err != nil {
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
