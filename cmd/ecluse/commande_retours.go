package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	"github.com/ecluse-sante/ecluse/sante"
)

// retoursParPage bounds what is read at once.
const retoursParPage = 200

// listerRetours tells which returns free nobody yet: the queue sends them again by
// itself, until a person must act.
func listerRetours(ctx context.Context, c *cli.Command) error {
	finess, err := sante.ParseFINESS(c.String("finess"))
	if err != nil {
		return fmt.Errorf("--finess : %w", err)
	}
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		a, err := uneAMC(p.Fichier, c.String("amc"))
		if err != nil {
			return err
		}
		livre, file := liqstore.New(p.Base, serveur.TenantAMC(a.Numero)), achstore.New(p.Base, serveur.TenantAMC(a.Numero))
		if n := c.String("renvoyer"); n != "" {
			if err := serveur.RenvoyerRetour(ctx, livre, file, finess, n, p.Horloge()); err != nil {
				return fmt.Errorf("--renvoyer : %w", err)
			}
			_, err := fmt.Fprintf(c.Root().Writer, "Le retour %s repart, le même.\n", n)
			return err
		}
		w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "RETOUR\tNATURE\tFACTURES\tPAYÉ\tÉMIS\tACQUITTEMENT\tÀ FAIRE")
		var dernier *liquidation.RetourEmis
		for {
			l, err := livre.Retours(ctx, finess, dernier, retoursParPage)
			if err != nil {
				return err
			}
			for i := range l {
				etat, suite, err := serveur.SuiteDuRetour(ctx, file, &l[i])
				if err != nil {
					return err
				}
				r := &l[i]
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", r.Numero, r.Nature, r.Factures, r.Total.Euros(), r.Emis.Format(time.RFC3339), etat, suite)
			}
			if len(l) < retoursParPage {
				return w.Flush()
			}
			dernier = &l[len(l)-1]
		}
	})
}
