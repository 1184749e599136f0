// Package alerte carries the security events of vigie to the operator's tools:
// the structured log (slog), and syslog in the Common Event Format that most
// security consoles read. What goes out never names a person: see vigie.Masquer.
package alerte

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
)

// Ecrivain carries one event somewhere. It is called by one goroutine at a time.
type Ecrivain interface {
	Ecrire(ctx context.Context, e vigie.Evenement) error
}

// fileMax bounds the events waiting for a slow console.
const fileMax = 1024

// delaiEcriture bounds one writing.
const delaiEcriture = 5 * time.Second

// Diffuseur is a vigie.Alertes that hands events to writers, in another
// goroutine: a console that does not answer slows no request. When too many wait,
// new ones are counted and lost, and the count is told.
type Diffuseur struct {
	ecrivains []Ecrivain
	erreur    func(error)
	file      chan vigie.Evenement
	perdus    atomic.Int64
}

// ErrPerdus tells that events were lost, the console being too slow.
var ErrPerdus = errors.New("alerte: événements perdus, file pleine")

// NewDiffuseur makes a diffuser; Tourner must be started. erreur receives what
// goes wrong with a writer.
func NewDiffuseur(erreur func(error), ecrivains ...Ecrivain) *Diffuseur {
	return &Diffuseur{ecrivains: ecrivains, erreur: erreur, file: make(chan vigie.Evenement, fileMax)}
}

// Signaler queues an event; it never blocks.
func (d *Diffuseur) Signaler(e vigie.Evenement) {
	select {
	case d.file <- e:
	default:
		d.perdus.Add(1)
	}
}

// Tourner writes events until ctx ends, then those already queued.
func (d *Diffuseur) Tourner(ctx context.Context) {
	for {
		select {
		case e := <-d.file:
			d.ecrire(context.WithoutCancel(ctx), e)
		case <-ctx.Done():
			d.finir(context.WithoutCancel(ctx))
			return
		}
	}
}

func (d *Diffuseur) finir(ctx context.Context) {
	ctx, fin := context.WithTimeout(ctx, delaiEcriture)
	defer fin()
	for ctx.Err() == nil {
		select {
		case e := <-d.file:
			d.ecrire(ctx, e)
		default:
			return
		}
	}
}

func (d *Diffuseur) ecrire(ctx context.Context, e vigie.Evenement) {
	e.Detail = vigie.Masquer(e.Detail)
	e.Structure = vigie.Masquer(e.Structure)
	for _, w := range d.ecrivains {
		borne, fin := context.WithTimeout(ctx, delaiEcriture)
		if err := w.Ecrire(borne, e); err != nil {
			d.erreur(err)
		}
		fin()
	}
	if n := d.perdus.Swap(0); n > 0 {
		d.erreur(ErrPerdus)
	}
}

// Journal writes events to a structured log, at the level of their gravity.
type Journal struct{ Log *slog.Logger }

// Ecrire logs one event.
func (j Journal) Ecrire(ctx context.Context, e vigie.Evenement) error {
	niveau := slog.LevelInfo
	switch {
	case e.Gravite >= vigie.Alerte:
		niveau = slog.LevelError // someone must act
	case e.Gravite >= vigie.Attention:
		niveau = slog.LevelWarn
	}
	j.Log.LogAttrs(ctx, niveau, "événement de sécurité", slog.String("code", string(e.Code)),
		slog.String("libelle", e.Code.Libelle()), slog.Time("quand", e.Quand), slog.String("tenant", e.Tenant),
		slog.String("structure", e.Structure), slog.String("detail", e.Detail))
	return nil
}
