package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

func commandeOfficines() *cli.Command {
	commun := []cli.Flag{drapeauConfig(), &cli.StringFlag{Name: "amc", Usage: "numéro de l'AMC, si la configuration en a plusieurs"}}
	ps := &cli.StringFlag{Name: "ps", Required: true, Usage: "numéro de facturation du professionnel"}
	jour := &cli.StringFlag{Name: "jour", Usage: "jour du règlement, AAAA-MM-JJ ; aujourd'hui si rien n'est dit"}
	par := &cli.StringFlag{Name: "par", Value: "exploitant", Usage: "pseudonyme de qui le fait, gardé dans le journal"}
	avec := func(l ...cli.Flag) []cli.Flag { return append(commun[:2:2], l...) }
	return &cli.Command{
		Name: "officines", Usage: "paie les factures des pharmacies et des autres professionnels de ville, sans redémarrage",
		Commands: append([]*cli.Command{
			{Name: "lister", Usage: "montre des factures : où elles en sont, et pourquoi ; sans option, celles de tous qui attendent une décision", Flags: avec(
				&cli.StringFlag{Name: "ps", Usage: "numéro de facturation du professionnel ; tous si rien n'est dit"},
				&cli.StringFlag{Name: "etat", Usage: strings.Join(droits.EtatFacture("").Codes(), ", ") + " ; tous pour un professionnel, EN_ATTENTE pour tous"}), Action: listerOfficine},
			{Name: "accorder", Usage: "paie telle qu'elle est une facture qui attend un contrôle ; personne ne peut décider de la refuser",
				Flags: avec(ps, &cli.Int64Flag{Name: "rang", Required: true, Usage: "rang de la facture, que lister montre"},
					&cli.StringFlag{Name: "motif", Required: true, Usage: "pourquoi, pour qui contrôle les comptes ; une ligne, que lister montre"}), Action: accorderOfficine},
			{Name: "regler", Usage: "fait le règlement d'un jour, un virement par professionnel, et l'avis de ce qui est prélevé à l'AMC", Flags: avec(jour,
				&cli.BoolFlag{Name: "montrer", Usage: "ne fait rien : montre ce que le prochain règlement paierait à chacun, ou le règlement fait le jour dit"}), Action: reglerOfficines},
			{Name: "confirmer", Usage: "note que la banque a fait un virement, ou tous ceux d'un règlement", Flags: avec(jour,
				&cli.StringFlag{Name: "ps", Usage: "numéro de facturation du professionnel"},
				&cli.BoolFlag{Name: "tous", Usage: "tous ceux du règlement qui attendent encore, et que la banque a reçus"},
				&cli.StringSliceFlag{Name: "sauf", Usage: "avec --tous, un professionnel dont le virement n'est pas fait ; peut se répéter"},
				&cli.StringFlag{Name: "le", Usage: "jour où elle l'a fait, AAAA-MM-JJ ; aujourd'hui si rien n'est dit"}), Action: confirmerOfficine},
			{Name: "rendre", Usage: "note que la banque a rendu un virement, même déjà fait : ses factures repartent au règlement suivant", Flags: avec(ps, jour, par,
				&cli.StringFlag{Name: "le", Usage: "jour où elle l'a rendu, AAAA-MM-JJ ; aujourd'hui si rien n'est dit"},
				&cli.StringFlag{Name: "motif", Usage: "ce qu'en dit la banque, comme AC04 ; attendu d'un virement déjà fait"}), Action: rendreOfficine},
			{Name: "informer", Usage: "écrit pour l'AMC, en NOEMIE, les factures d'un règlement", Flags: avec(jour,
				&cli.StringFlag{Name: "sortie", Usage: "fichier ; la sortie standard si vide"}), Action: informerOfficines},
		}, commandesVirements(avec, ps, jour, par)...),
	}
}

// surOfficines runs f on the rules of who pays the professionals for an insurer.
func surOfficines(ctx context.Context, c *cli.Command, f func(s *off.Service, livre *offstore.Store) error) error {
	return surOfficinesDe(ctx, c, func(_ *serveur.Processus, _ *config.AMC, s *off.Service, livre *offstore.Store) error {
		return f(s, livre)
	})
}

func surOfficinesDe(ctx context.Context, c *cli.Command, f func(p *serveur.Processus, a *config.AMC, s *off.Service, livre *offstore.Store) error) error {
	return avecProcessus(ctx, c, func(p *serveur.Processus) error {
		a, err := uneAMC(p.Fichier, c.String("amc"))
		if err != nil {
			return err
		}
		if !a.Droits.Factures.Ouvert {
			return fmt.Errorf("l'AMC %s ne paie pas de professionnels de ville ici (droits.factures.ouvert)", a.Numero)
		}
		reglages, err := p.Reglages(a)
		if err != nil {
			return err
		}
		moteur, err := p.Moteur(a.Baremes)
		if err != nil {
			return err
		}
		s, err := p.Officine(a, reglages.AnciensNumeros, moteur, nil, nil)
		if err != nil {
			return err
		}
		tenant := serveur.TenantAMC(a.Numero)
		s.Tracer = p.TracerOfficine(tenant)
		return f(p, a, s, offstore.New(p.Base, tenant))
	})
}

func psDit(c *cli.Command) (sante.NumeroFacturation, error) {
	ps, err := sante.ParseNumeroFacturation(c.String("ps"))
	if err != nil {
		return ps, fmt.Errorf("--ps : %w", err)
	}
	return ps, nil
}

// ceJour is the day that an option says, today when it says none.
func ceJour(c *cli.Command, option string, s *off.Service) (sante.Jour, error) {
	return jourDit(c, option, sante.JourA(s.Horloge(), sante.Paris()))
}

// etatDit is the state of invoices that an option says: those that wait for a decision when
// neither a state nor a professional is said.
func etatDit(c *cli.Command) ([]droits.EtatFacture, error) {
	e := droits.EtatFacture(c.String("etat"))
	switch {
	case slices.Contains(e.Codes(), string(e)):
		return []droits.EtatFacture{e}, nil
	case e != "":
		return nil, fmt.Errorf("--etat : %s attendu", strings.Join(e.Codes(), ", "))
	case c.String("ps") != "":
		return nil, nil
	}
	return []droits.EtatFacture{droits.FactureEnAttente}, nil
}

func listerOfficine(ctx context.Context, c *cli.Command) error {
	etats, err := etatDit(c)
	if err != nil {
		return err
	}
	var tous []sante.NumeroFacturation
	if c.String("ps") != "" {
		ps, err := psDit(c)
		if err != nil {
			return err
		}
		tous = append(tous, ps)
	}
	return surOfficines(ctx, c, func(_ *off.Service, livre *offstore.Store) error {
		if len(tous) == 0 {
			if tous, err = livre.Professionnels(ctx, etats[0]); err != nil {
				return err
			}
		}
		w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "PROFESSIONNEL\tRANG\tFACTURE\tDU\tÉTAT\tCODE\tDEMANDÉ\tPAYÉ\tPROMIS LE\tVIREMENT\tPRÉCISION")
		vues := 0
		for _, ps := range tous {
			n, err := ecrireFacturesVille(ctx, w, livre, ps, etats)
			if vues += n; err != nil {
				return err
			}
		}
		if vues == 0 {
			_, err := fmt.Fprintln(c.Root().Writer, "Aucune facture.")
			return err
		}
		return w.Flush()
	})
}

// ecrireFacturesVille writes the invoices of a professional, and tells how many.
func ecrireFacturesVille(ctx context.Context, w io.Writer, livre *offstore.Store, ps sante.NumeroFacturation, etats []droits.EtatFacture) (vues int, err error) {
	decisions, err := livre.Decisions(ctx, ps)
	if err != nil {
		return 0, err
	}
	for apres := int64(0); ; {
		l, err := livre.Suivi(ctx, ps, apres, etats, 500)
		if err != nil {
			return vues, err
		}
		for _, f := range l {
			precision, promis := f.Precision, f.Echeance.String()
			if motif := decisions[f.Rang]; motif != "" {
				precision = "accordée : " + motif
			}
			if f.Etat == droits.FactureRefusee {
				promis = ""
			}
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", ps, f.Rang, f.Numero, f.DateFacture, f.Etat, f.Code, f.Demande.Euros(), f.Paye.Euros(), promis, f.Virement, precision)
			vues, apres = vues+1, f.Mouvement
		}
		if len(l) < 500 {
			return vues, nil
		}
	}
}

func accorderOfficine(ctx context.Context, c *cli.Command) error {
	ps, err := psDit(c)
	if err != nil {
		return err
	}
	return surOfficines(ctx, c, func(s *off.Service, _ *offstore.Store) error {
		switch err := s.Accorder(ctx, ps, c.Int64("rang"), c.String("motif")); {
		case errors.Is(err, off.ErrMotif):
			return errors.New("--motif : une ligne de 200 caractères au plus")
		case errors.Is(err, off.ErrFacture), errors.Is(err, off.ErrPasEnAttente):
			return fmt.Errorf("aucune facture de ce rang n'attend de décision : « ecluse officines lister --ps %s » montre où elles en sont", ps)
		case err != nil:
			return err
		}
		_, err := fmt.Fprintln(c.Root().Writer, "1 facture acceptée ; le prochain règlement la paie.")
		return err
	})
}

// vusParLesLivres are the indicators that the books of who pays can tell; the others are
// known by the workstations. ref: VISIO §15
var vusParLesLivres = []visiodroits.NomIndicateur{visiodroits.PartDegrade, visiodroits.RejetsAccredites, visiodroits.DelaiMedian, visiodroits.DelaiP95}

func direIndicateursOfficines(ctx context.Context, c *cli.Command) error {
	return surOfficines(ctx, c, func(s *off.Service, _ *offstore.Store) error {
		aujourdhui := sante.JourA(s.Horloge(), sante.Paris())
		du, err1 := jourDit(c, "du", aujourdhui-30)
		au, err2 := jourDit(c, "au", aujourdhui)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		somme, err := s.Indicateurs(ctx, du, au)
		if err != nil {
			return err
		}
		cibles, err := visiodroits.CiblesPubliees()
		if err != nil {
			return err
		}
		fmt.Fprintf(c.Root().Writer, "Du %s au %s, d'après les livres de qui paie ; « ecluse droits indicateurs » dit ce que les postes en comptent.\n", du.Francais(), au.Francais())
		w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "INDICATEUR\tVALEUR\tSUR\tCIBLE")
		for _, i := range visiodroits.Calculer(somme, cibles) {
			if slices.Contains(vusParLesLivres, i.Nom) {
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", i.Libelle, valeurIndicateur(&i), i.Sur, i.Verdict)
			}
		}
		return w.Flush()
	})
}
