package accreditation

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"slices"

	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// ErrAutreCle: the issuer signs already with a key that is not of this node.
var ErrAutreCle = errors.New("cet émetteur signe déjà par une autre clé, que ce nœud n'a pas")

// SignerPremier is Signer for a key that was just made: it must be the first of its
// purpose, for the nodes of an issuer sign with one key. Two nodes that start at once may
// both be refused; neither then keeps its own.
func (x *Annonceur) SignerPremier(ctx context.Context, kid string, usage droits.UsageCle, k *ecdsa.PublicKey) error {
	seule := func() error {
		l, err := x.Editions.Cles(ctx, x.Horloge())
		if err == nil && slices.ContainsFunc(l, func(c ClePublique) bool { return c.Usage == usage && c.Kid != kid }) {
			err = ErrAutreCle
		}
		return err
	}
	if err := seule(); err != nil {
		return err
	}
	if err := x.Signer(ctx, kid, usage, k); err != nil {
		return err
	}
	err := seule()
	if err != nil {
		err = errors.Join(err, x.Editions.Rayer(ctx, kid))
	}
	return err
}
