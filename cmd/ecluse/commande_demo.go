package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/laboratoire"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

func commandeDemo() *cli.Command {
	return &cli.Command{
		Name: "demo", Usage: "monte un laboratoire fictif, joue et raconte des venues, de l'admission à la garantie de paiement",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "once", Usage: "joue puis s'arrête ; échoue si une vérification ne tient pas"},
			&cli.BoolFlag{Name: "json", Usage: "un objet JSON par étape"},
			&cli.StringFlag{Name: "dir", Usage: "répertoire vide à garder ; temporaire par défaut"},
			drapeauJournalisation(),
		},
		Action: demo,
	}
}

func demo(ctx context.Context, c *cli.Command) (err error) {
	debut := time.Now()
	dir := c.String("dir")
	if dir == "" {
		if dir, err = os.MkdirTemp("", "ecluse-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if c.IsSet("journalisation") {
		log = journalisation(c, os.Stderr)
	}
	s, err := laboratoire.Monter(ctx, filepath.Clean(dir), time.Now, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Demonter()) }()
	r, err := laboratoire.Conter(s, narrateur(c))
	if err != nil {
		return err
	}
	if err := r.Jouer(ctx); err != nil {
		return err
	}
	etapes := r.Etapes()
	tenues, _ := pupitre.Bilan(etapes)
	if !c.Bool("json") {
		fmt.Fprintf(c.Root().Writer, "\n%d étapes, %d comme prévu, en %s.\n", len(etapes), tenues, pupitre.Millisecondes(time.Since(debut)))
	}
	if c.Bool("once") {
		if tenues != len(etapes) {
			return fmt.Errorf("%d étapes sur %d n'ont pas tenu", len(etapes)-tenues, len(etapes))
		}
		return nil
	}
	adresse, err := r.OuvrirBureau()
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Root().Writer, "\nLe laboratoire tourne, dans %s (Ctrl-C pour l'arrêter).\nLe bureau : http://%s/\n", dir, adresse)
	r.Appeler(c.Root().Writer)
	<-ctx.Done()
	return nil
}

// narrateur writes each step, for a person or for a program.
func narrateur(c *cli.Command) func(pupitre.Etape) {
	w := c.Root().Writer
	if c.Bool("json") {
		return func(e pupitre.Etape) { pupitre.EcrireJSON(w, e) }
	}
	couleur, histoire := terminal(), ""
	return func(e pupitre.Etape) {
		if e.Histoire != histoire {
			histoire = e.Histoire
			pupitre.EcrireHistoire(w, histoire, couleur)
		}
		pupitre.EcrireTexte(w, e, couleur)
	}
}

// terminal tells whether the standard output is a terminal that takes colours.
func terminal() bool {
	i, err := os.Stdout.Stat()
	return err == nil && i.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
