package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// lireFichier reads a file, or the standard input for "-", bounded.
func lireFichier(nom string, max int64) ([]byte, error) {
	r, err := ouvrirFichier(nom)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, max+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > max {
		return nil, fmt.Errorf("%s : plus de %d octets", nom, max)
	}
	return b, nil
}

func ouvrirFichier(nom string) (io.ReadCloser, error) {
	if nom == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	return os.Open(nom)
}

func commandeCalcul() *cli.Command {
	return &cli.Command{
		Name: "calcul", Usage: "calcule les trois parts d'actes et de séjours, un objet JSON par ligne", ArgsUsage: "FICHIER|-",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "schema", Usage: "écrit le schéma JSON des lignes lues et s'arrête"},
			&cli.BoolFlag{Name: "expliquer", Usage: "donne la règle de chaque part, sa source et une phrase pour le patient"},
			&cli.BoolFlag{Name: "verifier", Usage: "compare à l'« out » de chaque ligne lue ; échoue au premier écart"},
			&cli.StringFlag{Name: "baremes", Usage: "répertoire de tables de calcul, par-dessus celles du programme"},
		},
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Bool("schema") {
				b, err := calcul.Schema()
				if err != nil {
					return err
				}
				_, err = c.Root().Writer.Write(append(b, '\n'))
				return err
			}
			fichier, err := unArgument(c, unFichierOuLEntree)
			if err != nil {
				return err
			}
			m, err := serveur.MoteurDe(c.String("baremes"))
			if err != nil {
				return err
			}
			r, err := ouvrirFichier(fichier)
			if err != nil {
				return err
			}
			defer r.Close()
			suivi := &suiviDeLignes{r: r, w: c.Root().Writer}
			bilan, err := m.Lignes(suivi.lecteur(), suivi, calcul.OptionsLignes{Expliquer: c.Bool("expliquer"), Verifier: c.Bool("verifier")})
			if err != nil {
				return err
			}
			return suivi.conclure(bilan)
		},
	}
}

func commandeCertificat() *cli.Command {
	return &cli.Command{
		Name: "certificat", Usage: "explique un certificat",
		Commands: []*cli.Command{{
			Name: "expliquer", Usage: "dit ce qu'est un certificat, pour qui, et pourquoi il serait refusé", ArgsUsage: "FICHIER|-",
			Description: "L'état de sortie est 0 quand il est admis pour un usage au moins, 1 quand il n'en a aucun : illisible, expiré, révoqué…",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "autorites", Usage: "répertoire de confiance (racines/, intermediaires/, crl/)"},
				&cli.StringFlag{Name: "date", Usage: "instant du jugement (RFC 3339) ; maintenant par défaut"},
				&cli.BoolFlag{Name: "json", Usage: "sortie JSON"},
			},
			Action: expliquerCertificat,
		}},
	}
}

func expliquerCertificat(_ context.Context, c *cli.Command) error {
	fichier, err := unArgument(c, unFichierOuLEntree)
	if err != nil {
		return err
	}
	a, err := lireInstant(c, "date", time.Now())
	if err != nil {
		return err
	}
	b, err := lireFichier(fichier, 1<<20)
	if err != nil {
		return err
	}
	m, err := serveur.MagasinDe(c.String("autorites"))
	if err != nil {
		return err
	}
	x := certificat.Expliquer(b, m, a)
	if c.Bool("json") {
		e := json.NewEncoder(c.Root().Writer)
		e.SetIndent("", "  ")
		err = e.Encode(x)
	} else if _, err = io.WriteString(c.Root().Writer, x.Texte()); err == nil && m == nil && !x.Debut.IsZero() {
		_, err = fmt.Fprintln(c.Root().Writer, "Non jugé               ni la chaîne ni la révocation, faute d'autorités de confiance (--autorites RÉPERTOIRE)")
	}
	if err == nil && !admis(&x) {
		err = echec()
	}
	return err
}

// admis tells whether a certificate may serve at all.
func admis(x *certificat.Explication) bool {
	return x.Refus == nil && slices.ContainsFunc(x.Verdicts, func(v certificat.VerdictExplique) bool { return v.Accepte })
}

func commandeNumero() *cli.Command {
	return &cli.Command{
		Name: "numero", Usage: "vérifie un numéro d'engagement, d'accréditation ou de tarification",
		Commands: []*cli.Command{{
			Name: "verifier", Usage: "dit si un numéro d'engagement (E…), d'accréditation (A…) ou de tarification (T…) est bien formé, et ce qu'il dit de qui l'a donné", ArgsUsage: "NUMÉRO…",
			Action: func(_ context.Context, c *cli.Command) error {
				if c.Args().Len() == 0 {
					return attendre(c, "un numéro d'engagement, d'accréditation ou de tarification est attendu")
				}
				faux := false
				for _, s := range c.Args().Slice() {
					dit, err := direNumero(s)
					if err != nil {
						faux = true
						fmt.Fprintf(c.Root().Writer, "%s : refusé — %v\n", s, err)
						continue
					}
					fmt.Fprintf(c.Root().Writer, "%s : correct — %s\n", s, dit)
				}
				if faux {
					return echec()
				}
				return nil
			},
		}},
	}
}

// direNumero says what a number is, and who gave it when it tells so. Its first letter is its
// kind.
func direNumero(s string) (string, error) {
	switch {
	case strings.HasPrefix(s, "A"):
		n, err := droits.ParseNumeroAccreditation(s)
		if err != nil {
			return "", err
		}
		if n.Type() == droits.Depannage {
			return fmt.Sprintf("accréditation de dépannage, donnée sous le numéro %s", n.Emetteur()), nil
		}
		return fmt.Sprintf("accréditation donnée sous le numéro %s", n.Emetteur()), nil
	case strings.HasPrefix(s, "T"):
		_, err := tarif.ParseNumeroTarification(s)
		return "tarification ; il ne dit ni l'AMC, ni l'officine", err
	}
	n, err := roc.ParseNumeroEngagement(s)
	return fmt.Sprintf("engagement de l'AMC %s", n.AMC()), err
}
