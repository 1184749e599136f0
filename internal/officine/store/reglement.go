package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/sante"
)

// OuvrirReglement implements officine.Caisse.
func (s *Store) OuvrirReglement(ctx context.Context, jour sante.Jour) (*officine.Reglement, error) {
	r, err := lireReglement(jour, s.b.Ecrivain(ctx).QueryRowContext(ctx, `INSERT INTO officine_reglement (tenant, jour, clos_a, ordres, nombre, total, deduit, preleve)
		VALUES ($1, $2, 0, 0, 0, 0, 0, 0) ON CONFLICT (tenant, jour) DO UPDATE SET clos_a = officine_reglement.clos_a
		RETURNING clos_a, ordres, nombre, total, deduit, preleve`, s.tenant, jour.String()).Scan)
	if err != nil {
		return nil, fmt.Errorf("ouvrir un règlement: %w", err)
	}
	return r, nil
}

// Reglement implements officine.Caisse.
func (s *Store) Reglement(ctx context.Context, jour sante.Jour) (*officine.Reglement, error) {
	r, err := lireReglement(jour, s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT clos_a, ordres, nombre, total, deduit, preleve FROM officine_reglement
		WHERE tenant = $1 AND jour = $2`, s.tenant, jour.String()).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, officine.ErrReglement
	}
	if err != nil {
		return nil, fmt.Errorf("lire un règlement: %w", err)
	}
	return r, nil
}

func lireReglement(jour sante.Jour, scan func(...any) error) (*officine.Reglement, error) {
	r := &officine.Reglement{Jour: jour}
	var clos, total, deduit, preleve int64
	if err := scan(&clos, &r.Ordres, &r.Nombre, &total, &deduit, &preleve); err != nil {
		return nil, err
	}
	if r.Clos = clos > 0; r.Clos {
		r.ClosA = time.UnixMilli(clos).UTC()
	}
	r.Total, r.Deduit, r.Preleve = sante.Montant(total), sante.Montant(deduit), sante.Montant(preleve)
	return r, nil
}

// Ouverts implements officine.Caisse.
func (s *Store) Ouverts(ctx context.Context, avant sante.Jour) (l []sante.Jour, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT jour FROM officine_reglement WHERE tenant = $1 AND jour < $2 AND clos_a = 0 ORDER BY jour`, s.tenant, avant.String())
	if err != nil {
		return nil, fmt.Errorf("lire des règlements: %w", err)
	}
	err = parcourir(rows, func() error {
		var texte string
		if err := rows.Scan(&texte); err != nil {
			return err
		}
		j, err := sante.ParseJour(texte)
		l = append(l, j)
		return err
	})
	return l, err
}

// Clore implements officine.Caisse.
func (s *Store) Clore(ctx context.Context, r *officine.Reglement) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE officine_reglement SET clos_a = $3, ordres = $4, nombre = $5, total = $6, deduit = $7, preleve = $8
		WHERE tenant = $1 AND jour = $2 AND clos_a = 0`, s.tenant, r.Jour.String(), r.ClosA.UnixMilli(), r.Ordres, r.Nombre, int64(r.Total), int64(r.Deduit), int64(r.Preleve))
	if err != nil {
		return fmt.Errorf("clore un règlement: %w", err)
	}
	return nil
}

// Ordonner implements officine.Caisse.
func (s *Store) Ordonner(ctx context.Context, o *officine.Ordre) (bool, error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO officine_ordre (tenant, jour, ps, reference, montant, nombre, etat, paye_le)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '') ON CONFLICT (tenant, jour, ps) DO NOTHING`,
		s.tenant, o.Reglement.String(), o.PS.String(), o.Reference, int64(o.Montant), o.Nombre, string(o.Etat))
	if err != nil {
		return false, fmt.Errorf("écrire un ordre: %w", err)
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

const ordres = `SELECT ps, reference, montant, nombre, etat, paye_le, rendu_le, motif, rangs,
	coalesce((SELECT rang FROM officine_virement v WHERE v.tenant = o.tenant AND v.jour = o.jour AND v.ps = o.ps), 0) FROM officine_ordre o WHERE tenant = $1 AND jour = $2`

func lireOrdre(jour sante.Jour, scan func(...any) error) (o officine.Ordre, err error) {
	o.Reglement = jour
	var ps, payeLe, renduLe, rangs string
	var montant int64
	if err := scan(&ps, &o.Reference, &montant, &o.Nombre, &o.Etat, &payeLe, &renduLe, &o.Motif, &rangs, &o.Remise); err != nil {
		return o, err
	}
	o.Montant = sante.Montant(montant)
	if o.PayeLe, err = lireJour(payeLe); err != nil {
		return o, err
	}
	if o.RenduLe, err = lireJour(renduLe); err != nil {
		return o, err
	}
	for _, s := range strings.Fields(rangs) {
		rang, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return o, err
		}
		o.Rangs = append(o.Rangs, rang)
	}
	o.PS, err = sante.ParseNumeroFacturation(ps)
	return o, err
}

// Ordres implements officine.Caisse.
func (s *Store) Ordres(ctx context.Context, jour sante.Jour) (l []officine.Ordre, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, ordres+" ORDER BY ps", s.tenant, jour.String())
	if err != nil {
		return nil, fmt.Errorf("lire des ordres: %w", err)
	}
	err = parcourir(rows, func() error {
		o, err := lireOrdre(jour, rows.Scan)
		l = append(l, o)
		return err
	})
	return l, err
}

// Ordre implements officine.Caisse.
func (s *Store) Ordre(ctx context.Context, jour sante.Jour, ps sante.NumeroFacturation) (*officine.Ordre, error) {
	o, err := lireOrdre(jour, s.b.Lecteur(ctx).QueryRowContext(ctx, ordres+" AND ps = $3"+s.b.Verrou(), s.tenant, jour.String(), ps.String()).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, officine.ErrReglement
	}
	if err != nil {
		return nil, fmt.Errorf("lire un ordre: %w", err)
	}
	return &o, nil
}

// Remises implements officine.Caisse.
func (s *Store) Remises(ctx context.Context, jour sante.Jour) (n int, err error) {
	err = s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT count(*) FROM officine_remise WHERE tenant = $1 AND jour = $2`, s.tenant, jour.String()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("compter des remises: %w", err)
	}
	return n, nil
}

// Passer implements officine.Caisse.
func (s *Store) Passer(ctx context.Context, o *officine.Ordre) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE officine_ordre SET etat = $4, paye_le = $5, rendu_le = $6, motif = $7, rangs = $8 WHERE tenant = $1 AND jour = $2 AND ps = $3`,
		s.tenant, o.Reglement.String(), o.PS.String(), string(o.Etat), date(o.PayeLe), date(o.RenduLe), o.Motif, strings.Trim(fmt.Sprint(o.Rangs), "[]"))
	if err != nil {
		return fmt.Errorf("écrire un ordre: %w", err)
	}
	return nil
}

// Rendu implements officine.Caisse.
func (s *Store) Rendu(ctx context.Context) (sante.Montant, error) {
	var m int64
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `INSERT INTO officine_caisse (tenant, rendu) VALUES ($1, 0)
		ON CONFLICT (tenant) DO UPDATE SET rendu = officine_caisse.rendu RETURNING rendu`, s.tenant).Scan(&m)
	if err != nil {
		return 0, fmt.Errorf("lire la caisse: %w", err)
	}
	return sante.Montant(m), nil
}

// Crediter implements officine.Caisse. Rendu makes the row: an insert would be checked
// against its own bounds before it is a sum.
func (s *Store) Crediter(ctx context.Context, m sante.Montant) error {
	if _, err := s.Rendu(ctx); err != nil {
		return err
	}
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE officine_caisse SET rendu = rendu + $2 WHERE tenant = $1`, s.tenant, int64(m))
	if err != nil {
		return fmt.Errorf("créditer la caisse: %w", err)
	}
	return nil
}
