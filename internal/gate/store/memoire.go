// Package store keeps the memory of the gate: what was answered to each message,
// for 30 days. ref: DEC 13
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/gate"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what the gate adds to the house's list.
var Migrations = bdd.Migrations{FS: fichiers, Dir: "migrations"}

// Memoire is the memory of the gate in a database.
type Memoire struct{ base *bdd.Base }

// New makes the memory of the gate.
func New(b *bdd.Base) *Memoire { return &Memoire{b} }

// Retrouver gives what was answered, or gate.ErrInconnu.
func (m *Memoire) Retrouver(ctx context.Context, c gate.Cle) (gate.Traite, error) {
	var t gate.Traite
	var empreinte []byte
	var recu int64
	err := m.base.Lecteur(ctx).QueryRowContext(ctx,
		`SELECT empreinte, corps, code, recu FROM message_traite
		 WHERE tenant = $1 AND scelleur = $2 AND service = $3 AND id_message = $4`,
		c.Tenant, c.Scelleur, string(c.Service), c.IDMessage[:]).Scan(&empreinte, &t.Corps, &t.Code, &recu)
	if errors.Is(err, sql.ErrNoRows) {
		return t, gate.ErrInconnu
	}
	if err != nil {
		return t, fmt.Errorf("lire la mémoire des messages: %w", err)
	}
	copy(t.Empreinte[:], empreinte)
	t.Recu = time.UnixMilli(recu).UTC()
	return t, nil
}

// Retenir leaves the row for the end of the transaction of ctx.
func (m *Memoire) Retenir(ctx context.Context, c gate.Cle, t gate.Traite) error {
	return m.base.Differer(ctx, bdd.Insertion{
		Debut:    "INSERT INTO message_traite (tenant, scelleur, service, id_message, empreinte, corps, code, recu) VALUES",
		Colonnes: 8,
		Valeurs: []any{c.Tenant, c.Scelleur, string(c.Service), append([]byte(nil), c.IDMessage[:]...),
			append([]byte(nil), t.Empreinte[:]...), t.Corps, string(t.Code), t.Recu.UnixMilli()},
	})
}

// EstDoublon recognises the error of a key that exists.
func (m *Memoire) EstDoublon(err error) bool { return bdd.EstDoublon(err) }

// purge bounds the rows deleted in one transaction, so that writers never wait.
const purge = 1000

// Oublier deletes what was received before an instant, and says how many rows.
func (m *Memoire) Oublier(ctx context.Context, avant time.Time) (int64, error) {
	var total int64
	for {
		var n int64
		err := m.base.EnTransaction(ctx, func(ctx context.Context) error {
			r, err := m.base.Ecrivain(ctx).ExecContext(ctx,
				`DELETE FROM message_traite WHERE (tenant, scelleur, service, id_message) IN
				 (SELECT tenant, scelleur, service, id_message FROM message_traite WHERE recu < $1 LIMIT $2)`,
				avant.UnixMilli(), purge)
			if err != nil {
				return fmt.Errorf("oublier les messages anciens: %w", err)
			}
			n, err = r.RowsAffected()
			return err
		})
		if total += n; err != nil || n < purge {
			return total, err
		}
	}
}

// Transactions is gate.Transactions over a database.
type Transactions struct{ Base *bdd.Base }

// Grouper runs f in a transaction whose commit is shared.
func (t Transactions) Grouper(ctx context.Context, f func(context.Context) error) error {
	return t.Base.Grouper(ctx, f)
}

// Lot keeps the rows of a rule aside.
func (t Transactions) Lot(ctx context.Context) (context.Context, func(context.Context) error) {
	ctx, l := t.Base.AvecLot(ctx)
	return ctx, func(ctx context.Context) error { return t.Base.Verser(ctx, l) }
}

var (
	_ gate.Memoire      = (*Memoire)(nil)
	_ gate.Transactions = Transactions{}
)
