package annuaire

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Historique gives the versions of a record that were superseded. The image has the last
// one. ref: RASS §4
type Historique interface {
	// Versions are those before a number, the latest first, at most max. None is no error.
	Versions(ctx context.Context, n Nature, id string, avant uint32, max int) ([]Changement, error)
	// Version is the latest one that was known at an instant and true from a day or
	// before; ErrInconnu when there is none.
	Version(ctx context.Context, n Nature, id string, vrai sante.Jour, connu time.Time) (*Changement, error)
}

// Remplacement is a record that a feed changes: what it was, nil for a new one, and what
// it becomes.
type Remplacement struct{ Avant, Apres *Changement }

// VraiDepuis is the day from which the content of a version is true: the one it says,
// and for a version that corrects another not before the day it was known; 0, always,
// for the first version of a record that does not say. hyp: VRAI-DEPUIS
func (e *Entete) VraiDepuis() sante.Jour {
	if e.Version <= 1 || e.Maj == 0 {
		return e.Du
	}
	return max(e.Du, sante.JourA(time.UnixMilli(e.Maj), sante.Paris()))
}

// AuJour is a record as it was true on a day, by what was known at an instant. The last
// version known then says whether the record had ended; the one that was true on the day
// gives its content, or the last one when it corrects when the record began. It is
// ErrInconnu when nothing was known, or when the record was not true on that day.
func AuJour(ctx context.Context, h Historique, courante *Changement, vrai sante.Jour, connu time.Time) (*Changement, error) {
	n, e := courante.Entete()
	derniere := courante
	if e.Maj > connu.UnixMilli() {
		var err error
		if derniere, err = h.Version(ctx, n, e.ID, jourMax, connu); err != nil {
			return nil, err
		}
	}
	_, d := derniere.Entete()
	if d.Au != 0 && d.Au < vrai {
		return nil, ErrInconnu
	}
	c := derniere
	if d.VraiDepuis() > vrai {
		autre, err := h.Version(ctx, n, e.ID, vrai, connu)
		switch {
		case err == nil:
			if _, a := autre.Entete(); a.EnVigueur(vrai) {
				c = autre
			}
		case !errors.Is(err, ErrInconnu):
			return nil, err
		}
	}
	if _, e := c.Entete(); !e.EnVigueur(vrai) {
		return nil, ErrInconnu
	}
	return c, nil
}

// jourMax is after all the days that are written.
var jourMax = sante.JourDe(9999, 12, 31)
