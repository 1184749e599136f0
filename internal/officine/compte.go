package officine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/sante"
)

// Compte is where a professional is paid.
type Compte struct {
	PS        sante.NumeroFacturation
	Titulaire string // as the bank has it, 70 characters at most
	IBAN      sante.IBAN
	Note      time.Time
	Par       string // pseudonym of who said it
}

// TitulaireMax is how long the name of the holder of an account may be. ref: ISO 20022
const TitulaireMax = 70

// Errors of the accounts.
var (
	// ErrSansCompte: nobody said where a professional is paid.
	ErrSansCompte = errors.New("officine : aucun compte n'est dit pour ce professionnel")
	// ErrCompteIllisible: an account does not open: another key, or a row that was changed.
	ErrCompteIllisible = errors.New("compte illisible : le secret n'est pas celui des autres nœuds, ou la base a été modifiée")
	// ErrTitulaire: the name of the holder of an account cannot be written for a bank.
	ErrTitulaire = errors.New("titulaire du compte attendu, de 70 caractères au plus, sur une ligne, avec des lettres latines ou des chiffres")
	// ErrHorsSEPA: no SEPA credit transfer goes to the country of an account.
	ErrHorsSEPA = errors.New("ce compte est hors de l'espace SEPA : un autre compte est attendu, ou un paiement fait autrement")
)

// NoterCompte writes where a professional is paid from now on: what was given to the bank
// does not change. The journal has who said it, and never the whole account.
func (s *Service) NoterCompte(ctx context.Context, c *Compte) error {
	x := *c
	if x.Titulaire = strings.TrimSpace(x.Titulaire); !ligne(x.Titulaire, TitulaireMax) || NomBancaire(x.Titulaire, TitulaireMax) == "" {
		return ErrTitulaire
	}
	if !x.IBAN.SEPA() {
		return ErrHorsSEPA
	}
	x.Note = s.maintenant()
	err := s.Transaction(ctx, func(ctx context.Context) error {
		connu, err := s.Comptes.Compte(ctx, x.PS)
		if err != nil && !errors.Is(err, ErrSansCompte) && !errors.Is(err, ErrCompteIllisible) {
			return err
		}
		if err == nil && connu.IBAN == x.IBAN && connu.Titulaire == x.Titulaire {
			return nil
		}
		if err := s.Comptes.NoterCompte(ctx, &x); err != nil {
			return err
		}
		return s.tracer(ctx, &Geste{Nature: GesteCompte, PS: x.PS, Detail: x.IBAN.Masque(), Par: x.Par, Instant: x.Note})
	})
	if err != nil {
		return fmt.Errorf("officine: noter un compte: %w", err)
	}
	return nil
}

// OublierCompte forgets where a professional was paid: his next transfers wait for another.
func (s *Service) OublierCompte(ctx context.Context, ps sante.NumeroFacturation, par string) error {
	err := s.Transaction(ctx, func(ctx context.Context) error {
		if err := s.Comptes.OublierCompte(ctx, ps); err != nil {
			return err
		}
		return s.tracer(ctx, &Geste{Nature: GesteOubli, PS: ps, Par: par, Instant: s.maintenant()})
	})
	if err != nil {
		return fmt.Errorf("officine: oublier un compte: %w", err)
	}
	return nil
}

// NomBancaire writes a name with the characters that any bank of the area takes, and a dot in
// place of the others; "" when neither a letter nor a digit is left. ref: EPC 217-08
func NomBancaire(s string, max int) string {
	if plie, ok := zone.Plier(s); ok {
		s = plie
	}
	lettres := false
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			lettres = true
			return r
		case strings.ContainsRune("/-?:().,'+ ", r):
			return r
		case r == '&':
			return '+'
		}
		return '.'
	}, s)
	if !lettres {
		return ""
	}
	s = strings.Trim(s, " /")
	return strings.TrimRight(s[:min(len(s), max)], " /")
}

// ligne tells whether a text is one line of a bounded length.
func ligne(s string, max int) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= max && !strings.ContainsFunc(s, unicode.IsControl)
}

// NatureGeste is what a person did of the payments.
type NatureGeste string

// The gestures that the journal keeps.
const (
	GesteCompte NatureGeste = "COMPTE"       // an account was said
	GesteOubli  NatureGeste = "COMPTE_OUBLI" // and forgotten
	GesteRendu  NatureGeste = "RENDU"        // the bank gave a transfer back
)

// Geste is what the journal keeps of one: no patient, and never a whole account.
type Geste struct {
	Nature   NatureGeste
	PS       sante.NumeroFacturation
	Virement string // its reference
	Montant  sante.Montant
	Avant    EtatOrdre // where the transfer was
	Detail   string
	Par      string
	Instant  time.Time
}

// tracer writes a gesture in the journal, in the transaction of ctx.
func (s *Service) tracer(ctx context.Context, g *Geste) error {
	if s.Tracer == nil {
		return nil
	}
	return s.Tracer(ctx, g)
}
