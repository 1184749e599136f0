//go:build linux

package epreuves

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
)

// annuaireServi is a national directory of some size, served by a process of its own.
type annuaireServi struct {
	servi
	dir, flux   string
	f           *config.Fichier
	activites   string // file of activities, from which questions are drawn
	personnes   []personne
	pret        time.Duration
	chargement  time.Duration
	lignes      int64
	anonymeMax  int64
	clients     []*http.Client
	adresseFHIR string
}

// monterAnnuaire makes, loads and serves a directory of n professionals.
func monterAnnuaire(b *testing.B, n int) *annuaireServi {
	b.Helper()
	a := &annuaireServi{dir: filepath.Join(b.TempDir(), "labo"), flux: b.TempDir()}
	executer(b, binaire, "quickstart", "--ports-libres", a.dir)
	chemin := filepath.Join(a.dir, "ecluse.toml")
	texte, err := os.ReadFile(chemin)
	if err != nil {
		b.Fatal(err)
	}
	ecrireFichier(b, chemin, strings.Replace(string(texte), "[annuaire-sante]\n", "[annuaire-sante]\nsource = \"aucune\"\n", 1))
	// The quotas of a public directory are not on trial: its readers are all this program.
	tables := filepath.Join(a.dir, "tables")
	if err := os.Mkdir(tables, 0o755); err != nil {
		b.Fatal(err)
	}
	ecrireFichier(b, filepath.Join(tables, "quotas.csv"), "famille;par_minute;rafale;ralenti;refus;delai_max;source\n*;0;0;0;0;0;banc\nanonyme;0;0;0;0;0;banc\n")
	texte, _ = os.ReadFile(chemin)
	ecrireFichier(b, chemin, strings.Replace(string(texte), "source = \"aucune\"\n", "source = \"aucune\"\ntables = \"tables\"\n", 1))
	if a.f, err = config.Lire(chemin); err != nil {
		b.Fatal(err)
	}
	executer(b, binaire, "annuaire", "generer", "--professionnels", strconv.Itoa(n), a.flux)
	a.charger(b)
	c := exec.Command(binaire, "serve", "--config", chemin)
	a.pret = demarrer(b, c, a.f.AnnuaireSante.Ecoute)
	a.servi = servi{"Écluse", c.Process.Pid}
	a.adresseFHIR = "https://" + a.f.AnnuaireSante.Ecoute + "/fhir/"
	for range demandeurs {
		t := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: 1} // HTTP/1.1: one connection each
		t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		a.clients = append(a.clients, &http.Client{Transport: t})
	}
	l, _ := filepath.Glob(filepath.Join(a.flux, "PS_LibreAcces_Personne_activite_*.txt"))
	a.activites = l[0]
	r := rand.New(rand.NewPCG(1, 2))
	const echantillon = 20_000
	personnes(b, a.activites, func(i int, p personne) error { // a sample of all, in no order
		switch {
		case len(a.personnes) < echantillon:
			a.personnes = append(a.personnes, p)
		case r.IntN(i+1) < echantillon:
			a.personnes[r.IntN(echantillon)] = p
		}
		return nil
	})
	return a
}

// charger loads the feeds, and watches the memory of who does it.
func (a *annuaireServi) charger(b *testing.B, args ...string) {
	b.Helper()
	c := exec.Command(binaire, append([]string{"annuaire", "charger", "--json", "--config", filepath.Join(a.dir, "ecluse.toml")}, append(args, a.flux)...)...)
	sortie, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	c.Stderr = os.Stderr
	debut := time.Now()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	var fini atomic.Bool
	go func() {
		for !fini.Load() {
			a.anonymeMax = max(a.anonymeMax, anonyme(c.Process.Pid))
			time.Sleep(50 * time.Millisecond)
		}
	}()
	var r struct {
		Flux []struct{ Lignes, Rejetees int64 }
	}
	texte, err := io.ReadAll(sortie)
	if err == nil {
		err = c.Wait()
	}
	fini.Store(true)
	if err != nil {
		b.Fatalf("charger : %v\n%s", err, texte)
	}
	if err := json.Unmarshal(texte, &r); err != nil {
		b.Fatal(err)
	}
	a.chargement, a.lignes = time.Since(debut), 0
	for _, f := range r.Flux {
		a.lignes += f.Lignes + f.Rejetees
	}
}

// lire asks one address and wants a success, of which it gives the length.
func (a *annuaireServi) lire(qui int, chemin string) (int64, error) {
	r, err := a.clients[qui].Get(a.adresseFHIR + chemin)
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	n, err := io.Copy(io.Discard, r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s : %s", chemin, r.Status)
	}
	return n, err
}

func (a *annuaireServi) voie(nom string, chemin func(p personne) string) voie {
	return voie{nom, a.servi, func(qui, i int) error {
		_, err := a.lire(qui, chemin(a.une(qui, i)))
		return err
	}}
}

// une draws a person: others for each asker, the same in every run.
func (a *annuaireServi) une(qui, i int) personne {
	return a.personnes[(qui*7919+i*104729)%len(a.personnes)]
}

// fauter makes one mistake of typing in a word.
func fauter(mot string, i int) string {
	r := []rune(mot)
	if len(r) < 4 {
		return mot
	}
	k := 1 + i%(len(r)-2)
	switch i % 4 {
	case 0:
		return string(append(r[:k:k], r[k+1:]...))
	case 1:
		return string(append(append(r[:k:k], 'e'), r[k:]...))
	case 2:
		r[k], r[k+1] = r[k+1], r[k]
	default:
		r[k] = 'x'
	}
	return string(r)
}

// BenchmarkAnnuaire serves a national directory of ECLUSE_ANNUAIRE professionals
// (20 000 when it is not said) and one of 20 000, beside OpenLDAP and PostgreSQL, and
// says what each costs the processor of its server. ref: DEC 36, 37
func BenchmarkAnnuaire(b *testing.B) {
	n := 20_000
	if s := os.Getenv("ECLUSE_ANNUAIRE"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	tours, duree := 5, 2*time.Second
	dire := func(format string, args ...any) { fmt.Printf("mesure : "+format+"\n", args...) }
	grand := monterAnnuaire(b, n)
	dire("%d professionnels : %d lignes chargées en %s, %.0f par seconde, %d Mo anonymes au plus ; prêt en %s, %d Mo anonymes",
		n, grand.lignes, court(grand.chargement), float64(grand.lignes)/grand.chargement.Seconds(), grand.anonymeMax>>20, court(grand.pret), anonyme(grand.pid)>>20)
	petit := grand
	if n != 20_000 {
		petit = monterAnnuaire(b, 20_000)
	}
	parNumero := func(p personne) string { return "Practitioner?identifier=https://rpps.esante.gouv.fr%7C" + p.rpps }

	b.Run("lecture FHIR", func(b *testing.B) {
		l := mesurer(b, tours, duree, grand.voie("grand", parNumero), petit.voie("petit", parNumero))
		dire("par numéro, FHIR en HTTPS : %s ; 20 000 : %s ; rapport %.2f", l[0], l[1], float64(l[0].mediane())/float64(l[1].mediane()))
	})
	b.Run("lecture LDAP", func(b *testing.B) {
		par := func(a *annuaireServi) voie {
			cs := clientsLDAP(b, a.f.AnnuaireSante.LDAPS)
			return voie{"LDAP", a.servi, func(qui, i int) error {
				return chercherLDAP(cs[qui], "o=annuaire,c=fr", "(uid="+a.une(qui, i).idnat+")", 0, "cn", "mail", "title")
			}}
		}
		const chezLePair = 200_000
		s, adresse, charge := annuaireLDAP(b, grand.activites, chezLePair)
		premiers := premieres(b, grand.activites, min(n, chezLePair))
		cs := clientsLDAP(b, adresse)
		l := mesurer(b, tours, duree, par(grand), par(petit), voie{"slapd", s, func(qui, i int) error {
			return chercherLDAP(cs[qui], "o=annuaire,c=fr", "(uid="+premiers[(qui*7919+i*104729)%len(premiers)]+")", 0, "cn", "mail", "title")
		}})
		dire("par numéro, LDAPS : %s ; 20 000 : %s ; rapport %.2f ; slapd à %d fiches (chargé en %s) : %s, fois %.2f", l[0], l[1],
			float64(l[0].mediane())/float64(l[1].mediane()), len(premiers), court(charge), l[2], float64(l[2].mediane())/float64(l[0].mediane()))
	})
	b.Run("nom mal écrit", func(b *testing.B) {
		var trouves, demandes atomic.Int64
		x := voie{"nom", grand.servi, func(qui, i int) error {
			p := grand.une(qui, i)
			q := "Practitioner/$rechercher?_count=10&texte=" + url.QueryEscape(fauter(p.nom, i)+" "+p.prenom)
			n, err := grand.lire(qui, q)
			demandes.Add(1)
			if n > 600 { // a Bundle that holds somebody
				trouves.Add(1)
			}
			return err
		}}
		s, base, charge := annuairePG(b, grand.activites)
		pg := voie{"PostgreSQL", s, func(qui, i int) error {
			p := grand.une(qui, i)
			rows, err := base.QueryContext(context.Background(), `SELECT idnat, nom, prenom FROM personne WHERE nom % $1 ORDER BY similarity(nom, $1) DESC LIMIT 10`, fauter(p.nom, i))
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		}}
		l := mesurer(b, tours, duree, x, pg)
		dire("nom avec une faute : %s, %.1f %% répondues ; PostgreSQL et trigrammes (chargé en %s) : %s, fois %.1f", l[0],
			100*float64(trouves.Load())/float64(demandes.Load()), court(charge), l[1], float64(l[1].mediane())/float64(l[0].mediane()))
	})
	b.Run("pages", func(b *testing.B) {
		premiere := "Practitioner?active=true&_count=50"
		milliemes := allerALaPage(b, grand, premiere, min(1000, n/100))
		l := mesurer(b, tours, duree, grand.voie("page 1", func(personne) string { return premiere }), grand.voie("page 1000", func(personne) string { return milliemes }))
		dire("page 1 de 50 : %s ; page %d : %s ; rapport %.2f", l[0], min(1000, n/100), l[1], float64(l[1].mediane())/float64(l[0].mediane()))
	})
	b.Run("domaine de messagerie", func(b *testing.B) {
		l := mesurer(b, tours, duree, grand.voie("contains", func(personne) string { return "Practitioner?mailbox-mss:contains=soins.mssante&_count=10" }))
		dire("boîtes d'un domaine, contains : %s", l[0])
	})
	b.Run("différence d'un jour", func(b *testing.B) {
		jour := time.Now()
		executer(b, binaire, "annuaire", "generer", "--professionnels", strconv.Itoa(n), "--jour", "1", "--part", "0.01", "--differences", grand.flux)
		faite := time.Since(jour)
		avant, pendant := &mesure{}, &mesure{}
		v := grand.voie("lecture", parNumero)
		tour(b, v, duree, avant)
		entier := grand.chargement
		fin := make(chan struct{})
		go func() {
			defer close(fin)
			grand.charger(b, "--differences", "--accepter", "banc")
		}()
		tour(b, v, duree, pendant)
		<-fin
		dire("1 %% de différence (écrit en %s) : chargé, comparé et appliqué en %s, %.1f %% d'un chargement entier ; lecture : %s avant, %s pendant, attente p99 %s et %s", court(faite),
			court(grand.chargement), 100*grand.chargement.Seconds()/entier.Seconds(), court(avant.mediane()), court(pendant.mediane()), court(avant.centile(0.99)), court(pendant.centile(0.99)))
	})
	b.Run("export", func(b *testing.B) {
		ressources, d, cpu := exporter(b, grand)
		dire("$export : %d ressources en %s, %.0f par seconde, %s de processeur", ressources, court(d), float64(ressources)/d.Seconds(), court(cpu))
	})
	dire("mémoire anonyme du serveur à la fin : %d Mo", anonyme(grand.pid)>>20)
}

// premieres are the identifiers of the first n persons of a file, those that the peer has.
func premieres(b *testing.B, fichier string, n int) (l []string) {
	b.Helper()
	vus := map[string]bool{}
	personnes(b, fichier, func(_ int, p personne) error {
		if len(l) < n && !vus[p.idnat] {
			vus[p.idnat] = true
			l = append(l, p.idnat)
		}
		return nil
	})
	return l
}

// allerALaPage follows the links of an answer, and gives the address of the n-th page.
func allerALaPage(b *testing.B, a *annuaireServi, chemin string, n int) string {
	b.Helper()
	adresse := a.adresseFHIR + chemin
	for range n - 1 {
		r, err := a.clients[0].Get(adresse)
		if err != nil {
			b.Fatal(err)
		}
		var x struct {
			Link []struct{ Relation, URL string }
		}
		err = json.NewDecoder(r.Body).Decode(&x)
		r.Body.Close()
		if err != nil {
			b.Fatal(err)
		}
		suite := ""
		for _, l := range x.Link {
			if l.Relation == "next" {
				suite = l.URL
			}
		}
		if suite == "" {
			b.Fatal("la réponse finit avant la page demandée")
		}
		adresse = suite
	}
	return strings.TrimPrefix(adresse, a.adresseFHIR)
}

// exporter asks for everything and waits for it.
func exporter(b *testing.B, a *annuaireServi) (ressources int64, duree, cpu time.Duration) {
	b.Helper()
	q, err := http.NewRequest("GET", a.adresseFHIR+"$export", nil)
	if err != nil {
		b.Fatal(err)
	}
	q.Header.Set("Prefer", "respond-async")
	cle, err := os.ReadFile(filepath.Join(a.dir, "annuaire-editeur.cle"))
	if err != nil {
		b.Fatal(err)
	}
	q.Header.Set("ESANTE-API-KEY", string(cle))
	avant, debut := a.cpu(), time.Now()
	r, err := a.clients[0].Do(q)
	if err != nil {
		b.Fatal(err)
	}
	r.Body.Close()
	suivi := r.Header.Get("Content-Location")
	if r.StatusCode != http.StatusAccepted || suivi == "" {
		b.Fatalf("$export : %s", r.Status)
	}
	for {
		q, _ := http.NewRequest("GET", suivi, nil)
		q.Header.Set("ESANTE-API-KEY", string(cle))
		r, err := a.clients[0].Do(q)
		if err != nil {
			b.Fatal(err)
		}
		if r.StatusCode == http.StatusAccepted {
			r.Body.Close()
			time.Sleep(20 * time.Millisecond)
			continue
		}
		duree, cpu = time.Since(debut), a.cpu()-avant
		var x struct {
			Output []struct{ Count int64 }
		}
		err = json.NewDecoder(bufio.NewReader(r.Body)).Decode(&x)
		r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK {
			b.Fatalf("$export : %s, %v", r.Status, err)
		}
		for _, f := range x.Output {
			ressources += f.Count
		}
		return ressources, duree, cpu
	}
}
