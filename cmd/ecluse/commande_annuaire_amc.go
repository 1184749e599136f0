package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/sante"
)

func commandeAnnuaire() *cli.Command {
	return &cli.Command{
		Name: "annuaire", Usage: "tient et interroge l'annuaire national de la santé, et l'annuaire AMC",
		Commands: append(commandesAnnuaireSante(), commandesAnnuaireAMC()...),
	}
}

// commandesAnnuaireAMC keep and read the directory of insurers.
func commandesAnnuaireAMC() []*cli.Command {
	return []*cli.Command{
		{Name: "publier", ArgsUsage: "FICHIER|-", Usage: "annuaire AMC : ajoute ou remplace des entrées (un objet JSON par ligne), toutes ou aucune", Flags: []cli.Flag{drapeauConfig()}, Action: publierAnnuaire},
		{Name: "retirer", ArgsUsage: "IDENTIFIANT", Usage: "annuaire AMC : retire une entrée ; son histoire reste", Flags: []cli.Flag{drapeauConfig()}, Action: retirerAnnuaire},
		{Name: "exporter", Usage: "annuaire AMC : écrit toutes les entrées", Action: exporterAnnuaire, Flags: []cli.Flag{drapeauConfig(),
			&cli.StringFlag{Name: "le", Usage: "celles qui valaient ce jour-là, comme 2026-03-01 : les adresses à la date des soins"}}},
		{Name: "calendrier", Usage: "annuaire AMC : ce qui commence et ce qui finit bientôt, fusions d'AMC comprises", Action: calendrierAnnuaire, Flags: []cli.Flag{drapeauConfig(),
			&cli.IntFlag{Name: "jours", Value: 30, Usage: "sur combien de jours, à partir d'aujourd'hui"},
			&cli.BoolFlag{Name: "json", Usage: "un objet JSON par ligne"}}},
	}
}

func retirerAnnuaire(ctx context.Context, c *cli.Command) error {
	id, err := unArgument(c, "un identifiant d'entrée est attendu")
	if err != nil {
		return err
	}
	return avecAnnuaire(ctx, c, func(s *annuaireamc.Service) error {
		if err := s.Retirer(ctx, id); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.Root().Writer, "entrée %s retirée\n", id)
		return err
	})
}

func exporterAnnuaire(ctx context.Context, c *cli.Command) error {
	le, err := jourDit(c, "le", 0)
	if err != nil {
		return err
	}
	return avecAnnuaire(ctx, c, func(s *annuaireamc.Service) error {
		if le == 0 {
			return annuaireamc.Ecrire(c.Root().Writer, s.Entrees())
		}
		l, err := s.EntreesAu(ctx, le)
		if err != nil {
			return err
		}
		return annuaireamc.Ecrire(c.Root().Writer, l)
	})
}

func calendrierAnnuaire(ctx context.Context, c *cli.Command) error {
	jours := c.Int("jours")
	if jours < 1 || jours > joursMax {
		return attendre(c, fmt.Sprintf("--jours : de 1 à %d jours", joursMax))
	}
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		if p.Annuaire == nil {
			return errSansAnnuaireAMC
		}
		du := sante.JourA(p.Horloge(), sante.Paris())
		l := annuaireamc.Calendrier(p.Annuaire.Entrees(), du, du+sante.Jour(jours))
		if !c.Bool("json") {
			return direCalendrier(c.Root().Writer, l, jours)
		}
		ligne := json.NewEncoder(c.Root().Writer)
		for i := range l {
			if err := ligne.Encode(&l[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// joursMax bounds what the calendar looks ahead: ten years.
const joursMax = 3660

// phrases say what happens on a day, and who must act.
var phrases = map[annuaireamc.Genre]string{
	annuaireamc.Ouverture: "ouvre", annuaireamc.Fermeture: "ferme le soir", annuaireamc.Remplacement: "est reprise par %s",
	annuaireamc.MandatOuvert: "a %s pour opérateur : son mandat commence", annuaireamc.MandatClos: "n'a plus %s pour opérateur le lendemain : son mandat finit",
	annuaireamc.Certificat: "a un certificat de confidentialité qui finit : l'AMC doit publier le suivant",
	annuaireamc.SansSuite:  "n'a plus d'entrée : l'AMC doit en publier une, ou dire qui la reprend",
}

func direCalendrier(sortie io.Writer, l []annuaireamc.Evenement, jours int) error {
	if len(l) == 0 {
		_, err := fmt.Fprintf(sortie, "Rien ne commence ni ne finit dans l'annuaire AMC d'ici %s.\n", francais.Accorder(jours, "jour", "jours"))
		return err
	}
	w := tabwriter.NewWriter(sortie, 0, 0, 2, ' ', 0)
	for _, e := range l {
		quoi := phrases[e.Genre]
		if e.Vers != "" {
			quoi = fmt.Sprintf(quoi, e.Vers)
		}
		if e.Service != "" {
			quoi = "son service " + string(e.Service) + " " + quoi
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.Le.Francais(), e.NumeroAMC, e.Libelle, e.Entree, quoi)
	}
	return w.Flush()
}

var errSansAnnuaireAMC = errors.New("cette configuration ne sert pas d'annuaire : table [annuaire-amc] attendue")

func avecAnnuaire(ctx context.Context, c *cli.Command, f func(s *annuaireamc.Service) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		if p.Annuaire == nil {
			return errSansAnnuaireAMC
		}
		return f(p.Annuaire)
	})
}

func publierAnnuaire(ctx context.Context, c *cli.Command) error {
	fichier, err := unArgument(c, unFichierOuLEntree)
	if err != nil {
		return err
	}
	r, err := ouvrirFichier(fichier)
	if err != nil {
		return err
	}
	defer r.Close()
	entrees, refus, err := annuaireamc.Lire(r)
	if err != nil {
		return err
	}
	for _, x := range refus {
		motif, _ := francais.Nettoyer(fmt.Sprint(x.Motif))
		fmt.Fprintf(os.Stderr, "ligne %d : %s\n", x.Ligne, motif)
	}
	if len(refus) > 0 {
		return fmt.Errorf("%s : rien n'est publié", francais.Accorder(len(refus), "ligne refusée", "lignes refusées"))
	}
	return avecAnnuaire(ctx, c, func(s *annuaireamc.Service) error {
		if err := s.Publier(ctx, entrees); err != nil {
			return err
		}
		_, err := fmt.Fprintf(c.Root().Writer, "%s\n", francais.Accorder(len(entrees), "entrée publiée", "entrées publiées"))
		return err
	})
}
