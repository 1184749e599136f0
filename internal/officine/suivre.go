package officine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// suiviMax is how many invoices an answer tells of.
const suiviMax = 500

// suivre tells a professional which invoices moved. ref: VISIO §13 « accepted and refused »
func (s *Service) suivre(ctx context.Context, ps sante.NumeroFacturation, d *droits.DemandeSuivi, r *droits.ReponseFactures) error {
	l, err := s.Livre.Suivi(ctx, ps, d.Apres, d.Etats, suiviMax+1)
	if err != nil {
		return fmt.Errorf("officine: suivre des factures: %w", err)
	}
	if r.Reste = len(l) > suiviMax; r.Reste {
		l = l[:suiviMax]
	}
	for _, f := range l {
		r.Suivi = append(r.Suivi, f.suivi())
	}
	return nil
}

// suivi is what a professional reads of an invoice.
func (f *Facture) suivi() droits.SuiviFacture {
	x := droits.SuiviFacture{Numero: f.Numero, DateFacture: f.DateFacture, NumeroLot: f.Lot, Mouvement: f.Mouvement, Etat: f.Etat, Code: f.Code,
		Precision: f.Precision, Ecarts: f.Ecarts, MontantAMC: f.Demande, MontantPaye: f.Paye, ReferenceVire: f.Virement, DatePaiement: f.PayeeLe}
	if f.Etat == droits.FactureRefusee {
		g := f.Code.Signification()
		x.Libelle, x.QuiAgit, x.AFaire = g.Libelle, g.Qui, g.AFaire
		return x
	}
	x.Libelle, x.Echeance = libelles[f.Etat], f.Echeance
	return x
}

// libelles are the states as a person reads them.
var libelles = map[droits.EtatFacture]string{
	droits.FactureRecue: "Facture reçue", droits.FactureEnAttente: "Facture en attente d'un contrôle", droits.FactureAcceptee: "Facture acceptée",
	droits.FactureOrdonnee: "Virement ordonné", droits.FacturePayee: "Facture payée",
}

// erreursMax is how many errors of a turn are told.
const erreursMax = 10

// Trancher judges again the invoices that wait for an answer, up to max for each
// professional, and tells how many left that state. Those that still have none stay; one
// that cannot be judged keeps no other from it, and its error is told at the end.
func (s *Service) Trancher(ctx context.Context, max int) (n int, err error) {
	tous, err := s.Livre.Professionnels(ctx, droits.FactureEnAttente)
	if err != nil {
		return 0, fmt.Errorf("officine: trancher: %w", err)
	}
	var erreurs []error
	manquer := func(quoi string, err error) {
		if len(erreurs) < erreursMax {
			erreurs = append(erreurs, fmt.Errorf("officine: trancher %s: %w", quoi, err))
		}
	}
	t := &tour{s: s}
	for _, ps := range tous {
		l, err := s.Livre.Dans(ctx, ps, droits.FactureEnAttente, max)
		if err != nil {
			manquer("pour "+ps.String(), err)
		}
		for _, f := range l {
			fait, err := s.trancher(ctx, t, ps, f.Rang)
			if err != nil {
				manquer(fmt.Sprintf("la facture de rang %d de %s", f.Rang, ps), err)
			}
			if fait {
				n++
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return n, errors.Join(erreurs...)
}

// trancher asks about one invoice outside of the transaction, then judges it in one. It is
// the day of its reception that counts, and it is not its own double.
func (s *Service) trancher(ctx context.Context, t *tour, ps sante.NumeroFacturation, rang int64) (fait bool, err error) {
	f, err := s.Livre.Une(ctx, ps, rang)
	if err != nil {
		return false, err
	}
	lue, err := droits.LireFacture(f.Original)
	if err != nil {
		return false, err
	}
	x, err := s.piece(ctx, lue, jour(f.Recue))
	if err != nil {
		return false, err
	}
	if x.Avis, err = t.demander(ctx, x); err != nil {
		return false, err
	}
	c := s.p.Controler(s.Moteur, x)
	if c.Accord() && c.EnAttente {
		return false, nil
	}
	err = s.Transaction(ctx, func(ctx context.Context) error {
		fait = false
		if err := s.Livre.Verrouiller(ctx, f.PS); err != nil {
			return err
		}
		g, err := s.Livre.Une(ctx, f.PS, f.Rang)
		if err != nil || g.Etat != droits.FactureEnAttente {
			return err // another node did it
		}
		fait = true
		if err := g.conclure(c, x, ""); err != nil {
			return err
		}
		if err := s.Livre.Deplacer(ctx, []*Facture{g}); err != nil || g.Etat != droits.FactureAcceptee {
			return err
		}
		return s.voir(ctx, jour(g.Recue), x)
	})
	return fait, err
}

// ErrPasEnAttente: the invoice waits for nothing.
var ErrPasEnAttente = errors.New("officine : la facture n'attend pas de décision")

// motifMax is how long a reason may be.
const motifMax = 200

// ErrMotif: a decision says why.
var ErrMotif = errors.New("officine : motif d'une ligne attendu, de 200 caractères au plus")

// Accorder is the decision of a person to pay a waiting invoice as it was billed: its
// accredited guarantees cannot be computed, or the third party will not answer any more.
// Nobody may decide to refuse one. The reason is kept. ref: VISIO §13
func (s *Service) Accorder(ctx context.Context, ps sante.NumeroFacturation, rang int64, motif string) error {
	if motif = strings.TrimSpace(motif); !ligne(motif, motifMax) {
		return ErrMotif
	}
	err := s.Transaction(ctx, func(ctx context.Context) error {
		if err := s.Livre.Verrouiller(ctx, ps); err != nil {
			return err
		}
		f, err := s.Livre.Une(ctx, ps, rang)
		if err != nil {
			return err
		}
		if f.Etat != droits.FactureEnAttente {
			return ErrPasEnAttente
		}
		f.Precision = ""
		if f.Etat, err = suivant(f.Etat, Accepter); err != nil {
			return err
		}
		if err := s.Livre.Decider(ctx, ps, rang, s.maintenant(), motif); err != nil {
			return err
		}
		if err := s.Livre.Deplacer(ctx, []*Facture{f}); err != nil {
			return err
		}
		lue, err := droits.LireFacture(f.Original)
		if err != nil {
			return err
		}
		x, err := s.piece(ctx, lue, jour(f.Recue))
		if err != nil {
			return err
		}
		return s.voir(ctx, jour(f.Recue), x)
	})
	if err != nil {
		return fmt.Errorf("officine: accorder: %w", err)
	}
	return nil
}

// Purger forgets up to max invoices that are over and dated more than some days ago, and
// tells how many; it is called again while it forgets some. An invoice is never forgotten
// while a copy of it would arrive in time: it would be paid twice.
func (s *Service) Purger(ctx context.Context, conservation, max int) (int, error) {
	jours := sante.Jour(conservation)
	if delai := sante.Jour(s.p.Delai); jours < delai {
		jours = delai
	}
	n, err := s.Livre.Purger(ctx, jour(s.maintenant())-jours, max)
	if err != nil {
		return 0, fmt.Errorf("officine: purger: %w", err)
	}
	return n, nil
}
