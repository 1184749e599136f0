package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/internal/amc/local"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
)

func commandeAnnuaire() *cli.Command {
	return &cli.Command{
		Name: "annuaire", Usage: "tient l'annuaire AMC, sans redémarrage",
		Commands: []*cli.Command{
			{Name: "publier", ArgsUsage: "FICHIER|-", Usage: "ajoute ou remplace des entrées (un objet JSON par ligne), toutes ou aucune", Flags: []cli.Flag{drapeauConfig()}, Action: publierAnnuaire},
			{Name: "retirer", ArgsUsage: "IDENTIFIANT", Usage: "retire une entrée", Flags: []cli.Flag{drapeauConfig()}, Action: func(ctx context.Context, c *cli.Command) error {
				if c.Args().Len() != 1 {
					return errors.New("un identifiant d'entrée est attendu")
				}
				return avecAnnuaire(ctx, c, func(s *annuaireamc.Service) error {
					if err := s.Retirer(ctx, c.Args().First()); err != nil {
						return err
					}
					_, err := fmt.Fprintf(c.Root().Writer, "entrée %s retirée\n", c.Args().First())
					return err
				})
			}},
			{Name: "exporter", Usage: "écrit toutes les entrées", Flags: []cli.Flag{drapeauConfig()}, Action: func(ctx context.Context, c *cli.Command) error {
				return avecAnnuaire(ctx, c, func(s *annuaireamc.Service) error { return annuaireamc.Ecrire(c.Root().Writer, s.Entrees()) })
			}},
		},
	}
}

func avecAnnuaire(ctx context.Context, c *cli.Command, f func(s *annuaireamc.Service) error) error {
	return avecProcessus(ctx, c, func(p *processus) error {
		if p.annuaire == nil {
			return errors.New("cette configuration ne sert pas d'annuaire : table [annuaire-amc] attendue")
		}
		return f(p.annuaire)
	})
}

func publierAnnuaire(ctx context.Context, c *cli.Command) error {
	if c.Args().Len() != 1 {
		return errUnFichier
	}
	r, err := ouvrirFichier(c.Args().First())
	if err != nil {
		return err
	}
	defer r.Close()
	entrees, refus, err := annuaireamc.Lire(r)
	if err != nil {
		return err
	}
	for _, x := range refus {
		fmt.Fprintf(os.Stderr, "ligne %d : %s\n", x.Ligne, x.Motif)
	}
	if len(refus) > 0 {
		return fmt.Errorf("%d lignes refusées : rien n'est publié", len(refus))
	}
	return avecAnnuaire(ctx, c, func(s *annuaireamc.Service) error {
		if err := s.Publier(ctx, entrees); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.Root().Writer, "%d entrées publiées\n", len(entrees))
		return err
	})
}

func commandePortefeuille() *cli.Command {
	amc := &cli.StringFlag{Name: "amc", Required: true, Usage: "numéro d'AMC"}
	return &cli.Command{
		Name: "portefeuille", Usage: "importe ou exporte le portefeuille local d'une AMC",
		Commands: []*cli.Command{
			{Name: "importer", ArgsUsage: "FICHIER|-", Usage: "importe des contrats et des bénéficiaires (CSV, ou un objet JSON par ligne) ; chaque ligne refusée est dite",
				Flags: []cli.Flag{drapeauConfig(), amc, &cli.StringFlag{Name: "format", Usage: "csv ou json ; d'après le nom du fichier si rien n'est dit"}}, Action: importerPortefeuille},
			{Name: "exporter", Usage: "écrit le portefeuille, un objet JSON par ligne", Flags: []cli.Flag{drapeauConfig(), amc}, Action: func(ctx context.Context, c *cli.Command) error {
				return avecPortefeuille(ctx, c, func(s *amcstore.Store) error {
					_, err := local.Exporter(ctx, c.Root().Writer, s.Portefeuille)
					return err
				})
			}},
		},
	}
}

func importerPortefeuille(ctx context.Context, c *cli.Command) error {
	if c.Args().Len() != 1 {
		return errUnFichier
	}
	r, err := ouvrirFichier(c.Args().First())
	if err != nil {
		return err
	}
	defer r.Close()
	csv := c.String("format") == "csv" || c.String("format") == "" && strings.HasSuffix(c.Args().First(), ".csv")
	return avecPortefeuille(ctx, c, func(s *amcstore.Store) error {
		i := local.Importeur{Tables: s.Portefeuille,
			Refus: func(r local.Refus) { fmt.Fprintf(os.Stderr, "ligne %d, %s : %s\n", r.Ligne, r.Champ, r.Raison) }}
		importer := i.JSON
		if csv {
			importer = i.CSV
		}
		rapport, err := importer(ctx, r)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(c.Root().Writer).Encode(rapport); err != nil {
			return err
		}
		if rapport.Refusees > 0 {
			return conseiller(fmt.Errorf("lignes refusées : %d sur %d ; les autres sont importées", rapport.Refusees, rapport.Lignes), "corriger ces lignes et importer de nouveau le fichier : ce qui n'a pas changé reste tel quel")
		}
		return nil
	})
}

// avecPortefeuille opens the local portfolio of the insurer that --amc names,
// which must be one of the configuration.
func avecPortefeuille(ctx context.Context, c *cli.Command, f func(s *amcstore.Store) error) error {
	return avecProcessus(ctx, c, func(p *processus) error {
		for i := range p.f.AMC {
			a := &p.f.AMC[i]
			switch {
			case a.Numero != c.String("amc"):
			case a.Portefeuille == "distant":
				return fmt.Errorf("AMC %s : son portefeuille est distant, il n'est pas dans cette base", a.Numero)
			default:
				return f(amcstore.New(p.base, tenantAMC(a.Numero)))
			}
		}
		return conseiller(fmt.Errorf("AMC %s : elle n'est pas dans cette configuration", c.String("amc")), "les AMC servies ici sont les tables [[amc]] de %s", c.String("config"))
	})
}
