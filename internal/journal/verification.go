package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Bilan says what a full verification read.
type Bilan struct {
	Origine string
	// Feuilles were read, of which Effacees no longer have their record and
	// Scellees have one that could not be opened for lack of keys.
	Feuilles, Effacees, Scellees int64
	Point                        preuve.PointControle
}

// VerifierFin checks what can be in a few reads: the signature of the last
// checkpoint, and that the end of the tree has its root.
func (j *Journal) VerifierFin(ctx context.Context) error {
	return j.o.Magasin.Instantane(ctx, func(ctx context.Context) error {
		t, p, err := j.tete(ctx)
		if err != nil {
			return err
		}
		r, err := preuve.RacineDe(p.Taille, j.lecteurTuile(ctx, t.Generation))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrIncoherent, err)
		}
		if r != p.Racine {
			return fmt.Errorf("%w: les tuiles n'ont pas la racine signée (voir « ecluse journal reconstruire »)", ErrIncoherent)
		}
		return nil
	})
}

// Verifier reads everything: each record has its leaf's hash, ranks follow each
// other, the leaves make the tiles, and the tiles the signed roots. One Bilan
// for each log.
func (j *Journal) Verifier(ctx context.Context) ([]Bilan, error) {
	var l []Bilan
	err := j.o.Magasin.Instantane(ctx, func(ctx context.Context) error {
		l = nil
		tetes, err := j.o.Magasin.Tetes(ctx, j.o.Tenant)
		if err != nil {
			return err
		}
		for _, t := range tetes {
			b, err := j.verifierJournal(ctx, t)
			if err != nil {
				return err
			}
			l = append(l, b)
		}
		return nil
	})
	return l, err
}

func (j *Journal) verifierJournal(ctx context.Context, t Tete) (Bilan, error) {
	p, err := j.lireTete(t)
	if err != nil {
		return Bilan{}, err
	}
	bilan := Bilan{Origine: p.Origine, Point: p}
	bord, err := j.derouler(ctx, t, func(l Ligne) error {
		e, err := j.element(ctx, l)
		if e.Efface {
			bilan.Effacees++
		}
		if e.Scelle {
			bilan.Scellees++
		}
		return err
	}, func(attendue preuve.Tuile) error {
		lue, err := j.o.Magasin.Tuile(ctx, j.o.Tenant, t.Generation, attendue.Niveau, attendue.Indice)
		if err != nil || !bytes.Equal(lue, attendue.Octets()) {
			return errors.Join(fmt.Errorf("%w: tuile %d/%d", ErrIncoherent, attendue.Niveau, attendue.Indice), err)
		}
		return nil
	})
	if err != nil {
		return bilan, err
	}
	bilan.Feuilles = bord.Taille()
	if bord.Racine() != p.Racine {
		return bilan, fmt.Errorf("%w: %s, racine des lignes différente de la racine signée", ErrIncoherent, p.Origine)
	}
	return bilan, nil
}

// derouler makes the tree again from the rows of a log, by rank.
func (j *Journal) derouler(ctx context.Context, t Tete, ligne func(Ligne) error, tuile func(preuve.Tuile) error) (*preuve.Bord, error) {
	bord := &preuve.Bord{}
	var pleines []preuve.Tuile
	vider := func() error {
		for _, p := range pleines {
			if err := tuile(p); err != nil {
				return err
			}
		}
		pleines = pleines[:0]
		return nil
	}
	err := j.o.Magasin.Parcourir(ctx, j.o.Tenant, t.Generation, 0, t.Taille, func(l Ligne) error {
		if l.Rang != bord.Taille() {
			return fmt.Errorf("%w: rang %d trouvé, %d attendu", ErrIncoherent, l.Rang, bord.Taille())
		}
		if err := ligne(l); err != nil {
			return err
		}
		bord.Ajouter(l.Feuille, func(p preuve.Tuile) { pleines = append(pleines, p) })
		return vider()
	})
	if err != nil {
		return nil, err
	}
	if bord.Taille() != t.Taille {
		return nil, fmt.Errorf("%w: %d feuilles, %d signées", ErrIncoherent, bord.Taille(), t.Taille)
	}
	pleines = append(pleines, bord.Partielles()...)
	return bord, vider()
}

// Reconstruire makes the tiles of every log again from the rows, in one
// transaction under the sequencer's lease, and keeps them only if each tree has
// its signed root.
func (j *Journal) Reconstruire(ctx context.Context) error {
	if j.o.Signataire == nil {
		return ErrLectureSeule
	}
	nous := "reconstruction-" + nouvelID(j.o.Horloge())
	tenu, err := j.o.Magasin.SousBail(ctx, nous, j.o.Horloge(), bailReconstruction, func(ctx context.Context) error {
		tetes, err := j.o.Magasin.Tetes(ctx, j.o.Tenant)
		if err != nil {
			return err
		}
		for _, t := range tetes {
			if err := j.reconstruire(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case !tenu:
		return ErrBail
	}
	return j.o.Magasin.RendreBail(ctx, nous)
}

func (j *Journal) reconstruire(ctx context.Context, t Tete) error {
	p, err := j.lireTete(t)
	if err != nil {
		return err
	}
	if err := j.o.Magasin.OterTuiles(ctx, j.o.Tenant, t.Generation); err != nil {
		return err
	}
	bord, err := j.derouler(ctx, t, func(Ligne) error { return nil }, func(x preuve.Tuile) error {
		return j.o.Magasin.PoserTuiles(ctx, j.o.Tenant, t.Generation, []preuve.Tuile{x})
	})
	if err != nil {
		return err
	}
	if bord.Racine() != p.Racine {
		return fmt.Errorf("%w: %s, les lignes ne font pas la racine signée", ErrIncoherent, p.Origine)
	}
	return nil
}
