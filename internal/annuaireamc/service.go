package annuaireamc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Service answers from memory and follows its store.
type Service struct {
	depot   Depot
	horloge sante.Horloge
	log     *slog.Logger
	vue     atomic.Pointer[vue]
}

type vue struct {
	tableau *Tableau
	version int64
	entrees []Entree
}

// New reads the directory. Call Suivre to follow its changes.
func New(ctx context.Context, d Depot, h sante.Horloge, log *slog.Logger) (*Service, error) {
	s := &Service{depot: d, horloge: h, log: log}
	s.vue.Store(&vue{tableau: NewTableau(nil), version: -1})
	return s, s.Rafraichir(ctx)
}

// Rafraichir takes the picture again if the store changed.
func (s *Service) Rafraichir(ctx context.Context) error {
	n, err := s.depot.Version(ctx)
	if err != nil {
		return fmt.Errorf("annuaire: %w", err)
	}
	if n == s.vue.Load().version {
		return nil
	}
	l, n, err := s.depot.Entrees(ctx)
	if err != nil {
		return fmt.Errorf("annuaire: %w", err)
	}
	s.vue.Store(&vue{NewTableau(l), n, l})
	return nil
}

// Suivre keeps the picture fresh until ctx ends.
func (s *Service) Suivre(ctx context.Context, periode time.Duration) {
	t := time.NewTicker(periode)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := s.Rafraichir(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("annuaire non relu", "erreur", err)
			}
		}
	}
}

// Annuaire answers a question to the directory. ref: ROC §6
func (s *Service) Annuaire(_ context.Context, d sceau.Opened[roc.Message[roc.DemandeAnnuaire]]) (*roc.ReponseAnnuaire, error) {
	return s.vue.Load().tableau.Resoudre(d.Message().Corps), nil
}

// Etat tells that the directory is open. ref: ROC §5.3
func (s *Service) Etat(_ context.Context, _ sceau.Opened[roc.Message[roc.DemandeEtat]]) (*roc.ReponseEtat, error) {
	return &roc.ReponseEtat{Retour: roc.RetourDe(roc.Accepte, ""), Etat: roc.Operationnel,
		Services: []roc.EtatService{{Service: roc.ANN, Etat: roc.Operationnel}}}, nil
}

// Tableau is the present picture.
func (s *Service) Tableau() *Tableau { return s.vue.Load().tableau }

// Entrees are those of the present picture. Do not write in them.
func (s *Service) Entrees() []Entree { return s.vue.Load().entrees }

// Publier adds or replaces entries, all or none, once they are good by
// themselves and together. ref: ROC §6.2
func (s *Service) Publier(ctx context.Context, entrees []Entree) error {
	for i := range entrees {
		if err := entrees[i].Valider(); err != nil {
			return fmt.Errorf("%s : %w", entrees[i].ID, err)
		}
	}
	if err := s.Rafraichir(ctx); err != nil {
		return err
	}
	toutes := Fusionner(s.Entrees(), entrees)
	if err := Accorder(toutes); err != nil {
		return err
	}
	if err := s.depot.Publier(ctx, entrees); err != nil {
		return fmt.Errorf("annuaire: %w", err)
	}
	return s.Rafraichir(ctx)
}

// Retirer removes an entry.
func (s *Service) Retirer(ctx context.Context, id string) error {
	if err := s.depot.Retirer(ctx, id); err != nil {
		return err
	}
	return s.Rafraichir(ctx)
}

// ErrSansHistoire says that the store keeps no history.
var ErrSansHistoire = errors.New("annuaire: ce dépôt ne garde pas ce qui était avant")

// EntreesAu gives the entries that were true on a day, by what is known now: the address
// of a service at a date of care. ref: RASS §11
func (s *Service) EntreesAu(ctx context.Context, le sante.Jour) ([]Entree, error) {
	h, ok := s.depot.(Historique)
	if !ok {
		return nil, ErrSansHistoire
	}
	l, err := h.EntreesAu(ctx, le, s.horloge())
	if err != nil {
		return nil, fmt.Errorf("annuaire: %w", err)
	}
	return l, nil
}
