package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

func commandeFactures() *cli.Command {
	commun := []cli.Flag{drapeauConfig(),
		&cli.StringFlag{Name: "amc", Usage: "numéro de l'AMC dont c'est le livre ; inutile s'il n'y en a qu'une ici"},
		&cli.StringFlag{Name: "finess", Required: true, Usage: "FINESS juridique de l'établissement"}}
	return &cli.Command{
		Name: "factures", Usage: "tient le livre des factures d'une AMC, sans redémarrage",
		Commands: []*cli.Command{
			{Name: "lister", Usage: "montre les factures d'un établissement : à payer, payées, rejetées, toutes", Flags: append(commun[:3:3],
				&cli.StringFlag{Name: "etat", Value: "a-payer", Usage: "a-payer, paye, rejete ou tout"}), Action: listerFactures},
			{Name: "payer", Usage: "paie ce qui est liquidé et envoie le retour de paiement", Flags: append(commun[:3:3],
				&cli.StringFlag{Name: "reference", Required: true, Usage: "référence du virement, 35 caractères au plus"},
				&cli.StringFlag{Name: "compte", Usage: "quatre derniers caractères du compte crédité"},
				&cli.StringFlag{Name: "numero", Usage: "une seule facture ; toutes celles de l'établissement si rien n'est dit"},
				&cli.StringFlag{Name: "montant", Usage: "avec --numero : une partie seulement, en euros"},
				&cli.StringFlag{Name: "motif", Value: string(roc.PiecesManquantes), Usage: "avec --montant : le code qui dit pourquoi le reste attend"}), Action: payerFactures},
			{Name: "retours", Usage: "montre les retours sans acquittement, ou acquittés sous réserve, et qui doit agir ; renvoie un retour abandonné", Flags: append(commun[:3:3],
				&cli.StringFlag{Name: "renvoyer", Usage: "numéro d'un retour abandonné : il repart, le même, au même établissement"}), Action: listerRetours},
			{Name: "rejeter", Usage: "rejette une facture acceptée et envoie le retour de rejet", Flags: append(commun[:3:3],
				&cli.StringFlag{Name: "numero", Required: true, Usage: "facture"},
				&cli.StringFlag{Name: "motif", Required: true, Usage: "code F du rejet, comme F605"},
				&cli.StringFlag{Name: "precision", Usage: "phrase pour l'établissement, sans donnée du patient, 500 caractères au plus"}), Action: rejeterFacture},
		},
	}
}

// surLivre opens the book of the insurer that the command names.
func surLivre(ctx context.Context, c *cli.Command, f func(s *liquidation.Service, finess sante.FINESS, amc sante.NumeroAMC) error) error {
	finess, err := sante.ParseFINESS(c.String("finess"))
	if err != nil {
		return fmt.Errorf("--finess : %w", err)
	}
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		a, err := uneAMC(p.Fichier, c.String("amc"))
		if err != nil {
			return err
		}
		moteur, err := p.Moteur(a.Baremes)
		if err != nil {
			return err
		}
		tenant := serveur.TenantAMC(a.Numero)
		s, err := p.Livre(a, amcstore.New(p.Base, tenant), moteur, achstore.New(p.Base, tenant))
		if err != nil {
			return err
		}
		return f(s, finess, s.Parametres.Debitrices[0])
	})
}

func uneAMC(f *config.Fichier, numero string) (*config.AMC, error) {
	for i := range f.AMC {
		if a := &f.AMC[i]; a.Numero == numero || numero == "" && len(f.AMC) == 1 {
			return a, nil
		}
	}
	if numero == "" {
		return nil, errors.New("--amc : dire laquelle des AMC de cette configuration")
	}
	return nil, fmt.Errorf("--amc : %s n'est pas dans cette configuration", numero)
}

func payerFactures(ctx context.Context, c *cli.Command) error {
	if err := verifierOrdre(c); err != nil {
		return err
	}
	return surLivre(ctx, c, func(s *liquidation.Service, finess sante.FINESS, amc sante.NumeroAMC) error {
		jour := sante.JourA(s.Horloge(), sante.Paris())
		o := liquidation.Ordre{Comptable: jour, Mandatement: jour, Payeur: amc, Reference: c.String("reference"), Compte: c.String("compte")}
		if c.String("montant") != "" {
			return payerUnePart(ctx, c, s, o, finess)
		}
		if n := c.String("numero"); n != "" {
			if err := s.Solder(ctx, o, finess, n); err != nil {
				return direVire(err, n, o.Reference)
			}
			_, err := fmt.Fprintln(c.Root().Writer, "1 facture payée ; son retour part.")
			return err
		}
		total := 0
		for {
			n, err := s.Payer(ctx, o, finess, serveur.LotLiquidation)
			if err != nil {
				return err
			}
			if total += n; n < serveur.LotLiquidation {
				break
			}
		}
		_, err := fmt.Fprintf(c.Root().Writer, "%s ; les retours partent.\n", francais.Accorder(total, "facture payée", "factures payées"))
		return err
	})
}

func payerUnePart(ctx context.Context, c *cli.Command, s *liquidation.Service, o liquidation.Ordre, finess sante.FINESS) error {
	m, err := montantVerse(c)
	if err != nil {
		return err
	}
	if c.String("numero") == "" {
		return errors.New("--montant : dire de quelle facture avec --numero")
	}
	if err := s.Regler(ctx, o, finess, map[string]liquidation.Part{c.String("numero"): {Montant: m, Code: roc.Code(c.String("motif"))}}); err != nil {
		return direVire(err, c.String("numero"), o.Reference)
	}
	_, err = fmt.Fprintln(c.Root().Writer, "1 facture payée en partie ; son retour part.")
	return err
}

// direVire says what to do when an order was perhaps typed twice.
func direVire(err error, numero, reference string) error {
	if !errors.Is(err, liquidation.ErrDejaVire) {
		return err
	}
	return fmt.Errorf("une part de la facture %s est déjà payée sous la référence %s : rien n'a été payé cette fois. "+
		"Si la commande a été retapée, il n'y a rien à refaire (« ecluse factures lister » montre ce qui est payé) ; "+
		"pour payer une autre part, donner avec --reference la référence de son virement", numero, reference)
}

func rejeterFacture(ctx context.Context, c *cli.Command) error {
	if err := verifierRejet(c); err != nil {
		return err
	}
	return surLivre(ctx, c, func(s *liquidation.Service, finess sante.FINESS, _ sante.NumeroAMC) error {
		if err := s.Rejeter(ctx, finess, c.String("numero"), roc.Code(c.String("motif")), c.String("precision")); err != nil {
			return err
		}
		_, err := fmt.Fprintln(c.Root().Writer, "1 facture rejetée ; son retour part.")
		return err
	})
}
