package comptable

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
)

// Annonce is a payment return of an insurer. ref: ROC §17.3
type Annonce struct {
	Cle         CleAnnonce
	Reference   string // of the transfer
	Compte      string // last characters of the account credited
	Comptable   sante.Jour
	Mandatement sante.Jour
	Contact     string
	Total       sante.Montant
	Reste       sante.Montant // what no bank line was matched with
	Factures    []FactureAnnoncee
	Preuve      Preuve
}

// FactureAnnoncee is an invoice that an announce says paid.
type FactureAnnoncee struct {
	Rang    int // from 1
	Numero  string
	Lot     string
	Montant sante.Montant
	Reste   sante.Montant
	// Titres are those of this invoice on the insurer that announces, filled when an
	// announce is read: one, or none when it is unknown.
	Titres []*Titre
}

// FacturesMax bounds the invoices of an announce, as that of a return.
const FacturesMax = 1000

func (a *Annonce) verifier() error {
	if a.Cle.Payeur.IsZero() || !texte(a.Cle.Retour, 1, 20) || !texte(a.Reference, 1, 35) || a.Comptable.IsZero() {
		return refuser(ErrDonnees, "Une annonce a un payeur, un numéro, une référence de virement et une date comptable.")
	}
	if !texte(a.Compte, 0, 34) || !texte(a.Contact, 0, 400) || !texte(a.Preuve.Message, 0, 100) || !texte(a.Preuve.Feuille, 0, 100) {
		return refuser(ErrDonnees, "Un texte de l'annonce est trop long.")
	}
	if len(a.Factures) == 0 || len(a.Factures) > FacturesMax {
		return refuser(ErrDonnees, "Une annonce porte de 1 à 1000 factures.")
	}
	var total sante.Montant
	for i := range a.Factures {
		f := &a.Factures[i]
		if !texte(f.Numero, 1, 20) || !texte(f.Lot, 0, 20) || f.Montant < 0 || f.Montant > sante.MontantMax {
			return refuser(ErrDonnees, "Une facture annoncée a un numéro et un montant.")
		}
		f.Rang, f.Reste = i+1, f.Montant
		total += f.Montant
	}
	if total != a.Total || total <= 0 || total > sante.MontantMax {
		return refuser(ErrDonnees, "Le total de l'annonce n'est pas la somme de ses factures.")
	}
	a.Reste = total
	return nil
}

// AnnoncerPaiement writes an announce, in the transaction of ctx. The same return
// is written once; ErrDifferent when it comes with another content.
func (s *Service) AnnoncerPaiement(ctx context.Context, a Annonce) error {
	if err := a.verifier(); err != nil {
		return err
	}
	return s.Transaction(ctx, func(ctx context.Context) error {
		if err := s.Journal.Prendre(ctx); err != nil {
			return err
		}
		deja, err := s.Annonces.Annonce(ctx, a.Cle)
		if err != nil {
			return fmt.Errorf("comptable: annoncer: %w", err)
		}
		if deja != nil {
			return deja.memeQue(&a)
		}
		if err := s.Annonces.Annoncer(ctx, &a); err != nil {
			return fmt.Errorf("comptable: annoncer: %w", err)
		}
		return s.Journal.Reviser(ctx)
	})
}

func (a *Annonce) memeQue(b *Annonce) error {
	meme := a.Reference == b.Reference && a.Total == b.Total && a.Comptable == b.Comptable && len(a.Factures) == len(b.Factures)
	for i := 0; meme && i < len(a.Factures); i++ {
		x, y := &a.Factures[i], &b.Factures[i]
		meme = x.Numero == y.Numero && x.Lot == y.Lot && x.Montant == y.Montant
	}
	if !meme {
		return refuser(ErrDifferent, "Ce retour de paiement est déjà enregistré, avec un autre contenu.")
	}
	return nil
}
