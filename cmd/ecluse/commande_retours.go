package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	"github.com/ecluse-sante/ecluse/roc"
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
	return avecProcessus(ctx, c, func(p *processus) error {
		a, err := uneAMC(p.f, c.String("amc"))
		if err != nil {
			return err
		}
		livre, file := liqstore.New(p.base, tenantAMC(a.Numero)), achstore.New(p.base, tenantAMC(a.Numero))
		if n := c.String("renvoyer"); n != "" {
			if err := renvoyerRetour(ctx, livre, file, finess, n, p.horloge()); err != nil {
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
				etat, suite, err := suiteDuRetour(ctx, file, &l[i])
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

// suiteDuRetour tells where a return stands, and who must act.
func suiteDuRetour(ctx context.Context, file *achstore.Store, r *liquidation.RetourEmis) (etat, suite string, err error) {
	if !r.Acquitte.IsZero() {
		s := r.Code.Signification()
		if r.Code == roc.AvecReserve {
			dit := "il ne connaît pas toutes ces factures, ou n'attend pas ce paiement"
			if r.Precision != "" {
				dit = "il dit « " + r.Precision + " »"
			}
			return "sous réserve", "établissement : " + dit + " ; il les a sous « ecluse reserves lister » ; comparer les deux livres", nil
		}
		if r.Precision != "" {
			return string(r.Code) + " " + s.Libelle + " : " + r.Precision, s.Qui, nil
		}
		return string(r.Code) + " " + s.Libelle, s.Qui, nil
	}
	x, _, err := dernierEnvoi(ctx, file, r.Finess, r.Numero)
	if errors.Is(err, acheminement.ErrInconnu) {
		return "aucun", "AMC : ce retour n'est plus dans la file, le renvoyer par un autre moyen", nil
	}
	if err != nil {
		return "", "", err
	}
	switch x.Etat {
	case acheminement.Mort:
		return codeEnvoi(x.Code), "AMC : « ecluse envois reparer » ou « relancer », clé " + x.Envoi.Cle, nil
	case acheminement.Abandonne:
		return "abandonné", "AMC : « ecluse factures retours --renvoyer " + r.Numero + " », ou prévenir l'établissement par un autre moyen", nil
	}
	devant, err := file.Devant(ctx, x.Envoi.Cle)
	if err != nil {
		return "", "", err
	}
	if devant != "" {
		return "retenu", "AMC : « ecluse envois relancer » ou « abandonner » la lettre morte qui passe avant lui, clé " + devant, nil
	}
	return "attendu", "personne : il part, ou sera renvoyé", nil
}
