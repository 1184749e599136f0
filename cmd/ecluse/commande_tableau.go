package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
)

// tableauMax is how much is read of a file that a person gives.
const tableauMax = 16 << 20

// lireTableau reads a file of semicolons whose titles are told, and gives each row to une:
// what it refuses is said with its line, the others are done.
func lireTableau(c *cli.Command, titres string, une func(champs []string) error) (faites int, err error) {
	chemin, err := unArgument(c, unFichier)
	if err != nil {
		return 0, err
	}
	f, err := os.Open(chemin)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, tableauMax+1))
	switch {
	case err != nil:
		return 0, err
	case len(b) > tableauMax:
		return 0, fmt.Errorf("%s : 16 Mio au plus", chemin)
	}
	lignes := strings.Split(strings.TrimPrefix(string(b), "\ufeff"), "\n")
	n := strings.Count(titres, ";") + 1
	lus, err := lireLigne(lignes[0], n)
	if err != nil || strings.ToLower(strings.Join(lus, ";")) != titres {
		return 0, attendre(c, chemin+" : les titres de la première ligne doivent être "+titres)
	}
	refusees := 0
	for i, l := range lignes[1:] {
		if strings.TrimRight(l, "\r") == "" {
			continue
		}
		champs, err := lireLigne(l, n)
		if err == nil {
			err = une(champs)
		}
		if err != nil {
			refusees++
			fmt.Fprintf(c.Root().ErrWriter, "ligne %d : %v\n", i+2, err)
			continue
		}
		faites++
	}
	if refusees > 0 {
		return faites, fmt.Errorf("%s ; %s", francais.Accorder(refusees, "ligne refusée", "lignes refusées"), francais.Accorder(faites, "faite", "faites"))
	}
	return faites, nil
}

// lireLigne reads the n fields of one line: a quote that is not closed does not take the next
// ones. The error tells no content.
func lireLigne(l string, n int) ([]string, error) {
	if !utf8.ValidString(l) {
		return nil, errors.New("texte illisible : fichier en UTF-8 attendu (dans un tableur, « CSV UTF-8 »)")
	}
	x := csv.NewReader(strings.NewReader(l))
	x.Comma, x.TrimLeadingSpace, x.FieldsPerRecord = ';', true, n
	switch champs, err := x.Read(); {
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		return nil, errors.New("guillemet mal placé : un champ qui en porte s'écrit entre guillemets, les siens doublés")
	case err != nil:
		return nil, fmt.Errorf("%s attendus", francais.Accorder(n, "champ", "champs"))
	default:
		return champs, nil
	}
}
