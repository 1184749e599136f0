// Package store keeps, in SQLite or PostgreSQL, what the national directory's image does
// not: the changes of owners and their requests, the versions that were superseded, the
// runs of feeds, what is read, and who follows what: the tables rass_*. Every key
// begins with the tenant.
//
// A node that changes a record writes it here under a number that grows in the order of
// commits; every node, itself included, reads what comes after the last number it saw
// ([Store.Depuis]) and lays it over its image.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what the room adds to the house's list: numbers 1900 to 1950.
var Migrations = bdd.Migrations{FS: fichiers, Dir: "migrations"}

// Codec writes and reads records; image.Encoder and image.Decoder are one.
type Codec struct {
	// Version is kept with each record: a row of another one is read by Anciens.
	Version  int64
	Encoder  func(dst []byte, c *annuaire.Changement) []byte
	Decoder  func(b []byte) (annuaire.Changement, error)
	Anciens  map[int64]func(b []byte) (annuaire.Changement, error)
	FicheMax int // octets of a record, 4 MiB when 0
}

// Errors of what is kept.
var (
	ErrCodec = errors.New("annuaire: fiche gardée par une version du programme que celle-ci ne sait pas lire")
	ErrFiche = errors.New("annuaire: fiche trop longue pour être gardée")
)

// Store is what one directory keeps.
type Store struct {
	b      *bdd.Base
	tenant string
	codec  Codec
}

var (
	_ annuaire.Registre   = (*Store)(nil)
	_ annuaire.Historique = (*Store)(nil)
)

// New gives the store of a tenant.
func New(b *bdd.Base, tenant string, c Codec) *Store {
	if c.FicheMax == 0 {
		c.FicheMax = 4 << 20
	}
	return &Store{b, tenant, c}
}

// Transaction implements annuaire.Registre.
func (s *Store) Transaction(ctx context.Context, f func(ctx context.Context) error) error {
	return s.b.EnTransaction(ctx, f)
}

func (s *Store) encoder(c *annuaire.Changement) ([]byte, error) {
	b := s.codec.Encoder(nil, c)
	if len(b) > s.codec.FicheMax {
		return nil, ErrFiche
	}
	return b, nil
}

func (s *Store) decoder(codec int64, b []byte) (*annuaire.Changement, error) {
	lire := s.codec.Decoder
	if codec != s.codec.Version {
		lire = s.codec.Anciens[codec]
	}
	if lire == nil {
		return nil, ErrCodec
	}
	c, err := lire(b)
	if err != nil {
		return nil, fmt.Errorf("lire une fiche gardée: %w", err)
	}
	return &c, nil
}

// numeroter reserves n numbers of changes and gives the last one. Its row is held until
// the transaction ends: who reads a number has all those before it.
func (s *Store) numeroter(ctx context.Context, n int) (seq int64, err error) {
	err = s.b.Ecrivain(ctx).QueryRowContext(ctx, `INSERT INTO rass_compteur (tenant, seq) VALUES ($1, $2)
		ON CONFLICT (tenant) DO UPDATE SET seq = rass_compteur.seq + $2 RETURNING seq`, s.tenant, n).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("numéroter un changement: %w", err)
	}
	return seq, nil
}

// Verrouiller implements annuaire.Registre. The last version is an owner's unless a feed
// changed the record since.
func (s *Store) Verrouiller(ctx context.Context, n annuaire.Nature, id string) (*annuaire.Changement, error) {
	e := s.b.Ecrivain(ctx)
	_, err := e.ExecContext(ctx, `INSERT INTO rass_fiche (tenant, nature, id, verrous) VALUES ($1, $2, $3, 1)
		ON CONFLICT (tenant, nature, id) DO UPDATE SET verrous = rass_fiche.verrous + 1`, s.tenant, int64(n), id)
	if err != nil {
		return nil, fmt.Errorf("verrouiller une fiche: %w", err)
	}
	var codec int64
	var b []byte
	err = e.QueryRowContext(ctx, `SELECT codec, fiche FROM rass_mouvement WHERE tenant = $1 AND nature = $2 AND id = $3 ORDER BY version DESC LIMIT 1`,
		s.tenant, int64(n), id).Scan(&codec, &b)
	if errors.Is(err, sql.ErrNoRows) || err == nil && b == nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lire une fiche changée: %w", err)
	}
	return s.decoder(codec, b)
}

// Appliquer implements annuaire.Registre.
func (s *Store) Appliquer(ctx context.Context, avant, apres *annuaire.Changement, demande string, le time.Time) error {
	fiche, err := s.encoder(apres)
	if err != nil {
		return err
	}
	n, h := apres.Entete()
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		seq, err := s.numeroter(ctx, 1)
		if err != nil {
			return err
		}
		r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO rass_mouvement (tenant, seq, nature, id, version, instant, origine, codec, fiche)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE NOT EXISTS (SELECT 1 FROM rass_mouvement m WHERE m.tenant = $1 AND m.nature = $3 AND m.id = $4 AND m.version >= $5)`,
			s.tenant, seq, int64(n), h.ID, int64(h.Version), le.UnixMilli(), demande, s.codec.Version, fiche)
		if err := premiere(r, err); err != nil {
			return err
		}
		if avant == nil {
			return nil
		}
		i := s.insertionVersions(1)
		if err := s.version(&i, avant, h.Maj, demande); err != nil {
			return err
		}
		return s.b.Inserer(ctx, i)
	})
}

// premiere tells that another version came first when no row was written.
func premiere(r sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("écrire une fiche changée: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(annuaire.ErrAncienne, err)
	}
	return nil
}

// date is a day as it is kept: "" when it is not said.
func date(j sante.Jour) string { return j.String() }

func parcourir(rows *sql.Rows, une func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := une(); err != nil {
			return err
		}
	}
	return rows.Err()
}
