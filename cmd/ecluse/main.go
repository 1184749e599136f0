// Ecluse is the one binary of the house: it serves the parties that a
// configuration names, and holds the tools that need no server.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"
)

func main() {
	ctx, arreter := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer arreter()
	parlerFrancais()
	if err := racine().Run(ctx, os.Args); err != nil {
		var code cli.ExitCoder
		if !errors.As(err, &code) || err.Error() != "" {
			direErreur(os.Stderr, err)
		}
		os.Exit(codeDe(err))
	}
}

// codeDe is the exit status of an error: 1 unless it says otherwise.
func codeDe(err error) int {
	var code cli.ExitCoder
	if errors.As(err, &code) {
		return code.ExitCode()
	}
	return 1
}

// racine is the list of commands.
func racine() *cli.Command {
	return habiller(&cli.Command{
		Name: "ecluse", Version: version,
		Usage: "échange scellé entre un établissement de santé et une complémentaire, de l'admission à la garantie de paiement",
		Commands: []*cli.Command{
			commandeDemo(), commandeQuickstart(), commandeServe(), commandeConfig(),
			commandeCalcul(), commandeSceau(), commandeCertificat(), commandeNumero(), commandeJournal(), commandeLitige(),
			commandePartenaire(), commandeFactures(), commandeIGC(), commandeAnnuaire(), commandePortefeuille(),
			commandeSauvegarde(), commandeRestaurer(), commandeCharge(),
		},
		ExitErrHandler: func(context.Context, *cli.Command, error) {}, // main does it
	})
}

// echec ends a command whose message was already shown.
func echec() error { return cli.Exit("", 1) }
