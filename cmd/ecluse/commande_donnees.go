package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/amc/local"
	amcstore "github.com/ecluse-sante/ecluse/internal/amc/store"
)

func commandePortefeuille() *cli.Command {
	amc := &cli.StringFlag{Name: "amc", Required: true, Usage: "numéro d'AMC"}
	return &cli.Command{
		Name: "portefeuille", Usage: "importe ou exporte le portefeuille local d'une AMC",
		Commands: []*cli.Command{
			{Name: "importer", ArgsUsage: "FICHIER|-", Usage: "importe des contrats et des bénéficiaires (un objet JSON par ligne), ou des bénéficiaires seuls (CSV) ; chaque ligne refusée est dite",
				Description: "JSON (.json, .jsonl, .ndjson) : une ligne {\"contrat\":{…}} ou {\"beneficiaire\":{…}}, comme « portefeuille exporter » les écrit.\n" +
					"Les contrats ne s'importent qu'en JSON : leurs formules ne tiennent pas dans des colonnes.\n\n" +
					"CSV (.csv) : des bénéficiaires, une ligne par adhésion à un contrat déjà importé ; UTF-8, « ; » entre les valeurs.\n" +
					"La première ligne nomme les colonnes, dans n'importe quel ordre (* : obligatoire) :\n" + colonnesCSV(),
				Flags: []cli.Flag{drapeauConfig(), amc, &cli.StringFlag{Name: "format", Usage: "csv ou json ; d'après le nom du fichier si rien n'est dit", Validator: parmi("csv", "json")}}, Action: importerPortefeuille},
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
	fichier, err := unArgument(c, unFichierOuLEntree)
	if err != nil {
		return err
	}
	format := cmp.Or(c.String("format"), formatDe(fichier))
	if format == "" {
		return attendre(c, fichier+" : CSV ou JSON ? Le nom du fichier ne le dit pas (.csv, .json, .jsonl ou .ndjson) : ajouter --format csv ou --format json")
	}
	r, err := ouvrirFichier(fichier)
	if err != nil {
		return err
	}
	defer r.Close()
	return avecPortefeuille(ctx, c, func(s *amcstore.Store) error {
		i := local.Importeur{Tables: s.Portefeuille,
			Refus: func(r local.Refus) { fmt.Fprintf(os.Stderr, "ligne %d, %s : %s\n", r.Ligne, r.Champ, r.Raison) }}
		importer := i.JSON
		if format == "csv" {
			importer = i.CSV
		}
		rapport, err := importer(ctx, r)
		if errors.Is(err, local.ErrEntete) {
			return francais.Conseiller(err, "les colonnes : %s", strings.Join(nomsColonnes(), ", "))
		}
		if err != nil {
			return err
		}
		if err := json.NewEncoder(c.Root().Writer).Encode(rapport); err != nil {
			return err
		}
		if rapport.Refusees > 0 {
			return francais.Conseiller(refusees(rapport), "corriger ces lignes et importer de nouveau le fichier : ce qui n'a pas changé reste tel quel")
		}
		return nil
	})
}

// refusees tells what an import left aside, and what became of the rest.
func refusees(r local.Rapport) error {
	reste := "rien n'est importé"
	switch n := r.Lignes - r.Refusees; {
	case n == 1:
		reste = "l'autre est importée"
	case n > 1:
		reste = fmt.Sprintf("les %d autres sont importées", n)
	}
	return fmt.Errorf("%s sur %d ; %s", francais.Accorder(r.Refusees, "ligne refusée", "lignes refusées"), r.Lignes, reste)
}

// formatDe is the format that the name of a file tells, JSON for the standard
// input; "" when it tells none.
func formatDe(fichier string) string {
	if fichier == "-" {
		return "json"
	}
	switch strings.ToLower(filepath.Ext(fichier)) {
	case ".csv":
		return "csv"
	case ".json", ".jsonl", ".ndjson":
		return "json"
	}
	return ""
}

func colonnesCSV() string {
	var b strings.Builder
	for _, c := range local.Colonnes() {
		nom := c.Nom
		if c.Obligatoire {
			nom += " *"
		}
		fmt.Fprintf(&b, "   %-18s %s\n", nom, c.Sens)
	}
	return strings.TrimRight(b.String(), "\n")
}

func nomsColonnes() (l []string) {
	for _, c := range local.Colonnes() {
		l = append(l, c.Nom)
	}
	return l
}

// avecPortefeuille opens the local portfolio of the insurer that --amc names,
// which must be one of the configuration.
func avecPortefeuille(ctx context.Context, c *cli.Command, f func(s *amcstore.Store) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		for i := range p.Fichier.AMC {
			a := &p.Fichier.AMC[i]
			switch {
			case a.Numero != c.String("amc"):
			case a.Portefeuille == "distant":
				return fmt.Errorf("AMC %s : son portefeuille est distant, il n'est pas dans cette base", a.Numero)
			default:
				return f(amcstore.New(p.Base, serveur.TenantAMC(a.Numero)))
			}
		}
		return francais.Conseiller(fmt.Errorf("AMC %s : elle n'est pas dans cette configuration", c.String("amc")), "les AMC servies ici sont les tables [[amc]] de %s", c.String("config"))
	})
}
