package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

const colonnesReserve = `id_message, rang, instant, retour, amc, nature, facture, lot, etat, code, montant, deja, virement, cause, detail`

// PoserReserves implements etablissement.Reserves.
func (s *Store) PoserReserves(ctx context.Context, l []etablissement.Reserve) error {
	lignes := bdd.Insertion{Debut: `INSERT INTO etab_reserve (tenant, ` + colonnesReserve + `) VALUES`, Colonnes: 16,
		Fin: `ON CONFLICT (tenant, id_message, rang) DO UPDATE SET cause = excluded.cause, detail = excluded.detail, levee = 0, par = '', motif = ''
			WHERE etab_reserve.cause = 'PAYEUR' AND excluded.cause <> 'PAYEUR'`}
	for i := range l {
		x := &l[i]
		lignes.Valeurs = append(lignes.Valeurs, s.tenant, x.IDMessage.String(), x.Rang, millis(x.Instant), x.Retour, x.AMC, string(x.Nature), x.Facture, x.Lot,
			string(x.Etat), string(x.Code), int64(x.Montant), int64(x.DejaPaye), x.Virement, string(x.Cause), x.Detail)
	}
	if err := s.b.Inserer(ctx, lignes); err != nil {
		return fmt.Errorf("etablissement: écrire des réserves: %w", err)
	}
	return nil
}

// ListerReserves implements etablissement.Reserves.
func (s *Store) ListerReserves(ctx context.Context, f *etablissement.FiltreReserves) ([]etablissement.Reserve, error) {
	quand, args := `levee = 0`, []any{}
	ajouter := func(x any) string {
		args = append(args, x)
		return fmt.Sprintf("$%d", len(args)+1)
	}
	if f.Levees {
		quand = `levee >= 0`
	}
	if f.Facture != "" {
		quand += ` AND facture = ` + ajouter(f.Facture)
	}
	if !f.De.IDMessage.IsZero() {
		id, rang := ajouter(f.De.IDMessage.String()), ajouter(f.De.Rang)
		quand += ` AND (instant, id_message, rang) > (COALESCE((SELECT d.instant FROM etab_reserve d WHERE d.tenant = $1 AND d.id_message = ` + id +
			` AND d.rang = ` + rang + `), 0), ` + id + `, ` + rang + `)`
	}
	return s.reserves(ctx, s.b.Lecteur(ctx), `SELECT `+colonnesReserve+`, levee, par, motif FROM etab_reserve WHERE tenant = $1 AND `+quand+
		` ORDER BY instant, id_message, rang LIMIT `+ajouter(f.Max), args...)
}

func (s *Store) reserves(ctx context.Context, e bdd.Executant, requete string, args ...any) (l []etablissement.Reserve, err error) {
	rows, err := e.QueryContext(ctx, requete, append([]any{s.tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire des réserves: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var x etablissement.Reserve
		var v etablissement.Levee
		var id string
		var quand, levee, montant, deja int64
		if err := rows.Scan(&id, &x.Rang, &quand, &x.Retour, &x.AMC, &x.Nature, &x.Facture, &x.Lot, &x.Etat, &x.Code, &montant, &deja, &x.Virement,
			&x.Cause, &x.Detail, &levee, &v.Par, &v.Motif); err != nil {
			return nil, fmt.Errorf("etablissement: lire des réserves: %w", err)
		}
		if x.IDMessage, err = roc.ParseUUID(id); err != nil {
			return nil, fmt.Errorf("etablissement: relire une réserve: %w", err)
		}
		x.Instant, x.Montant, x.DejaPaye = instant(quand), sante.Montant(montant), sante.Montant(deja)
		if levee != 0 {
			v.Instant = instant(levee)
			x.Levee = &v
		}
		l = append(l, x)
	}
	return l, rows.Err()
}

// CompterReserves implements etablissement.Reserves.
func (s *Store) CompterReserves(ctx context.Context) (n int64, err error) {
	if err := s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM etab_reserve WHERE tenant = $1 AND levee = 0`, s.tenant).Scan(&n); err != nil {
		return 0, fmt.Errorf("etablissement: compter les réserves: %w", err)
	}
	return n, nil
}

// LeverReserves implements etablissement.Reserves.
func (s *Store) LeverReserves(ctx context.Context, k etablissement.CleReserve, l etablissement.Levee) ([]etablissement.Reserve, error) {
	return s.reserves(ctx, s.b.Ecrivain(ctx), `UPDATE etab_reserve SET levee = $4, par = $5, motif = $6
		WHERE tenant = $1 AND id_message = $2 AND ($3 = 0 OR rang = $3) AND levee = 0 RETURNING `+colonnesReserve+`, levee, par, motif`,
		k.IDMessage.String(), k.Rang, millis(l.Instant), l.Par, l.Motif)
}

// PurgerReserves forgets up to max reserves settled before an instant. ref: ROC §16.4
func (s *Store) PurgerReserves(ctx context.Context, avant time.Time, max int) (int64, error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM etab_reserve WHERE tenant = $1 AND (id_message, rang) IN
		(SELECT id_message, rang FROM etab_reserve WHERE tenant = $1 AND levee > 0 AND levee < $2 LIMIT $3)`, s.tenant, millis(avant), max)
	if err != nil {
		return 0, fmt.Errorf("etablissement: oublier des réserves: %w", err)
	}
	return r.RowsAffected()
}
