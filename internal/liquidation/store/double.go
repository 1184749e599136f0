package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/sante"
)

// soins is the name of the care of a live invoice by convention: no other has one.
func soins(f *liquidation.Facture) sql.NullString {
	s := f.Soins()
	return sql.NullString{String: s, Valid: s != ""}
}

// ParSoins implements liquidation.Factures.
func (s *Store) ParSoins(ctx context.Context, finess sante.FINESS, soins []string) (map[string]string, error) {
	m := make(map[string]string)
	for lot := range slices.Chunk(soins, parLot) {
		args := []any{s.tenant, finess.String()}
		for _, x := range lot {
			args = append(args, x)
		}
		rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT soins, numero, annee FROM liq_facture
			WHERE tenant = $1 AND finess = $2 AND soins IN (`+s.b.Parametres(3, len(lot))+`)`, args...)
		if err != nil {
			return nil, fmt.Errorf("chercher des soins facturés: %w", err)
		}
		if err := lire(rows, func() error {
			var nom, numero string
			var annee int
			err := rows.Scan(&nom, &numero, &annee)
			m[nom] = liquidation.Cle(annee, numero)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Corrections implements liquidation.Factures.
func (s *Store) Corrections(ctx context.Context, finess sante.FINESS, numero string) ([]*liquidation.Facture, error) {
	return s.lister(ctx, true, `f.finess = $2 AND f.nature = 'RECTIFICATIVE' AND f.corrige = $3 ORDER BY f.recue, f.annee, f.numero LIMIT 200`, finess.String(), numero)
}
