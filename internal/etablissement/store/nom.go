package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/sante"
)

// NomsAMC implements etablissement.Comptes: one coverage of each is read, by the index
// of its lines.
func (s *Store) NomsAMC(ctx context.Context, l []sante.NumeroAMC) (map[sante.NumeroAMC]string, error) {
	noms := make(map[sante.NumeroAMC]string, len(l))
	for _, amc := range l {
		var contenu []byte
		err := s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT c.contenu FROM etab_ecriture x
			JOIN etab_couverture c ON c.tenant = x.tenant AND c.venue = x.venue AND c.rang = x.rang
			WHERE x.tenant = $1 AND x.amc = $2 ORDER BY x.poste DESC, x.jour DESC, x.venue DESC, x.rang DESC, x.n DESC LIMIT 1`, s.tenant, amc.String()).Scan(&contenu)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("etablissement: nommer une AMC: %w", err)
		}
		var c etablissement.Couverture
		if err := decoderCouverture(contenu, &c); err != nil {
			return nil, err
		}
		if c.AMC.Numero == amc && c.AMC.Libelle != "" {
			noms[amc] = c.AMC.Libelle
		}
	}
	return noms, nil
}
