package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/acheminementtest"
	"github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

const lotBanc = 64

// BenchmarkLivraisons delivers messages of 4 kB to 32 partners that answer at once
// a receipt of 1 kB: posted by 64 a transaction, taken, delivered, concluded. The
// floor is the same rows in bare prepared statements, 64 messages a transaction, in
// the same database (DEC 38).
func BenchmarkLivraisons(b *testing.B) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		for _, ordre := range []bool{false, true} {
			var plancher float64
			nom := fmt.Sprint(m, "/", map[bool]string{true: "avec-ordre", false: "sans-ordre"}[ordre])
			b.Run(nom+"/plancher", func(b *testing.B) { plancher = mesurerPlancher(b, m, ordre) })
			b.Run(nom, func(b *testing.B) {
				v := livrerTout(b, m, ordre)
				b.ReportMetric(v, "livraisons/s")
				if plancher > 0 {
					b.ReportMetric(100*v/plancher, "%plancher")
				}
			})
		}
	}
}

func livrerTout(b *testing.B, m bdd.Moteur, ordre bool) float64 {
	x := bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{}, store.Migrations())
	s := store.New(x, emetteur)
	contenu, recu := make([]byte, 4096), make([]byte, 1024)
	var livres atomic.Int64
	fini := make(chan struct{})
	tr := acheminementtest.TransportFunc(func(context.Context, *acheminement.Envoi, []byte) (acheminement.Recu, error) {
		return acheminement.Recu{Octets: recu}, nil
	})
	t := acheminement.NewTournee(acheminement.Options{File: s, Horloge: acheminementtest.NewHorloge().Lire,
		Transports: map[string]acheminement.Transport{"essai": tr}, Reglages: acheminement.Reglages{Ouvriers: 256},
		Suite: func(context.Context, *acheminement.Envoi, *acheminement.Issue) error {
			if livres.Add(1) == int64(b.N) {
				close(fini)
			}
			return nil
		}})
	marche, arreter := context.WithCancel(ctx)
	arrete := make(chan struct{})
	b.ResetTimer()
	debut := time.Now()
	go func() { t.Tourner(marche); close(arrete) }()
	for i := 0; i < b.N; i += lotBanc {
		var lot []*acheminement.Envoi
		for k := i; k < min(i+lotBanc, b.N); k++ {
			e := acheminementtest.Message(fmt.Sprint("A", k%32), fmt.Sprint("m", k), "")
			if ordre {
				e.Ordre = fmt.Sprint("F", k/4)
			}
			e.Contenu = contenu
			lot = append(lot, e)
		}
		if err := s.Poster(ctx, lot...); err != nil {
			b.Fatal(err)
		}
		t.Reveiller()
	}
	<-fini
	v := float64(b.N) / time.Since(debut).Seconds()
	b.StopTimer()
	arreter()
	<-arrete
	return v
}

func mesurerPlancher(b *testing.B, m bdd.Moteur, ordre bool) float64 {
	adresse := bddtest.Adresse(b, m)
	if err := bddtest.OuvrirAdresse(b, adresse, bdd.Options{}, store.Migrations()).Fermer(); err != nil {
		b.Fatal(err)
	}
	pilote := "pgx"
	if m == bdd.SQLite {
		pilote = "sqlite"
		adresse = "file:" + strings.TrimPrefix(adresse, "sqlite:") + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
	}
	db, err := sql.Open(pilote, adresse)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var prets []*sql.Stmt
	for _, texte := range []string{
		`INSERT INTO ach_envoi (tenant, cle, destinataire, transport, adresse, genre, ordre, numero, reference, taille, empreinte, origine, etat, echeance, pose, bail, essais, code, poste, fini)
			VALUES ('T', $1, $2, 'essai', 'boite', 'DRE-ES', $4, $5, '', 4096, $3, $3, $6, 1, 1, 0, 0, '', 1, 0)`,
		`INSERT INTO ach_contenu (tenant, cle, nature, contenu) VALUES ('T', $1, $2, $3)`,
		`UPDATE ach_envoi SET bail = 1, echeance = 2, pose = 1 WHERE tenant = 'T' AND cle = $1`,
		`UPDATE ach_envoi SET etat = 'LIVRE', fini = 1 WHERE tenant = 'T' AND cle = $1`,
		`INSERT INTO ach_ordre (tenant, ordre, tete, dernier) VALUES ('T', $1, 1, 1) ON CONFLICT (tenant, ordre) DO UPDATE SET dernier = ach_ordre.dernier + 1`,
		`UPDATE ach_ordre SET tete = tete + 1 WHERE tenant = 'T' AND ordre = $1`,
		`UPDATE ach_envoi SET etat = 'PRET' WHERE tenant = 'T' AND ordre = $1 AND numero = $2 AND etat = 'ATTENTE'`,
	} {
		p, err := db.Prepare(texte)
		if err != nil {
			b.Fatal(err)
		}
		prets = append(prets, p)
	}
	contenu, recu := make([]byte, 4096), make([]byte, 1024)
	empreinte := sha256.Sum256(contenu)
	b.ResetTimer()
	debut := time.Now()
	for i := 0; i < b.N; i += lotBanc {
		// faire runs statements for one message; those of the Ordre when there is one.
		faire := func(tx *sql.Tx, n int, args ...any) error { _, err := tx.Stmt(prets[n]).Exec(args...); return err }
		suite := func(tx *sql.Tx, n int, args ...any) error {
			if !ordre {
				return nil
			}
			return faire(tx, n, args...)
		}
		etapes := []func(tx *sql.Tx, k int) error{
			func(tx *sql.Tx, k int) error {
				file, etat := "", "PRET"
				if ordre {
					file, etat = fmt.Sprint("F", k/4), map[bool]string{true: "PRET", false: "ATTENTE"}[k%4 == 0]
				}
				return errors.Join(suite(tx, 4, file), faire(tx, 0, fmt.Sprint("m", k), fmt.Sprint("A", k%32), empreinte[:], file, k%4+1, etat),
					faire(tx, 1, fmt.Sprint("m", k), 0, contenu))
			},
			func(tx *sql.Tx, k int) error { return faire(tx, 2, fmt.Sprint("m", k)) },
			func(tx *sql.Tx, k int) error {
				file := fmt.Sprint("F", k/4)
				return errors.Join(faire(tx, 3, fmt.Sprint("m", k)), faire(tx, 1, fmt.Sprint("m", k), 1, recu), suite(tx, 5, file), suite(tx, 6, file, k%4+2))
			},
		}
		for _, f := range etapes {
			tx, err := db.Begin()
			for k := i; err == nil && k < min(i+lotBanc, b.N); k++ {
				err = f(tx, k)
			}
			if err == nil {
				err = tx.Commit()
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	v := float64(b.N) / time.Since(debut).Seconds()
	b.ReportMetric(v, "livraisons/s")
	return v
}
