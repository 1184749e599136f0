package charger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// course is one run, from the feeds to where records go.
type course struct {
	o       *Options
	flux    []Flux
	rapport Rapport
	compte  *compte
	l       *lecture
	dossier string
	repris  bool
}

// nouvelleCourse judges the feeds and makes the place of work.
func nouvelleCourse(ctx context.Context, flux []Flux, o *Options) (*course, error) {
	if err := jugerFlux(flux); err != nil {
		return nil, err
	}
	if n := len(o.AccepteePar); n != 0 && (n < 2 || n > 100 || strings.TrimSpace(o.AccepteePar) == "") {
		return nil, &Refus{Motif: MotifAcceptation}
	}
	c := &course{o: o, flux: slices.Clone(flux), compte: nouveauCompte(o)}
	c.rapport.Debut = o.Maintenant
	// The order of feeds changes nothing: it is that of their kinds.
	slices.SortFunc(c.flux, func(x, y Flux) int { return strings.Compare(x.cle(), y.cle()) })
	h := sha256.New()
	fmt.Fprintf(h, "format %d\n", formatTravail)
	reprise := true
	for i := range c.flux {
		e, err := c.flux[i].empreinte(ctx)
		if err != nil {
			return nil, err
		}
		c.flux[i].Empreinte = e
		reprise = reprise && e != ""
		fmt.Fprintf(h, "%s %s\n", c.flux[i].cle(), e)
	}
	c.rapport.Course = hex.EncodeToString(h.Sum(nil)[:16])
	c.dossier = filepath.Join(o.Repertoire, "charge-"+c.rapport.Course)
	if !reprise {
		c.dossier = filepath.Join(o.Repertoire, "charge-unique")
	}
	if err := c.installer(reprise); err != nil {
		return nil, &Refus{Motif: MotifTravail, Cause: err}
	}
	return c, nil
}

// installer keeps the place of work of the same inputs, and removes those of others.
func (c *course) installer(reprise bool) error {
	if err := os.MkdirAll(c.o.Repertoire, 0o700); err != nil {
		return err
	}
	autres, err := filepath.Glob(filepath.Join(c.o.Repertoire, "charge-*"))
	if err != nil {
		return err
	}
	for _, d := range autres {
		if d != c.dossier || !reprise {
			if err := os.RemoveAll(d); err != nil {
				return err
			}
		}
	}
	c.l = &lecture{personnes: nouveauxTiroirs(c.dossier, "personnes"), structures: nouveauxTiroirs(c.dossier, "structures"), compte: c.compte}
	c.l.rattacher.chemin = filepath.Join(c.dossier, "a-rattacher")
	return os.MkdirAll(c.dossier, 0o700)
}

// lire reads all feeds into drawers, two at once.
func (c *course) lire(ctx context.Context) error {
	if c.repris = c.reprendre(); c.repris {
		c.rapport.Repris = true
		return nil
	}
	_ = os.Remove(c.marque())
	c.rapport.Flux = make([]FluxLu, len(c.flux))
	erreurs := make([]error, len(c.flux))
	ctx, arreter := context.WithCancel(ctx)
	defer arreter()
	places := make(chan struct{}, c.o.ouvriers())
	var g sync.WaitGroup
	for i := range c.flux {
		g.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			f := &c.flux[i]
			lu, err := c.l.lire(ctx, f)
			lu.Empreinte = f.Empreinte
			c.rapport.Flux[i] = lu
			if err != nil {
				erreurs[i] = err
				arreter()
			}
		})
	}
	g.Wait()
	fermes := errors.Join(c.l.personnes.fermer(), c.l.structures.fermer(), c.l.rattacher.fermer())
	if err := premiere(erreurs); err != nil {
		return err
	}
	if fermes != nil {
		return &Refus{Motif: MotifTravail, Cause: fermes}
	}
	return c.marquer()
}

// premiere is the error that stopped the others.
func premiere(l []error) error {
	var suite error
	for _, err := range l {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		if suite == nil {
			suite = err
		}
	}
	return suite
}

// noter tells the journal that a stage is over. Feeds that were applied already, and are
// read again, have nothing to tell.
func (c *course) noter(ctx context.Context, e annuaire.EtatPassage, refus error) error {
	if c.o.Journal == nil {
		return nil
	}
	p := &annuaire.Passage{Course: c.rapport.Course, Etat: e, Commence: c.rapport.Debut, Maj: c.o.Maintenant, Flux: map[string]int64{}, Constats: c.compte.comptes()}
	for _, f := range c.rapport.Flux {
		if f.Portee == Entier { // what a file of differences has is compared with nothing
			p.Flux[f.Cle] = f.Lignes
		}
	}
	var r *Refus
	if errors.As(refus, &r) {
		p.Refus = r.Motif.Code()
	}
	var err error
	if p.Rapport, err = json.Marshal(&c.rapport); err == nil {
		err = c.o.Journal.Noter(ctx, p)
	}
	if err != nil && !errors.Is(err, annuaire.ErrPassage) {
		return fmt.Errorf("charger: journal: %w", err)
	}
	return nil
}

func (o *Options) lieu() *time.Location {
	if o.Lieu != nil {
		return o.Lieu
	}
	return time.UTC
}

// nettoyer removes the place of work of a run that is over.
func (c *course) nettoyer() { _ = os.RemoveAll(c.dossier) }
