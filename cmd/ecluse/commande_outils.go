package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
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

var errUnFichier = errors.New("un fichier est attendu, ou - pour l'entrée standard")

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
			if c.Args().Len() != 1 {
				return errUnFichier
			}
			m, err := moteurDe(c.String("baremes"))
			if err != nil {
				return err
			}
			r, err := ouvrirFichier(c.Args().First())
			if err != nil {
				return err
			}
			defer r.Close()
			bilan, err := m.Lignes(r, c.Root().Writer, calcul.OptionsLignes{Expliquer: c.Bool("expliquer"), Verifier: c.Bool("verifier")})
			if err != nil {
				return err
			}
			if c.Bool("verifier") && bilan.Ecarts+bilan.Erreurs > 0 {
				return fmt.Errorf("%d lignes diffèrent de leur « out »", bilan.Ecarts+bilan.Erreurs)
			}
			return nil
		},
	}
}

func moteurDe(dossier string) (calcul.Moteur, error) {
	if dossier == "" {
		return calcul.New(nil)
	}
	t, err := bareme.Load(os.DirFS(dossier))
	if err != nil {
		return calcul.Moteur{}, err
	}
	return calcul.New(t)
}

func commandeCertificat() *cli.Command {
	return &cli.Command{
		Name: "certificat", Usage: "explique un certificat",
		Commands: []*cli.Command{{
			Name: "expliquer", Usage: "dit ce qu'est un certificat, pour qui, et pourquoi il serait refusé", ArgsUsage: "FICHIER|-",
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
	if c.Args().Len() != 1 {
		return errUnFichier
	}
	b, err := lireFichier(c.Args().First(), 1<<20)
	if err != nil {
		return err
	}
	a := time.Now()
	if d := c.String("date"); d != "" {
		if a, err = time.Parse(time.RFC3339, d); err != nil {
			return fmt.Errorf("date RFC 3339 attendue, comme 2026-03-01T08:00:00Z")
		}
	}
	m, err := magasinDe(c.String("autorites"))
	if err != nil {
		return err
	}
	x := certificat.Expliquer(b, m, a)
	if c.Bool("json") {
		e := json.NewEncoder(c.Root().Writer)
		e.SetIndent("", "  ")
		return e.Encode(x)
	}
	if _, err = io.WriteString(c.Root().Writer, x.Texte()); err == nil && m == nil && !x.Debut.IsZero() {
		_, err = fmt.Fprintln(c.Root().Writer, "Non jugé               ni la chaîne ni la révocation, faute d'autorités de confiance (--autorites RÉPERTOIRE)")
	}
	return err
}

// magasinDe reads a trust directory, nil when there is none.
func magasinDe(dossier string) (*certificat.Magasin, error) {
	if dossier == "" {
		return nil, nil
	}
	m := certificat.NouveauMagasin(certificat.Options{})
	_, err := m.ChargerRepertoire(dossier)
	return m, err
}

func commandeNumero() *cli.Command {
	return &cli.Command{
		Name: "numero", Usage: "vérifie un numéro d'engagement",
		Commands: []*cli.Command{{
			Name: "verifier", Usage: "dit si un numéro d'engagement est bien formé et quelle AMC l'a donné", ArgsUsage: "NUMÉRO…",
			Action: func(_ context.Context, c *cli.Command) error {
				if c.Args().Len() == 0 {
					return errors.New("un numéro d'engagement est attendu")
				}
				faux := false
				for _, s := range c.Args().Slice() {
					n, err := roc.ParseNumeroEngagement(s)
					if err != nil {
						faux = true
						fmt.Fprintf(c.Root().Writer, "%s : refusé — %v\n", s, err)
						continue
					}
					fmt.Fprintf(c.Root().Writer, "%s : correct — engagement de l'AMC %s\n", n, n.AMC())
				}
				if faux {
					return echec()
				}
				return nil
			},
		}},
	}
}
