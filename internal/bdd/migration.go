package bdd

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Migrations is what a room contributes to the house's list: a directory of
// files NNNN_nom.sql. When the engines need other words, two files share the
// number: NNNN_nom.sqlite.sql and NNNN_nom.postgres.sql.
//
// Numbers are the house's: each room takes its own hundred (journal 01xx) so
// that two of them never meet; Assembler refuses it when they do.
type Migrations struct {
	FS  fs.FS
	Dir string
}

// Liste is the house's migrations, sorted by number.
type Liste struct{ etapes []etape }

type etape struct {
	numero int64
	nom    string
	textes map[Moteur]string
}

// Errors of migrations.
var (
	// ErrMigrations: the list itself is wrong (names, numbers).
	ErrMigrations = errors.New("bdd: liste de migrations refusée")
	// ErrMigrationChangee: a migration already applied has another text now.
	ErrMigrationChangee = errors.New("bdd: migration déjà appliquée avec un autre texte")
	// ErrBasePlusRecente: the database knows migrations that this program does not.
	ErrBasePlusRecente = errors.New("bdd: base plus récente que ce programme")
)

var nomMigration = regexp.MustCompile(`^([0-9]{4})_([a-z0-9_]+)(\.sqlite|\.postgres)?\.sql$`)

// Assembler merges the rooms' migrations into one list.
func Assembler(parts ...Migrations) (Liste, error) {
	par := make(map[int64]*etape)
	for _, p := range parts {
		if err := p.lire(par); err != nil {
			return Liste{}, err
		}
	}
	var l Liste
	for _, e := range par {
		if e.textes[SQLite] == "" || e.textes[PostgreSQL] == "" {
			return Liste{}, fmt.Errorf("%w: %04d_%s n'existe que pour un moteur", ErrMigrations, e.numero, e.nom)
		}
		l.etapes = append(l.etapes, *e)
	}
	slices.SortFunc(l.etapes, func(a, b etape) int { return cmp.Compare(a.numero, b.numero) })
	return l, nil
}

func (p Migrations) lire(par map[int64]*etape) error {
	dir := cmp.Or(p.Dir, ".")
	fichiers, err := fs.ReadDir(p.FS, dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMigrations, err)
	}
	for _, f := range fichiers {
		m := nomMigration.FindStringSubmatch(f.Name())
		if m == nil {
			return fmt.Errorf("%w: nom %q, attendu NNNN_nom.sql", ErrMigrations, f.Name())
		}
		texte, err := fs.ReadFile(p.FS, path.Join(dir, f.Name()))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMigrations, err)
		}
		numero, _ := strconv.ParseInt(m[1], 10, 64) // four digits
		if err := poser(par, numero, m[2], m[3], string(texte)); err != nil {
			return err
		}
	}
	return nil
}

func poser(par map[int64]*etape, numero int64, nom, suffixe, texte string) error {
	e := par[numero]
	if e == nil {
		e = &etape{numero: numero, nom: nom, textes: make(map[Moteur]string)}
		par[numero] = e
	}
	moteurs := map[string][]Moteur{"": {SQLite, PostgreSQL}, ".sqlite": {SQLite}, ".postgres": {PostgreSQL}}
	for _, m := range moteurs[suffixe] {
		if e.nom != nom || e.textes[m] != "" {
			return fmt.Errorf("%w: le numéro %04d est pris deux fois (%s, %s)", ErrMigrations, numero, e.nom, nom)
		}
		e.textes[m] = texte
	}
	return nil
}

func (e etape) empreinte(m Moteur) string {
	s := sha256.Sum256([]byte(e.textes[m]))
	return hex.EncodeToString(s[:])
}

const creerTableMigrations = `CREATE TABLE IF NOT EXISTS bdd_migration (
	numero BIGINT PRIMARY KEY, nom TEXT NOT NULL, empreinte TEXT NOT NULL, instant BIGINT NOT NULL)`

// Migrer applies what the database has not applied yet, in one transaction. It
// may be called by several nodes at once: they take turns, and all but the
// first find nothing left to do.
func (b *Base) Migrer(ctx context.Context, l Liste) error {
	if err := b.creerTable(ctx); err != nil {
		return fmt.Errorf("bdd: préparer les migrations: %w", err)
	}
	return b.EnTransaction(ctx, func(ctx context.Context) error {
		if b.moteur == PostgreSQL {
			// A plain table lock: no advisory lock, so that any engine speaking
			// PostgreSQL's protocol serves.
			if _, err := b.Ecrivain(ctx).ExecContext(ctx, "LOCK TABLE bdd_migration IN EXCLUSIVE MODE"); err != nil {
				return fmt.Errorf("bdd: attendre les migrations d'un autre nœud: %w", err)
			}
		}
		faites, err := b.appliquees(ctx)
		if err != nil {
			return err
		}
		return b.appliquer(ctx, l, faites)
	})
}

// creerTable survives the race in which two nodes create the same table:
// PostgreSQL's IF NOT EXISTS looks before it takes any lock, so that the later
// one meets, as it happens, a doubled row of the catalogue or the table itself.
func (b *Base) creerTable(ctx context.Context) error {
	var err error
	for range essaisMax {
		if _, err = b.ecriture.ExecContext(ctx, creerTableMigrations); err == nil {
			return nil
		}
		if !EstDoublon(err) && !Reprenable(err) && !dejaCree(err) {
			return err
		}
	}
	return err
}

func (b *Base) appliquees(ctx context.Context) (map[int64]string, error) {
	rows, err := b.Ecrivain(ctx).QueryContext(ctx, "SELECT numero, empreinte FROM bdd_migration")
	if err != nil {
		return nil, fmt.Errorf("bdd: lire les migrations: %w", err)
	}
	defer rows.Close()
	faites := make(map[int64]string)
	for rows.Next() {
		var n int64
		var e string
		if err := rows.Scan(&n, &e); err != nil {
			return nil, fmt.Errorf("bdd: lire les migrations: %w", err)
		}
		faites[n] = e
	}
	return faites, rows.Err()
}

func (b *Base) appliquer(ctx context.Context, l Liste, faites map[int64]string) error {
	connues := make(map[int64]bool)
	for _, e := range l.etapes {
		connues[e.numero] = true
		deja, faite := faites[e.numero]
		if faite && deja != e.empreinte(b.moteur) {
			return fmt.Errorf("%w: %04d_%s", ErrMigrationChangee, e.numero, e.nom)
		}
		if faite {
			continue
		}
		if err := script(ctx, b.moteur, b.courante(ctx).tx, e.textes[b.moteur]); err != nil {
			return fmt.Errorf("bdd: migration %04d_%s: %w", e.numero, e.nom, err)
		}
		if _, err := b.Ecrivain(ctx).ExecContext(ctx,
			"INSERT INTO bdd_migration (numero, nom, empreinte, instant) VALUES ($1, $2, $3, $4)",
			e.numero, e.nom, e.empreinte(b.moteur), time.Now().UnixMilli()); err != nil {
			return fmt.Errorf("bdd: noter la migration %04d: %w", e.numero, err)
		}
	}
	for n := range faites {
		if !connues[n] {
			return fmt.Errorf("%w: migration %04d inconnue", ErrBasePlusRecente, n)
		}
	}
	return nil
}
