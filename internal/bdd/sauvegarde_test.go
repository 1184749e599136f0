package bdd_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

var schemaLie = fichiers("0001_essai.sql", `CREATE TABLE essai (id BIGINT PRIMARY KEY, nom TEXT, octets BYTEA);
	CREATE TABLE enfant (id BIGINT PRIMARY KEY REFERENCES essai (id));
	CREATE TABLE secret (cle BYTEA)`)

func remplir(t *testing.T, b *bdd.Base) {
	t.Helper()
	err := b.EnTransaction(context.Background(), func(ctx context.Context) error {
		for _, l := range [][]any{
			{int64(1), "été\n\"œ\"", []byte{0, 255, '\n'}},
			{int64(-9007199254740993), "", []byte{}},
			{int64(2), nil, nil},
		} {
			if _, err := b.Ecrivain(ctx).ExecContext(ctx, "INSERT INTO essai (id, nom, octets) VALUES ($1, $2, $3)", l...); err != nil {
				return err
			}
		}
		for i := int64(10); i < 300; i++ {
			if err := ecrire(b, i)(ctx); err != nil {
				return err
			}
		}
		e := b.Ecrivain(ctx)
		if _, err := e.ExecContext(ctx, "INSERT INTO enfant (id) VALUES ($1)", 2); err != nil {
			return err
		}
		_, err := e.ExecContext(ctx, "INSERT INTO secret (cle) VALUES ($1)", []byte("clé"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func contenu(t *testing.T, b *bdd.Base) (l []string) {
	t.Helper()
	ctx := context.Background()
	rows, err := b.Lecteur(ctx).QueryContext(ctx, "SELECT id, nom, octets, CASE WHEN octets IS NULL THEN 1 ELSE 0 END FROM essai ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var nom *string
		var o []byte
		var absent int // the SQLite driver reads an empty BLOB as nil
		if err := rows.Scan(&id, &nom, &o, &absent); err != nil {
			t.Fatal(err)
		}
		l = append(l, fmt.Sprintf("%d %v %s absent=%t", id, nom == nil || *nom == "", fmt.Sprintf("%x", o), absent == 1))
	}
	return l
}

// A backup of each engine is restored on each engine.
func TestSauvegarde(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, source *bdd.Base) {
		remplir(t, source)
		var copie bytes.Buffer
		if err := source.Sauvegarder(context.Background(), &copie, "secret"); err != nil {
			t.Fatal(err)
		}
		bddtest.Moteurs(t, func(t *testing.T, cible *bdd.Base) {
			ctx := context.Background()
			if err := cible.Restaurer(ctx, bytes.NewReader(copie.Bytes())); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(contenu(t, source), contenu(t, cible)); d != "" {
				t.Errorf("restored rows differ (-source +restored):\n%s", d)
			}
			var n int
			if err := cible.Lecteur(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM secret").Scan(&n); err != nil || n != 0 {
				t.Errorf("got %d secrets (%v), want none in the backup", n, err)
			}
			if cible.Moteur() == bdd.PostgreSQL { // its plans know what was restored
				var lignes float64
				if err := cible.Lecteur(ctx).QueryRowContext(ctx, "SELECT reltuples FROM pg_class WHERE oid = 'essai'::regclass").Scan(&lignes); err != nil || lignes < 290 {
					t.Errorf("%g lignes comptées, %v", lignes, err)
				}
			}
			if err := cible.Restaurer(ctx, bytes.NewReader(copie.Bytes())); !errors.Is(err, bdd.ErrBaseNonVide) {
				t.Errorf("second restore: got %v", err)
			}
		}, schemaLie)
	}, schemaLie)
}

func TestRestaurerRefuse(t *testing.T) {
	source := bddtest.Ouvrir(t, schemaLie)
	remplir(t, source)
	var copie bytes.Buffer
	if err := source.Sauvegarder(context.Background(), &copie); err != nil {
		t.Fatal(err)
	}
	z, _ := gzip.NewReader(bytes.NewReader(copie.Bytes()))
	clair, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	cible := bddtest.Ouvrir(t, schemaLie)
	for nom, octets := range map[string][]byte{
		"vide":             {},
		"autre chose":      []byte("bonjour"),
		"tronquée":         copie.Bytes()[:copie.Len()/2],
		"un octet changé":  regzip(t, bytes.Replace(clair, []byte(`"n10"`), []byte(`"n11"`), 1)),
		"une ligne ôtée":   regzip(t, bytes.Replace(clair, []byte("[10,\"n10\",\"Cg==\"]\n"), nil, 1)),
		"fin ôtée":         regzip(t, clair[:bytes.Index(clair, []byte(`{"empreinte"`))]),
		"suite ajoutée":    regzip(t, append(bytes.Clone(clair), "[1]\n"...)),
		"colonne inventée": regzip(t, bytes.Replace(clair, []byte(`"octets"]`), []byte(`"x; DROP"]`), 1)),
		"autre version":    regzip(t, bytes.Replace(clair, []byte(`"0001"`), []byte(`"0002"`), 1)),
	} {
		if err := cible.Restaurer(context.Background(), bytes.NewReader(octets)); !errors.Is(err, bdd.ErrSauvegarde) {
			t.Errorf("%s: got %v, want ErrSauvegarde", nom, err)
		}
		if n := compter(t, cible); n != 0 {
			t.Errorf("%s: %d rows left behind", nom, n)
		}
	}
}

func regzip(t *testing.T, b []byte) []byte {
	t.Helper()
	var w bytes.Buffer
	z := gzip.NewWriter(&w)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	z.Close()
	return w.Bytes()
}

// Whatever the lines, a restore ends with an error or with a whole backup.
func FuzzRestaurer(f *testing.F) {
	source := bddtest.Ouvrir(f, schemaLie)
	var copie bytes.Buffer
	if err := source.Sauvegarder(context.Background(), &copie); err != nil {
		f.Fatal(err)
	}
	z, err := gzip.NewReader(&copie)
	if err != nil {
		f.Fatal(err)
	}
	clair, err := io.ReadAll(z)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(clair)
	entete := clair[:bytes.IndexByte(clair, '\n')+1]
	f.Add(append(bytes.Clone(entete), `{"table":"essai","colonnes":["id","nom","octets"],"types":["BIGINT","TEXT","BYTEA"]}`+"\n[1,\"a\",\"\"]\n\n"...))
	cible := bddtest.Ouvrir(f, schemaLie)
	f.Fuzz(func(t *testing.T, b []byte) {
		var w bytes.Buffer
		z := gzip.NewWriter(&w)
		z.Write(b)
		z.Close()
		if err := cible.Restaurer(context.Background(), &w); err == nil && !bytes.Contains(b, []byte(`"empreinte"`)) {
			t.Fatal("accepted without digest")
		}
	})
}
