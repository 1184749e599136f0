package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/mod/sumdb/note"
	_ "modernc.org/sqlite"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/amc/local"
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

// A command whose output cannot be written fails, whatever wrote it.
func TestSortiePleine(t *testing.T) {
	plein, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("/dev/full absent")
	}
	defer plein.Close()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var erreurs bytes.Buffer
	c := exec.Command(executable, "numero", "verifier", "E00990001017Q2MZ4WX8T3C5")
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), enSession+"=1"), plein, &erreurs
	if err := c.Run(); c.ProcessState == nil || c.ProcessState.ExitCode() != 1 || !strings.Contains(erreurs.String(), "plus de place") {
		t.Errorf("%v, « %s »", err, erreurs.String())
	}
}

// The documentation names every column of the CSV form.
func TestColonnesDocumentees(t *testing.T) {
	doc, err := os.ReadFile("../../docs/exploitation.md")
	if err != nil {
		t.Fatal(err)
	}
	aide := colonnesCSV()
	for _, c := range local.Colonnes() {
		marque := ""
		if c.Obligatoire {
			marque = "obligatoire"
		}
		if ligne := fmt.Sprintf("| `%s` | %s | %s |", c.Nom, marque, c.Sens); !strings.Contains(string(doc), ligne) {
			t.Errorf("docs/exploitation.md : manque %s", ligne)
		}
		if !strings.Contains(aide, c.Nom) || !strings.Contains(aide, c.Sens) {
			t.Errorf("l'aide de l'import ne dit pas %s", c.Nom)
		}
	}
}

// Numbers agree with what they count.
func TestAccorder(t *testing.T) {
	for n, veut := range map[int]string{0: "0 ligne refusée", 1: "1 ligne refusée", 2: "2 lignes refusées"} {
		if dit := accorder(n, "ligne refusée", "lignes refusées"); dit != veut {
			t.Errorf("%d : %s", n, dit)
		}
	}
	for r, veut := range map[local.Rapport]string{
		{Lignes: 3, Refusees: 3}: "3 lignes refusées sur 3 ; rien n'est importé", {Lignes: 3, Refusees: 2}: "2 lignes refusées sur 3 ; l'autre est importée",
		{Lignes: 3, Refusees: 1}: "1 ligne refusée sur 3 ; les 2 autres sont importées",
	} {
		if dit := refusees(r).Error(); dit != veut {
			t.Errorf("%+v : %s", r, dit)
		}
	}
}

// The lines of refusals are those of the file, however the input is cut.
func TestSuiviDeLignes(t *testing.T) {
	texte := "\ufeff\n  \n{\"id\":1}\nfaux\n\n\tfaux\r\n{\"id\":2}"
	m, err := moteurDe("")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 2, 3, 7, 4096} {
		s := &suiviDeLignes{r: lecteurParBouts{strings.NewReader(texte), n}, w: io.Discard}
		if _, err := m.Lignes(s.lecteur(), s, calcul.OptionsLignes{}); err != nil {
			t.Fatal(err)
		}
		if veut := []int{3, 4, 6, 7}; !slices.Equal(s.refusees, veut) || s.lues != 4 {
			t.Errorf("bouts de %d : %v, %d lues", n, s.refusees, s.lues)
		}
	}
}

type lecteurParBouts struct {
	r io.Reader
	n int
}

func (l lecteurParBouts) Read(p []byte) (int, error) { return l.r.Read(p[:min(len(p), l.n)]) }
