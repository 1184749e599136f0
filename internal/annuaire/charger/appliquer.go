package charger

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// superposerMax is how many changes are laid over what stands; with more, all is made
// again in one new image: faster to read, and no slower to make. hyp: CHARGER-SEUILS
const superposerMax = 100_000

// lotHistoire is how many changes the history is told at once.
const lotHistoire = 4096

// Appliquer puts a difference in service, in one switch: by laying it over what stands,
// or by a new image when it is large. It is refused when what stands is no longer what
// it was made over.
func Appliquer(ctx context.Context, d *Difference, depot Depot) error {
	if d.refus != nil {
		return d.refus
	}
	v := depot.Vue()
	defer v.Rendre()
	if v.Generation() != d.Generation {
		return d.course.refuser(ctx, &Refus{Motif: MotifPerime})
	}
	err := d.verser(ctx, v)
	switch {
	case err != nil || d.nombre == 0:
	case d.nombre <= superposerMax && v.Nombre(annuaire.Praticiens)+v.Nombre(annuaire.Structures) > 0:
		var l []annuaire.Changement
		for lot, e := range d.Lots(superposerMax) {
			if err = e; err != nil {
				break
			}
			l = append(l, lot...)
		}
		if err == nil {
			err = depot.Superposer(ctx, l)
		}
	default:
		err = d.refondre(ctx, v, depot)
	}
	if err != nil {
		if h := d.course.o.Historien; h != nil {
			err = errors.Join(err, h.Annuler(context.WithoutCancel(ctx), d.Rapport.Course))
		}
		return d.course.refuser(ctx, err)
	}
	return d.course.noter(ctx, annuaire.PassageApplique, nil)
}

// verser gives the history what is about to change.
func (d *Difference) verser(ctx context.Context, v *image.Vue) error {
	if d.course.o.Historien == nil {
		return nil
	}
	for lot, err := range d.Lots(lotHistoire) {
		if err != nil {
			return err
		}
		l := make([]annuaire.Remplacement, len(lot))
		for i := range lot {
			l[i].Apres = &lot[i]
			n, e := lot[i].Entete()
			if r, ok := v.ParID(n, e.ID); ok {
				k := v.Lire(r)
				l[i].Avant = &k
			}
		}
		if err := d.course.o.Historien.Verser(ctx, l, d.Rapport.Course, d.course.o.Maintenant); err != nil {
			return fmt.Errorf("charger: garder ce qui change: %w", err)
		}
	}
	return nil
}

// refondre makes a new image of what stands and of the difference.
func (d *Difference) refondre(ctx context.Context, v *image.Vue, depot Depot) error {
	var changees table
	var ids [][longueurID]byte
	for k, err := range d.Changements() {
		if err != nil {
			return err
		}
		_, e := k.Entete()
		var id [longueurID]byte
		copy(id[:], e.ID)
		changees.poser(hacher(id[:]), uint32(len(ids)))
		ids = append(ids, id)
	}
	return construire(ctx, depot, func(c Constructeur) error {
		for _, n := range annuaire.Natures {
			for r := range v.Parcourir(n) {
				id := v.ID(r)
				if i, ok := changees.trouver(hacher(id)); ok && string(ids[i][:]) == id {
					continue
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				k := v.Lire(r)
				if err := c.Ajouter(&k); err != nil {
					return err
				}
			}
		}
		for k, err := range d.Changements() {
			if err != nil {
				return err
			}
			if err := c.Ajouter(&k); err != nil {
				return err
			}
		}
		return nil
	})
}

// construire makes a whole image and puts it in service.
func construire(ctx context.Context, depot Depot, remplir func(Constructeur) error) error {
	fichier := depot.Nouvelle()
	c, err := image.Construire(fichier)
	if err != nil {
		return &Refus{Motif: MotifTravail, Cause: err}
	}
	defer c.Abandonner()
	if err := remplir(c); err != nil {
		return err
	}
	debug.FreeOSMemory() // what made the records goes before they are sorted and indexed
	if err := c.Finir(ctx); err != nil {
		if errors.Is(err, image.ErrDouble) {
			return &Refus{Motif: MotifFiche, Cause: err}
		}
		return err
	}
	return depot.Installer(fichier)
}

// Construire reads feeds and gives all the records that they and what stands make to a
// constructor. vue is nil when nothing stands.
func Construire(ctx context.Context, flux []Flux, vue *image.Vue, cible Constructeur, o Options) (*Rapport, error) {
	c, err := nouvelleCourse(ctx, flux, &o)
	if err != nil {
		return nil, err
	}
	if err := c.construire(ctx, vue, cible); err != nil {
		return nil, c.refuser(ctx, err)
	}
	c.nettoyer()
	return &c.rapport, nil
}

func (c *course) construire(ctx context.Context, vue *image.Vue, cible Constructeur) error {
	c.l.vue = vue
	if err := c.preparer(ctx); err != nil {
		return err
	}
	if err := c.fabriquer(ctx, vue, true, func(k *annuaire.Changement, _ etat) error { return cible.Ajouter(k) }); err != nil {
		return err
	}
	return c.garderAmpleur()
}

// Charger reads feeds and puts what they say in service: a whole image when nothing
// stands yet, else a difference. The report comes with the error when the guard refuses.
func Charger(ctx context.Context, flux []Flux, depot Depot, o Options) (*Rapport, error) {
	v := depot.Vue()
	defer v.Rendre()
	if !slices.ContainsFunc(annuaire.Natures[:annuaire.Equipements], func(n annuaire.Nature) bool { return v.Nombre(n) > 0 }) {
		return premierChargement(ctx, flux, v, depot, o)
	}
	d, err := Comparer(ctx, flux, v, o)
	if err != nil {
		if d == nil {
			return nil, err
		}
		return &d.Rapport, err
	}
	if err := Appliquer(ctx, d, depot); err != nil {
		return &d.Rapport, err
	}
	d.Fermer()
	return &d.Rapport, nil
}

func premierChargement(ctx context.Context, flux []Flux, v *image.Vue, depot Depot, o Options) (*Rapport, error) {
	c, err := nouvelleCourse(ctx, flux, &o)
	if err != nil {
		return nil, err
	}
	if err := construire(ctx, depot, func(k Constructeur) error { return c.construire(ctx, v, k) }); err != nil {
		return nil, c.refuser(ctx, err)
	}
	c.nettoyer()
	return &c.rapport, c.noter(ctx, annuaire.PassageApplique, nil)
}
