// Ecluse is the one binary of the house: it serves the parties that a
// configuration names, and holds the tools that need no server.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
)

// version is set at build time by the release.
var version = "dev"

func main() {
	ctx, arreter := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer arreter()
	parlerFrancais()
	sortie := &sortieSuivie{w: os.Stdout}
	r := racine()
	r.Writer = sortie
	if err := cmp.Or(r.Run(ctx, os.Args), sortie.err); err != nil {
		var code cli.ExitCoder
		if !errors.As(err, &code) || err.Error() != "" {
			francais.Dire(os.Stderr, err)
		}
		os.Exit(codeDe(err))
	}
}

// sortieSuivie is the standard output: what could not be written makes the command
// fail, whoever wrote it.
type sortieSuivie struct {
	w   io.Writer
	mu  sync.Mutex
	err error
}

// Write writes and keeps the first error.
func (s *sortieSuivie) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && err != nil {
		s.err = fmt.Errorf("écrire la sortie : %w", err)
	}
	return n, err
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
			commandePartenaire(), commandeFactures(), commandeComptable(), commandeCloture(), commandeReserves(), commandeFichiers(), commandeConventions(), commandeEnvois(), commandeDroits(), commandeOfficines(),
			commandeIGC(), commandeAnnuaire(), commandePortefeuille(),
			commandeSauvegarde(), commandeRestaurer(), commandeCharge(),
		},
		ExitErrHandler: func(context.Context, *cli.Command, error) {}, // main does it
	})
}

// echec ends a command whose message was already shown.
func echec() error { return cli.Exit("", 1) }
