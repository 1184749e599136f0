package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/laboratoire"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
)

func commandeConventions() *cli.Command {
	return &cli.Command{
		Name: "conventions", Usage: "vérifie et montre la table des AMC qui ne sont pas en ligne",
		Commands: []*cli.Command{
			{Name: "exemple", Usage: "écrit une table d'exemple, commentée",
				Action: func(_ context.Context, c *cli.Command) error {
					_, err := fmt.Fprint(c.Root().Writer, laboratoire.ExempleConventions)
					return err
				}},
			{Name: "verifier", Usage: "dit ce qui ne va pas dans une table, avec la ligne : dates, ambiguïtés, trous, formules", ArgsUsage: "FICHIER", Action: verifierConventions},
			{Name: "lister", Usage: "montre les conventions d'une table", ArgsUsage: "FICHIER", Action: listerConventions},
		},
	}
}

func uneTable(c *cli.Command) (*etablissement.Conventions, error) {
	if c.Args().Len() != 1 {
		return nil, errors.New("FICHIER attendu : la table des conventions")
	}
	return serveur.LireConventions(c.Args().First())
}

func verifierConventions(_ context.Context, c *cli.Command) error {
	t, err := uneTable(c)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%s : table correcte, %s. Toute part calculée d'après elle est %s.\n", c.Args().First(),
		francais.Accorder(len(t.Conventions), "convention", "conventions"), etablissement.SansGarantie)
	return err
}

func listerConventions(_ context.Context, c *cli.Command) error {
	t, err := uneTable(c)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CONVENTION\tAMC\tTYPE\tCSR\tDU\tAU\tVOIE\tLIBELLÉ\tVALEUR")
	for _, k := range t.Conventions {
		fin := "sans fin"
		if !k.Fin.IsZero() {
			fin = k.Fin.Francais()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.NumeroAMC, k.TypeConvention, k.CSR, k.Debut.Francais(), fin, k.Voie, k.Libelle, etablissement.SansGarantie)
	}
	return w.Flush()
}
