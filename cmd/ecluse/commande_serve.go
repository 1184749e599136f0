package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/laboratoire"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
)

func drapeauConfig() cli.Flag {
	return &cli.StringFlag{Name: "config", Usage: "fichier de configuration", Value: "ecluse.toml"}
}

// ramassage lets the heap of a server, some twenty megabytes of living memory, grow
// to three times that before it is swept.
const ramassage = 200

func commandeServe() *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "sert les parties que la configuration nomme, jusqu'à SIGTERM ou Ctrl-C",
		Flags: []cli.Flag{drapeauConfig(),
			&cli.StringFlag{Name: "horloge", Usage: "fichier d'horloge partagée (laboratoire seulement)"}, drapeauJournalisation()},
		Action: func(ctx context.Context, c *cli.Command) error {
			f, err := config.Lire(c.String("config"))
			if err != nil {
				return err
			}
			if h := c.String("horloge"); h != "" {
				if !f.Laboratoire {
					return fmt.Errorf("--horloge n'est admis qu'en mode laboratoire")
				}
				f.Horloge = h
			}
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(ramassage)
			}
			p, err := serveur.Ouvrir(ctx, f, serveur.Options{Log: journalisation(c, os.Stderr), Bureau: laboratoire.Bureau, Version: version})
			if err != nil {
				return err
			}
			defer p.Fermer()
			return p.Servir(ctx)
		},
	}
}

func drapeauJournalisation() cli.Flag {
	return &cli.StringFlag{Name: "journalisation", Usage: "niveau du journal technique : debug, info, warn, error", Value: "info", Validator: parmi("debug", "info", "warn", "error")}
}

// journalisation is the operator's log, on one line an event, without any
// personal data.
func journalisation(c *cli.Command, w io.Writer) *slog.Logger {
	var n slog.Level
	if err := n.UnmarshalText([]byte(c.String("journalisation"))); err != nil {
		n = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: n}))
}

func commandeConfig() *cli.Command {
	return &cli.Command{
		Name: "config", Usage: "décrit ou vérifie un fichier de configuration",
		Commands: []*cli.Command{
			{Name: "describe", Aliases: []string{"decrire"}, Usage: "écrit un fichier entier, commenté, avec les valeurs par défaut",
				Action: func(_ context.Context, c *cli.Command) error { return config.Decrire(c.Root().Writer) }},
			{Name: "check", Aliases: []string{"verifier"}, ArgsUsage: "[FICHIER…]", Usage: "dit ce qui ne va pas, avec le fichier et la ligne ; de plusieurs fichiers, aussi ce qu'ils disent l'un contre l'autre", Flags: []cli.Flag{drapeauConfig()},
				Action: verifierConfig},
		},
	}
}

// verifierConfig checks files, then what they say of each other.
func verifierConfig(_ context.Context, c *cli.Command) error {
	chemins := c.Args().Slice()
	if len(chemins) == 0 {
		chemins = []string{c.String("config")}
	}
	tous := make([]*config.Fichier, len(chemins))
	for i, chemin := range chemins {
		var err error
		if tous[i], err = config.Lire(chemin); err != nil {
			return err
		}
		if err := serveur.Verifier(tous[i]); err != nil {
			return err
		}
	}
	if err := config.Accorder(tous); err != nil {
		return err
	}
	for _, chemin := range chemins {
		if _, err := fmt.Fprintf(c.Root().Writer, "%s : configuration correcte\n", chemin); err != nil {
			return err
		}
	}
	return nil
}
