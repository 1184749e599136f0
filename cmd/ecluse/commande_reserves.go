package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
)

func commandeReserves() *cli.Command {
	commun := []cli.Flag{drapeauConfig(),
		&cli.StringFlag{Name: "finess", Usage: "FINESS juridique ; tous ceux de la configuration si rien n'est dit"}}
	return &cli.Command{
		Name: "reserves", Usage: "tient ce que des retours d'AMC ont dit sans effet chez un établissement, sans redémarrage",
		Description: "Un paiement ou un rejet qui ne s'accorde pas avec ce que l'établissement tient n'y change rien :\n" +
			"l'AMC en reçoit un acquittement sous réserve, ou un refus, et une personne tranche ici.",
		Commands: []*cli.Command{
			{Name: "lister", Usage: "montre quelles factures sont concernées, pourquoi, qui doit agir et que faire", Flags: append(commun[:2:2],
				&cli.StringFlag{Name: "facture", Usage: "d'une seule facture"},
				&cli.BoolFlag{Name: "levees", Usage: "montre aussi celles qui sont levées, par qui et pourquoi"}), Action: listerReserves},
			{Name: "lever", Usage: "lève une réserve, ou toutes celles d'un retour ; qui, quand et pourquoi restent dans le journal", Flags: append(commun[:2:2],
				&cli.StringFlag{Name: "cle", Required: true, Usage: "clé de la réserve, comme « lister » la montre ; sans ce qui suit le point, tout le retour"},
				&cli.StringFlag{Name: "motif", Required: true, Usage: "ce qui a été fait ou convenu, sans donnée d'un patient"},
				&cli.StringFlag{Name: "par", Value: "exploitant", Usage: "pseudonyme de qui décide"}), Action: leverReserves},
		},
	}
}

func listerReserves(ctx context.Context, c *cli.Command) error {
	return surHopitaux(ctx, c, func(l []hopitalClos) error {
		sortie := c.Root().Writer
		for _, h := range l {
			f := etablissement.FiltreReserves{Facture: c.String("facture"), Levees: c.Bool("levees"), Max: 200}
			total, w := 0, tabwriter.NewWriter(sortie, 0, 0, 2, ' ', 0)
			var aFaire []string // each once
			for {
				page, err := h.ListerReserves(ctx, f)
				if err != nil {
					return err
				}
				if total == 0 && len(page) > 0 {
					fmt.Fprintln(w, "CLÉ\tREÇU\tAMC\tRETOUR\tNATURE\tFACTURE\tLOT\tPAYÉ\tVIREMENT\tPOURQUOI\tQUI AGIT")
				}
				for i := range page {
					if s := direReserve(w, &page[i]); s != "" && !slices.Contains(aFaire, s) {
						aFaire = append(aFaire, s)
					}
				}
				if total += len(page); len(page) < f.Max {
					break
				}
				f.Apres = page[len(page)-1].Cle()
			}
			if err := w.Flush(); err != nil {
				return err
			}
			for _, s := range aFaire {
				fmt.Fprintln(sortie, "  "+s)
			}
			fmt.Fprintf(sortie, "%s : %s\n", h.nom, francais.Accorder(total, "réserve", "réserves"))
		}
		return nil
	})
}

// direReserve writes a reserve and how it ended, and gives what to do of it.
func direReserve(w *tabwriter.Writer, r *etablissement.Reserve) (aFaire string) {
	k := r.Consigne()
	qui := k.QuiAgit
	if v := r.Levee; v != nil {
		qui = "levée le " + v.Instant.Format(time.RFC3339) + " par " + v.Par + " : " + v.Motif
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Cle(), r.Instant.Format(time.RFC3339), r.AMC, serveur.TexteSimple(r.Retour, 20), r.Nature, serveur.TexteSimple(r.Facture, 20), serveur.TexteSimple(r.Lot, 20),
		r.Montant.Euros(), serveur.TexteSimple(r.Virement, 35), r.Cause.Libelle(), qui)
	if r.Levee != nil {
		return ""
	}
	return r.Cause.Libelle() + " : " + k.Constat + ". " + k.AFaire
}

func leverReserves(ctx context.Context, c *cli.Command) error {
	return surHopitaux(ctx, c, func(l []hopitalClos) error {
		for _, h := range l {
			levees, err := h.LeverReserves(ctx, etablissement.Ordre{Agent: c.String("par")}, c.String("cle"), c.String("motif"))
			if errors.Is(err, etablissement.ErrInconnue) {
				continue
			}
			if err != nil {
				return refusReserve(err)
			}
			for i := range levees {
				fmt.Fprintf(c.Root().Writer, "%s : la réserve sur la facture %s est levée.\n", h.nom, levees[i].Facture)
			}
			return nil
		}
		return francais.Conseiller(errors.New("aucune réserve n'attend sous cette clé"), "« ecluse reserves lister --levees » montre aussi celles qui sont levées")
	})
}

// refusReserve says what is wrong of a reserve in its own words, when it has some.
func refusReserve(err error) error {
	if e, ok := errors.AsType[*etablissement.Erreur](err); ok && e.Detail != "" {
		return errors.New(e.Detail)
	}
	return err
}
