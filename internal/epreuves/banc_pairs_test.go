//go:build linux

package epreuves

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ldapclient "github.com/go-ldap/ldap/v3"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/ecluse-sante/ecluse/rass"
)

// personne is what the peers are given of a line of the directory.
type personne struct{ idnat, rpps, nom, prenom, profession, commune string }

// personnes reads a file of activities.
func personnes(b *testing.B, fichier string, une func(i int, p personne) error) {
	b.Helper()
	f, err := os.Open(fichier)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	r, err := rass.NewLecteur(f, rass.PersonneActivite)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; r.Next(); i++ {
		l := r.Ligne()
		p := personne{idnat: string(l.Champ(rass.PAIDNat)), rpps: string(l.Champ(rass.PAIdentifiant)), nom: string(l.Champ(rass.PANom)),
			prenom: string(l.Champ(rass.PAPrenom)), profession: string(l.Champ(rass.PAProfession)), commune: string(l.Champ(rass.PACommune))}
		if err := une(i, p); err != nil {
			b.Fatal(err)
		}
	}
	if err := r.Err(); err != nil {
		b.Fatal(err)
	}
}

// annuaireLDAP is a slapd that holds the first n persons of a file, with the indexes
// that a directory of people has.
func annuaireLDAP(b *testing.B, fichier string, n int) (s servi, adresse string, chargement time.Duration) {
	b.Helper()
	slapd, slapadd, openssl := outil(b, "slapd"), outil(b, "slapadd"), outil(b, "openssl")
	dir := b.TempDir()
	adresse = portLibre(b)
	executer(b, openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
		"-addext", "subjectAltName=IP:127.0.0.1", "-keyout", dir+"/cle.pem", "-out", dir+"/cert.pem")
	conf := strings.NewReplacer("DIR", dir).Replace(`include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile DIR/pid
TLSCertificateFile DIR/cert.pem
TLSCertificateKeyFile DIR/cle.pem
threads 16
database mdb
suffix "o=annuaire,c=fr"
directory DIR/base
maxsize 34359738368
index objectClass eq
index uid eq
index sn,cn,mail eq,sub
`)
	ecrireFichier(b, dir+"/slapd.conf", conf)
	if err := os.Mkdir(dir+"/base", 0o700); err != nil {
		b.Fatal(err)
	}
	ldif, err := os.Create(dir + "/base.ldif")
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(ldif)
	fmt.Fprint(w, "dn: o=annuaire,c=fr\nobjectClass: organization\no: annuaire\n\ndn: ou=personnes,o=annuaire,c=fr\nobjectClass: organizationalUnit\nou: personnes\n\n")
	vus := map[string]bool{}
	personnes(b, fichier, func(_ int, p personne) error {
		if len(vus) < n && !vus[p.idnat] {
			vus[p.idnat] = true
			fmt.Fprintf(w, "dn: uid=%s,ou=personnes,o=annuaire,c=fr\nobjectClass: inetOrgPerson\nuid: %s\nsn: %s\ngivenName: %s\ncn: %s %s\nmail: %s@ville.example\ntitle: %s\n\n",
				p.idnat, p.idnat, ascii(p.nom), ascii(p.prenom), ascii(p.prenom), ascii(p.nom), p.rpps, ascii(p.profession))
		}
		return nil
	})
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	ldif.Close()
	debut := time.Now()
	executer(b, slapadd, "-q", "-f", dir+"/slapd.conf", "-l", dir+"/base.ldif")
	chargement = time.Since(debut)
	c := exec.Command(slapd, "-d", "0", "-f", dir+"/slapd.conf", "-h", "ldaps://"+adresse)
	demarrer(b, c, adresse)
	return servi{"slapd", c.Process.Pid}, adresse, chargement
}

// ascii keeps an LDIF line plain: the peer is not asked about accents.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return 'e'
		}
		return r
	}, s)
}

func executer(b *testing.B, nom string, args ...string) {
	b.Helper()
	if sortie, err := exec.Command(nom, args...).CombinedOutput(); err != nil {
		b.Fatalf("%s : %v\n%s", filepath.Base(nom), err, sortie)
	}
}

func ecrireFichier(b *testing.B, nom, texte string) {
	b.Helper()
	if err := os.WriteFile(nom, []byte(texte), 0o600); err != nil {
		b.Fatal(err)
	}
}

func portLibre(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// demarrer starts a server, waits until it listens, and stops it with the benchmark.
func demarrer(b *testing.B, c *exec.Cmd, adresse string) (pret time.Duration) {
	b.Helper()
	journal, err := os.Create(filepath.Join(b.TempDir(), "journal"))
	if err != nil {
		b.Fatal(err)
	}
	c.Stderr = journal
	debut := time.Now()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	for time.Since(debut) < 2*time.Minute {
		if k, err := net.Dial("tcp", adresse); err == nil {
			k.Close()
			return time.Since(debut)
		}
		time.Sleep(5 * time.Millisecond)
	}
	texte, _ := os.ReadFile(journal.Name())
	b.Fatalf("%s n'écoute pas :\n%s", c.Path, texte)
	return 0
}

// clientsLDAP are connections that each asker keeps.
func clientsLDAP(b *testing.B, adresse string) []*ldapclient.Conn {
	b.Helper()
	l := make([]*ldapclient.Conn, demandeurs)
	for i := range l {
		c, err := ldapclient.DialURL("ldaps://"+adresse, ldapclient.DialWithTLSConfig(&tls.Config{RootCAs: x509.NewCertPool(), InsecureSkipVerify: true}))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { c.Close() })
		l[i] = c
	}
	return l
}

// chercherLDAP asks one question and wants an answer.
func chercherLDAP(c *ldapclient.Conn, base, filtre string, taille int, attributs ...string) error {
	r, err := c.Search(ldapclient.NewSearchRequest(base, ldapclient.ScopeWholeSubtree, ldapclient.NeverDerefAliases, taille, 0, false, filtre, attributs, nil))
	if err != nil && !ldapclient.IsErrorWithCode(err, ldapclient.LDAPResultSizeLimitExceeded) {
		return err
	}
	if r == nil || len(r.Entries) == 0 {
		return fmt.Errorf("%s : aucune réponse", filtre)
	}
	return nil
}

// annuairePG is a PostgreSQL that holds all the persons of a file, with trigrams.
func annuairePG(b *testing.B, fichier string) (s servi, base *sql.DB, chargement time.Duration) {
	b.Helper()
	racine, err := filepath.Abs("../..")
	if err != nil {
		b.Fatal(err)
	}
	pg, err := os.MkdirTemp("", "banc-pg-")
	if err != nil {
		b.Fatal(err)
	}
	sortie, err := exec.Command(racine+"/.ci/postgres.sh", "start", pg).Output()
	if err != nil {
		b.Skipf("PostgreSQL absent : %v", err)
	}
	b.Cleanup(func() { _ = exec.Command(racine+"/.ci/postgres.sh", "stop", pg).Run() })
	lignes := strings.Split(strings.TrimSpace(string(sortie)), "\n")
	if base, err = sql.Open("pgx", lignes[len(lignes)-1]); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { base.Close() })
	base.SetMaxOpenConns(demandeurs)
	base.SetMaxIdleConns(demandeurs)
	ctx := context.Background()
	debut := time.Now()
	requete := func(q string, args ...any) {
		if _, err := base.ExecContext(ctx, q, args...); err != nil {
			b.Fatal(err)
		}
	}
	requete(`CREATE EXTENSION pg_trgm`)
	requete(`CREATE TABLE personne (idnat TEXT, rpps TEXT, nom TEXT, prenom TEXT, profession TEXT, commune TEXT)`)
	csv := filepath.Join(pg, "personnes.csv")
	f, err := os.Create(csv)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	personnes(b, fichier, func(_ int, p personne) error {
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.idnat, p.rpps, p.nom, p.prenom, p.profession, p.commune)
		return err
	})
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	f.Close()
	if err := os.Chmod(csv, 0o644); err != nil {
		b.Fatal(err)
	}
	requete(`COPY personne FROM '` + csv + `'`)
	requete(`SET maintenance_work_mem = '512MB'`)
	requete(`CREATE INDEX ON personne (rpps)`)
	requete(`CREATE INDEX ON personne USING gin (nom gin_trgm_ops)`)
	requete(`ANALYZE personne`)
	chargement = time.Since(debut)
	b1, err := os.ReadFile(filepath.Join(pg, "donnees", "postmaster.pid"))
	if err != nil {
		b.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(b1), &pid); err != nil {
		b.Fatal(err)
	}
	return servi{"PostgreSQL", pid}, base, chargement
}
