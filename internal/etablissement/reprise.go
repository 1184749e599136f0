package etablissement

import (
	"context"
	"log/slog"

	"github.com/ecluse-sante/ecluse/roc"
)

// lot is how many questions or engagements one pass takes.
const lot = 100

// Reprendre sends again the questions left without answer, after a crash or a
// loss on the way: the insurer gives the answer that it gave the first time.
// ref: ROC §5.2, DEC 13. It returns how many found their end. It is called when
// the house starts, and from time to time.
func (s *Service) Reprendre(ctx context.Context) (closes int, err error) {
	m := s.maintenant()
	questions, err := s.Questions.Prendre(ctx, m.Add(-s.delaiReprise()), m, lot)
	if err != nil {
		return 0, err
	}
	for _, q := range questions {
		if err := ctx.Err(); err != nil {
			return closes, err
		}
		switch err := s.reprendre(ctx, q); {
		case err == nil:
			closes++
		case estSorte(err, ErrSansReponse):
			s.journal().Warn("question sans réponse, elle sera envoyée de nouveau",
				slog.String("service", string(q.Service)), slog.String("idMessage", q.IDMessage.String()))
		default:
			s.journal().Error("question impossible à reprendre",
				slog.String("service", string(q.Service)), slog.String("idMessage", q.IDMessage.String()), slog.Any("erreur", err))
		}
	}
	return closes, nil
}

// reprendre sends a claimed question again. An estimate that nobody awaits any
// longer is forgotten instead.
func (s *Service) reprendre(ctx context.Context, q *Question) error {
	if q.Service == roc.SIM {
		_, err := s.conclure(ctx, q, func(c *Chantier, cv *Couverture) error { return nil })
		return err
	}
	v, err := s.Depot.Venue(ctx, q.Venue)
	if err != nil {
		return err
	}
	_, err = s.envoyer(ctx, v, q)
	if estSorte(err, ErrRefus) {
		return nil // refused for good: that is an end
	}
	return err
}

// relancer sends a question again at the agent's request, if the first sending
// is over and no other node has taken it.
func (s *Service) relancer(ctx context.Context, v *Venue, q *Question) (*Venue, error) {
	m := s.maintenant()
	pris, err := s.Questions.PrendreUne(ctx, q.IDMessage, m.Add(-s.delaiReprise()), m)
	if err != nil {
		return nil, err
	}
	if !pris {
		return nil, &Erreur{Sorte: ErrEnAttente, Reprise: int(s.delaiReprise().Seconds()), Detail: "La réponse de l'AMC est attendue."}
	}
	return s.envoyer(ctx, v, q)
}

// Relancer sends the open question of a coverage again, the same.
func (s *Service) Relancer(ctx context.Context, p Place) (*Venue, error) {
	v, err := s.Depot.Venue(ctx, p.Venue)
	if err != nil {
		return nil, err
	}
	q, err := s.Questions.EnCours(ctx, p)
	if err != nil {
		return nil, err
	}
	return s.relancer(ctx, v, q)
}
