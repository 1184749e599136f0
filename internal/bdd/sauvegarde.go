package bdd

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"
)

// The portable backup is one gzip stream of JSON lines, the same for both
// engines, so that a house may also move from one to the other:
//
//	{"format":"ecluse-sauvegarde/1","moteur":…,"instant":…,"migrations":{"0101":"sha256"…}}
//	{"table":"t","colonnes":["a","b"],"types":["TEXT","BYTEA"]}
//	["text","base64"]   one line a row: TEXT as string, BIGINT as number, BYTEA in base64
//	{"fin":"t","lignes":1}
//	{"empreinte":"SHA-256 of all the lines above"}
const formatSauvegarde = "ecluse-sauvegarde/1"

// Errors of backups.
var (
	// ErrSauvegarde: the stream is not a whole, unaltered backup.
	ErrSauvegarde = errors.New("bdd: sauvegarde refusée")
	// ErrBaseNonVide: a restore wants empty tables.
	ErrBaseNonVide = errors.New("bdd: la base à restaurer n'est pas vide")
)

type enTete struct {
	Format     string            `json:"format"`
	Moteur     Moteur            `json:"moteur"`
	Instant    int64             `json:"instant"`
	Migrations map[string]string `json:"migrations"`
}

type debutTable struct {
	Table    string   `json:"table"`
	Colonnes []string `json:"colonnes"`
	Types    []string `json:"types"`
}

type finTable struct {
	Fin    string `json:"fin"`
	Lignes int64  `json:"lignes"`
}

type empreinte struct {
	Empreinte string `json:"empreinte"`
}

// Sauvegarder writes every table but those named in sauf, as they stand at one
// instant, while the house goes on writing. Migrations' own table is not
// copied; its content is in the header.
func (b *Base) Sauvegarder(ctx context.Context, w io.Writer, sauf ...string) error {
	return b.EnLecture(ctx, func(ctx context.Context) error {
		z := gzip.NewWriter(w)
		s := &scribe{w: bufio.NewWriterSize(z, 1<<16), somme: sha256.New()}
		if err := b.sauvegarder(ctx, s, sauf); err != nil {
			return err
		}
		if err := errors.Join(s.w.Flush(), z.Close()); err != nil {
			return fmt.Errorf("bdd: écrire la sauvegarde: %w", err)
		}
		return nil
	})
}

// scribe writes JSON lines and keeps their digest.
type scribe struct {
	w     *bufio.Writer
	somme hash.Hash
}

func (s *scribe) ligne(v any) error {
	l, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("bdd: sauvegarder: %w", err)
	}
	l = append(l, '\n')
	s.somme.Write(l)
	if _, err := s.w.Write(l); err != nil {
		return fmt.Errorf("bdd: écrire la sauvegarde: %w", err)
	}
	return nil
}

func (b *Base) sauvegarder(ctx context.Context, s *scribe, sauf []string) error {
	m, err := b.migrationsTextes(ctx)
	if err != nil {
		return err
	}
	if err := s.ligne(enTete{formatSauvegarde, b.moteur, time.Now().UnixMilli(), m}); err != nil {
		return err
	}
	tables, err := b.Tables(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if slices.Contains(sauf, t) {
			continue
		}
		if err := b.sauvegarderTable(ctx, s, t); err != nil {
			return err
		}
	}
	return s.ligne(empreinte{hex.EncodeToString(s.somme.Sum(nil))})
}

// migrationsTextes gives number → name: digests differ between engines when
// the texts do, names do not.
func (b *Base) migrationsTextes(ctx context.Context) (map[string]string, error) {
	rows, err := b.Lecteur(ctx).QueryContext(ctx, "SELECT numero, nom FROM bdd_migration")
	if err != nil {
		return nil, fmt.Errorf("bdd: lire les migrations: %w", err)
	}
	defer rows.Close()
	m := make(map[string]string)
	for rows.Next() {
		var n int64
		var nom string
		if err := rows.Scan(&n, &nom); err != nil {
			return nil, fmt.Errorf("bdd: lire les migrations: %w", err)
		}
		m[fmt.Sprintf("%04d", n)] = nom
	}
	return m, rows.Err()
}

// Tables lists the tables, in the order of their creation, without that of the
// migrations.
func (b *Base) Tables(ctx context.Context) ([]string, error) {
	texte := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid`
	if b.moteur == PostgreSQL {
		texte = `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY c.oid`
	}
	noms, err := b.textes(ctx, texte)
	return slices.DeleteFunc(noms, func(n string) bool { return n == "bdd_migration" }), err
}

func (b *Base) textes(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := b.Lecteur(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("bdd: lire le schéma: %w", err)
	}
	defer rows.Close()
	var l []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, fmt.Errorf("bdd: lire le schéma: %w", err)
		}
		l = append(l, s)
	}
	return l, rows.Err()
}

// decrire gives the columns of a table and their types in the three words.
func (b *Base) decrire(ctx context.Context, table string) (debutTable, error) {
	d := debutTable{Table: table}
	texte := `SELECT name || ' ' || type FROM pragma_table_info($1) ORDER BY cid`
	if b.moteur == PostgreSQL {
		texte = `SELECT column_name::text || ' ' || data_type::text FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`
	}
	l, err := b.textes(ctx, texte, table)
	if err != nil {
		return d, err
	}
	for _, ligne := range l {
		nom, typ, _ := strings.Cut(ligne, " ")
		typ = strings.ToUpper(typ)
		if !slices.Contains([]string{"TEXT", "BIGINT", "BYTEA"}, typ) {
			return d, fmt.Errorf("bdd: %s.%s est de type %q : seuls TEXT, BIGINT et BYTEA se sauvegardent", table, nom, typ)
		}
		d.Colonnes, d.Types = append(d.Colonnes, nom), append(d.Types, typ)
	}
	return d, nil
}

func (b *Base) sauvegarderTable(ctx context.Context, s *scribe, table string) error {
	d, err := b.decrire(ctx, table)
	if err != nil {
		return err
	}
	if err := s.ligne(d); err != nil {
		return err
	}
	rows, err := b.Lecteur(ctx).QueryContext(ctx, "SELECT "+b.choix(d)+" FROM "+table)
	if err != nil {
		return fmt.Errorf("bdd: sauvegarder %s: %w", table, err)
	}
	defer rows.Close()
	n := int64(0)
	v, cases := make([]any, len(d.Colonnes)), make([]any, len(d.Colonnes))
	for i := range v {
		cases[i] = &v[i]
	}
	for rows.Next() {
		if err := rows.Scan(cases...); err != nil {
			return fmt.Errorf("bdd: sauvegarder %s: %w", table, err)
		}
		for i, typ := range d.Types {
			if v[i], err = versType(v[i], typ); err != nil {
				return fmt.Errorf("bdd: sauvegarder %s.%s: %w", table, d.Colonnes[i], err)
			}
		}
		if err := s.ligne(v); err != nil {
			return err
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("bdd: sauvegarder %s: %w", table, err)
	}
	return s.ligne(finTable{table, n})
}

// choix lists the columns to read. The SQLite driver gives an empty BLOB as nil,
// as it does NULL: an empty text tells them apart.
func (b *Base) choix(d debutTable) string {
	l := slices.Clone(d.Colonnes)
	for i, c := range l {
		if b.moteur == SQLite && d.Types[i] == "BYTEA" {
			l[i] = "CASE WHEN length(" + c + ") = 0 THEN '' ELSE " + c + " END"
		}
	}
	return strings.Join(l, ", ")
}

// versType brings a value to the declared type of its column: SQLite lets a
// string live in a BYTEA column, PostgreSQL does not.
func versType(v any, typ string) (any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case int64:
		if typ == "BIGINT" {
			return x, nil
		}
	case string:
		switch typ {
		case "TEXT":
			return x, nil
		case "BYTEA":
			return []byte(x), nil
		}
	case []byte:
		switch typ {
		case "TEXT":
			return string(x), nil
		case "BYTEA":
			return x, nil
		}
	}
	return nil, fmt.Errorf("%T dans une colonne %s", v, typ)
}
