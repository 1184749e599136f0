package comptable

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sante"
)

// CleFacture names an invoice: its number is unique in a year.
type CleFacture struct {
	Annee  int
	Numero string
}

// Preuve says where the sealed message of a fact can be found.
type Preuve struct {
	Message string // idMessage
	Feuille string // leaf of the journal
}

// Titre is what an insurer owes for one invoice.
type Titre struct {
	Cle      CleTitre
	AMC      sante.NumeroAMC
	Facture  CleFacture
	Lot      string
	Montant  sante.Montant
	Reduit   sante.Montant
	Paye     sante.Montant
	Perdu    sante.Montant
	Reste    sante.Montant // Montant - Reduit - Paye - Perdu, never below zero
	Emis     sante.Jour
	Accuse   sante.Jour // acknowledged by the insurer, zero when not yet
	Connu    sante.Jour // day we knew of it
	Echeance sante.Jour // last day promised to pay, zero when not acknowledged
	Preuve   Preuve
}

// Emis is an invoice sent to an insurer.
type Emis struct {
	Facture CleFacture
	AMC     sante.NumeroAMC
	Libelle string // of the insurer
	Lot     string
	Montant sante.Montant
	Jour    sante.Jour
	Preuve  Preuve
}

func (e *Emis) verifier() error {
	switch {
	case !texte(e.Facture.Numero, 1, 20) || e.Facture.Annee < 2000 || e.Facture.Annee > 9999:
		return refuser(ErrDonnees, "Le numéro de la facture et son année sont obligatoires.")
	case e.AMC.IsZero():
		return refuser(ErrDonnees, "Le débiteur est obligatoire.")
	case e.Montant <= 0 || e.Montant > sante.MontantMax:
		return refuser(ErrDonnees, "Un titre a un montant positif.")
	case e.Jour.IsZero():
		return refuser(ErrDonnees, "La date d'émission est obligatoire.")
	case !texte(e.Lot, 0, 20) || !texte(e.Libelle, 0, 200) || !texte(e.Preuve.Message, 0, 100) || !texte(e.Preuve.Feuille, 0, 100):
		return refuser(ErrDonnees, "Un texte du titre est trop long.")
	}
	return nil
}

// texte bounds what is kept of a text, in characters, as the messages do.
func texte(s string, min, max int) bool {
	n := utf8.RuneCountInString(s)
	return n >= min && n <= max && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' })
}

// Emettre writes the titres of invoices sent to their insurers, in the transaction
// of ctx. An invoice whose titre exists is left as it is: the same event may come
// twice. ErrDifferent when it comes with another amount or debtor.
func (s *Service) Emettre(ctx context.Context, l []Emis) ([]*Titre, error) {
	p := s.Parametres.avecDefauts()
	titres := make([]*Titre, len(l))
	libelles := map[sante.NumeroAMC]string{}
	for i := range l {
		e := &l[i]
		if err := e.verifier(); err != nil {
			return nil, err
		}
		jour := p.ouvert(e.Jour)
		titres[i] = &Titre{Cle: CleTitre{Exercice: jour.Annee()}, AMC: e.AMC, Facture: e.Facture, Lot: e.Lot, Montant: e.Montant,
			Reste: e.Montant, Emis: jour, Preuve: e.Preuve}
		if e.Libelle != "" {
			libelles[e.AMC] = e.Libelle
		}
	}
	err := s.Transaction(ctx, func(ctx context.Context) error {
		if err := s.Journal.Prendre(ctx); err != nil {
			return err
		}
		return s.inscrire(ctx, titres, libelles)
	})
	if err != nil {
		return nil, err
	}
	return titres, nil
}

func (s *Service) inscrire(ctx context.Context, titres []*Titre, libelles map[sante.NumeroAMC]string) error {
	cles := make([]CleFacture, len(titres))
	for i, t := range titres {
		cles[i] = t.Facture
	}
	deja, err := s.Titres.ParFacture(ctx, cles)
	if err != nil {
		return fmt.Errorf("comptable: émettre: %w", err)
	}
	var nouveaux []*Titre
	for i, t := range titres {
		x := deja[t.Facture]
		switch {
		case x == nil:
			deja[t.Facture] = t
			nouveaux = append(nouveaux, t)
		case x.Montant != t.Montant || x.AMC != t.AMC:
			return refuser(ErrDifferent, "Cette facture a déjà un titre, d'un autre montant ou pour un autre débiteur.")
		default:
			titres[i] = x
		}
	}
	if len(nouveaux) == 0 {
		return nil
	}
	if err := s.Titres.Inscrire(ctx, nouveaux, libelles); err != nil {
		return fmt.Errorf("comptable: émettre: %w", err)
	}
	piece := &Piece{Motif: Evenement}
	for _, t := range nouveaux {
		piece.Ecritures = append(piece.Ecritures, Ecriture{Nature: Emission, Jour: t.Emis, AMC: t.AMC, Titre: t.Cle, Montant: t.Montant})
	}
	if err := s.ecrire(ctx, piece); err != nil {
		return err
	}
	return s.Journal.Reviser(ctx)
}

// CauseReduction is why a titre is reduced.
type CauseReduction string

// The causes.
const (
	Annulation CauseReduction = "ANNULATION" // an annulative invoice
	Rejet      CauseReduction = "REJET"      // a reject of the insurer
	Minoration CauseReduction = "MINORATION" // the hospital asks less
)

// ReductionTitre is what an insurer will not owe.
type ReductionTitre struct {
	Facture CleFacture
	Montant sante.Montant // all that remains when zero
	Cause   CauseReduction
	Origine string // number of the annulative invoice or of the return: done once only
	Jour    sante.Jour
	Message string // idMessage of the fact
}

func (r *ReductionTitre) verifier() error {
	if !texte(r.Origine, 1, 60) || r.Montant < 0 || r.Jour.IsZero() || !slices.Contains([]CauseReduction{Annulation, Rejet, Minoration}, r.Cause) {
		return refuser(ErrDonnees, "Une réduction a une date, une cause et une origine.")
	}
	return nil
}

// cle is what makes a reduction one.
func (r *ReductionTitre) cle() string {
	return fmt.Sprintf("%s|%d|%s|%s", r.Cause, r.Facture.Annee, r.Facture.Numero, r.Origine)
}

// Reduire takes from a titre what the insurer will not owe, in the transaction of
// ctx. The same Origine on the same invoice is done once. ErrDepassement when the
// titre has less left, ErrInconnu when the invoice has none.
func (s *Service) Reduire(ctx context.Context, r ReductionTitre) (t *Titre, err error) {
	if err := r.verifier(); err != nil {
		return nil, err
	}
	origine := r.cle()
	err = s.Transaction(ctx, func(ctx context.Context) error {
		if t, err = s.prendreTitre(ctx, r.Facture); err != nil {
			return err
		}
		if deja, err := s.Journal.Origine(ctx, origine); err != nil || deja != 0 {
			return err
		}
		m := cmp.Or(r.Montant, t.Reste)
		switch {
		case m > t.Reste:
			return refuser(ErrDepassement, "Le titre n'a plus ce montant à réduire.")
		case m == 0:
			return nil
		}
		t.Reduit, t.Reste = t.Reduit+m, t.Reste-m
		return s.ecrire(ctx, &Piece{Motif: Evenement, Raison: string(r.Cause) + " " + r.Origine, Origine: origine, Message: r.Message,
			Ecritures: []Ecriture{{Nature: Reduction, Jour: s.Parametres.ouvert(max(r.Jour, t.Emis)), AMC: t.AMC, Titre: t.Cle, Montant: m}}})
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Retablir undoes a reduction, in the transaction of ctx, by its counter entry: the
// insurer holds the invoice after all. Nothing when that reduction was not made, or
// is undone. ErrInconnu when the invoice has no titre.
func (s *Service) Retablir(ctx context.Context, r ReductionTitre) error {
	if err := r.verifier(); err != nil {
		return err
	}
	return s.Transaction(ctx, func(ctx context.Context) error {
		if _, err := s.prendreTitre(ctx, r.Facture); err != nil {
			return err
		}
		numero, err := s.Journal.Origine(ctx, r.cle())
		if err != nil || numero == 0 {
			return err
		}
		x, err := s.Journal.Piece(ctx, numero)
		if err != nil || x == nil || x.DefaitePar != 0 {
			return err
		}
		p := &Piece{Motif: ParContre, Raison: "rétabli après " + x.Raison, Contrepasse: numero, Message: r.Message}
		for _, e := range x.Ecritures {
			e.Contre, e.Jour = true, s.Parametres.ouvert(e.Jour)
			p.Ecritures = append(p.Ecritures, e)
		}
		if err := s.ecrire(ctx, p); err != nil {
			return err
		}
		return s.Journal.Reviser(ctx)
	})
}

// prendreTitre takes the book, and gives the titre of an invoice.
func (s *Service) prendreTitre(ctx context.Context, f CleFacture) (*Titre, error) {
	if err := s.Journal.Prendre(ctx); err != nil {
		return nil, err
	}
	m, err := s.Titres.ParFacture(ctx, []CleFacture{f})
	if err != nil {
		return nil, fmt.Errorf("comptable: lire un titre: %w", err)
	}
	if m[f] == nil {
		return nil, refuser(ErrInconnu, "Cette facture n'a pas de titre.")
	}
	return m[f], nil
}

// AccuseFacture says that an insurer acknowledged an invoice.
type AccuseFacture struct {
	Facture CleFacture
	Jour    sante.Jour
}

// Accuser writes the acknowledgements, from which the promise of payment runs, in
// the transaction of ctx. The first one stands. ref: DEC 30
func (s *Service) Accuser(ctx context.Context, l []AccuseFacture) error {
	p := s.Parametres.avecDefauts()
	cles := make([]CleFacture, len(l))
	for i, a := range l {
		if cles[i] = a.Facture; a.Jour.IsZero() {
			return refuser(ErrDonnees, "La date de l'accusé de réception est obligatoire.")
		}
	}
	return s.Transaction(ctx, func(ctx context.Context) error {
		if err := s.Journal.Prendre(ctx); err != nil {
			return err
		}
		m, err := s.Titres.ParFacture(ctx, cles)
		if err != nil {
			return fmt.Errorf("comptable: accuser: %w", err)
		}
		var dates []*Titre
		for _, a := range l {
			t := m[a.Facture]
			if t == nil {
				return refuser(ErrInconnu, "Cette facture n'a pas de titre.")
			}
			if t.Accuse.IsZero() {
				t.Accuse, t.Connu, t.Echeance = a.Jour, s.aujourdhui(), a.Jour+sante.Jour(p.DelaiPaiement)
				dates = append(dates, t)
			}
		}
		return s.Titres.Dater(ctx, dates)
	})
}
