package laboratoire

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// guet keeps what crosses the doors of a laboratory while a story is played, so that the
// desk can show what each party could read. No server has one.
type guet struct {
	mu        sync.Mutex
	actif     bool
	enVol     int
	courriers []pupitre.Courrier
	qui       map[string]string // key of a party, by what its certificate says
}

// octetsGuettes bounds what is kept of a message.
const octetsGuettes = 1 << 20

// porte watches the door of a party.
func (g *guet) porte(cle string) func(http.Handler) http.Handler {
	return func(suite http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || !g.entrer() {
				suite.ServeHTTP(w, r)
				return
			}
			question := &bytes.Buffer{}
			r.Body = corpsGuette{io.TeeReader(r.Body, &borne{question}), r.Body}
			rep := &reponseGuettee{ResponseWriter: w}
			suite.ServeHTTP(rep, r)
			de := g.appelant(r)
			g.sortir(pupitre.Courrier{De: de, A: cle, Octets: question.Bytes()}, pupitre.Courrier{De: cle, A: de, Octets: rep.vu.Bytes()})
		})
	}
}

func (g *guet) entrer() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.actif {
		g.enVol++
	}
	return g.actif
}

func (g *guet) sortir(l ...pupitre.Courrier) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.enVol--
	g.courriers = append(g.courriers, l...)
}

// appelant is who asks, as its certificate says; without one, the key "".
func (g *guet) appelant(r *http.Request) string {
	cle := ""
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		if id, err := certificat.LireIdentite(r.TLS.PeerCertificates[0]); err == nil {
			if cle = id.Structure; id.Personne() {
				cle = id.IdNatPS
			}
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.qui[cle]
}

// prendre gives what crossed since the last time, once the doors have said all.
func (g *guet) prendre() []pupitre.Courrier {
	for fin := time.Now().Add(2 * time.Second); ; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		if g.enVol == 0 || time.Now().After(fin) {
			l := g.courriers
			g.courriers = nil
			g.mu.Unlock()
			return l
		}
		g.mu.Unlock()
	}
}

// guetter begins or ends the watch.
func (g *guet) guetter(actif bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.actif = actif
}

// corpsGuette is a body that is copied as it is read.
type corpsGuette struct {
	io.Reader
	io.Closer
}

// borne keeps the beginning of what is written to it.
type borne struct{ b *bytes.Buffer }

func (b *borne) Write(p []byte) (int, error) {
	b.b.Write(p[:min(len(p), octetsGuettes-b.b.Len())])
	return len(p), nil
}

type reponseGuettee struct {
	http.ResponseWriter
	vu bytes.Buffer
}

func (r *reponseGuettee) Write(p []byte) (int, error) {
	_, _ = (&borne{&r.vu}).Write(p)
	return r.ResponseWriter.Write(p)
}

// Unwrap lets the handler reach what the server's writer can do.
func (r *reponseGuettee) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// regardants are the parties of a sale at a pharmacy, in the order of its messages: each
// with its keys and its files.
func (s *Scene) regardants(ph *pharmacie) ([]pupitre.Regardant, error) {
	tiers, prix := s.structuresFines()
	l := []pupitre.Regardant{{Cle: ph.o.cle, Nom: "Pharmacie", Cles: accords(ph.conf),
		Fichiers: func() ([]byte, error) { return fichiersDe(filepath.Join(s.dir, ph.o.cle)) }}}
	s.guet.qui[""], s.guet.qui[ph.o.structure], s.guet.qui["8"+ph.o.rpps] = ph.o.cle, ph.o.cle, ph.o.cle
	for _, x := range []struct {
		cle, nom, structure string
		id                  func(c *config.Fichier) *config.Identite
	}{
		{monde.CleRelais, "OCT", s.Monde.Relais.IDNat, func(c *config.Fichier) *config.Identite { return &c.Relais[0].Identite }},
		{monde.CleOperateur, "Opérateur", s.Monde.Operateur.IDNat, func(c *config.Fichier) *config.Identite { return &c.Relais[0].Identite }},
		{monde.CleMoulin, "AMC", s.Monde.Assureur(monde.CleMoulin).IDNat, func(c *config.Fichier) *config.Identite { return &c.AMC[0].Identite }},
		{cleTiers, "Tiers", tiers.IDNat, func(c *config.Fichier) *config.Identite { return &c.Tiers.Identite }},
		{cleTarif, "Tarif.", prix.IDNat, func(c *config.Fichier) *config.Identite { return &c.Tarif.Identite }},
	} {
		p := s.parties[x.cle]
		conf, err := serveur.LireConfidentialite(p.Fichier, x.id(p.Fichier))
		if err != nil {
			return nil, err
		}
		r := pupitre.Regardant{Cle: x.cle, Nom: x.nom, Cles: accords(conf), Fichiers: func() ([]byte, error) { return fichiersDe(s.repertoire(x.cle)) }}
		if x.cle == cleTiers {
			k, err := serveur.OuvrirCle(filepath.Join(s.repertoire(cleTiers), "donnees", "tiers.cle"))
			if err != nil {
				return nil, err
			}
			accord, err := serveur.AccordDe(k)
			if err != nil {
				return nil, err
			}
			r.Cles = append(r.Cles, accord)
		}
		s.guet.qui[x.structure] = x.cle
		l = append(l, r)
	}
	return l, nil
}

func accords(c *roc.Confidentialite) (l []jades.Accord) {
	if c != nil {
		for _, k := range c.Cles {
			l = append(l, k)
		}
	}
	return l
}

// fichiersDe are the octets of all the files of a party but the public tables of prices.
func fichiersDe(dir string) ([]byte, error) {
	var b bytes.Buffer
	err := filepath.WalkDir(dir, func(chemin string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.Contains(chemin, string(filepath.Separator)+"tables"+string(filepath.Separator)) {
			return err
		}
		f, err := os.ReadFile(chemin)
		if errors.Is(err, fs.ErrNotExist) { // a temporary file of the database
			return nil
		}
		b.Write(f)
		b.WriteByte('\n')
		return err
	})
	return b.Bytes(), err
}
