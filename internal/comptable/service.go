package comptable

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Service holds the rules of the comptable of one hospital. Its fields are given
// once; it is safe for concurrent use.
type Service struct {
	Parametres Parametres
	Titres     Titres
	Annonces   Annonces
	Releves    Releves
	Lignes     Lignes
	Journal    Journal
	Soldes     Soldes
	Horloge    sante.Horloge
	// Transaction runs f in the transaction of ctx, or in one of its own, perhaps
	// more than once.
	Transaction func(ctx context.Context, f func(ctx context.Context) error) error
}

func (s *Service) aujourdhui() sante.Jour {
	return sante.JourA(s.Horloge(), s.Parametres.avecDefauts().Fuseau)
}

// ecrire gives a piece its instant and writes it.
func (s *Service) ecrire(ctx context.Context, p *Piece) error {
	p.Instant = s.Horloge().UTC().Truncate(time.Millisecond)
	p.Connu = sante.JourA(p.Instant, s.Parametres.avecDefauts().Fuseau)
	if err := s.Journal.Ecrire(ctx, p); err != nil {
		return fmt.Errorf("comptable: écrire une pièce: %w", err)
	}
	return nil
}
