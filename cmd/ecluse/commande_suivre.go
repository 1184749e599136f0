package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
)

func commandeSuivre(commun []cli.Flag) *cli.Command {
	return &cli.Command{Name: "suivre", Usage: "montre la vie d'une facture ou d'un lot : ses états, qui les dit, et la feuille du journal qui le prouve",
		ArgsUsage: "NUMERO", Flags: append(commun[:2:2],
			&cli.StringFlag{Name: "finess", Usage: "chez une AMC : FINESS juridique de l'établissement ; tous ceux qui ont envoyé un lot si rien n'est dit"}),
		Action: suivreFlux}
}

func suivreFlux(ctx context.Context, c *cli.Command) error {
	numero := strings.TrimSpace(c.Args().First())
	if numero == "" || c.Args().Len() > 1 {
		return errors.New("un numéro de facture ou de lot est attendu, et un seul")
	}
	trouve := false
	var aFaire []etablissement.Consigne
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOCATAIRE\tFLUX\tÉTAT\tDIT PAR\tCODE\tINSTANT\tFEUILLE")
	err := surLocataires(ctx, c, func(p *serveur.Processus, tenant string) error {
		l, suite, err := p.VieDe(ctx, tenant, c.String("finess"), numero)
		aFaire = append(aFaire, suite...)
		trouve = trouve || len(l) > 0
		ecrireVie(w, tenant, l)
		return err
	})
	if err == nil && !trouve {
		return fmt.Errorf("aucune facture ni aucun lot sous le numéro %s dans cette configuration", numero)
	}
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	for _, k := range aFaire {
		fmt.Fprintf(c.Root().Writer, "%s\n  %s : %s\n", k.Constat, k.QuiAgit, k.AFaire)
	}
	return nil
}

func ecrireVie(w io.Writer, tenant string, l []etablissement.Jalon) {
	for _, j := range l {
		flux := "lot " + j.Lot
		if j.Facture != "" {
			flux = fmt.Sprintf("facture %s de %d", j.Facture, j.Annee)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", tenant, flux, j.Etat, j.Auteur, j.Code, j.Instant.Format(time.RFC3339), j.Feuille)
	}
}
