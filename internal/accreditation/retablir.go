package accreditation

import (
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// ErrPasRetablie: an accreditation is not revoked, or a list told it already.
var ErrPasRetablie = errors.New("accréditation pas révoquée, ou dont une liste a déjà dit la révocation")

// Retablir takes back a revocation that no list told: nobody relied on it. What a list told
// stays, for some know it and others do not. ref: VISIO §7
func Retablir(ctx context.Context, reg Registre, n droits.NumeroAccreditation) error {
	fait, err := reg.Retablir(ctx, n)
	if err != nil || fait {
		return err
	}
	if connue, err := reg.Connue(ctx, n); err != nil || !connue {
		return errors.Join(ErrInconnue, err)
	}
	return ErrPasRetablie
}

// RevoquerPersonne ends those of a person by who they name, wherever the portfolio is, and
// whether it still knows the person; it tells how many.
func RevoquerPersonne(ctx context.Context, reg Registre, x droits.Personne, r Revocation) (int, error) {
	if err := verifierMotif(r.Motif); err != nil {
		return 0, err
	}
	var l []droits.NumeroAccreditation
	err := reg.Vives(ctx, r.Effet, func(n droits.NumeroAccreditation, qui droits.Empreinte) {
		if x.Empreinte(n) == qui {
			l = append(l, n)
		}
	})
	if err != nil {
		return 0, err
	}
	return revoquerToutes(ctx, reg, l, r)
}

func revoquerToutes(ctx context.Context, reg Registre, l []droits.NumeroAccreditation, r Revocation) (n int, err error) {
	for _, numero := range l {
		fait, err := reg.Revoquer(ctx, numero, r)
		if err != nil {
			return n, err
		}
		if fait {
			n++
		}
	}
	return n, nil
}

// Vive tells of an accreditation that is not revoked: its number, and the digest of who it
// names.
type Vive func(n droits.NumeroAccreditation, qui droits.Empreinte)

// Correction is what takes a revocation back, and finds what to revoke.
type Correction interface {
	// Retablir takes back a revocation that no list told; false when there is none.
	Retablir(ctx context.Context, n droits.NumeroAccreditation) (bool, error)
	// Connue tells whether a number was given, or is told by the lists without having been.
	Connue(ctx context.Context, n droits.NumeroAccreditation) (bool, error)
	// Vives gives those that are not revoked and whose rights end on a day or later.
	Vives(ctx context.Context, fin sante.Jour, donner Vive) error
}
