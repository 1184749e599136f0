package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/comptable"
)

func montrerFile(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	if !c.Bool("json") {
		fmt.Fprintln(w, "LIGNE\tJOUR\tSENS\tRESTE\tSUR\tPOURQUOI\tCODE\tLIBELLÉ")
	}
	ligne := json.NewEncoder(c.Root().Writer)
	var place comptable.PlaceFile
	for {
		lignes, suite, err := l.File(ctx, place, 500)
		if err != nil {
			return err
		}
		for _, x := range lignes {
			if c.Bool("json") {
				if err := ligne.Encode(ligneFile{string(x.ID), x.Jour, string(x.Sens), int64(x.Montant), int64(x.Reste), x.Compte, x.Reference, x.BoutEnBout, x.Libelle, x.Contrepartie,
					string(x.Doute), x.Doute.Libelle(), x.Releve, x.Place}); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.ID, x.Jour.Francais(), sensDit[x.Sens], x.Reste.Euros(), x.Montant.Euros(), x.Doute.Libelle(), x.Doute, serveur.TexteSimple(x.Libelle, 60))
		}
		if place = suite; len(lignes) == 0 {
			return w.Flush()
		}
	}
}

var sensDit = map[comptable.Sens]string{comptable.Credit: "crédit", comptable.Debit: "débit"}

func drapeauLigne() cli.Flag {
	return &cli.StringFlag{Name: "ligne", Required: true, Usage: "ligne de la banque, comme « file » la montre"}
}

func regarderLigne(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	id := comptable.IDLigne(c.String("ligne"))
	x, err := l.Lignes.Ligne(ctx, id)
	if err != nil {
		return err
	}
	if x == nil {
		return fmt.Errorf("--ligne : %s n'est pas une ligne de ce livre", id)
	}
	w := c.Root().Writer
	fmt.Fprintf(w, "%s du %s, compte %s : %s au %s, %s à classer : %s\n", x.ID, x.Jour.Francais(), x.Compte, x.Montant.Euros(), sensDit[x.Sens], x.Reste.Euros(), x.Doute.Libelle())
	for _, d := range []struct{ nom, dit string }{{"libellé", x.Libelle}, {"contrepartie", x.Contrepartie}, {"référence de la banque", x.Reference}, {"bout en bout", x.BoutEnBout}, {"remises", strings.Join(x.Remises, ", ")}} {
		if d.dit != "" {
			fmt.Fprintf(w, "  %s : %s\n", d.nom, serveur.TexteSimple(d.dit, 300))
		}
	}
	fmt.Fprintf(w, "  relevé %s, place %d\n", x.Releve, x.Place)
	if x.Reste == 0 {
		return nil
	}
	k, err := l.Candidats(ctx, id)
	if err != nil {
		return err
	}
	for _, s := range []struct {
		titre string
		l     []*comptable.Annonce
	}{{"annonces dont elle cite le virement", k.Citees}, {"annonces du même montant", k.Egales}} {
		for i, a := range s.l {
			if i == 0 {
				fmt.Fprintln(w, s.titre+" :")
			}
			fmt.Fprintf(w, "  annonce=%s/%s  %s du %s, %s restent sur %s\n", a.Cle.Payeur, a.Cle.Retour, serveur.TexteSimple(a.Reference, 35), a.Comptable.Francais(), a.Reste.Euros(), a.Total.Euros())
			for _, f := range a.Factures {
				fmt.Fprintf(w, "    #%d facture %s, lot %s : %s restent sur %s%s\n", f.Rang, f.Numero, f.Lot, f.Reste.Euros(), f.Montant.Euros(), titresDits(f.Titres))
			}
		}
	}
	for i, y := range append(k.Soeurs, k.Rivales...) {
		if i == 0 {
			fmt.Fprintln(w, "autres lignes qui pourraient l'être :")
		}
		fmt.Fprintf(w, "  %s du %s, %s\n", y.ID, y.Jour.Francais(), y.Reste.Euros())
	}
	return nil
}

func titresDits(l []*comptable.Titre) string {
	if len(l) == 0 {
		return ", sans titre"
	}
	s := ""
	for _, t := range l {
		s += ", titre=" + strconv.Itoa(t.Cle.Exercice) + "/" + strconv.FormatInt(t.Cle.Numero, 10) + " qui a " + t.Reste.Euros()
	}
	return s
}
