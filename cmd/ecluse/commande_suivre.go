package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

func commandeSuivre(commun []cli.Flag) *cli.Command {
	return &cli.Command{Name: "suivre", Usage: "montre la vie d'une facture ou d'un lot : ses états, qui les dit, et la feuille du journal qui le prouve",
		ArgsUsage: "NUMERO", Flags: append(commun[:2:2],
			&cli.StringFlag{Name: "finess", Usage: "chez une AMC : FINESS juridique de l'établissement ; tous ceux qui ont envoyé un lot si rien n'est dit"}),
		Action: suivreFlux}
}

func suivreFlux(ctx context.Context, c *cli.Command) error {
	numero := strings.TrimSpace(c.Args().First())
	if numero == "" || c.Args().Len() > 1 {
		return errors.New("un numéro de facture ou de lot est attendu, et un seul")
	}
	trouve, aFaire := false, []etablissement.Consigne{}
	w := tabwriter.NewWriter(c.Root().Writer, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LOCATAIRE\tFLUX\tÉTAT\tDIT PAR\tCODE\tINSTANT\tFEUILLE")
	err := surLocataires(ctx, c, func(p *processus, tenant string) error {
		v := vies{achstore.New(p.base, tenant), p.feuilleDe(tenant), p.horloge}
		var l []etablissement.Jalon
		var err error
		switch {
		case strings.HasPrefix(tenant, tenantEtablissement("")):
			if l, err = (viesES{v}).De(ctx, numero); err == nil && len(l) > 0 {
				aFaire, err = p.retardsDe(ctx, tenant, numero, aFaire)
			}
		case strings.HasPrefix(tenant, tenantAMC("")):
			l, err = v.chezAMC(ctx, liqstore.New(p.base, tenant), strings.TrimPrefix(tenant, tenantAMC("")), c.String("finess"), numero)
		}
		trouve = trouve || len(l) > 0
		ecrireVie(w, tenant, l)
		return err
	})
	if err == nil && !trouve {
		return fmt.Errorf("aucune facture ni aucun lot sous le numéro %s dans cette configuration", numero)
	}
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	for _, k := range aFaire {
		fmt.Fprintf(c.Root().Writer, "%s\n  %s : %s\n", k.Constat, k.QuiAgit, k.AFaire)
	}
	return nil
}

// retardsDe adds what to do of the invoices of a number whose payment is late.
func (p *processus) retardsDe(ctx context.Context, tenant, numero string, l []etablissement.Consigne) ([]etablissement.Consigne, error) {
	s, err := p.serviceDuLocataire(tenant)
	if err != nil {
		return nil, err
	}
	suite, err := s.EnRetard(ctx, numero)
	return append(l, suite...), err
}

func ecrireVie(w io.Writer, tenant string, l []etablissement.Jalon) {
	for _, j := range l {
		flux := "lot " + j.Lot
		if j.Facture != "" {
			flux = fmt.Sprintf("facture %s de %d", j.Facture, j.Annee)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", tenant, flux, j.Etat, j.Auteur, j.Code, j.Instant.Format(time.RFC3339), j.Feuille)
	}
}

// chezAMC is the life of an invoice in the book of an insurer, its moves and what its
// batch went through, or that of a batch.
func (v vies) chezAMC(ctx context.Context, livre *liqstore.Store, amc, finess, numero string) ([]etablissement.Jalon, error) {
	emetteurs, err := livre.Emetteurs(ctx)
	if finess != "" {
		f, err := sante.ParseFINESS(finess)
		if err != nil {
			return nil, fmt.Errorf("--finess : %w", err)
		}
		emetteurs = []sante.FINESS{f}
	}
	if err != nil {
		return nil, err
	}
	var tous []etablissement.Jalon
	for _, es := range emetteurs {
		factures, err := livre.Homonymes(ctx, es, numero)
		if err != nil {
			return nil, err
		}
		for _, f := range factures {
			l, err := v.factureAMC(ctx, livre, amc, f)
			if err != nil {
				return nil, err
			}
			tous = append(tous, l...)
		}
		l, err := v.lire(ctx, fluxLot(es.String(), numero), etablissement.Jalon{Lot: numero})
		if err != nil {
			return nil, err
		}
		tous = append(tous, l...)
	}
	return tous, nil
}

// factureAMC joins the moves of an invoice to the states of its batch that are those
// of each of its invoices.
func (v vies) factureAMC(ctx context.Context, livre *liqstore.Store, amc string, f *liquidation.Facture) ([]etablissement.Jalon, error) {
	un := etablissement.Jalon{Facture: f.Numero, Annee: f.Annee, Lot: f.Lot}
	lot, err := v.lire(ctx, fluxLot(f.Finess.String(), f.Lot), un)
	if err != nil {
		return nil, err
	}
	var l []etablissement.Jalon
	feuille := ""
	for _, j := range lot {
		if j.Etat == roc.FactureEnvoyee || j.Etat == roc.FactureRecue {
			l, feuille = append(l, j), j.Feuille
		}
	}
	moments, err := livre.Moments(ctx, f)
	if err != nil {
		return nil, err
	}
	for _, m := range moments {
		un.Etat, un.Auteur, un.Code, un.Instant, un.Feuille = m.Apres.Notification(), amc, m.Code, m.Instant, ""
		if m.Instant.Equal(f.Recue) {
			un.Feuille = feuille // decided in the transaction of the batch
		}
		un.IDMessage = roc.UUID{}
		if m.Retour == "" {
			l = append(l, un)
			continue
		}
		suite, err := v.retourAMC(ctx, livre, un, m.Retour)
		if err != nil {
			return nil, err
		}
		l = append(l, suite...)
	}
	return l, nil
}

// retourAMC is a move that a return told, and the acknowledgement of that return
// when it ends the invoice.
func (v vies) retourAMC(ctx context.Context, livre *liqstore.Store, un etablissement.Jalon, numero string) ([]etablissement.Jalon, error) {
	r, err := livre.Retour(ctx, numero)
	if err != nil || r == nil {
		return []etablissement.Jalon{un}, err
	}
	un.IDMessage = r.IDMessage
	if un.Feuille, err = v.feuille(ctx, texteID(r.IDMessage)); err != nil {
		return nil, err
	}
	l := []etablissement.Jalon{un}
	if !r.Acquitte.IsZero() && (un.Etat == roc.FacturePayee || un.Etat == roc.FactureRejetee) {
		un.Etat, un.Auteur, un.Code, un.Instant = roc.FactureAcquittee, r.Finess.String(), r.Code, r.Acquitte
		l = append(l, un)
	}
	return l, nil
}
