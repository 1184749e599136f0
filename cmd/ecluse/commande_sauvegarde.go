package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/journal"
)

func commandeSauvegarde() *cli.Command {
	return &cli.Command{
		Name: "sauvegarde", Usage: "sauvegarde la base en service dans un fichier, lisible par l'un et l'autre moteur", ArgsUsage: "FICHIER",
		Description: "Les clés des contenus du journal n'y sont pas : elles se sauvegardent à part, pour qu'un effacement à terme vaille aussi dans les sauvegardes.",
		Flags:       []cli.Flag{drapeauConfig()},
		Action: func(ctx context.Context, c *cli.Command) error {
			fichier, err := unArgument(c, unFichier)
			if err != nil {
				return err
			}
			return avecProcessus(ctx, c, func(p *serveur.Processus) (err error) {
				f, err := os.OpenFile(fichier, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if err != nil {
					return err
				}
				if err := errors.Join(p.Base.Sauvegarder(ctx, f, journal.TableCles), f.Sync(), f.Close()); err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.Root().Writer, "base sauvegardée dans %s ; sauvegarder à part les clés : ecluse journal cles\n", fichier)
				return err
			})
		},
	}
}

func commandeRestaurer() *cli.Command {
	return &cli.Command{
		Name: "restaurer", Usage: "remplit une base vide à partir d'une sauvegarde", ArgsUsage: "FICHIER", Flags: []cli.Flag{drapeauConfig()},
		Action: func(ctx context.Context, c *cli.Command) error {
			sauvegarde, err := unArgument(c, unFichier)
			if err != nil {
				return err
			}
			return restaurer(ctx, c, sauvegarde)
		},
	}
}

func restaurer(ctx context.Context, c *cli.Command, sauvegarde string) error {
	fichier, err := config.Lire(c.String("config"))
	if err != nil {
		return err
	}
	base, err := serveur.OuvrirBase(ctx, fichier)
	if err != nil {
		return err
	}
	f, err := os.Open(sauvegarde)
	if err != nil {
		return errors.Join(err, base.Fermer())
	}
	defer f.Close()
	if err := errors.Join(base.Restaurer(ctx, f), base.Fermer()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.Root().Writer, "base restaurée ; restaurer les clés du journal avant de servir : ecluse journal cles --restaurer")
	return err
}
