package bdd

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// ouvrirPostgres opens a writers' and a readers' pool on the same server, so
// that a crowd of readers never keeps a write from starting.
func ouvrirPostgres(adresse string, o Options) (*Base, error) {
	conf, err := pgx.ParseConfig(adresse)
	if err != nil {
		// The library's error hides the password, but repeats the address.
		return nil, fmt.Errorf("%w (%s)", ErrAdresse, "adresse PostgreSQL illisible")
	}
	conf.RuntimeParams["application_name"] = "ecluse"
	conf.RuntimeParams["timezone"] = "UTC"
	if conf.ConnectTimeout == 0 {
		conf.ConnectTimeout = 10 * time.Second
	}
	b := &Base{moteur: PostgreSQL, options: o}
	b.ecriture = stdlib.OpenDB(*conf)
	b.ecriture.SetMaxOpenConns(o.Ecrivains + o.Groupes)
	b.ecriture.SetMaxIdleConns(o.Ecrivains + o.Groupes)
	b.ecriture.SetConnMaxIdleTime(5 * time.Minute)
	b.lecture = stdlib.OpenDB(*conf)
	b.lecture.SetMaxOpenConns(o.Lecteurs)
	b.lecture.SetMaxIdleConns(o.Lecteurs)
	b.lecture.SetConnMaxIdleTime(5 * time.Minute)
	return b, nil
}
