package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	off "github.com/ecluse-sante/ecluse/internal/officine"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/sante"
)

// surComptes is surOfficines, with the accounts.
func surComptes(ctx context.Context, c *cli.Command, f func(p *serveur.Processus, a *config.AMC, s *off.Service, livre *offstore.Store) error) error {
	return surOfficinesDe(ctx, c, func(p *serveur.Processus, a *config.AMC, s *off.Service, livre *offstore.Store) error {
		k, err := p.SecretOfficine(a)
		if err != nil {
			return err
		}
		if s.Comptes, err = offstore.NewComptes(livre, k); err != nil {
			return err
		}
		return f(p, a, s, livre)
	})
}

func importerComptes(ctx context.Context, c *cli.Command) error {
	return surComptes(ctx, c, func(_ *serveur.Processus, _ *config.AMC, s *off.Service, _ *offstore.Store) error {
		n, err := lireTableau(c, "ps;titulaire;iban", func(x []string) error {
			k := off.Compte{Titulaire: x[1], Par: c.String("par")}
			var err error
			if k.PS, err = sante.ParseNumeroFacturation(strings.TrimSpace(x[0])); err != nil {
				return err
			}
			if k.IBAN, err = sante.ParseIBAN(strings.TrimSpace(x[2])); err != nil {
				return fmt.Errorf("%s : %w", k.PS, err)
			}
			if err := s.NoterCompte(ctx, &k); err != nil {
				return fmt.Errorf("%s : %w", k.PS, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Root().Writer, "%s ; retirer le fichier s'il ne sert plus.\n", francais.Accorder(n, "compte noté", "comptes notés"))
		return err
	})
}

func listerComptes(ctx context.Context, c *cli.Command) error {
	return surComptes(ctx, c, func(_ *serveur.Processus, _ *config.AMC, s *off.Service, _ *offstore.Store) error {
		l, err := s.Comptes.Comptes(ctx)
		if err != nil {
			return err
		}
		if len(l) == 0 {
			_, err := fmt.Fprintln(c.Root().Writer, "Aucun compte.")
			return err
		}
		w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "PROFESSIONNEL\tTITULAIRE\tCOMPTE\tNOTÉ LE\tPAR")
		for i := range l {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l[i].PS, l[i].Titulaire, l[i].IBAN.Masque(), sante.JourA(l[i].Note, sante.Paris()), l[i].Par)
		}
		return w.Flush()
	})
}

func oublierCompte(ctx context.Context, c *cli.Command) error {
	ps, err := psDit(c)
	if err != nil {
		return err
	}
	return surComptes(ctx, c, func(_ *serveur.Processus, _ *config.AMC, s *off.Service, _ *offstore.Store) error {
		if err := s.OublierCompte(ctx, ps, c.String("par")); errors.Is(err, off.ErrSansCompte) {
			return fmt.Errorf("aucun compte n'est dit pour %s", ps)
		} else if err != nil {
			return err
		}
		_, err := fmt.Fprintln(c.Root().Writer, "Compte oublié : ses prochains virements attendent qu'un autre soit dit.")
		return err
	})
}
