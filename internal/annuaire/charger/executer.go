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
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/sante"
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

// lus is what a finished reading leaves beside its drawers.
type lus struct {
	Flux                  []FluxLu
	Personnes, Structures [nombreTiroirs]int64
	Rattacher             int64
	Constats              map[string]int64
}

func (c *course) marque() string { return filepath.Join(c.dossier, "lu.json") }

// reprendre takes the drawers of a run with the same inputs that was interrupted.
func (c *course) reprendre() bool {
	b, err := os.ReadFile(c.marque())
	var m lus
	if err != nil || json.Unmarshal(b, &m) != nil {
		return false
	}
	d, err := os.Stat(c.l.rattacher.chemin)
	if m.Rattacher > 0 && (err != nil || d.Size() != m.Rattacher) || !c.l.personnes.rouvrir(m.Personnes) || !c.l.structures.rouvrir(m.Structures) {
		return false
	}
	c.l.rattacher.taille = m.Rattacher
	c.rapport.Flux = m.Flux
	for k, n := range m.Constats {
		c.compte.lignes[k] += n
	}
	return true
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
	if err := premiere(erreurs); err != nil {
		return err
	}
	if err := errors.Join(c.l.personnes.fermer(), c.l.structures.fermer(), c.l.rattacher.fermer()); err != nil {
		return &Refus{Motif: MotifTravail, Cause: err}
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

// marquer says that the reading is over.
func (c *course) marquer() error {
	m := lus{Flux: c.rapport.Flux, Personnes: c.l.personnes.tailles, Structures: c.l.structures.tailles, Rattacher: c.l.rattacher.taille}
	c.compte.mu.Lock()
	m.Constats = make(map[string]int64, len(c.compte.lignes))
	for k, n := range c.compte.lignes {
		m.Constats[k] = n
	}
	c.compte.mu.Unlock()
	b, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(c.marque()+".neuf", b, 0o600)
	}
	if err == nil {
		err = os.Rename(c.marque()+".neuf", c.marque())
	}
	if err != nil {
		return &Refus{Motif: MotifTravail, Cause: err}
	}
	return nil
}

// noter tells the journal that a stage is over.
func (c *course) noter(ctx context.Context, nom NomEtape, refus error) error {
	if c.o.Journal == nil {
		return nil
	}
	e := Etape{Course: c.rapport.Course, Nom: nom, Instant: c.o.Maintenant, Rapport: &c.rapport}
	var r *Refus
	if errors.As(refus, &r) {
		e.Refus = r.Motif.Code()
	}
	if err := c.o.Journal.Noter(ctx, e); err != nil {
		return fmt.Errorf("charger: journal: %w", err)
	}
	return nil
}

// fabriquer makes all the records of the feeds and of what stands, and gives them to a
// sink. vue is nil when nothing stands.
// toutes tells whether records of which nothing is said are given too.
func (c *course) fabriquer(ctx context.Context, vue *image.Vue, toutes bool, p puits) error {
	a := &atelier{ctx: ctx, o: c.o, vue: vue, reg: nouveauRegistre(), compte: c.compte, puits: p, membres: map[uint64][]string{},
		maj: c.o.Maintenant.UnixMilli(), jour: sante.JourA(c.o.Maintenant, c.o.lieu())}
	for i := range c.flux {
		f := &c.flux[i]
		if f.Fiches != nil {
			a.fiches = f
			continue
		}
		a.portees[f.Fichier] = c.rapport.Flux[i].Portee
	}
	if c.o.Donnees != nil {
		a.croises = annuaire.NouveauCroisement(int(c.rapport.Lignes()))
	}
	for _, n := range annuaire.Natures {
		a.vus[n] = nouveauxVus(vue, n)
		if vue != nil {
			a.mouvements[n].Avant = vue.Nombre(n)
		}
	}
	err := a.parcourir(c, toutes)
	c.rapport.Constats, c.rapport.Releve = c.compte.comptes(), &c.compte.releve
	c.rapport.Mouvements = map[annuaire.Nature]Mouvement{}
	for _, n := range annuaire.Natures {
		c.rapport.Mouvements[n] = a.mouvements[n]
	}
	return err
}

// parcourir goes over the drawers: structures first, for persons are said to work where
// these are.
func (a *atelier) parcourir(c *course, toutes bool) error {
	if err := a.inventorier(c.l.structures); err != nil {
		return travail(err)
	}
	p2, s2 := nouveauxTiroirs(c.dossier, "personnes2"), nouveauxTiroirs(c.dossier, "structures2")
	vp, vs := versement{t: p2}, versement{t: s2}
	if err := a.rattacher(&c.l.rattacher, &vp, &vs); err != nil {
		return travail(err)
	}
	if err := errors.Join(vp.finir(), vs.finir(), s2.fermer()); err != nil {
		return travail(err)
	}
	if err := a.groupes([]*tiroirs{c.l.structures, s2}, (*ouvrier).structure, p2); err != nil {
		return travail(err)
	}
	if err := p2.fermer(); err != nil {
		return travail(err)
	}
	a.reg.alias = table{}
	if err := a.groupes([]*tiroirs{c.l.personnes, p2}, (*ouvrier).personne, nil); err != nil {
		return travail(err)
	}
	w := a.nouvelOuvrier()
	defer a.compte.ajouter(&w.releve)
	if err := w.lierReseaux(); err != nil {
		return err
	}
	if err := w.fermerDesertees(); err != nil {
		return err
	}
	if !toutes && !slices.ContainsFunc(c.rapport.Flux, func(f FluxLu) bool { return f.Portee == Entier }) {
		return nil
	}
	return w.silences()
}

// travail tells an error of the files of work from the others.
func travail(err error) error {
	if errors.Is(err, errTiroir) {
		return &Refus{Motif: MotifTravail, Cause: err}
	}
	return err
}

func (o *Options) lieu() *time.Location {
	if o.Lieu != nil {
		return o.Lieu
	}
	return time.UTC
}

// nettoyer removes the place of work of a run that is over.
func (c *course) nettoyer() { _ = os.RemoveAll(c.dossier) }
