package serveur

import (
	"context"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/ecluse-sante/ecluse/internal/cle"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/igc"
	igcfront "github.com/ecluse-sante/ecluse/internal/igc/front"
	igclocal "github.com/ecluse-sante/ecluse/internal/igc/local"
)

// ouvrirIGC takes up the laboratory's authority, publishes its lists when they
// are due and serves them. It also keeps the process's own trust directory up to
// date: a laboratory left alone for a week publishes again when it starts.
// ref: DEC 15
func (p *Processus) ouvrirIGC(ctx context.Context) error {
	c := p.Fichier.IGC
	if c == nil {
		return nil
	}
	g, err := OuvrirAutorite(ctx, p.Fichier.Resoudre(c.Repertoire), c.Adresse, p.Horloge)
	if err != nil {
		return err
	}
	p.igc = g
	publier := func(ctx context.Context) error {
		if _, err := g.PublierSiNecessaire(ctx, p.Horloge()); err != nil {
			return err
		}
		return igclocal.Confiance(ctx, p.Fichier.Resoudre(p.Fichier.Confiance.Autorites), g)
	}
	if err := publier(ctx); err != nil {
		return err
	}
	p.tache(time.Minute, func(ctx context.Context) {
		if err := publier(ctx); err != nil {
			p.Log.Error("listes de révocation non publiées", "erreur", err)
		}
	})
	mux := http.NewServeMux()
	igcfront.Routes(mux, "/igc", g, p.Horloge)
	return p.ecouter("IGC", c.Adresse, serveurSimple(mux), false)
}

// OuvrirAutorite opens the authority kept in a directory.
func OuvrirAutorite(ctx context.Context, dir, adresse string, horloge func() time.Time) (*igc.IGC, error) {
	d, err := igclocal.Ouvrir(dir)
	if err != nil {
		return nil, err
	}
	return igc.Ouvrir(ctx, igc.Parametres{Base: "http://" + adresse + "/igc"}, d, d, horloge)
}

// serveurSimple is an HTTP server with every limit set.
func serveurSimple(h http.Handler) *http.Server {
	return &http.Server{Handler: gate.EnFrancais(h), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10}
}

// EcrireEmission writes PREFIXE.pem, the certificate and its chain, and
// PREFIXE.cle when the key was made here.
func EcrireEmission(prefixe string, e igc.Emission) error {
	if err := os.MkdirAll(filepath.Dir(prefixe), 0o700); err != nil {
		return err
	}
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.Certificat.Raw})
	for _, der := range SansRacine(e.Chaine) {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	if err := os.WriteFile(prefixe+".pem", b, 0o644); err != nil {
		return err
	}
	if e.Cle == nil {
		return nil
	}
	return cle.Ecrire(prefixe+".cle", e.Cle)
}
