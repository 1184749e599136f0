package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// AppliquerTous is Appliquer for several records, in their order, all or none. Who calls
// it holds them by Verrouiller, in a transaction.
func (s *Store) AppliquerTous(ctx context.Context, l []annuaire.Remplacement, demande string, le time.Time) error {
	if len(l) == 0 {
		return nil
	}
	mouvements := bdd.Insertion{Debut: `INSERT INTO rass_mouvement (tenant, seq, nature, id, version, instant, origine, codec, fiche) VALUES`, Colonnes: 9,
		Valeurs: make([]any, 0, 9*len(l))}
	versions := s.insertionVersions(len(l))
	for _, x := range l {
		fiche, err := s.encoder(x.Apres)
		if err != nil {
			return err
		}
		n, h := x.Apres.Entete()
		mouvements.Valeurs = append(mouvements.Valeurs, s.tenant, int64(0), int64(n), h.ID, int64(h.Version), le.UnixMilli(), demande, s.codec.Version, fiche)
		if x.Avant != nil {
			if err := s.version(&versions, x.Avant, h.Maj, demande); err != nil {
				return err
			}
		}
	}
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		dernier, err := s.numeroter(ctx, len(l))
		if err != nil {
			return err
		}
		premier := dernier - int64(len(l)) + 1
		for i := range l {
			mouvements.Valeurs[9*i+1] = premier + int64(i)
		}
		lot := []bdd.Insertion{mouvements}
		if len(versions.Valeurs) > 0 {
			lot = append(lot, versions)
		}
		if err := s.b.Inserer(ctx, lot...); err != nil {
			if bdd.EstDoublon(err) {
				return errors.Join(annuaire.ErrAncienne, err)
			}
			return fmt.Errorf("écrire des fiches changées: %w", err)
		}
		return s.plusTardives(ctx, premier, dernier)
	})
}

// plusTardives refuses changes of records that have a later version.
func (s *Store) plusTardives(ctx context.Context, premier, dernier int64) error {
	var n int64
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT count(*) FROM rass_mouvement m JOIN rass_mouvement p
		ON p.tenant = m.tenant AND p.nature = m.nature AND p.id = m.id AND p.version > m.version
		WHERE m.tenant = $1 AND m.seq >= $2 AND m.seq <= $3`, s.tenant, premier, dernier).Scan(&n)
	if err != nil {
		return fmt.Errorf("relire des fiches changées: %w", err)
	}
	if n > 0 {
		return annuaire.ErrAncienne
	}
	return nil
}
