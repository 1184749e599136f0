// Package store keeps the laboratory's registry in SQL: issued certificates, their
// states, published lists. Keys of authorities are not here: they stay in files
// or in a token.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/igc"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations is what the room adds to the house's list (numbers 13xx).
func Migrations() bdd.Migrations { return bdd.Migrations{FS: migrations, Dir: "migrations"} }

// Registre is an igc.Registre in a database.
type Registre struct{ b *bdd.Base }

// Nouveau makes a registry in a migrated database.
func Nouveau(b *bdd.Base) *Registre { return &Registre{b} }

const colonnes = `ac, serie, profil, sujet, structure, empreinte_demande, empreinte_cert, empreinte_cle, cle_serveur,
	par, remplace, emis_le, debut, fin, der, etat, raison, change_le, invalide, change_par`

// Ecrire implements igc.Registre.
func (r *Registre) Ecrire(ctx context.Context, fiches []igc.Fiche) error {
	if len(fiches) == 0 {
		return nil
	}
	v := make([]any, 0, 20*len(fiches))
	for _, f := range fiches {
		v = append(v, f.AC, f.Serie, string(f.Profil), f.Sujet, f.Structure, f.EmpreinteDemande, f.EmpreinteCert, f.EmpreinteCle,
			bit(f.CleServeur), f.Par, f.Remplace, f.EmisLe.UnixMilli(), f.Debut.UnixMilli(), f.Fin.UnixMilli(), f.DER, string(f.Etat),
			int64(f.Revocation.Raison), ms(f.Revocation.Le), ms(f.Revocation.Invalide), f.Revocation.Par)
	}
	err := r.b.Inserer(ctx, bdd.Insertion{Debut: "INSERT INTO igc_certificat (" + colonnes + ") VALUES", Colonnes: 20, Valeurs: v})
	if bdd.EstDoublon(err) {
		return fmt.Errorf("%w: %w", igc.ErrNumeroPris, err)
	}
	if err != nil {
		return fmt.Errorf("igc: inscrire : %w", err)
	}
	return nil
}

// Fiche implements igc.Registre.
func (r *Registre) Fiche(ctx context.Context, ac, serie string) (igc.Fiche, error) {
	f, err := lire(r.b.Lecteur(ctx).QueryRowContext(ctx, "SELECT "+colonnes+" FROM igc_certificat WHERE ac = $1 AND serie = $2", ac, serie))
	if errors.Is(err, sql.ErrNoRows) {
		return f, fmt.Errorf("%w: certificat %s de %s", igc.ErrInconnu, serie, ac)
	}
	return f, err
}

const lister = "SELECT " + colonnes + ` FROM igc_certificat
	WHERE ($1 = '' OR ac = $1) AND ($2 = '' OR structure = $2) AND ($3 = '' OR profil = $3) AND ($4 = '' OR etat = $4)
	AND (CAST($5 AS BIGINT) = 0 OR fin < $5) ORDER BY emis_le, ac, serie LIMIT $6`

// Lister implements igc.Registre.
func (r *Registre) Lister(ctx context.Context, f igc.Filtre) ([]igc.Fiche, error) {
	return r.liste(ctx, lister, f.AC, f.Structure, string(f.Profil), string(f.Etat), ms(f.ExpireAvant), int64(f.Limite()))
}

// Revoquer implements igc.Registre: one statement changes the state, if it still
// is one of those allowed.
func (r *Registre) Revoquer(ctx context.Context, ac, serie string, depuis []igc.Etat, x igc.Revocation) error {
	permis := func(e igc.Etat) int64 { return bit(slices.Contains(depuis, e)) }
	return r.b.EnTransaction(ctx, func(ctx context.Context) error {
		res, err := r.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE igc_certificat
			SET etat = $1, raison = $2, change_le = $3, invalide = $4, change_par = $5
			WHERE ac = $6 AND serie = $7 AND ((etat = 'valide' AND $8 = 1) OR (etat = 'suspendu' AND $9 = 1) OR (etat = 'revoque' AND $10 = 1))`,
			string(x.Etat), int64(x.Raison), ms(x.Le), ms(x.Invalide), x.Par, ac, serie,
			permis(igc.EtatValide), permis(igc.EtatSuspendu), permis(igc.EtatRevoque))
		if err != nil {
			return fmt.Errorf("igc: révoquer : %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
		f, err := r.Fiche(ctx, ac, serie)
		if err != nil {
			return err
		}
		return fmt.Errorf("%w: certificat %s", igc.ErrEtat, f.Etat)
	})
}

const legeres = `ac, serie, profil, sujet, structure, empreinte_demande, empreinte_cert, empreinte_cle, cle_serveur,
	par, remplace, emis_le, debut, fin, NULL, etat, raison, change_le, invalide, change_par`

const changes = "SELECT " + legeres + ` FROM igc_certificat
	WHERE ac = $1 AND change_le <> 0 AND change_le >= $2 AND fin >= $3 ORDER BY change_le, serie`

// Changes implements igc.Registre.
func (r *Registre) Changes(ctx context.Context, ac string, depuis, vivants time.Time) ([]igc.Fiche, error) {
	return r.liste(ctx, changes, ac, ms(depuis), ms(vivants))
}

// CleCompromise implements igc.Registre.
func (r *Registre) CleCompromise(ctx context.Context, empreinte string) (bool, error) {
	rows, err := r.b.Lecteur(ctx).QueryContext(ctx, "SELECT raison FROM igc_certificat WHERE empreinte_cle = $1 AND etat = 'revoque'", empreinte)
	if err != nil {
		return false, fmt.Errorf("igc: %w", err)
	}
	defer rows.Close()
	perdue := false
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return false, fmt.Errorf("igc: %w", err)
		}
		perdue = perdue || igc.Compromission(certificat.Raison(n))
	}
	return perdue, rows.Err()
}

func (r *Registre) liste(ctx context.Context, q string, args ...any) ([]igc.Fiche, error) {
	rows, err := r.b.Lecteur(ctx).QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("igc: lire le registre : %w", err)
	}
	defer rows.Close()
	var l []igc.Fiche
	for rows.Next() {
		f, err := lire(rows)
		if err != nil {
			return nil, fmt.Errorf("igc: lire le registre : %w", err)
		}
		l = append(l, f)
	}
	return l, rows.Err()
}

func lire(row interface{ Scan(...any) error }) (igc.Fiche, error) {
	var f igc.Fiche
	var profil, etat string
	var serveur, emis, debut, fin, raison, le, invalide int64
	err := row.Scan(&f.AC, &f.Serie, &profil, &f.Sujet, &f.Structure, &f.EmpreinteDemande, &f.EmpreinteCert, &f.EmpreinteCle, &serveur,
		&f.Par, &f.Remplace, &emis, &debut, &fin, &f.DER, &etat, &raison, &le, &invalide, &f.Revocation.Par)
	f.Profil, f.Etat, f.CleServeur = igc.Profil(profil), igc.Etat(etat), serveur == 1
	f.EmisLe, f.Debut, f.Fin = instant(emis), instant(debut), instant(fin)
	f.Revocation.Raison, f.Revocation.Le, f.Revocation.Invalide = certificat.Raison(raison), instant(le), instant(invalide)
	if le != 0 {
		f.Revocation.Etat = f.Etat
	}
	return f, err
}

// EcrireListe implements igc.Registre. Lists before the three last of their kind
// are dropped: what judged a seal is kept with the seal. ref: DEC 16
func (r *Registre) EcrireListe(ctx context.Context, l igc.Liste) error {
	return r.b.EnTransaction(ctx, func(ctx context.Context) error {
		w := r.b.Ecrivain(ctx)
		var dernier int64
		if err := w.QueryRowContext(ctx, "SELECT COALESCE(MAX(numero), 0) FROM igc_liste WHERE ac = $1", l.AC).Scan(&dernier); err != nil {
			return fmt.Errorf("igc: publier : %w", err)
		}
		if dernier >= l.Numero {
			return fmt.Errorf("%w: liste n° %d de %s", igc.ErrNumeroPris, l.Numero, l.AC)
		}
		_, err := w.ExecContext(ctx, "INSERT INTO igc_liste (ac, numero, base, emission, prochaine, nombre, der) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			l.AC, l.Numero, l.Base, l.Emission.UnixMilli(), l.Prochaine.UnixMilli(), int64(l.Nombre), l.DER)
		if bdd.EstDoublon(err) {
			return fmt.Errorf("%w: %w", igc.ErrNumeroPris, err)
		}
		if err != nil {
			return fmt.Errorf("igc: publier : %w", err)
		}
		_, err = w.ExecContext(ctx, `DELETE FROM igc_liste WHERE ac = $1 AND (base <> 0) = ($2 = 1) AND numero NOT IN
			(SELECT numero FROM igc_liste WHERE ac = $1 AND (base <> 0) = ($2 = 1) ORDER BY numero DESC LIMIT 3)`, l.AC, bit(l.Delta()))
		if err != nil {
			return fmt.Errorf("igc: élaguer les listes : %w", err)
		}
		return nil
	})
}

// DerniereListe implements igc.Registre.
func (r *Registre) DerniereListe(ctx context.Context, ac string, delta bool) (igc.Liste, error) {
	l := igc.Liste{AC: ac}
	var emission, prochaine, nombre int64
	err := r.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT numero, base, emission, prochaine, nombre, der FROM igc_liste
		WHERE ac = $1 AND (base <> 0) = ($2 = 1) ORDER BY numero DESC LIMIT 1`, ac, bit(delta)).
		Scan(&l.Numero, &l.Base, &emission, &prochaine, &nombre, &l.DER)
	if errors.Is(err, sql.ErrNoRows) {
		return igc.Liste{}, fmt.Errorf("%w: liste de %s", igc.ErrInconnu, ac)
	}
	if err != nil {
		return igc.Liste{}, fmt.Errorf("igc: liste de %s : %w", ac, err)
	}
	l.Emission, l.Prochaine, l.Nombre = instant(emission), instant(prochaine), int(nombre)
	return l, nil
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// ms writes an instant; the zero instant is 0.
func ms(t time.Time) int64 {
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
