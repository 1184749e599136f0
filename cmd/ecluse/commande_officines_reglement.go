package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/francais"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	offstore "github.com/ecluse-sante/ecluse/internal/officine/store"
	"github.com/ecluse-sante/ecluse/sante"
)

func reglerOfficines(ctx context.Context, c *cli.Command) error {
	if c.Bool("montrer") && !c.IsSet("jour") {
		return surComptes(ctx, c, func(_ *serveur.Processus, _ *config.AMC, s *off.Service, _ *offstore.Store) error {
			return montrerReglement(ctx, c, s)
		})
	}
	return surOfficines(ctx, c, func(s *off.Service, livre *offstore.Store) error {
		jour, err := ceJour(c, "jour", s)
		if err != nil {
			return err
		}
		if c.Bool("montrer") {
			r, err := livre.Reglement(ctx, jour)
			if errors.Is(err, off.ErrReglement) {
				_, err = fmt.Fprintf(c.Root().Writer, "Aucun règlement le %s.\n", jour.Francais())
				return err
			}
			if err != nil {
				return err
			}
			return direReglement(ctx, c, s, livre, r)
		}
		if jour > sante.JourA(s.Horloge(), sante.Paris()) {
			return errors.New("--jour : un règlement ne se fait pas d'avance")
		}
		r, err := serveur.ReglerSiDu(ctx, s, jour)
		if err != nil {
			return err
		}
		if r == nil {
			_, err := fmt.Fprintf(c.Root().Writer, "Rien à régler le %s.\n", jour.Francais())
			return err
		}
		return direReglement(ctx, c, s, livre, r)
	})
}

// direReglement tells a run: its orders, and its advice once it is closed.
func direReglement(ctx context.Context, c *cli.Command, s *off.Service, livre *offstore.Store, r *off.Reglement) error {
	ordres, err := livre.Ordres(ctx, r.Jour)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	if len(ordres) > 0 {
		fmt.Fprintln(w, "PROFESSIONNEL\tVIREMENT\tMONTANT\tFACTURES\tREMISE\tÉTAT\tMOTIF")
	}
	for _, o := range ordres {
		remise := "aucune"
		if o.Remise > 0 {
			remise = fmt.Sprint(o.Remise)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", o.PS, o.Reference, o.Montant.Euros(), o.Nombre, remise, o.Etat, o.Motif)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !r.Clos {
		_, err = fmt.Fprintln(c.Root().Writer, "Règlement interrompu avant son avis : le prochain le finit.")
		return err
	}
	a := s.AvisDe(r)
	_, err = fmt.Fprintf(c.Root().Writer, "Avis de prélèvement %s, du %s : %s, %s ; %s ordonnés, %s rendus par la banque, %s prélevés.\n", a.Reference, a.Jour.Francais(),
		francais.Accorder(a.Ordres, "virement", "virements"), francais.Accorder(a.Factures, "facture", "factures"), a.Total.Euros(), a.Deduit.Euros(), a.Preleve.Euros())
	return err
}

func confirmerOfficine(ctx context.Context, c *cli.Command) error {
	tous := c.Bool("tous")
	if tous == (c.String("ps") != "") || !tous && len(c.StringSlice("sauf")) > 0 {
		return attendre(c, "--ps, ou --tous et au besoin --sauf, attendu")
	}
	return surOfficines(ctx, c, func(s *off.Service, livre *offstore.Store) error {
		jour, err1 := ceJour(c, "jour", s)
		le, err2 := ceJour(c, "le", s)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if tous {
			return confirmerTous(ctx, c, s, livre, jour, le)
		}
		ps, err := psDit(c)
		if err != nil {
			return err
		}
		if err := s.Confirmer(ctx, jour, ps, le); err != nil {
			return direVirement(err, jour)
		}
		_, err = fmt.Fprintln(c.Root().Writer, "Virement fait ; ses factures sont payées.")
		return err
	})
}

func rendreOfficine(ctx context.Context, c *cli.Command) error {
	ps, err := psDit(c)
	if err != nil {
		return err
	}
	return surOfficines(ctx, c, func(s *off.Service, _ *offstore.Store) error {
		jour, err1 := ceJour(c, "jour", s)
		le, err2 := ceJour(c, "le", s)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if err := s.Rejeter(ctx, jour, ps, off.Retour{Le: le, Motif: strings.TrimSpace(c.String("motif")), Par: c.String("par")}); err != nil {
			return direVirement(err, jour)
		}
		_, err = fmt.Fprintln(c.Root().Writer, "Virement rendu ; ses factures repartent au règlement suivant.")
		return err
	})
}

// direVirement says what to do about a transfer that is not where it was thought.
func direVirement(err error, jour sante.Jour) error {
	switch {
	case errors.Is(err, off.ErrMotif):
		return errors.New("motif d'une ligne attendu, de 200 caractères au plus")
	case errors.Is(err, off.ErrJour):
		return fmt.Errorf("jour inexact : du jour du règlement, le %s, à aujourd'hui", jour.Francais())
	case errors.Is(err, off.ErrHorsRemise):
		return errors.New("ce virement n'est dans aucun fichier de la banque : payé autrement, il se note par « ecluse officines confirmer --ps »")
	case errors.Is(err, off.ErrRetour):
		return errors.New("ce virement est déjà fait : il ne se rend pas sans motif, ni à un jour d'avant celui où il fut fait")
	case errors.Is(err, off.ErrReglement), errors.Is(err, off.ErrReglementClos):
		return fmt.Errorf("aucun virement à ce professionnel n'attend de nouvelle de la banque au règlement du %s : « ecluse officines regler --montrer --jour %s » les montre", jour.Francais(), jour)
	}
	return err
}

func informerOfficines(ctx context.Context, c *cli.Command) error {
	return surOfficines(ctx, c, func(s *off.Service, livre *offstore.Store) (err error) {
		jour, err := ceJour(c, "jour", s)
		if err != nil {
			return err
		}
		if l, err := livre.Ordres(ctx, jour); err != nil || len(l) == 0 {
			return cmp.Or(err, fmt.Errorf("aucun virement au règlement du %s : rien à dire à l'AMC", jour.Francais()))
		}
		var w io.Writer = c.Root().Writer
		if chemin := c.String("sortie"); chemin != "" {
			f, err2 := os.OpenFile(chemin, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err2 != nil {
				return err2
			}
			defer func() { err = errors.Join(err, f.Sync(), f.Close()) }()
			w = f
		}
		return s.Informer(ctx, jour, w)
	})
}

// montrerReglement tells what a run would pay now, and changes nothing.
func montrerReglement(ctx context.Context, c *cli.Command, s *off.Service) error {
	l, rendu, err := s.Prevoir(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	if len(l) > 0 {
		fmt.Fprintln(w, "PROFESSIONNEL\tFACTURES\tMONTANT\tCOMPTE")
	}
	factures, total := 0, sante.Montant(0)
	for _, p := range l {
		compte := "manque"
		x, err := s.Comptes.Compte(ctx, p.PS)
		switch {
		case err == nil:
			compte = x.IBAN.Masque()
		case !errors.Is(err, off.ErrSansCompte):
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", p.PS, p.Factures, p.Montant.Euros(), compte)
		factures, total = factures+p.Factures, total+p.Montant
	}
	if err := w.Flush(); err != nil {
		return err
	}
	deduit := min(rendu, total)
	_, err = fmt.Fprintf(c.Root().Writer, "Le prochain règlement ferait %s, pour %s : %s ordonnés, %s rendus par la banque, %s prélevés. Rien n'est fait.\n",
		francais.Accorder(len(l), "virement", "virements"), francais.Accorder(factures, "facture", "factures"), total.Euros(), deduit.Euros(), (total - deduit).Euros())
	return err
}

func pointerVirements(ctx context.Context, c *cli.Command) error {
	return surOfficines(ctx, c, func(s *off.Service, _ *offstore.Store) error {
		n, err := lireTableau(c, "reference;etat;jour;motif", func(x []string) error {
			jour, ps, err := s.LireReference(strings.TrimSpace(x[0]))
			if err != nil {
				return errors.New("référence inconnue : celle d'un virement de cette AMC est attendue")
			}
			le, err := sante.ParseJour(strings.TrimSpace(x[2]))
			if err != nil {
				return fmt.Errorf("%s : jour attendu, comme 2026-03-31", x[0])
			}
			switch off.EtatOrdre(strings.TrimSpace(x[1])) {
			case off.OrdrePaye:
				err = s.ConfirmerRemis(ctx, jour, ps, le)
			case off.OrdreRendu:
				err = s.Rejeter(ctx, jour, ps, off.Retour{Le: le, Motif: strings.TrimSpace(x[3]), Par: c.String("par")})
			default:
				err = errors.New("état PAYE ou RENDU attendu")
			}
			if err != nil {
				return fmt.Errorf("%s : %w", x[0], direVirement(err, jour))
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Root().Writer, "%s.\n", francais.Accorder(n, "virement pointé", "virements pointés"))
		return err
	})
}

// confirmerTous notes that the bank made the transfers of a run, but some, and those that it
// was never given.
func confirmerTous(ctx context.Context, c *cli.Command, s *off.Service, livre *offstore.Store, jour, le sante.Jour) error {
	ordres, err := livre.Ordres(ctx, jour)
	if err != nil {
		return err
	}
	faits, laisses, total := 0, 0, sante.Montant(0)
	var erreurs []error
	for _, o := range ordres {
		if o.Etat != off.OrdreDonne || slices.Contains(c.StringSlice("sauf"), o.PS.String()) {
			continue
		}
		switch err := s.ConfirmerRemis(ctx, jour, o.PS, le); {
		case errors.Is(err, off.ErrJour): // the same for all
			return direVirement(err, jour)
		case errors.Is(err, off.ErrHorsRemise):
			laisses++
		case err != nil:
			erreurs = append(erreurs, fmt.Errorf("%s : %w", o.Reference, direVirement(err, jour)))
		default:
			faits, total = faits+1, total+o.Montant
		}
	}
	if laisses > 0 {
		dit := fmt.Sprintf("%s, dans aucun fichier de la banque : « ecluse officines virements --jour %s » les y met ; payé autrement, chacun se note par « confirmer --ps »",
			francais.Accorder(laisses, "virement laissé", "virements laissés"), jour)
		if faits == 0 {
			return errors.Join(append(erreurs, errors.New(dit))...)
		}
		fmt.Fprintln(c.Root().ErrWriter, dit)
	}
	if faits == 0 && erreurs == nil {
		return fmt.Errorf("aucun virement n'attend de nouvelle de la banque au règlement du %s : « ecluse officines regler --montrer --jour %s » les montre", jour.Francais(), jour)
	}
	_, err = fmt.Fprintf(c.Root().Writer, "%s, %s.\n", francais.Accorder(faits, "virement fait", "virements faits"), total.Euros())
	return errors.Join(append(erreurs, err)...)
}
