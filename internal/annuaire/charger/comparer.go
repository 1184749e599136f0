package charger

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// Difference is what feeds change in what stands, on disk until [Difference.Fermer].
type Difference struct {
	Rapport    Rapport
	Generation uint64 // of the Vue that it was made over
	course     *course
	chemin     string
	nombre     int
	refus      error
}

// Nombre is how many records become other than they are.
func (d *Difference) Nombre() int { return d.nombre }

// Fermer removes what the difference keeps on disk.
func (d *Difference) Fermer() {
	if d.course != nil {
		d.course.nettoyer()
	}
}

// Comparer reads feeds and says what they change in a Vue, without changing anything.
// The same feeds over what they made give an empty difference.
//
// Errors are a [*Refus]. When it is of the guard (CHG-05), the difference comes with
// it: its report tells what would change, and [Appliquer] refuses it.
func Comparer(ctx context.Context, flux []Flux, vue *image.Vue, o Options) (*Difference, error) {
	c, err := nouvelleCourse(ctx, flux, &o)
	if err != nil {
		return nil, err
	}
	d := &Difference{Generation: vue.Generation(), course: c, chemin: filepath.Join(c.dossier, "difference")}
	c.l.vue = vue
	if err := c.preparer(ctx); err != nil {
		return nil, c.refuser(ctx, err)
	}
	if err := d.ecrire(ctx, vue); err != nil {
		return nil, c.refuser(ctx, err)
	}
	d.refus = c.garderAmpleur()
	d.Rapport = c.rapport
	if d.refus != nil {
		return d, c.refuser(ctx, d.refus)
	}
	return d, c.noter(ctx, annuaire.PassageCompare, nil)
}

// preparer reads the feeds and judges them.
func (c *course) preparer(ctx context.Context) error {
	if err := c.lire(ctx); err != nil {
		return err
	}
	c.jugerAge()
	if err := c.garderFlux(ctx); err != nil {
		return err
	}
	return c.noter(ctx, annuaire.PassageLu, nil)
}

// jugerAge notes the feeds that are too old. ref: RASS §13
func (c *course) jugerAge() {
	if c.o.Donnees == nil {
		return
	}
	v := c.o.Donnees.Verificateur(c.compte.jour)
	for _, f := range c.rapport.Flux {
		if !f.Instant.IsZero() {
			c.compte.mu.Lock()
			c.compte.releve.Noter(0, v.Source(f.Nom, f.Instant, c.o.Maintenant))
			c.compte.mu.Unlock()
		}
	}
}

// refuser writes in the journal that a run is over and changed nothing. What was read is
// kept when it may serve: the guard may be waived, the run may be taken up.
func (c *course) refuser(ctx context.Context, err error) error {
	c.rapport.Constats = c.compte.comptes()
	if errors.Is(err, errTiroir) { // the feeds are read again next time
		_ = os.Remove(c.marque())
	}
	if e := c.noter(context.WithoutCancel(ctx), annuaire.PassageRefuse, err); e != nil {
		return errors.Join(err, e)
	}
	return err
}

func (d *Difference) ecrire(ctx context.Context, vue *image.Vue) error {
	f, err := os.OpenFile(d.chemin, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return &Refus{Motif: MotifTravail, Cause: err}
	}
	w := bufio.NewWriterSize(f, 256<<10)
	var b, n []byte
	err = d.course.fabriquer(ctx, vue, false, func(k *annuaire.Changement, e etat) error {
		if e == inchangee {
			return nil
		}
		d.nombre++
		b = image.Encoder(b[:0], k)
		n = binary.AppendUvarint(n[:0], uint64(len(b)))
		if _, err := w.Write(n); err != nil {
			return &Refus{Motif: MotifTravail, Cause: err}
		}
		if _, err := w.Write(b); err != nil {
			return &Refus{Motif: MotifTravail, Cause: err}
		}
		return nil
	})
	if e := errors.Join(w.Flush(), f.Close()); e != nil && err == nil {
		err = &Refus{Motif: MotifTravail, Cause: e}
	}
	return err
}

// Changements are the records as they become. They are the caller's.
func (d *Difference) Changements() iter.Seq2[annuaire.Changement, error] {
	return func(un func(annuaire.Changement, error) bool) {
		f, err := os.Open(d.chemin)
		if err != nil {
			un(annuaire.Changement{}, &Refus{Motif: MotifTravail, Cause: err})
			return
		}
		defer f.Close()
		r := bufio.NewReaderSize(f, 256<<10)
		for range d.nombre {
			k, err := lireFiche(r)
			if err != nil {
				un(k, &Refus{Motif: MotifTravail, Cause: err})
				return
			}
			if !un(k, nil) {
				return
			}
		}
	}
}

func lireFiche(r *bufio.Reader) (k annuaire.Changement, err error) {
	n, err := binary.ReadUvarint(r)
	if err != nil || n > 16*morceauMax {
		return k, errTiroir
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return k, errTiroir
	}
	if k, err = image.Decoder(b); err != nil {
		return k, fmt.Errorf("différence: %w", err)
	}
	return k, nil
}

// Lots gives the changes by so many at most.
func (d *Difference) Lots(nombre int) iter.Seq2[[]annuaire.Changement, error] {
	return func(un func([]annuaire.Changement, error) bool) {
		var l []annuaire.Changement
		for k, err := range d.Changements() {
			if err != nil {
				un(nil, err)
				return
			}
			if l = append(l, k); len(l) == nombre {
				if !un(l, nil) {
					return
				}
				l = nil
			}
		}
		if len(l) > 0 {
			un(l, nil)
		}
	}
}
