package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	"github.com/ecluse-sante/ecluse/sante"
)

// facturesListees bounds a list; what it leaves out is said.
const facturesListees = 1000

// etatsListes are the lists of --etat.
var etatsListes = map[string][]liquidation.Etat{"a-payer": {liquidation.Liquidee, liquidation.PayeePartie},
	"paye": {liquidation.Payee}, "rejete": {liquidation.Rejetee}, "tout": nil}

func listerFactures(ctx context.Context, c *cli.Command) error {
	etats, connu := etatsListes[c.String("etat")]
	if !connu {
		return errors.New("--etat : a-payer, paye, rejete ou tout attendu")
	}
	finess, err := sante.ParseFINESS(c.String("finess"))
	if err != nil {
		return fmt.Errorf("--finess : %w", err)
	}
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		a, err := uneAMC(p.Fichier, c.String("amc"))
		if err != nil {
			return err
		}
		l, err := liqstore.New(p.Base, serveur.TenantAMC(a.Numero)).Lister(ctx, finess, facturesListees+1, etats...)
		if err != nil {
			return err
		}
		return direLivre(c, l, sante.JourA(p.Horloge(), sante.Paris()))
	})
}

// direLivre writes invoices, what they sum to, and whether the list is cut.
func direLivre(c *cli.Command, l []*liquidation.Facture, jour sante.Jour) error {
	sortie := c.Root().Writer
	coupee := len(l) > facturesListees
	l = l[:min(len(l), facturesListees)]
	w := tabwriter.NewWriter(sortie, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FACTURE\tLOT\tÉTAT\tDEMANDÉ\tPAYÉ\tPROMIS LE\tMENTION")
	var demande, paye sante.Montant
	retards := 0
	for _, f := range l {
		promis := f.Echeance.Francais()
		if enRetard(f, jour) {
			promis += ", en retard"
			retards++
		}
		demande, paye = demande+f.Demande, paye+f.Paye
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Numero, f.Lot, f.Etat, f.Demande.Euros(), f.Paye.Euros(), promis, f.Mention())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(sortie, "%s : %s demandés, %s payés ; %d en retard.\n", francais.Accorder(len(l), "facture", "factures"), demande.Euros(), paye.Euros(), retards)
	if !coupee {
		return nil
	}
	_, err := fmt.Fprintf(sortie, "Liste coupée : les %d plus anciennes seulement ; d'autres suivent, que le total ne compte pas.\n", facturesListees)
	return err
}

// enRetard tells whether the day promised to pay an invoice has passed.
func enRetard(f *liquidation.Facture, jour sante.Jour) bool {
	return (f.Etat == liquidation.Liquidee || f.Etat == liquidation.PayeePartie) && f.Echeance < jour
}
