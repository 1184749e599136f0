package main

import (
	"context"
	"net/http"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/igc"
	igcfront "github.com/ecluse-sante/ecluse/internal/igc/front"
	igclocal "github.com/ecluse-sante/ecluse/internal/igc/local"
)

// ouvrirIGC takes up the laboratory's authority, publishes its lists when they
// are due and serves them. It also keeps the process's own trust directory up to
// date: a laboratory left alone for a week publishes again when it starts.
// ref: DEC 15
func (p *processus) ouvrirIGC(ctx context.Context) error {
	c := p.f.IGC
	if c == nil {
		return nil
	}
	g, err := ouvrirAutorite(ctx, p.f.Resoudre(c.Repertoire), c.Adresse, p.horloge)
	if err != nil {
		return err
	}
	p.igc = g
	publier := func(ctx context.Context) error {
		if _, err := g.PublierSiNecessaire(ctx, p.horloge()); err != nil {
			return err
		}
		return igclocal.Confiance(ctx, p.f.Resoudre(p.f.Confiance.Autorites), g)
	}
	if err := publier(ctx); err != nil {
		return err
	}
	p.tache(time.Minute, func(ctx context.Context) {
		if err := publier(ctx); err != nil {
			p.log.Error("listes de révocation non publiées", "erreur", err)
		}
	})
	mux := http.NewServeMux()
	igcfront.Routes(mux, "/igc", g, p.horloge)
	return p.ecouter("IGC", c.Adresse, serveurSimple(mux), false)
}

// ouvrirAutorite opens the authority kept in a directory.
func ouvrirAutorite(ctx context.Context, dir, adresse string, horloge func() time.Time) (*igc.IGC, error) {
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
