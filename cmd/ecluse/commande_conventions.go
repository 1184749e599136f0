package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
)

func commandeConventions() *cli.Command {
	return &cli.Command{
		Name: "conventions", Usage: "vérifie et montre la table des AMC qui ne sont pas en ligne",
		Commands: []*cli.Command{
			{Name: "exemple", Usage: "écrit une table d'exemple, commentée",
				Action: func(_ context.Context, c *cli.Command) error {
					_, err := fmt.Fprint(c.Root().Writer, exempleConventions)
					return err
				}},
			{Name: "verifier", Usage: "dit ce qui ne va pas dans une table, avec la ligne : dates, ambiguïtés, trous, formules", ArgsUsage: "FICHIER", Action: verifierConventions},
			{Name: "lister", Usage: "montre les conventions d'une table", ArgsUsage: "FICHIER", Action: listerConventions},
		},
	}
}

func uneTable(c *cli.Command) (*etablissement.Conventions, error) {
	if c.Args().Len() != 1 {
		return nil, errors.New("FICHIER attendu : la table des conventions")
	}
	return lireConventions(c.Args().First())
}

func verifierConventions(_ context.Context, c *cli.Command) error {
	t, err := uneTable(c)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%s : table correcte, %s. Toute part calculée d'après elle est %s.\n", c.Args().First(),
		accorder(len(t.Conventions), "convention", "conventions"), etablissement.SansGarantie)
	return err
}

func listerConventions(_ context.Context, c *cli.Command) error {
	t, err := uneTable(c)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CONVENTION\tAMC\tTYPE\tCSR\tDU\tAU\tVOIE\tLIBELLÉ\tVALEUR")
	for _, k := range t.Conventions {
		fin := "sans fin"
		if !k.Fin.IsZero() {
			fin = k.Fin.Francais()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.NumeroAMC, k.TypeConvention, k.CSR, k.Debut.Francais(), fin, k.Voie, k.Libelle, etablissement.SansGarantie)
	}
	return w.Flush()
}

// exempleConventions is a table to start from; a test reads it.
const exempleConventions = `# Table des conventions : les AMC qui ne sont pas encore en ligne.
# Leur part est calculée ici, SANS GARANTIE : l'AMC n'est engagée à rien.
# « ecluse conventions verifier FICHIER » dit ce qui ne va pas ; le serveur relit
# la table quand elle change, et garde l'ancienne si la nouvelle est fautive.

# Par où part la facture électronique.
[[voie]]
nom = "mutuelle-du-gue"
transport = "depot"       # depot (dossier), https, ou roc (l'échange lui-même)
forme = "B2"              # B2 ou DRE
adresse = "99000909"      # depot : dossier sous envois/, au numéro de l'AMC pour qu'elle le retire par HTTPS

[[convention]]
id = "GUE-2026"
numero-amc = "99000909"
type-convention = "CM"    # de la carte ; vide pour toutes
csr = "66?"               # de la carte, ? pour un caractère ; vide pour tous
debut = "2026-01-01"      # les jours s'écrivent entre guillemets
fin = "2026-12-31"
libelle = "MUTUELLE DU GUÉ (fictive)"
voie = "mutuelle-du-gue"
type-contrat = "INDIV"
responsable = true

# Une formule par famille de prestations, F00 à F12 comme dans un contrat.
[[convention.garantie]]
code = "TM-ACTES"
famille = "ACTE"
formule = { numero = "F01" }

[[convention.garantie]]
code = "TM-CONSULTATIONS"
famille = "CONS"
formule = { numero = "F01" }

[[convention.garantie]]
code = "CHAMBRE"
famille = "CP"
formule = { numero = "F08", m = "45.00", n = 30, fenetre = "SEJOUR" }
`
