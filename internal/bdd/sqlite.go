package bdd

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// ouvrirSQLite opens one writer and o.Lecteurs readers on a file.
func ouvrirSQLite(chemin string, o Options) (*Base, error) {
	if chemin == "" || strings.Contains(chemin, ":memory:") || strings.ContainsAny(chemin, "?#") {
		return nil, ErrAdresse
	}
	chemin, err := filepath.Abs(chemin)
	if err != nil {
		return nil, fmt.Errorf("bdd: chemin de la base: %w", err)
	}
	// SQLite gives the WAL the mode of the base: create it closed to others.
	f, err := os.OpenFile(chemin, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("bdd: ouvrir le fichier de la base: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("bdd: ouvrir le fichier de la base: %w", err)
	}
	ecriture, err := poolSQLite(chemin, "immediate", "journal_mode(WAL)", "synchronous(FULL)",
		"foreign_keys(1)", "temp_store(2)", "journal_size_limit(67108864)", "cache_size(-6144)", "secure_delete(1)", "wal_autocheckpoint(4000)")
	if err != nil {
		return nil, err
	}
	lecture, err := poolSQLite(chemin, "deferred", "query_only(1)", "cache_size(-2048)")
	if err != nil {
		return nil, errors.Join(err, ecriture.Close())
	}
	ecriture.SetMaxOpenConns(1)
	ecriture.SetMaxIdleConns(1)
	lecture.SetMaxOpenConns(o.Lecteurs)
	lecture.SetMaxIdleConns(o.Lecteurs)
	return &Base{moteur: SQLite, options: o, ecriture: ecriture, lecture: lecture}, nil
}

func poolSQLite(chemin, verrou string, pragmas ...string) (*sql.DB, error) {
	v := url.Values{"_txlock": {verrou}, "_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	adresse := url.URL{Scheme: "file", Opaque: (&url.URL{Path: chemin}).EscapedPath(), RawQuery: v.Encode()}
	c, err := sqlite.NewConnector(adresse.String())
	if err != nil {
		return nil, fmt.Errorf("bdd: ouvrir SQLite: %w", err)
	}
	return sql.OpenDB(connecteur{c}), nil
}

// connecteur adds to each connection of the driver a cache of prepared
// statements, which pgx has by itself and modernc has not.
type connecteur struct{ driver.Connector }

func (c connecteur) Connect(ctx context.Context) (driver.Conn, error) {
	brute, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := brute.(connSQLite)
	if !ok {
		return nil, errors.Join(errors.New("bdd: pilote SQLite inattendu"), brute.Close())
	}
	return &connCache{connSQLite: conn, prets: make(map[string]stmtSQLite)}, nil
}

// connSQLite is what database/sql uses of the driver's connection.
type connSQLite interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type stmtSQLite interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// stmtsMax bounds the statements kept by a connection.
const stmtsMax = 256

// connCache keeps the statements that are not running. database/sql never uses
// a connection from two goroutines at once.
type connCache struct {
	connSQLite
	prets map[string]stmtSQLite
}

// prendre takes a statement out of the cache, or prepares it. nil means: a
// script, which the driver must read by itself.
func (c *connCache) prendre(ctx context.Context, query string) (stmtSQLite, error) {
	if s, ok := c.prets[query]; ok {
		delete(c.prets, query)
		return s, nil
	}
	if strings.Contains(query, ";") {
		return nil, nil
	}
	brut, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := brut.(stmtSQLite)
	if !ok {
		return nil, brut.Close()
	}
	return s, nil
}

// rendre puts a statement back, making room when the cache is full.
func (c *connCache) rendre(query string, s stmtSQLite) error {
	if _, double := c.prets[query]; double || c.prets == nil {
		return s.Close()
	}
	var err error
	for texte, vieux := range c.prets {
		if len(c.prets) < stmtsMax {
			break
		}
		delete(c.prets, texte)
		err = errors.Join(err, vieux.Close())
	}
	c.prets[query] = s
	return err
}

// ExecContext runs a kept statement.
func (c *connCache) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.prendre(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.connSQLite.ExecContext(ctx, query, args)
	}
	r, err := s.ExecContext(ctx, args)
	if e := c.rendre(query, s); err == nil {
		err = e
	}
	return r, err
}

// QueryContext runs a kept statement; it is put back when its rows are closed.
func (c *connCache) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.prendre(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.connSQLite.QueryContext(ctx, query, args)
	}
	r, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, c.rendre(query, s))
	}
	return &lignes{Rows: r, rendre: func() error { return c.rendre(query, s) }}, nil
}

// Close releases the statements, then the connection.
func (c *connCache) Close() error {
	var err error
	for _, s := range c.prets {
		err = errors.Join(err, s.Close())
	}
	c.prets = nil
	return errors.Join(err, c.connSQLite.Close())
}

type lignes struct {
	driver.Rows
	rendre func() error
}

func (l *lignes) Close() error {
	err := l.Rows.Close()
	if l.rendre != nil {
		err = errors.Join(err, l.rendre())
		l.rendre = nil
	}
	return err
}

// codeSQLite gives the primary result code of an error of the driver, 0 if none.
func codeSQLite(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}
