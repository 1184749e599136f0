package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/national"
	"github.com/ecluse-sante/ecluse/sante"
)

// datesDites reads --jour and --connu.
func datesDites(c *cli.Command, l *serveur.LivreOuvert) (jour, connu sante.Jour, err error) {
	jour, err = jourDit(c, "jour", l.Aujourdhui())
	if err != nil {
		return jour, connu, err
	}
	connu, err = jourDit(c, "connu", comptable.SansFin)
	return jour, connu, err
}

// ligneBalance is a line of a balance in JSON.
type ligneBalance struct {
	AMC     string `json:"amc,omitempty"`
	Libelle string `json:"libelle,omitempty"`
	Emis    int64  `json:"emis"`
	Reduit  int64  `json:"reduit"`
	Paye    int64  `json:"paye"`
	Perdu   int64  `json:"perdu"`
	Reste   int64  `json:"reste"`
}

func ligneBalanceDe(x *comptable.LigneBalance) ligneBalance {
	return ligneBalance{x.AMC.String(), x.Libelle, int64(x.Emis), int64(x.Reduit), int64(x.Paye), int64(x.Perdu), int64(x.Reste)}
}

type soldeJSON struct {
	Compte string `json:"compte"`
	Debit  int64  `json:"debit"`
	Credit int64  `json:"credit"`
}

// connuDit is the day of what was known, zero for now.
func connuDit(j sante.Jour) sante.Jour {
	if j == comptable.SansFin {
		return 0
	}
	return j
}

func montrerBalance(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	jour, connu, err := datesDites(c, l)
	if err != nil {
		return err
	}
	b, err := l.Balance(ctx, jour, connu)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		x := struct {
			Jour      sante.Jour     `json:"jour"`
			Connu     sante.Jour     `json:"connu,omitzero"`
			Debiteurs []ligneBalance `json:"debiteurs"`
			Total     ligneBalance   `json:"total"`
			Comptes   []soldeJSON    `json:"comptes"`
		}{Jour: jour, Connu: connuDit(connu), Debiteurs: []ligneBalance{}, Total: ligneBalanceDe(&b.Total), Comptes: []soldeJSON{}}
		x.Total.AMC = ""
		for i := range b.Debiteurs {
			x.Debiteurs = append(x.Debiteurs, ligneBalanceDe(&b.Debiteurs[i]))
		}
		for _, s := range b.Comptes {
			x.Comptes = append(x.Comptes, soldeJSON{string(s.Compte), int64(s.Debit), int64(s.Credit)})
		}
		return ecrireJSON(c, x)
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Balance au %s%s\nAMC\tNOM\tÉMIS\tRÉDUIT\tPAYÉ\tPERDU\tDÛ\n", jour.Francais(), telle(connu))
	b.Total.Libelle = "TOTAL"
	for _, x := range append(b.Debiteurs, b.Total) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.AMC, serveur.TexteSimple(x.Libelle, 40), x.Emis.Euros(), x.Reduit.Euros(), x.Paye.Euros(), x.Perdu.Euros(), x.Reste.Euros())
	}
	fmt.Fprint(w, "\nCOMPTE\tDÉBIT\tCRÉDIT\n")
	for _, s := range b.Comptes {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Compte, s.Debit.Euros(), s.Credit.Euros())
	}
	return w.Flush()
}

func telle(connu sante.Jour) string {
	if connu == comptable.SansFin {
		return ""
	}
	return ", telle qu'on la connaissait le " + connu.Francais()
}

func montrerAgee(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	jour, connu, err := datesDites(c, l)
	if err != nil {
		return err
	}
	lignes, err := l.BalanceAgee(ctx, jour, connu)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		type tranche struct {
			Age     string `json:"age"`
			Nombre  int    `json:"nombre"`
			Montant int64  `json:"montant"`
		}
		type debiteur struct {
			AMC      string    `json:"amc"`
			Libelle  string    `json:"libelle"`
			Tranches []tranche `json:"tranches"`
			Total    int64     `json:"total"`
		}
		dits := []debiteur{}
		for i := range lignes {
			x := &lignes[i]
			d := debiteur{AMC: x.AMC.String(), Libelle: x.Libelle, Total: int64(x.Total())}
			for t := range comptable.Tranches {
				d.Tranches = append(d.Tranches, tranche{t.Libelle(), x.Nombre[t], int64(x.Montants[t])})
			}
			dits = append(dits, d)
		}
		return ecrireJSON(c, dits)
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Balance âgée au %s%s\nAMC\tNOM", jour.Francais(), telle(connu))
	for t := range comptable.Tranches {
		fmt.Fprint(w, "\t", strings.ToUpper(t.Libelle()))
	}
	fmt.Fprintln(w, "\tTOTAL")
	for i := range lignes {
		x := &lignes[i]
		fmt.Fprintf(w, "%s\t%s", x.AMC, serveur.TexteSimple(x.Libelle, 40))
		for t := range comptable.Tranches {
			fmt.Fprint(w, "\t", x.Montants[t].Euros())
		}
		fmt.Fprintf(w, "\t%s\n", x.Total().Euros())
	}
	return w.Flush()
}

func montrerDelais(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	auj := l.Aujourdhui()
	du, err := jourDit(c, "du", sante.JourDe(auj.Annee(), 1, 1))
	if err != nil {
		return err
	}
	au, err := jourDit(c, "au", auj)
	if err != nil {
		return err
	}
	d, err := l.Delais(ctx, du, au)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		type delai struct {
			AMC         string `json:"amc"`
			Libelle     string `json:"libelle"`
			Nombre      int    `json:"nombre"`
			Montant     int64  `json:"montant"`
			SansAccuse  int    `json:"sansAccuse"`
			Mediane     int    `json:"mediane"`
			P90         int    `json:"p90"`
			Retards     int    `json:"retards"`
			MontantTard int64  `json:"montantEnRetard"`
			PartTard    string `json:"partEnRetard"`
			Penalites   int64  `json:"penalites"`
		}
		dits := []delai{}
		for _, x := range d {
			dits = append(dits, delai{x.AMC.String(), x.Libelle, x.Nombre, int64(x.Montant), x.SansAccuse, x.Mediane, x.P90, x.Retards, int64(x.MontantTard), x.PartTard.String(), int64(x.Penalites)})
		}
		return ecrireJSON(c, dits)
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Paiements reçus du %s au %s ; promesse : %d jours de l'accusé à l'argent\nAMC\tNOM\tPAIEMENTS\tMONTANT\tMÉDIANE\t90 %%\tEN RETARD\tPART\tMONTANT EN RETARD\tPÉNALITÉS\n",
		du.Francais(), au.Francais(), l.Etablissement.DelaiPaye)
	for _, x := range d {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d j\t%d j\t%d\t%s %%\t%s\t%s\n", x.AMC, serveur.TexteSimple(x.Libelle, 40), x.Nombre, x.Montant.Euros(), x.Mediane, x.P90, x.Retards,
			strings.Replace(x.PartTard.String(), ".", ",", 1), x.MontantTard.Euros(), x.Penalites.Euros())
	}
	return w.Flush()
}

// montrerTitres lists what the national service would be handed, by the data of its
// port: see package national.
func montrerTitres(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	es, err := sante.ParseFINESS(l.Etablissement.Finess)
	if err != nil {
		return err
	}
	noms, err := l.Noms(ctx)
	if err != nil {
		return err
	}
	type creance struct {
		Etablissement string     `json:"etablissement"`
		Exercice      int        `json:"exercice"`
		Titre         int64      `json:"titre"`
		Debiteur      string     `json:"debiteur"`
		Libelle       string     `json:"libelle"`
		Annee         int        `json:"annee"`
		Facture       string     `json:"facture"`
		Lot           string     `json:"lot"`
		Montant       int64      `json:"montant"`
		Reduit        int64      `json:"reduit"`
		Paye          int64      `json:"paye"`
		Reste         int64      `json:"reste"`
		Emission      sante.Jour `json:"emission"`
		Accuse        sante.Jour `json:"accuse,omitzero"`
		Echeance      sante.Jour `json:"echeance,omitzero"`
		Message       string     `json:"message,omitempty"`
		Feuille       string     `json:"feuille,omitempty"`
	}
	ligne := json.NewEncoder(c.Root().Writer)
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	if !c.Bool("json") {
		fmt.Fprintln(w, "TITRE\tAMC\tNOM\tFACTURE\tLOT\tMONTANT\tRÉDUIT\tPAYÉ\tRESTE\tÉCHÉANCE")
	}
	p := comptable.Periode{Du: comptable.SansFin, Au: comptable.SansFin, Connu: comptable.SansFin}
	auj := l.Aujourdhui()
	if err := l.Source(ctx).TitresPeriode(ctx, p, func(t *comptable.TitrePeriode) error {
		x := national.CreanceDe(es, noms[t.AMC], &t.Titre)
		switch echu := !x.Echeance.IsZero() && x.Echeance < auj; {
		case x.Reste == 0 || c.Bool("echus") && !echu:
		case c.Bool("json"):
			return ligne.Encode(creance{x.Etablissement.String(), x.Exercice, x.Titre, x.Debiteur.String(), x.Libelle, x.Facture.Annee, x.Facture.Numero, x.Lot,
				int64(x.Montant), int64(x.Reduit), int64(x.Paye), int64(x.Reste), x.Emission, x.Accuse, x.Echeance, x.Preuve.Message, x.Preuve.Feuille})
		default:
			_, err := fmt.Fprintf(w, "%d/%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.Exercice, x.Titre, x.Debiteur, serveur.TexteSimple(x.Libelle, 40), x.Facture.Numero, x.Lot,
				x.Montant.Euros(), x.Reduit.Euros(), x.Paye.Euros(), x.Reste.Euros(), x.Echeance.Francais())
			return err
		}
		return nil
	}); err != nil {
		return err
	}
	return w.Flush()
}

func verifierLivre(ctx context.Context, c *cli.Command, l *serveur.LivreOuvert) error {
	anomalies, err := l.Controler(ctx)
	if err != nil {
		return err
	}
	for _, a := range anomalies {
		fmt.Fprintf(c.Root().Writer, "%s : %s\n", a.Controle, francais.Accorder(a.Nombre, "anomalie", "anomalies"))
	}
	if len(anomalies) > 0 {
		return francais.Conseiller(errors.New("le livre du comptable ne s'équilibre pas"), "ne rien y écrire de plus, et restaurer la dernière sauvegarde qui se vérifie")
	}
	_, err = fmt.Fprintln(c.Root().Writer, "le livre du comptable s'équilibre : titres, lignes, annonces, écritures, cumuls et pièces")
	return err
}
