package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

const (
	// lotsParTransaction bounds the batches that one transaction forgets.
	lotsParTransaction = 4
	// revoir is when a batch that had to stay is looked at again.
	revoir = 30 * 24 * time.Hour
)

// Purger forgets the batches received before an instant, with their invoices and
// their moves, and tells how many it looked at; 0 when none is left. A batch stays
// whole as long as one of its invoices is not over, or has moved since that instant.
// It is called again while it returns more than 0. ref: ROC §16.4 // hyp: CONSERVATION-LOT
func (s *Store) Purger(ctx context.Context, avant, maintenant time.Time) (vus int64, err error) {
	err = s.b.EnTransaction(ctx, func(ctx context.Context) error {
		l, err := s.auTerme(ctx, avant, maintenant)
		if err != nil {
			return err
		}
		vus = int64(len(l))
		for i := range l {
			if err := s.purgerLot(ctx, &l[i], avant, maintenant); err != nil {
				return err
			}
		}
		return nil
	})
	return vus, err
}

// lotAuTerme is a batch that may be forgotten, and the invoices that it brought, by
// year.
type lotAuTerme struct {
	finess, numero string
	par            map[int][]string
}

func (s *Store) auTerme(ctx context.Context, avant, maintenant time.Time) (l []lotAuTerme, err error) {
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT l.finess, l.numero, c.octets FROM liq_lot l
		JOIN liq_contenu c ON c.tenant = l.tenant AND c.finess = l.finess AND c.lot = l.numero
		WHERE l.tenant = $1 AND l.recu < $2 AND l.a_revoir <= $3 ORDER BY l.recu LIMIT $4`,
		s.tenant, avant.UnixMilli(), maintenant.UnixMilli(), lotsParTransaction)
	if err != nil {
		return nil, fmt.Errorf("chercher des lots à leur terme: %w", err)
	}
	err = lire(rows, func() error {
		var x lotAuTerme
		var octets []byte
		err := rows.Scan(&x.finess, &x.numero, &octets)
		if err == nil {
			x.par, err = numerosDe(octets)
		}
		l = append(l, x)
		return err
	})
	return l, err
}

// numerosDe reads which invoices a batch brought, from its contents: no index of
// the invoices by batch is kept only for their end.
func numerosDe(octets []byte) (map[int][]string, error) {
	par := make(map[int][]string)
	d := json.NewDecoder(bytes.NewReader(octets))
	for {
		var f struct {
			Numero string `json:"numeroFacture"`
			Date   string `json:"dateFacture"`
		}
		if err := d.Decode(&f); errors.Is(err, io.EOF) {
			return par, nil
		} else if err != nil {
			return nil, fmt.Errorf("relire un lot: %w", err)
		}
		j, err := sante.ParseJour(f.Date)
		if err != nil {
			return nil, fmt.Errorf("relire un lot: %w", err)
		}
		par[j.Annee()] = append(par[j.Annee()], f.Numero)
	}
}

func (s *Store) purgerLot(ctx context.Context, x *lotAuTerme, avant, maintenant time.Time) error {
	fini := true
	err := s.chaqueTranche(x, func(annee int, numeros []string) error {
		n, err := s.vivantes(ctx, x, annee, numeros, avant)
		fini = fini && n == 0
		return err
	})
	if err != nil {
		return err
	}
	e := s.b.Ecrivain(ctx)
	if !fini {
		_, err := e.ExecContext(ctx, `UPDATE liq_lot SET a_revoir = $4 WHERE tenant = $1 AND finess = $2 AND numero = $3`,
			s.tenant, x.finess, x.numero, maintenant.Add(revoir).UnixMilli())
		if err != nil {
			return fmt.Errorf("garder un lot: %w", err)
		}
		return nil
	}
	err = s.chaqueTranche(x, func(annee int, numeros []string) error { return s.oublier(ctx, x, annee, numeros) })
	for _, table := range []string{"liq_contenu WHERE lot", "liq_lot WHERE numero"} {
		if err != nil {
			return err
		}
		_, err = e.ExecContext(ctx, `DELETE FROM `+table+` = $3 AND tenant = $1 AND finess = $2`, s.tenant, x.finess, x.numero)
	}
	return err
}

func (s *Store) chaqueTranche(x *lotAuTerme, f func(annee int, numeros []string) error) error {
	for annee, tous := range x.par {
		for l := range slices.Chunk(tous, parLot) {
			if err := f(annee, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// deLui are the arguments that name invoices of a batch.
func (s *Store) deLui(x *lotAuTerme, annee int, numeros []string) []any {
	args := []any{s.tenant, x.finess, x.numero, annee}
	for _, n := range numeros {
		args = append(args, n)
	}
	return args
}

// vivantes counts the invoices of a batch that are not over, or have moved since an
// instant.
func (s *Store) vivantes(ctx context.Context, x *lotAuTerme, annee int, numeros []string, avant time.Time) (n int, err error) {
	args := append(s.deLui(x, annee, numeros), avant.UnixMilli())
	err = s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM liq_facture f WHERE f.tenant = $1 AND f.finess = $2 AND f.lot = $3 AND f.annee = $4
		AND f.numero IN (`+s.b.Parametres(5, len(numeros))+`) AND (f.etat NOT IN ('PAYE', 'REJETE', 'ANNULEE') OR f.bouge >= $`+
		fmt.Sprint(len(args))+`)`, args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("compter des factures en cours: %w", err)
	}
	return n, nil
}

// oublier deletes the invoices that a batch brought, not those of the same number
// that another did, and their transfers.
func (s *Store) oublier(ctx context.Context, x *lotAuTerme, annee int, numeros []string) error {
	parmi := s.b.Parametres(5, len(numeros))
	for _, texte := range []string{
		`DELETE FROM liq_virement WHERE tenant = $1 AND finess = $2 AND annee = $4 AND numero IN
			(SELECT numero FROM liq_facture WHERE tenant = $1 AND finess = $2 AND lot = $3 AND annee = $4 AND numero IN (` + parmi + `))`,
		`DELETE FROM liq_facture WHERE tenant = $1 AND finess = $2 AND lot = $3 AND annee = $4 AND numero IN (` + parmi + `)`,
	} {
		if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, texte, s.deLui(x, annee, numeros)...); err != nil {
			return fmt.Errorf("oublier des factures: %w", err)
		}
	}
	return nil
}

// PurgerRetours forgets up to max returns acknowledged before an instant, and tells
// how many. One that nobody acknowledged is never forgotten.
func (s *Store) PurgerRetours(ctx context.Context, avant time.Time, max int) (int64, error) {
	const auTerme = `(SELECT numero FROM liq_retour WHERE tenant = $1 AND acquitte > 0 AND acquitte < $2 ORDER BY acquitte, numero LIMIT $3)`
	var n int64
	err := s.b.EnTransaction(ctx, func(ctx context.Context) error {
		for _, texte := range []string{`DELETE FROM liq_retour_lot WHERE tenant = $1 AND retour IN ` + auTerme, `DELETE FROM liq_retour WHERE tenant = $1 AND numero IN ` + auTerme} {
			r, err := s.b.Ecrivain(ctx).ExecContext(ctx, texte, s.tenant, avant.UnixMilli(), max)
			if err != nil {
				return fmt.Errorf("oublier des retours: %w", err)
			}
			if n, err = r.RowsAffected(); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
