package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/liquidation"
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
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT numero, nature, factures, total, emis, acquitte, code FROM liq_retour
		WHERE tenant = $1 AND finess = $2 AND (acquitte = 0 OR code <> '000') AND (emis > $3 OR emis = $3 AND numero > $4)
		ORDER BY emis, numero LIMIT $5`, s.tenant, finess.String(), emis, numero, max)
	if err != nil {
		return nil, fmt.Errorf("lire des retours: %w", err)
	}
	err = lire(rows, func() error {
		r := liquidation.RetourEmis{Finess: finess}
		var total, emis, acquitte int64
		err := rows.Scan(&r.Numero, &r.Nature, &r.Factures, &total, &emis, &acquitte, &r.Code)
		r.Total, r.Emis = sante.Montant(total), time.UnixMilli(emis).UTC()
		if acquitte > 0 {
			r.Acquitte = time.UnixMilli(acquitte).UTC()
		}
		l = append(l, r)
		return err
	})
	return l, err
}
