package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Retours lists the returns made to a hospital that nobody has acknowledged, or that
// were acknowledged otherwise than plainly, the oldest first. apres is the last of
// the page before.
func (s *Store) Retours(ctx context.Context, finess sante.FINESS, apres *liquidation.RetourEmis, max int) (l []liquidation.RetourEmis, err error) {
	emis, numero := int64(-1)<<62, ""
	if apres != nil {
		emis, numero = apres.Emis.UnixMilli(), apres.Numero
	}
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT numero, nature, factures, total, emis, acquitte, code, precision_acquit FROM liq_retour
		WHERE tenant = $1 AND finess = $2 AND (acquitte = 0 OR code <> '000') AND (emis > $3 OR emis = $3 AND numero > $4)
		ORDER BY emis, numero LIMIT $5`, s.tenant, finess.String(), emis, numero, max)
	if err != nil {
		return nil, fmt.Errorf("lire des retours: %w", err)
	}
	err = lire(rows, func() error {
		r := liquidation.RetourEmis{Finess: finess}
		var total, emis, acquitte int64
		err := rows.Scan(&r.Numero, &r.Nature, &r.Factures, &total, &emis, &acquitte, &r.Code, &r.Precision)
		r.Total, r.Emis = sante.Montant(total), time.UnixMilli(emis).UTC()
		if acquitte > 0 {
			r.Acquitte = time.UnixMilli(acquitte).UTC()
		}
		l = append(l, r)
		return err
	})
	return l, err
}

// Acquitter writes the acknowledgement of a return and gives it; nil when it was
// already acknowledged: the first stands. precision is what its hospital says with it.
func (s *Store) Acquitter(ctx context.Context, numero string, code roc.Code, precision string, instant time.Time) (*liquidation.RetourEmis, error) {
	r := &liquidation.RetourEmis{Numero: numero, Acquitte: instant, Code: code, Precision: precision}
	var finess, message string
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `UPDATE liq_retour SET acquitte = $3, code = $4, precision_acquit = $5 WHERE tenant = $1 AND numero = $2 AND acquitte = 0
		RETURNING finess, nature, id_message`, s.tenant, numero, instant.UnixMilli(), string(code), precision).Scan(&finess, &r.Nature, &message)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("acquitter un retour: %w", err)
	}
	if r.Finess, err = sante.ParseFINESS(finess); err != nil {
		return nil, fmt.Errorf("acquitter un retour: %w", err)
	}
	if message != "" {
		if r.IDMessage, err = roc.ParseUUID(message); err != nil {
			return nil, fmt.Errorf("acquitter un retour: %w", err)
		}
	}
	rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT lot FROM liq_retour_lot WHERE tenant = $1 AND retour = $2 ORDER BY lot`, s.tenant, numero)
	if err != nil {
		return nil, fmt.Errorf("acquitter un retour: %w", err)
	}
	err = lire(rows, func() error {
		var lot string
		err := rows.Scan(&lot)
		r.Lots = append(r.Lots, lot)
		return err
	})
	return r, err
}

// Retour gives a return by its number, nil when it is not known.
func (s *Store) Retour(ctx context.Context, numero string) (*liquidation.RetourEmis, error) {
	r := &liquidation.RetourEmis{Numero: numero}
	var finess, message string
	var total, emis, acquitte int64
	err := s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT finess, nature, factures, total, emis, acquitte, code, id_message FROM liq_retour
		WHERE tenant = $1 AND numero = $2`, s.tenant, numero).Scan(&finess, &r.Nature, &r.Factures, &total, &emis, &acquitte, &r.Code, &message)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lire un retour: %w", err)
	}
	if r.Finess, err = sante.ParseFINESS(finess); err != nil {
		return nil, fmt.Errorf("lire un retour: %w", err)
	}
	if message != "" {
		if r.IDMessage, err = roc.ParseUUID(message); err != nil {
			return nil, fmt.Errorf("lire un retour: %w", err)
		}
	}
	r.Total, r.Emis = sante.Montant(total), time.UnixMilli(emis).UTC()
	if acquitte > 0 {
		r.Acquitte = time.UnixMilli(acquitte).UTC()
	}
	return r, nil
}

// Emetteurs lists the hospitals that sent a batch.
func (s *Store) Emetteurs(ctx context.Context) (l []sante.FINESS, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT finess FROM liq_emetteur WHERE tenant = $1 ORDER BY finess`, s.tenant)
	if err != nil {
		return nil, fmt.Errorf("lire les émetteurs: %w", err)
	}
	err = lire(rows, func() error {
		var texte string
		if err := rows.Scan(&texte); err != nil {
			return err
		}
		f, err := sante.ParseFINESS(texte)
		l = append(l, f)
		return err
	})
	return l, err
}
