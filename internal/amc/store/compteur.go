package store

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Compteurs keeps what each person consumed.
type Compteurs struct{ table }

// Lire gives the counters of a person.
func (s *Compteurs) Lire(ctx context.Context, beneficiaire string) (calcul.Compteurs, error) {
	return s.lire(ctx, s.base.Lecteur(ctx), beneficiaire)
}

// Prendre locks the counters of a person and gives them.
func (s *Compteurs) Prendre(ctx context.Context, beneficiaire string) (calcul.Compteurs, error) {
	if err := s.verrouiller(ctx, beneficiaire); err != nil {
		return nil, err
	}
	return s.lire(ctx, s.base.Ecrivain(ctx), beneficiaire)
}

func (s *Compteurs) verrouiller(ctx context.Context, beneficiaire string) error {
	_, err := s.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO amc_compteur_verrou (tenant, beneficiaire, prises) VALUES ($1, $2, 1)
		ON CONFLICT (tenant, beneficiaire) DO UPDATE SET prises = amc_compteur_verrou.prises + 1`, s.tenant, beneficiaire)
	if err != nil {
		return fmt.Errorf("verrouiller des compteurs: %w", err)
	}
	return nil
}

func (s *Compteurs) lire(ctx context.Context, e bdd.Executant, beneficiaire string) (calcul.Compteurs, error) {
	rows, err := e.QueryContext(ctx, `SELECT garantie, periode, montant, unites FROM amc_compteur
		WHERE tenant = $1 AND beneficiaire = $2 AND (montant <> 0 OR unites <> 0) ORDER BY garantie, periode`, s.tenant, beneficiaire)
	if err != nil {
		return nil, fmt.Errorf("lire des compteurs: %w", err)
	}
	var l calcul.Compteurs
	err = lireTout(rows, func(r scanner) error {
		var garantie, periode string
		var montant, unites int64
		if err := r.Scan(&garantie, &periode, &montant, &unites); err != nil {
			return err
		}
		l = append(l, calcul.Compteur{Garantie: garantie, Periode: periode, Montant: sante.Montant(montant), Unites: calcul.Quantite(unites)})
		return nil
	})
	return l, err
}

// Consommer adds to the counters of a person.
func (s *Compteurs) Consommer(ctx context.Context, n roc.NumeroEngagement, beneficiaire string, l []calcul.Compteur) error {
	for _, c := range l {
		if err := s.ajouter(ctx, beneficiaire, c); err != nil {
			return err
		}
		_, err := s.base.Ecrivain(ctx).ExecContext(ctx,
			`INSERT INTO amc_consommation (tenant, numero, garantie, periode, beneficiaire, montant, unites) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			s.tenant, n.String(), c.Garantie, c.Periode, beneficiaire, int64(c.Montant), int64(c.Unites))
		if err != nil {
			return fmt.Errorf("noter une consommation: %w", err)
		}
	}
	return nil
}

func (s *Compteurs) ajouter(ctx context.Context, beneficiaire string, c calcul.Compteur) error {
	_, err := s.base.Ecrivain(ctx).ExecContext(ctx,
		`INSERT INTO amc_compteur (tenant, beneficiaire, garantie, periode, montant, unites) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant, beneficiaire, garantie, periode) DO UPDATE
		SET montant = amc_compteur.montant + excluded.montant, unites = amc_compteur.unites + excluded.unites`,
		s.tenant, beneficiaire, c.Garantie, c.Periode, int64(c.Montant), int64(c.Unites))
	if err != nil {
		return fmt.Errorf("consommer un compteur: %w", err)
	}
	return nil
}

// Liberer gives back what an engagement consumed, once: what is given back is
// taken off the list by the same statement that reads it.
func (s *Compteurs) Liberer(ctx context.Context, n roc.NumeroEngagement) error {
	rows, err := s.base.Ecrivain(ctx).QueryContext(ctx,
		"DELETE FROM amc_consommation WHERE tenant = $1 AND numero = $2 RETURNING beneficiaire, garantie, periode, montant, unites", s.tenant, n.String())
	if err != nil {
		return fmt.Errorf("reprendre des consommations: %w", err)
	}
	type rendu struct {
		beneficiaire string
		calcul.Compteur
	}
	var l []rendu
	err = lireTout(rows, func(r scanner) error {
		var x rendu
		var montant, unites int64
		if err := r.Scan(&x.beneficiaire, &x.Garantie, &x.Periode, &montant, &unites); err != nil {
			return err
		}
		x.Montant, x.Unites = sante.Montant(montant), calcul.Quantite(unites)
		l = append(l, x)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reprendre des consommations: %w", err)
	}
	for i, x := range l {
		if i == 0 {
			if err := s.verrouiller(ctx, x.beneficiaire); err != nil {
				return err
			}
		}
		_, err := s.base.Ecrivain(ctx).ExecContext(ctx,
			`UPDATE amc_compteur SET montant = montant - $5, unites = unites - $6
			WHERE tenant = $1 AND beneficiaire = $2 AND garantie = $3 AND periode = $4`,
			s.tenant, x.beneficiaire, x.Garantie, x.Periode, int64(x.Montant), int64(x.Unites))
		if err != nil {
			return fmt.Errorf("libérer un compteur: %w", err)
		}
	}
	return nil
}
