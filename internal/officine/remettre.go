package officine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Remise is a file of transfers for the bank. What is in it does not change, but the day
// asked of the bank: written again it is the same, under the same reference, which a bank takes once.
type Remise struct {
	Reglement sante.Jour
	Rang      int // of the file in its run, from 1
	Reference string
	Faite     time.Time
	Execution sante.Jour // day asked of the bank
	Nombre    int
	Total     sante.Montant
	Payeur    Payeur
	Virements []Virement
}

// Payeur is whose account the transfers of a file leave.
type Payeur struct {
	Nom  string
	IBAN sante.IBAN
}

// Verifier tells whether a bank would take a file of this payer.
func (p *Payeur) Verifier() error {
	if !p.IBAN.SEPA() || NomBancaire(p.Nom, TitulaireMax) == "" {
		return ErrPayeur
	}
	return nil
}

// ErrPayeur: the name or the account of the payer is not said, or is not one for a bank.
var ErrPayeur = errors.New("officine : le nom de qui paie, en lettres latines, et son compte, dans l'espace SEPA, sont attendus")

// Virement is a transfer in a file.
type Virement struct {
	PS        sante.NumeroFacturation
	Reference string // that of its order
	Titulaire string
	IBAN      sante.IBAN
	Montant   sante.Montant
	Factures  int
}

// ErrRienARemettre: every order of the run that has an account is in a file already, or came
// to its end.
var ErrRienARemettre = errors.New("officine : aucun virement de ce règlement n'est à remettre à la banque")

// ExecutionMax is how many days ahead a transfer may be asked for: beyond, it is a mistake of
// who types. hyp: OFFICINE-VIREMENTS
const ExecutionMax = 60

// Errors of the day that is asked of the bank.
var (
	// ErrExecution: a bank refuses a file for a day that is gone, and would keep one of
	// another year.
	ErrExecution = fmt.Errorf("officine : jour demandé à la banque attendu, d'aujourd'hui à %d jours d'ici", ExecutionMax)
	// ErrRemiseFaite: the bank made or gave back a transfer of the file: it took it.
	ErrRemiseFaite = errors.New("officine : la banque a déjà fait ou rendu un virement de ce fichier")
)

func (s *Service) verifierExecution(le sante.Jour) error {
	if a := jour(s.maintenant()); le < a || le > a+ExecutionMax {
		return ErrExecution
	}
	return nil
}

// Remettre gathers in one file the orders of a closed run that are in none, and gives those
// that nobody said an account of: they wait for a next file. ref: VISIO §13 « pays »
func (s *Service) Remettre(ctx context.Context, jour, execution sante.Jour, p Payeur) (r *Remise, sans []Ordre, err error) {
	if err := cmp.Or(s.verifierExecution(execution), p.Verifier()); err != nil {
		return nil, nil, err
	}
	err = s.Transaction(ctx, func(ctx context.Context) error {
		r, sans = &Remise{Reglement: jour, Execution: execution, Payeur: p, Faite: s.maintenant().Truncate(time.Second)}, nil
		reglement, err := s.Caisse.OuvrirReglement(ctx, jour)
		if err != nil {
			return err
		}
		ordres, err := s.Caisse.Ordres(ctx, jour)
		switch {
		case err != nil:
			return err
		case len(ordres) == 0:
			return ErrReglement
		case !reglement.Clos:
			return ErrReglementClos
		}
		for i := range ordres {
			o := &ordres[i]
			if r.Rang = max(r.Rang, o.Remise); o.Etat != OrdreDonne || o.Remise > 0 {
				continue
			}
			c, err := s.Comptes.Compte(ctx, o.PS)
			if errors.Is(err, ErrSansCompte) {
				sans = append(sans, *o)
				continue
			}
			if err != nil {
				return err
			}
			r.ajouter(Virement{o.PS, o.Reference, c.Titulaire, c.IBAN, o.Montant, o.Nombre})
		}
		if r.Nombre == 0 {
			return ErrRienARemettre
		}
		r.Rang++
		r.Reference = s.referenceRemise(jour, r.Rang)
		return s.Comptes.Remettre(ctx, r)
	})
	if err != nil {
		return nil, sans, fmt.Errorf("officine: remettre des virements: %w", err)
	}
	return r, sans, nil
}

func (r *Remise) ajouter(v Virement) {
	r.Virements, r.Nombre, r.Total = append(r.Virements, v), r.Nombre+1, r.Total+v.Montant
}

// Remise gives a file as it was made, or ErrRienARemettre when there is none.
func (s *Service) Remise(ctx context.Context, jour sante.Jour, rang int) (*Remise, error) {
	r, err := s.Comptes.Remise(ctx, jour, rang)
	if err != nil {
		return nil, fmt.Errorf("officine: relire une remise: %w", err)
	}
	r.Reference = s.referenceRemise(jour, rang)
	return r, nil
}

// Redater asks for the transfers of a file on another day: it was lost, or came to the bank
// too late. All else is the same, and its reference: a bank that took it takes it no more.
func (s *Service) Redater(ctx context.Context, jour sante.Jour, rang int, execution sante.Jour) (r *Remise, err error) {
	if err := s.verifierExecution(execution); err != nil {
		return nil, err
	}
	err = s.Transaction(ctx, func(ctx context.Context) error {
		if _, err := s.Caisse.OuvrirReglement(ctx, jour); err != nil {
			return err
		}
		if r, err = s.Remise(ctx, jour, rang); err != nil {
			return err
		}
		ordres, err := s.Caisse.Ordres(ctx, jour)
		if err != nil {
			return err
		}
		for _, o := range ordres {
			if o.Remise == rang && o.Etat != OrdreDonne {
				return ErrRemiseFaite
			}
		}
		r.Execution = execution
		return s.Comptes.Redater(ctx, r)
	})
	if err != nil {
		return nil, fmt.Errorf("officine: redater une remise: %w", err)
	}
	return r, nil
}

func (s *Service) referenceRemise(jour sante.Jour, rang int) string {
	return fmt.Sprintf("%s-%d", s.reference(jour), rang)
}

// Prevision is what a run would pay to a professional.
type Prevision struct {
	PS       sante.NumeroFacturation
	Factures int
	Montant  sante.Montant
}

// Prevoir tells what a run would order now, professional by professional, and what its
// advice would take off: nothing is ordered. Ordonner does the same, of what is there then.
func (s *Service) Prevoir(ctx context.Context) (l []Prevision, rendu sante.Montant, err error) {
	tous, err := s.Livre.Professionnels(ctx, droits.FactureAcceptee)
	if err != nil {
		return nil, 0, fmt.Errorf("officine: prévoir: %w", err)
	}
	for _, ps := range tous {
		factures, err := s.Livre.Dans(ctx, ps, droits.FactureAcceptee, sansBorne)
		if err != nil {
			return nil, 0, fmt.Errorf("officine: prévoir: %w", err)
		}
		p := Prevision{PS: ps}
		for _, f := range factures {
			if f.Demande > 0 {
				p.Factures, p.Montant = p.Factures+1, p.Montant+f.Demande
			}
		}
		if p.Factures > 0 {
			l = append(l, p)
		}
	}
	if rendu, err = s.Caisse.Rendu(ctx); err != nil {
		return nil, 0, fmt.Errorf("officine: prévoir: %w", err)
	}
	return l, rendu, nil
}

// LireReference reads the reference of an order: the day of its run, and its professional.
func (s *Service) LireReference(reference string) (jour sante.Jour, ps sante.NumeroFacturation, err error) {
	const n = len("FAO") + 10 + 8
	if len(reference) != n+9 {
		return 0, ps, ErrReglement
	}
	j := reference[n-8 : n]
	if jour, err = sante.ParseJour(j[:4] + "-" + j[4:6] + "-" + j[6:]); err != nil || reference[:n] != s.reference(jour) {
		return 0, ps, ErrReglement
	}
	if ps, err = sante.ParseNumeroFacturation(reference[n:]); err != nil {
		return 0, ps, ErrReglement
	}
	return jour, ps, nil
}
