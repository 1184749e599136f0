package serveur

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// The lists announce what a server presents: the next certificate as soon as its file is
// there, the former for two days after it was replaced, those of the other nodes; nothing
// when there are too many, and what the configuration says of a server that is not ours.
func TestEmpreintesPubliees(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, base *bdd.Base) {
		a := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
		dir := t.TempDir()
		noeud := func(der string) *Processus {
			p := &Processus{Fichier: &config.Fichier{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Horloge: func() time.Time { return a }}
			p.Fichier.Ecoute.Suivant = filepath.Join(dir, "suivant.pem")
			p.serveur = func() *tls.Certificate { return &tls.Certificate{Certificate: [][]byte{[]byte(der)}} }
			return p
		}
		e := accrstore.New(base, "amc")
		services := func() []visiodroits.EntreeService {
			return []visiodroits.EntreeService{{Service: visiodroits.DLD, Statut: visiodroits.Ouvert}, {Service: visiodroits.LAR, Statut: visiodroits.Ouvert},
				{Service: visiodroits.STA, Statut: visiodroits.Ouvert}, {Service: visiodroits.TAR, Statut: visiodroits.NonOuvert}}
		}
		verifier := func(quoi string, f func() []visiodroits.EntreeService, want ...string) {
			t.Helper()
			var attendues []visiodroits.EmpreinteServeur
			for _, w := range want {
				attendues = append(attendues, visiodroits.EmpreinteServeur(EmpreinteDER([]byte(w))))
			}
			slices.Sort(attendues)
			for _, s := range f() {
				if got := s.Empreintes; s.Service != visiodroits.DLD && s.Service != visiodroits.STA {
					if len(got) > 0 {
						t.Errorf("%s : %s épinglé", quoi, s.Service)
					}
				} else if !slices.Equal(got, attendues) {
					t.Errorf("%s, %s : %v, want %v", quoi, s.Service, got, attendues)
				}
			}
		}
		un := noeud("un")
		f := un.epingler(&config.AMC{}, e, services)
		verifier("au début", f, "un")
		if err := os.WriteFile(un.Fichier.Ecoute.Suivant, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("deux")}), 0o600); err != nil {
			t.Fatal(err)
		}
		verifier("suivant annoncé", f, "un", "deux")
		verifier("redémarré", noeud("un").epingler(&config.AMC{}, e, services), "un", "deux")
		a = a.Add(24 * time.Hour)
		un.serveur = noeud("deux").serveur
		verifier("remplacé", f, "un", "deux")
		verifier("un autre nœud, pas encore", noeud("un").epingler(&config.AMC{}, e, services), "un", "deux")
		for range 50 { // each hour: what a node presents stays
			a = a.Add(time.Hour)
			f()
		}
		verifier("deux jours après", f, "deux")
		for _, der := range []string{"trois", "quatre", "cinq"} {
			noeud(der).epingler(&config.AMC{}, e, services)()
		}
		a = a.Add(2 * time.Hour)
		verifier("quatre", f, "deux", "trois", "quatre", "cinq")
		noeud("six").epingler(&config.AMC{}, e, services)()
		a = a.Add(2 * time.Hour)
		verifier("trop", f)

		ailleurs := &config.AMC{}
		ailleurs.Droits.Adresse = "https://operateur.exemple"
		verifier("chez un autre, rien n'est dit", un.epingler(ailleurs, e, services))
		ailleurs.Droits.Empreintes = []string{EmpreinteDER([]byte("autre"))}
		verifier("chez un autre", un.epingler(ailleurs, e, services), "autre")
		un.Fichier.Ecoute.Empreintes = []string{config.AucuneEmpreinte}
		verifier("derrière un répartiteur", un.epingler(&config.AMC{}, e, services))
	}, accrstore.Migrations)
}
