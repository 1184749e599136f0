package comptable

import (
	"cmp"
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
)

// Ordre is a person's order: who, and why.
type Ordre struct {
	Agent  string
	Raison string
}

func (o Ordre) verifier() error {
	if !texte(o.Agent, 1, 100) || !texte(o.Raison, 1, 500) {
		return refuser(ErrDonnees, "Une opération à la main porte le nom de l'agent et sa raison.")
	}
	if sante.ContientNIR(o.Raison) || sante.ContientNIR(o.Agent) {
		return refuser(ErrDonnees, "La raison : "+sante.ErrTexteNIR.Error()+".")
	}
	return nil
}

// Part is what a person does of a part of a bank line. An announce alone is spread
// over its invoices in order; with a rank, over that invoice; a titre alone is paid
// without an announce.
type Part struct {
	Nature  Nature // Paiement when empty, or Excedent, HorsChamp, Remboursement, HorsChampD
	Annonce CleAnnonce
	Rang    int
	Titre   CleTitre
	Montant sante.Montant
}

// PartsMax bounds the parts of a line.
const PartsMax = 1000

// Imputer matches by hand a bank line, whole or not, with announces and titres, or
// puts parts of it aside. What is left of it waits for a person.
func (s *Service) Imputer(ctx context.Context, o Ordre, id IDLigne, parts []Part) (*Piece, error) {
	if len(parts) == 0 || len(parts) > PartsMax {
		return nil, refuser(ErrDonnees, "Il faut de 1 à 1000 parts.")
	}
	return s.aLaMain(ctx, o, func(ctx context.Context, p *Piece) error {
		l, err := s.ligne(ctx, id)
		if err != nil {
			return err
		}
		m := &imputation{s: s, ligne: l, annonces: map[CleAnnonce]*Annonce{}, titres: map[CleTitre]*Titre{}}
		for _, x := range parts {
			if err := m.part(ctx, x); err != nil {
				return err
			}
		}
		if p.Ecritures = m.ecritures; l.Reste > 0 {
			l.Doute, l.PourPersonne = cmp.Or(l.doute(), PaiementPartiel), true
		}
		if err := s.Lignes.Classer(ctx, []*LigneReleve{l}); err != nil {
			return err
		}
		// What this line could have paid, or what it rivalled, may be certain now.
		return s.Journal.Reviser(ctx)
	})
}

// aLaMain runs a person's operation and writes its piece.
func (s *Service) aLaMain(ctx context.Context, o Ordre, f func(ctx context.Context, p *Piece) error) (piece *Piece, err error) {
	if err := o.verifier(); err != nil {
		return nil, err
	}
	err = s.Transaction(ctx, func(ctx context.Context) error {
		if err := s.Journal.Prendre(ctx); err != nil {
			return err
		}
		piece = &Piece{Motif: AlaMain, Agent: o.Agent, Raison: o.Raison}
		if err := f(ctx, piece); err != nil {
			return err
		}
		return s.ecrire(ctx, piece)
	})
	if err != nil {
		return nil, err
	}
	return piece, nil
}

// imputation follows the rests while the parts of a line are read.
type imputation struct {
	s         *Service
	ligne     *LigneReleve
	annonces  map[CleAnnonce]*Annonce
	titres    map[CleTitre]*Titre
	ecritures []Ecriture
}

func (m *imputation) part(ctx context.Context, x Part) error {
	x.Nature = cmp.Or(x.Nature, Paiement)
	if x.Montant <= 0 || x.Montant > m.ligne.Reste {
		return refuser(ErrDepassement, "La ligne n'a plus ce montant à imputer.")
	}
	a, err := m.annonce(ctx, x)
	if err != nil {
		return err
	}
	switch credit := m.ligne.Sens == Credit; {
	case x.Nature == Paiement && credit && x.Titre.IsZero() && a == nil:
		return refuser(ErrDonnees, "Un paiement désigne une annonce ou un titre.")
	case x.Nature == Paiement && credit && x.Titre.IsZero():
		return m.surAnnonce(ctx, a, x)
	case x.Nature == Paiement && credit:
		return m.surTitre(ctx, a, x.Rang, x.Titre, x.Montant)
	case (x.Nature == Excedent || x.Nature == HorsChamp) && credit, (x.Nature == Remboursement || x.Nature == HorsChampD) && !credit:
		return m.aPart(a, x)
	}
	return refuser(ErrDonnees, "Cette ligne ne peut pas recevoir une part de cette nature.")
}

// annonce gives the announce of a part, nil when it names none.
func (m *imputation) annonce(ctx context.Context, x Part) (*Annonce, error) {
	if x.Annonce.IsZero() {
		return nil, nil
	}
	a := m.annonces[x.Annonce]
	if a == nil {
		var err error
		if a, err = m.s.Annonces.Annonce(ctx, x.Annonce); err != nil {
			return nil, fmt.Errorf("comptable: imputer: %w", err)
		}
		if a == nil {
			return nil, refuser(ErrInconnu, "Cette annonce n'existe pas.")
		}
		m.annonces[x.Annonce] = a
	}
	if x.Rang < 0 || x.Rang > len(a.Factures) {
		return nil, refuser(ErrInconnu, "L'annonce n'a pas de facture de ce rang.")
	}
	return a, nil
}

// surAnnonce pays invoices of an announce, in order, until the part is used up.
func (m *imputation) surAnnonce(ctx context.Context, a *Annonce, x Part) error {
	for i := range a.Factures {
		f := &a.Factures[i]
		paye := min(f.Reste, x.Montant)
		if paye == 0 || x.Rang > 0 && x.Rang != f.Rang {
			continue
		}
		if len(f.Titres) != 1 {
			return refuser(ErrInconnu, "Une facture de l'annonce n'a pas de titre : la désigner à part.")
		}
		if err := m.surTitre(ctx, a, f.Rang, f.Titres[0].Cle, paye); err != nil {
			return err
		}
		x.Montant -= paye
	}
	if x.Montant > 0 {
		return refuser(ErrDepassement, "L'annonce n'a plus ce montant à payer.")
	}
	return nil
}

func (m *imputation) surTitre(ctx context.Context, a *Annonce, rang int, c CleTitre, montant sante.Montant) error {
	t := m.titres[c]
	if t == nil {
		var err error
		if t, err = m.s.Titres.Titre(ctx, c); err != nil {
			return fmt.Errorf("comptable: imputer: %w", err)
		}
		if t == nil {
			return refuser(ErrInconnu, "Ce titre n'existe pas.")
		}
		m.titres[c] = t
	}
	if montant > t.Reste {
		return refuser(ErrDepassement, "Le titre n'a plus ce montant à payer.")
	}
	if err := m.consommer(a, rang, montant); err != nil {
		return err
	}
	t.Reste -= montant
	m.ecritures = append(m.ecritures, paiement(m.ligne, a, rang, t, montant, m.s.Parametres))
	return nil
}

// aPart puts a part of the line aside.
func (m *imputation) aPart(a *Annonce, x Part) error {
	if err := m.consommer(a, x.Rang, x.Montant); err != nil {
		return err
	}
	e := Ecriture{Nature: x.Nature, Jour: m.s.Parametres.ouvert(m.ligne.Jour), Ligne: m.ligne.ID, Montant: x.Montant}
	if a != nil {
		e.Annonce, e.Rang = a.Cle, x.Rang
	}
	m.ecritures = append(m.ecritures, e)
	return nil
}

// consommer takes an amount from the line, and from an invoice of the announce.
func (m *imputation) consommer(a *Annonce, rang int, montant sante.Montant) error {
	if a != nil {
		if rang == 0 {
			return refuser(ErrDonnees, "Préciser la facture de l'annonce.")
		}
		f := &a.Factures[rang-1]
		if montant > f.Reste {
			return refuser(ErrDepassement, "La facture annoncée n'a plus ce montant.")
		}
		f.Reste -= montant
		a.Reste -= montant
	}
	if montant > m.ligne.Reste {
		return refuser(ErrDepassement, "La ligne n'a plus ce montant à imputer.")
	}
	m.ligne.Reste -= montant
	return nil
}

// Compenser sets a debit of the bank against the credit that it takes back.
func (s *Service) Compenser(ctx context.Context, o Ordre, credit, debit IDLigne, m sante.Montant) (*Piece, error) {
	return s.aLaMain(ctx, o, func(ctx context.Context, p *Piece) error {
		c, err := s.ligne(ctx, credit)
		if err != nil {
			return err
		}
		d, err := s.ligne(ctx, debit)
		switch {
		case err != nil:
			return err
		case c.Sens != Credit || d.Sens != Debit:
			return refuser(ErrDonnees, "On compense un crédit par un débit.")
		case m <= 0 || m > c.Reste || m > d.Reste:
			return refuser(ErrDepassement, "Une des deux lignes n'a plus ce montant.")
		}
		p.Ecritures = []Ecriture{{Nature: Compensation, Jour: s.Parametres.ouvert(max(c.Jour, d.Jour)), Ligne: c.ID, Autre: d.ID, Montant: m}}
		return nil
	})
}

// AdmettreEnNonValeur gives up what will not be paid of a titre.
func (s *Service) AdmettreEnNonValeur(ctx context.Context, o Ordre, c CleTitre, m sante.Montant) (*Piece, error) {
	return s.aLaMain(ctx, o, func(ctx context.Context, p *Piece) error {
		t, err := s.Titres.Titre(ctx, c)
		switch {
		case err != nil:
			return err
		case t == nil:
			return refuser(ErrInconnu, "Ce titre n'existe pas.")
		case m <= 0 || m > t.Reste:
			return refuser(ErrDepassement, "Le titre n'a plus ce montant.")
		}
		p.Ecritures = []Ecriture{{Nature: NonValeur, Jour: s.Parametres.ouvert(max(s.aujourdhui(), t.Emis)), AMC: t.AMC, Titre: t.Cle, Montant: m}}
		return nil
	})
}

// Contrepasser undoes a piece by its counter entries, which have the days of what
// they undo: as it is known from now on, it never was. What the bank says and the
// titres themselves are not undone. Its lines wait for a person.
func (s *Service) Contrepasser(ctx context.Context, o Ordre, numero int64) (*Piece, error) {
	return s.aLaMain(ctx, o, func(ctx context.Context, p *Piece) error {
		x, err := s.Journal.Piece(ctx, numero)
		switch {
		case err != nil:
			return err
		case x == nil:
			return refuser(ErrInconnu, "Cette pièce n'existe pas.")
		case x.DefaitePar != 0:
			return refuser(ErrDejaDefait, "Cette pièce est déjà contre-passée.")
		case x.Contrepasse != 0:
			return refuser(ErrTransition, "On ne contre-passe pas une contre-passation : refaire l'opération.")
		}
		p.Motif, p.Contrepasse = ParContre, numero
		lignes := map[IDLigne]bool{}
		for _, e := range x.Ecritures {
			if !e.Nature.defaisable() {
				return refuser(ErrTransition, "Un titre émis et un relevé de la banque ne se contre-passent pas.")
			}
			e.Contre, e.Jour = true, s.Parametres.ouvert(e.Jour)
			p.Ecritures = append(p.Ecritures, e)
			lignes[e.Ligne], lignes[e.Autre] = true, true
		}
		delete(lignes, "")
		if err := s.rouvrir(ctx, lignes); err != nil {
			return err
		}
		return s.Journal.Reviser(ctx)
	})
}

// rouvrir leaves to a person the lines whose match is undone.
func (s *Service) rouvrir(ctx context.Context, lignes map[IDLigne]bool) error {
	var l []*LigneReleve
	for id := range lignes {
		x, err := s.ligne(ctx, id)
		if err != nil {
			return err
		}
		x.Doute, x.PourPersonne = cmp.Or(x.doute(), Defaite), true
		l = append(l, x)
	}
	return s.Lignes.Classer(ctx, l)
}

// Soumettre gives a line back to the automatic match.
func (s *Service) Soumettre(ctx context.Context, id IDLigne) error {
	return s.Transaction(ctx, func(ctx context.Context) error {
		if err := s.Journal.Prendre(ctx); err != nil {
			return err
		}
		l, err := s.ligne(ctx, id)
		if err != nil {
			return err
		}
		if l.Sens != Credit || l.Extourne {
			return refuser(ErrTransition, "Seul un crédit se rapproche de lui-même.")
		}
		l.Doute, l.PourPersonne, l.Cite = "", false, ""
		return s.Lignes.Classer(ctx, []*LigneReleve{l})
	})
}
