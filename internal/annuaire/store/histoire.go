package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
)

// lotVersements bounds the rows of one transaction: an owner who writes meanwhile waits
// for one lot, not for the feed.
const lotVersements = 4096

// Verser keeps what a feed changed: the versions that it supersedes, and the fact of each
// change, for those who follow it. It may be called again with the same changes, by a
// run that is taken up: what is there stays.
func (s *Store) Verser(ctx context.Context, l []annuaire.Remplacement, course string, le time.Time) error {
	for len(l) > 0 {
		n := min(len(l), lotVersements)
		if err := s.verser(ctx, l[:n], course, le); err != nil {
			return err
		}
		l = l[n:]
	}
	return nil
}

func (s *Store) verser(ctx context.Context, l []annuaire.Remplacement, course string, le time.Time) error {
	versions := s.insertionVersions(len(l))
	mouvements := bdd.Insertion{Debut: `INSERT INTO rass_mouvement (tenant, seq, nature, id, version, instant, origine, codec) VALUES`, Colonnes: 8,
		Fin: `ON CONFLICT DO NOTHING`, Valeurs: make([]any, 0, 8*len(l))}
	for _, x := range l {
		n, h := x.Apres.Entete()
		mouvements.Valeurs = append(mouvements.Valeurs, s.tenant, int64(0), int64(n), h.ID, int64(h.Version), le.UnixMilli(), course, s.codec.Version)
		if x.Avant != nil {
			if err := s.version(&versions, x.Avant, h.Maj, course); err != nil {
				return err
			}
		}
	}
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		dernier, err := s.numeroter(ctx, len(l))
		if err != nil {
			return err
		}
		for i := range l {
			mouvements.Valeurs[8*i+1] = dernier - int64(len(l)-1-i)
		}
		lot := []bdd.Insertion{mouvements}
		if len(versions.Valeurs) > 0 {
			lot = append(lot, versions)
		}
		if err := s.b.Inserer(ctx, lot...); err != nil {
			return fmt.Errorf("garder ce qu'un flux change: %w", err)
		}
		return nil
	})
}

// Annuler forgets what a run was to change and did not: the run was given up.
func (s *Store) Annuler(ctx context.Context, course string) error {
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		if _, err := s.numeroter(ctx, 0); err != nil { // who writes meanwhile waits
			return err
		}
		for _, q := range []string{
			`DELETE FROM rass_version WHERE tenant = $1 AND origine = $2`,
			`DELETE FROM rass_mouvement WHERE tenant = $1 AND origine = $2 AND fiche IS NULL`,
		} {
			if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, q, s.tenant, course); err != nil {
				return fmt.Errorf("annuler ce qu'un chargement devait changer: %w", err)
			}
		}
		return nil
	})
}

func (s *Store) insertionVersions(n int) bdd.Insertion {
	return bdd.Insertion{Debut: `INSERT INTO rass_version (tenant, nature, id, version, vrai_de, vrai_jusque, connu_de, connu_jusque, origine, codec, fiche) VALUES`,
		Colonnes: 11, Fin: `ON CONFLICT DO NOTHING`, Valeurs: make([]any, 0, 11*n)}
}

// version adds a version that is superseded at an instant.
func (s *Store) version(i *bdd.Insertion, c *annuaire.Changement, jusque int64, origine string) error {
	fiche, err := s.encoder(c)
	if err != nil {
		return err
	}
	n, h := c.Entete()
	i.Valeurs = append(i.Valeurs, s.tenant, int64(n), h.ID, int64(h.Version), date(h.VraiDepuis()), date(h.Au), h.Maj, jusque, origine, s.codec.Version, fiche)
	return nil
}

// versionsMax bounds what is read of one record at once.
const versionsMax = 1000

// Versions implements annuaire.Historique.
func (s *Store) Versions(ctx context.Context, n annuaire.Nature, id string, avant uint32, max int) (l []annuaire.Changement, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT codec, fiche FROM rass_version WHERE tenant = $1 AND nature = $2 AND id = $3 AND version < $4
		ORDER BY version DESC LIMIT $5`, s.tenant, int64(n), id, int64(avant), min(max, versionsMax))
	if err != nil {
		return nil, fmt.Errorf("lire l'histoire d'une fiche: %w", err)
	}
	return l, parcourir(rows, func() error {
		var codec int64
		var b []byte
		if err := rows.Scan(&codec, &b); err != nil {
			return err
		}
		c, err := s.decoder(codec, b)
		if err == nil {
			l = append(l, *c)
		}
		return err
	})
}

// Version implements annuaire.Historique.
func (s *Store) Version(ctx context.Context, n annuaire.Nature, id string, vrai sante.Jour, connu time.Time) (*annuaire.Changement, error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT codec, fiche FROM rass_version WHERE tenant = $1 AND nature = $2 AND id = $3
		AND connu_de <= $4 AND vrai_de <= $5 ORDER BY version DESC LIMIT 1`, s.tenant, int64(n), id, connu.UnixMilli(), vrai.String())
	if err != nil {
		return nil, fmt.Errorf("lire une fiche à un jour: %w", err)
	}
	var c *annuaire.Changement
	err = parcourir(rows, func() error {
		var codec int64
		var b []byte
		if err := rows.Scan(&codec, &b); err != nil {
			return err
		}
		c, err = s.decoder(codec, b)
		return err
	})
	if err == nil && c == nil {
		err = annuaire.ErrInconnu
	}
	return c, err
}

// Purger forgets, at most so many at once, the versions superseded before an instant and
// the changes made before it, and says how many are gone: 0 when there is no more.
func (s *Store) Purger(ctx context.Context, avant time.Time, max int) (n int64, err error) {
	err = s.b.EnTransaction(ctx, func(ctx context.Context) error {
		n = 0
		for _, q := range []string{
			`DELETE FROM rass_version WHERE tenant = $1 AND (nature, id, version) IN (SELECT nature, id, version FROM rass_version WHERE tenant = $1 AND connu_jusque < $2 LIMIT $3)`,
			`DELETE FROM rass_mouvement WHERE tenant = $1 AND seq IN (SELECT seq FROM rass_mouvement m WHERE m.tenant = $1 AND m.instant < $2
				AND (m.fiche IS NULL OR EXISTS (SELECT 1 FROM rass_mouvement p WHERE p.tenant = m.tenant AND p.nature = m.nature AND p.id = m.id AND p.version > m.version)) ORDER BY m.seq LIMIT $3)`,
		} {
			r, err := s.b.Ecrivain(ctx).ExecContext(ctx, q, s.tenant, avant.UnixMilli(), max)
			if err != nil {
				return fmt.Errorf("purger l'histoire: %w", err)
			}
			x, err := r.RowsAffected()
			if err != nil {
				return err
			}
			n += x
		}
		return nil
	})
	return n, err
}
