package francais

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/mod/sumdb/note"
	_ "modernc.org/sqlite"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/preuve"
)

// motAnglais finds what no error may still say.
var motAnglais = regexp.MustCompile(`(?i)\b(no such|already in use|invalid|unknown|failed|refused:|unexpected|malformed|cannot|could not|constraint|not a |directory|file is|locked|error|denied|header|does not|dial|listen|connect:|open |read |bind)\b`)

// What the system and the libraries say is said in French, with what to do next.
func TestEnFrancais(t *testing.T) {
	dir := t.TempDir()
	fichier := filepath.Join(dir, "texte")
	if err := os.WriteFile(fichier, []byte("ceci n'est pas une base, ni une clé, ni une sauvegarde"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	adresse := l.Addr().String()
	pris := func() error { _, err := net.Listen("tcp", adresse); return err }()
	ouvrir := func(nom string) error { _, err := os.ReadFile(nom); return err }
	json_ := func(texte string) error {
		d := json.NewDecoder(strings.NewReader(texte))
		d.DisallowUnknownFields()
		return d.Decode(&struct {
			Rang int `json:"rang"`
		}{})
	}
	cle := func(s string) error { _, err := preuve.ParseCle(s); return err }
	for nom, c := range map[string]struct {
		err        error
		dit, suite string
	}{
		"port pris":         {fmt.Errorf("échange : %w", pris), "échange : " + adresse + " : cette adresse est déjà prise", "autre serveur"},
		"absent":            {ouvrir(filepath.Join(dir, "rien")), "rien : fichier introuvable", ""},
		"pas un répertoire": {ouvrir(filepath.Join(fichier, "x")), "un fichier est là où un répertoire est attendu", ""},
		"répertoire":        {ouvrir(dir), "est un répertoire", ""},
		"gzip":              {func() error { _, err := gzip.NewReader(strings.NewReader("pas une sauvegarde du tout")); return err }(), "fichier compressé abîmé", ""},
		"champ inconnu":     {json_(`{"rnag":1}`), "champ inconnu : « rnag »", ""},
		"genre":             {json_(`{"rang":"1"}`), "« rang » : valeur d'un autre genre", ""},
		"pas du JSON":       {json_(`pas`), "JSON illisible", ""},
		"JSON interrompu":   {json_(`{"rang":`), "fichier interrompu", ""},
		"clé de journal":    {cle("nimporte quoi"), "clé publique de journal illisible", ""},
		"note":              {fmt.Errorf("preuve: point de contrôle refusé: %w", &note.UnverifiedNoteError{Note: &note.Note{}}), "point de contrôle refusé : il n'est pas signé par la clé donnée", "clé publique"},
		"pas une base":      {func() error { _, err := bdd.Ouvrir(context.Background(), "sqlite:"+fichier, bdd.Options{}); return err }(), "ce fichier n'est pas une base SQLite", "« base »"},
		"PostgreSQL muet": {func() error {
			_, err := bdd.Ouvrir(context.Background(), "postgres://essai@127.0.0.1:9/essai", bdd.Options{})
			return err
		}(), "le serveur PostgreSQL ne répond pas", "démarré"},
		"PostgreSQL refuse": {fmt.Errorf("bdd: joindre la base: %w", &pgconn.PgError{Severity: "FATAL", Code: "28P01", Message: "password authentication failed for user"}), "joindre la base : le serveur PostgreSQL refuse ce compte", "passfile"},
		"base absente":      {&pgconn.PgError{Code: "3D000", Message: "database does not exist"}, "cette base n'existe pas", "createdb"},
		"verrouillée":       {verrouillee(t, dir), "la base est verrouillée par un autre programme", "recommencer"},
		"obligatoire":       {obligatoire(t, dir), "une valeur obligatoire manque", ""},
		"paire": {func() error {
			_, err := tls.X509KeyPair(nil, nil)
			return fmt.Errorf("cachet : %w", errors.Join(err, errors.New("tls: private key does not match public key")))
		}(), "la clé n'est pas celle du certificat", ""},
		"paquets":    {errors.New("igc: demande 1 : igc: demande refusée: bdd: non"), "demande 1 : demande refusée : non", ""},
		"les heures": {errors.New("12:30:00, 127.0.0.1:8443, https://exemple.fr"), "12:30:00, 127.0.0.1:8443, https://exemple.fr", ""},
	} {
		if c.err == nil {
			t.Errorf("%s : aucune erreur", nom)
			continue
		}
		dit, suite := traduireErreur(c.err)
		if !strings.Contains(dit, c.dit) || !strings.Contains(suite, c.suite) {
			t.Errorf("%s : « %s » puis « %s », attendu « %s » puis « %s »\n%v", nom, dit, suite, c.dit, c.suite, c.err)
		}
		if nom == "paire" {
			continue // two errors at once: the second is what is tried
		}
		if m := motAnglais.FindString(strings.ReplaceAll(dit, dir, "")); m != "" {
			t.Errorf("%s : « %s » reste en anglais dans « %s »", nom, m, dit)
		}
	}
}

// verrouillee is what SQLite says when another program writes.
func verrouillee(t *testing.T, dir string) error {
	t.Helper()
	chemin := filepath.Join(dir, "verrou.db")
	var conns []*sql.Conn
	for range 2 {
		db, err := sql.Open("sqlite", chemin)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		c, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		conns = append(conns, c)
	}
	if _, err := conns[0].ExecContext(context.Background(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	_, err := conns[1].ExecContext(context.Background(), "BEGIN IMMEDIATE")
	return err
}

// obligatoire is what SQLite says of a missing value.
func obligatoire(t *testing.T, dir string) error {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "table.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE x (a TEXT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec("INSERT INTO x (a) VALUES (NULL)")
	return err
}

// Numbers agree with what they count.
func TestAccorder(t *testing.T) {
	for n, veut := range map[int]string{0: "0 ligne refusée", 1: "1 ligne refusée", 2: "2 lignes refusées"} {
		if dit := Accorder(n, "ligne refusée", "lignes refusées"); dit != veut {
			t.Errorf("%d : %s", n, dit)
		}
	}
}
