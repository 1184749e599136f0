package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/etablissement/export"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

func commandeCloture() *cli.Command {
	commun := []cli.Flag{drapeauConfig(),
		&cli.StringFlag{Name: "finess", Usage: "FINESS juridique de l'établissement ; tous ceux de la configuration si rien n'est dit"}}
	sortie := append(commun[:2:2],
		&cli.StringFlag{Name: "jour", Usage: "AAAA-MM-JJ ; aujourd'hui, jusqu'à maintenant, si rien n'est dit"},
		&cli.StringFlag{Name: "format", Usage: "texte, csv, xlsx ou json ; si rien n'est dit, celui de l'extension de --sortie, ou texte"},
		&cli.StringFlag{Name: "sortie", Usage: "fichier à écrire ; l'écran si rien n'est dit"})
	return &cli.Command{
		Name: "cloture", Usage: "arrête la journée d'un établissement : ce qui est engagé, facturé, payé, rejeté, en retard, à corriger, par AMC",
		Flags: sortie, Action: cloreJournee,
		Commands: []*cli.Command{
			{Name: "factures", Usage: "montre les factures derrière un chiffre de la clôture", Flags: append(sortie[:5:5],
				&cli.StringFlag{Name: "amc", Usage: "numéro de l'AMC ; toutes si rien n'est dit"},
				&cli.StringFlag{Name: "poste", Required: true, Usage: "chiffre : ENGAGE, SANS_GARANTIE, FACTURE, REMIS, ACCUSE, RESTE, PAYE, REJETE, RETARD, A_CORRIGER, CORRIGE, RETIRE, ANNULE, EXPIRE, ABANDONNE"},
				&cli.StringFlag{Name: "motif", Usage: "code du rejet ; tous si rien n'est dit"},
				&cli.StringFlag{Name: "sens", Value: "STOCK", Usage: "STOCK : ce qui s'y trouve à la fin du jour ; FLUX : ce qui y est entré ce jour"}), Action: listerCloture},
			{Name: "controler", Usage: "relit couvertures, écritures et compteurs, et dit chaque écart ; échoue s'il y en a", Flags: append(commun[:2:2],
				&cli.BoolFlag{Name: "recompter", Usage: "refait d'abord les compteurs d'après les écritures"}), Action: controlerCloture},
		},
	}
}

// hopitalClos is a hospital whose day is closed by a command.
type hopitalClos struct {
	*etablissement.Service
	nom, finess string
}

// surHopitaux gives the hospitals that a command names.
func surHopitaux(ctx context.Context, c *cli.Command, f func(l []hopitalClos) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		var l []hopitalClos
		for i := range p.Fichier.Etablissements {
			e := &p.Fichier.Etablissements[i]
			if x := c.String("finess"); x != "" && x != e.Finess {
				continue
			}
			s, _, err := p.ServiceES(e)
			if err != nil {
				return err
			}
			if _, err := s.RouvrirComptes(ctx); err != nil {
				return err
			}
			l = append(l, hopitalClos{s, e.Libelle, e.Finess})
		}
		if len(l) == 0 {
			return errors.New("--finess : aucun établissement de ce numéro dans cette configuration")
		}
		return f(l)
	})
}

func lireJour(c *cli.Command) (sante.Jour, error) {
	s := c.String("jour")
	if s == "" {
		return 0, nil
	}
	j, err := sante.ParseJour(s)
	if err != nil {
		return 0, attendre(c, "--jour : un jour est attendu, comme 2026-11-22")
	}
	return j, nil
}

func cloreJournee(ctx context.Context, c *cli.Command) error {
	jour, err := lireJour(c)
	if err != nil {
		return err
	}
	return surHopitaux(ctx, c, func(l []hopitalClos) error {
		var journees []*etablissement.Journee
		var noms []map[sante.NumeroAMC]string
		for _, h := range l {
			j, err := h.CloreJournee(ctx, jour)
			if err != nil {
				return err
			}
			n, err := h.NomsAMC(ctx, j)
			if err != nil {
				return err
			}
			journees, noms = append(journees, j), append(noms, n)
		}
		return ecrireSortie(c, func(w io.Writer) error {
			for i, h := range l {
				if err := direJournee(w, h.nom, journees[i], noms[i]); err != nil {
					return err
				}
			}
			return nil
		}, "Clôture", export.ColonnesChiffres(), func(rendre func([]export.Cellule, error) bool) {
			for i, h := range l {
				for x, err := range export.Chiffres(journees[i], h.finess) {
					if !rendre(x, err) {
						return
					}
				}
			}
		})
	})
}

// ecrireSortie writes what a command asks for, on the screen or in a file: as a
// text for a person, or as a table for a program.
func ecrireSortie(c *cli.Command, texte func(io.Writer) error, titre string, colonnes []string, lignes export.Lignes) error {
	format := formatSortie(c.String("format"), c.String("sortie"))
	ecrire := func(w io.Writer) error {
		if format == "texte" {
			return texte(w)
		}
		return export.Ecrire(w, export.Format(format), titre, colonnes, lignes)
	}
	if c.String("sortie") == "" {
		if format == string(export.XLSX) {
			return attendre(c, "un classeur ne s'écrit pas à l'écran : donner --sortie")
		}
		return ecrire(c.Root().Writer)
	}
	return remplacer(c.String("sortie"), ecrire)
}

// formatSortie is the form of what is written: the one that is named, else that of
// the file.
func formatSortie(format, sortie string) string {
	if format != "" {
		return format
	}
	switch e := strings.ToLower(strings.TrimPrefix(filepath.Ext(sortie), ".")); export.Format(e) {
	case export.CSV, export.XLSX, export.JSON:
		return e
	}
	return "texte"
}

// remplacer writes a file whole or not at all; only its owner reads it.
func remplacer(chemin string, ecrire func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(chemin), ".cloture-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name()) // it is not whole
		}
	}()
	if err := errors.Join(ecrire(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), chemin)
}

func direJournee(sortie io.Writer, nom string, j *etablissement.Journee, noms map[sante.NumeroAMC]string) error {
	quand := "arrêtée"
	if j.Provisoire {
		quand = "en cours"
	}
	fmt.Fprintf(sortie, "%s, journée du %s, %s\n", nom, j.Jour.Francais(), quand)
	if j.ARouvrir > 0 {
		fmt.Fprintf(sortie, "%s d'avant la tenue des comptes : à venir dans ces chiffres.\n", francais.Accorder(j.ARouvrir, "couverture", "couvertures"))
	}
	if j.Reserves > 0 {
		fmt.Fprintf(sortie, "%s d'AMC sans effet, qui attendent une personne : « ecluse reserves lister » dit lesquels, pourquoi et qui agit.\n",
			francais.Accorder(j.Reserves, "retour de facture", "retours de factures"))
	}
	w := tabwriter.NewWriter(sortie, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, amc := range j.AMCs() {
		nom := "AMC " + amc.String()
		if n := noms[amc]; n != "" {
			nom = n + ", " + nom
		}
		fmt.Fprintf(w, "%s\tPOSTE\tDANS LE JOUR\t\tEN FIN DE JOUR\t\t\n", nom)
		for _, x := range j.Chiffres(amc) {
			if x.Flux == (etablissement.Montants{}) && x.Stock == (etablissement.Montants{}) {
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%s\t\n", x.Libelle, x.Cle, x.Flux.Nombre, x.Flux.Montant.Euros(), x.Stock.Nombre, x.Stock.Montant.Euros())
			for _, m := range x.Motifs {
				fmt.Fprintf(w, "%s %s\t%s\t%d\t%s\t%d\t%s\t\n", m.Motif, m.Motif.Libelle(), x.Cle, m.Flux.Nombre, m.Flux.Montant.Euros(), m.Stock.Nombre, m.Stock.Montant.Euros())
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if n := retards(j); n > 0 {
		fmt.Fprintf(sortie, "%s en retard de paiement : « ecluse cloture factures --poste RETARD » dit qui agit et que faire.\n", francais.Accorder(n, "facture", "factures"))
	}
	engage, postes := j.Equilibre(sante.NumeroAMC{})
	garanti, sans := j.Origines(sante.NumeroAMC{})
	verdict := "les postes font le compte"
	if engage != postes {
		verdict = fmt.Sprintf("LES POSTES NE FONT PAS LE COMPTE : %d pour %s", postes.Nombre, postes.Montant.Euros())
	}
	_, err := fmt.Fprintf(sortie, "Depuis l'origine : engagé, %s pour %s ; %s, %s pour %s ; %s.\n\n", francais.Accorder(garanti.Nombre, "facture", "factures"), garanti.Montant.Euros(),
		etablissement.SansGarantie, francais.Accorder(sans.Nombre, "facture", "factures"), sans.Montant.Euros(), verdict)
	return err
}

// retards counts the invoices whose payment is late at the end of a day.
func retards(j *etablissement.Journee) (n int64) {
	for _, c := range j.Chiffres(sante.NumeroAMC{}) {
		if c.Cle == string(etablissement.PosteRetard) {
			n = c.Stock.Nombre
		}
	}
	return n
}

func listerCloture(ctx context.Context, c *cli.Command) error {
	jour, err := lireJour(c)
	if err != nil {
		return err
	}
	f := etablissement.FiltreFactures{Chiffre: c.String("poste"), Motif: roc.Code(c.String("motif")), Sens: etablissement.FluxOuStock(c.String("sens"))}
	if a := c.String("amc"); a != "" {
		if f.AMC, err = sante.ParseNumeroAMC(a); err != nil {
			return fmt.Errorf("--amc : %w", err)
		}
	}
	return surHopitaux(ctx, c, func(l []hopitalClos) error {
		lignes := func(rendre func([]export.Cellule, error) bool) {
			for _, h := range l {
				if !derriereChiffre(ctx, h, f, jour, rendre) {
					return
				}
			}
		}
		return ecrireSortie(c, func(w io.Writer) error { return direFactures(w, lignes) }, "Factures", export.ColonnesFactures(), lignes)
	})
}

// derriereChiffre gives the invoices of a hospital behind a figure, of one insurer
// or of all that it has on that day; false when no more are wanted.
func derriereChiffre(ctx context.Context, h hopitalClos, f etablissement.FiltreFactures, jour sante.Jour, rendre func([]export.Cellule, error) bool) bool {
	j, err := h.CloreJournee(ctx, jour)
	if err != nil {
		return rendre(nil, err)
	}
	f.Jour = j.Jour
	amcs := j.AMCs()
	if !f.AMC.IsZero() {
		amcs = []sante.NumeroAMC{f.AMC}
	}
	for _, f.AMC = range amcs {
		for x, err := range export.Factures(ctx, h.Service, f, h.finess) {
			if !rendre(x, err) || err != nil {
				return false
			}
		}
	}
	return true
}

// direFactures writes for a person the columns that fit a screen.
func direFactures(sortie io.Writer, lignes export.Lignes) error {
	w := tabwriter.NewWriter(sortie, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "AMC\tPOSTE\tMOTIF\tENTRÉE\tMONTANT\tDOSSIER\tFACTURE\tVENUE\tRANG\tMENTION\tRETARD : QUI AGIT")
	var b bytes.Buffer
	var aFaire []string // each once
	for l, err := range lignes {
		if err != nil {
			return err
		}
		b.Reset()
		for _, i := range []int{2, 4, 5, 6, 8, 9, 12, 10, 11, len(l) - 1, len(l) - 3} {
			fmt.Fprintf(&b, "%s\t", l[i])
		}
		if s := fmt.Sprintf("%s : %s", l[len(l)-3], l[len(l)-2]); len(s) > len(" : ") && !slices.Contains(aFaire, s) {
			aFaire = append(aFaire, s)
		}
		b.WriteByte('\n')
		if _, err := w.Write(b.Bytes()); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil || len(aFaire) == 0 {
		return err
	}
	_, err := fmt.Fprintf(sortie, "Paiements en retard, que faire (« ecluse envois suivre FACTURE » donne les références de chacune) :\n  %s\n", strings.Join(aFaire, "\n  "))
	return err
}

func controlerCloture(ctx context.Context, c *cli.Command) error {
	return surHopitaux(ctx, c, func(l []hopitalClos) error {
		faux := false
		w := c.Root().Writer
		for _, h := range l {
			if c.Bool("recompter") {
				if err := h.Recompter(ctx); err != nil {
					return err
				}
			}
			k, err := h.Controler(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s : %s, %s, %s : %s\n", h.nom, francais.Accorder(k.Couvertures, "couverture", "couvertures"), francais.Accorder(k.Lignes, "écriture", "écritures"),
				francais.Accorder(k.Compteurs, "compteur", "compteurs"), francais.Accorder(k.Differences, "écart", "écarts"))
			for i := range k.Ecarts {
				fmt.Fprintf(w, "  %s\n    %s : %s\n", k.Ecarts[i].Phrase(), k.Ecarts[i].QuiAgit, k.Ecarts[i].AFaire)
			}
			faux = faux || k.Differences > 0
		}
		if faux {
			return echec()
		}
		return nil
	})
}
