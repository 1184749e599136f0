// Package store keeps the messages to deliver and those received in SQL.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what this room adds to the house's list: numbers 1000 to 1099.
func Migrations() bdd.Migrations { return bdd.Migrations{FS: fichiers, Dir: "migrations"} }

// Store keeps the messages of one tenant.
type Store struct {
	b      *bdd.Base
	tenant string
}

// What a Store is to its room.
var (
	_ acheminement.Poste     = (*Store)(nil)
	_ acheminement.File      = (*Store)(nil)
	_ acheminement.Rebut     = (*Store)(nil)
	_ acheminement.Reception = (*Store)(nil)
	_ acheminement.Vie       = (*Store)(nil)
)

// New gives the store of a tenant, the key of all its rows.
func New(b *bdd.Base, tenant string) *Store { return &Store{b, tenant} }

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Poster implements acheminement.Poste.
func (s *Store) Poster(ctx context.Context, l ...*acheminement.Envoi) error {
	for _, e := range l {
		if e.Tenant == "" {
			e.Tenant = s.tenant
		}
		if e.Tenant != s.tenant {
			return fmt.Errorf("%w : expéditeur d'un autre", acheminement.ErrEnvoi)
		}
		if err := e.Preparer(); err != nil {
			return err
		}
	}
	return s.b.Grouper(ctx, func(ctx context.Context) error {
		for _, e := range l {
			if err := s.poster(ctx, s.b.Ecrivain(ctx), e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) poster(ctx context.Context, x bdd.Executant, e *acheminement.Envoi) error {
	numero, etat, err := s.numeroter(ctx, x, e.Ordre)
	if err != nil {
		return err
	}
	quand := millis(e.Instant)
	r, err := x.ExecContext(ctx, `INSERT INTO ach_envoi (tenant, cle, destinataire, transport, adresse, genre, ordre, numero, reference,
			taille, empreinte, origine, etat, echeance, pose, bail, essais, code, poste, fini)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $13, 0, 0, '', $13, 0) ON CONFLICT (tenant, cle) DO NOTHING`,
		s.tenant, e.Cle, e.Destinataire, e.Transport, e.Adresse, e.Genre, e.Ordre, numero, e.Reference, e.Taille, e.Empreinte[:], string(etat), quand)
	if err != nil {
		return fmt.Errorf("acheminement: poster: %w", err)
	}
	n, err := r.RowsAffected()
	switch {
	case err != nil:
		return fmt.Errorf("acheminement: poster: %w", err)
	case n == 0:
		return s.deja(ctx, x, e)
	case e.Reference != "":
		return nil
	}
	return s.differerContenu(ctx, e.Cle, natureEnvoi, e.Contenu)
}

// numeroter draws the number of a message in its Ordre, whose line it locks.
func (s *Store) numeroter(ctx context.Context, x bdd.Executant, ordre string) (numero int64, etat acheminement.Etat, err error) {
	if ordre == "" {
		return 0, acheminement.Pret, nil
	}
	var tete int64
	err = x.QueryRowContext(ctx, `INSERT INTO ach_ordre (tenant, ordre, tete, dernier) VALUES ($1, $2, 1, 1)
		ON CONFLICT (tenant, ordre) DO UPDATE SET dernier = ach_ordre.dernier + 1 RETURNING dernier, tete`, s.tenant, ordre).Scan(&numero, &tete)
	if err != nil {
		return 0, "", fmt.Errorf("acheminement: numéroter: %w", err)
	}
	if numero > tete {
		return numero, acheminement.EnAttente, nil
	}
	return numero, acheminement.Pret, nil
}

// deja gives back the number drawn, and tells whether what was posted before
// under this key is the same message.
func (s *Store) deja(ctx context.Context, x bdd.Executant, e *acheminement.Envoi) error {
	if e.Ordre != "" {
		_, err := x.ExecContext(ctx, `UPDATE ach_ordre SET dernier = dernier - 1 WHERE tenant = $1 AND ordre = $2`, s.tenant, e.Ordre)
		if err != nil {
			return fmt.Errorf("acheminement: rendre un numéro: %w", err)
		}
	}
	var destinataire, genre, ordre string
	var origine []byte
	err := x.QueryRowContext(ctx, `SELECT destinataire, genre, ordre, origine FROM ach_envoi WHERE tenant = $1 AND cle = $2`, s.tenant, e.Cle).
		Scan(&destinataire, &genre, &ordre, &origine)
	if err != nil {
		return fmt.Errorf("acheminement: relire un envoi: %w", err)
	}
	if destinataire != e.Destinataire || genre != e.Genre || ordre != e.Ordre || string(origine) != string(e.Empreinte[:]) {
		return acheminement.ErrCle
	}
	return nil
}

// The natures of bytes kept.
const (
	natureEnvoi = 0
	natureRecu  = 1
)

const (
	debutContenu = `INSERT INTO ach_contenu (tenant, cle, nature, contenu) VALUES`
	finContenu   = `ON CONFLICT (tenant, cle, nature) DO UPDATE SET contenu = excluded.contenu`
)

// differerContenu leaves bytes for the end of the transaction, where they share a
// statement with those of its other callers. One key is there once: its message is
// new, or taken under one lease.
func (s *Store) differerContenu(ctx context.Context, cle string, nature int, contenu []byte) error {
	return s.b.Differer(ctx, bdd.Insertion{Debut: debutContenu, Fin: finContenu, Colonnes: 4, Valeurs: []any{s.tenant, cle, nature, contenu}})
}

// ecrireContenu replaces bytes at once.
func (s *Store) ecrireContenu(ctx context.Context, x bdd.Executant, cle string, nature int, contenu []byte) error {
	_, err := x.ExecContext(ctx, debutContenu+` ($1, $2, $3, $4) `+finContenu, s.tenant, cle, nature, contenu)
	if err != nil {
		return fmt.Errorf("acheminement: écrire un contenu: %w", err)
	}
	return nil
}

func (s *Store) lireContenu(ctx context.Context, cle string, nature int) (b []byte, err error) {
	err = s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT contenu FROM ach_contenu WHERE tenant = $1 AND cle = $2 AND nature = $3`, s.tenant, cle, nature).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, acheminement.ErrInconnu
	}
	if err != nil {
		return nil, fmt.Errorf("acheminement: lire un contenu: %w", err)
	}
	return b, nil
}

// Contenu implements acheminement.File and acheminement.Rebut.
func (s *Store) Contenu(ctx context.Context, cle string) ([]byte, error) {
	return s.lireContenu(ctx, cle, natureEnvoi)
}

// Recu implements acheminement.Rebut.
func (s *Store) Recu(ctx context.Context, cle string) ([]byte, error) {
	return s.lireContenu(ctx, cle, natureRecu)
}
