package charger

import (
	"context"
	"errors"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
	"github.com/ecluse-sante/ecluse/sante"
)

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
		a.croises = annuaire.NouveauCroisement(c.croisees())
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

// croisees is about how many professionals, mailboxes and structures are compared.
func (c *course) croisees() (n int) {
	for _, f := range c.rapport.Flux {
		switch f.Cle {
		case rass.PersonneActivite.String(), rass.MSSante.String(), rass.Structures.String(), "fiches":
			n += int(f.Lignes)
		}
	}
	return n
}

// parcourir goes over the drawers: structures first, for persons are said to work where
// these are.
func (a *atelier) parcourir(c *course, toutes bool) error {
	if err := a.inventorier(c.l.structures); err != nil {
		return travail(err)
	}
	p2, s2 := nouveauxTiroirs(c.dossier, "personnes2"), nouveauxTiroirs(c.dossier, "structures2")
	defer p2.fermer() // after an error; else they are closed already
	defer s2.fermer()
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
