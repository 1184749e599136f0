package accreditation

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// ClePublique is a key of the issuer as its lists give it.
type ClePublique struct {
	Kid        string
	Usage      droits.UsageCle
	Publique   *ecdsa.PublicKey
	Debut, Fin time.Time
	Compromise time.Time // since when it is known to be in other hands; zero when it is not
}

// Editions remembers what the issuer publishes, so that a restart, or another node,
// publishes the same again.
type Editions interface {
	// Inscrire keeps a public key the first time it is seen; Rayer takes one out.
	Inscrire(ctx context.Context, c ClePublique) error
	Rayer(ctx context.Context, kid string) error
	// Cles gives those that are not over at an instant.
	Cles(ctx context.Context, a time.Time) ([]ClePublique, error)
	// Prolonger puts off the end of a key: false when it ends later already, or is not
	// known.
	Prolonger(ctx context.Context, kid string, fin time.Time) (bool, error)
	// Finir brings forward the end of the keys of a purpose, and keeps the one announced, which
	// Reprendre gives back to a key that signs again.
	Finir(ctx context.Context, usage droits.UsageCle, fin time.Time) error
	Reprendre(ctx context.Context, kid string) error
	// Compromettre writes since when a key is in other hands: false when it is not known, or
	// was said so since an earlier instant. It is never taken back.
	Compromettre(ctx context.Context, kid string, depuis time.Time) (bool, error)
	// Edition gives the last edition of a list; zero when there is none.
	Edition(ctx context.Context, g visiodroits.Genre) (Edition, error)
	// Paraitre keeps an edition; ErrPubliee when another node did.
	Paraitre(ctx context.Context, g visiodroits.Genre, e Edition) error
}

// Edition is one edition of a list.
type Edition struct {
	Numero    int64
	Emission  time.Time
	Empreinte string // of its entries
}

// Annonceur publishes the signed lists of an issuer. ref: VISIO §12
type Annonceur struct {
	Emetteur visiodroits.Emetteur
	Editions Editions
	Kiosque  *visiodroits.Kiosque
	Cachet   func() *sceau.Cachet
	// Cles are the public keys; those that were inscribed when nil.
	Cles func(a time.Time) ([]visiodroits.CleEmetteur, error)
	// Services are the entries of the list of services; they may change without a
	// restart.
	Services func() []visiodroits.EntreeService
	// Termes and Etats are those of the nomenclatures and of the operational states; no
	// such list when nil. ref: VISIO §12
	Termes  func() []visiodroits.Terme
	Etats   func(a time.Time) []visiodroits.EtatService
	Horloge func() time.Time

	parues map[visiodroits.Genre]int64 // numbers in the kiosk of this node
}

// ErrAutreCle: the issuer signs already with a key that is not of this node.
var ErrAutreCle = errors.New("cet émetteur signe déjà par une autre clé, que ce nœud n'a pas")

// SignerPremier is Signer for a key that was just made: it must be the first of its
// purpose but for those in other hands, for the nodes of an issuer sign with one key. Two nodes that start at once may
// both be refused; neither then keeps its own.
func (x *Annonceur) SignerPremier(ctx context.Context, kid string, usage droits.UsageCle, k *ecdsa.PublicKey) error {
	seule := func() error {
		l, err := x.Editions.Cles(ctx, x.Horloge())
		if err == nil && slices.ContainsFunc(l, func(c ClePublique) bool { return c.Usage == usage && c.Kid != kid && c.Compromise.IsZero() }) {
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

// Publier publishes what changed, and again what is due.
func (x *Annonceur) Publier(ctx context.Context) error {
	l, err := x.cles(ctx)
	if err != nil {
		return fmt.Errorf("publier: %w", err)
	}
	if err := paraitre(ctx, x, visiodroits.GenreCertificats, l, false); err != nil {
		return err
	}
	if err := paraitre(ctx, x, visiodroits.GenreServices, x.Services(), true); err != nil {
		return err
	}
	if x.Termes != nil {
		if err := paraitre(ctx, x, visiodroits.GenreNomenclatures, x.Termes(), false); err != nil {
			return err
		}
	}
	if x.Etats == nil {
		return nil
	}
	return paraitre(ctx, x, visiodroits.GenreEtat, x.Etats(x.Horloge()), false)
}

func (x *Annonceur) cles(ctx context.Context) ([]visiodroits.CleEmetteur, error) {
	if x.Cles != nil {
		return x.Cles(x.Horloge())
	}
	inscrites, err := x.Editions.Cles(ctx, x.Horloge().Add(-VieCle))
	if err != nil {
		return nil, err
	}
	var l []visiodroits.CleEmetteur
	for _, c := range publiables(inscrites, x.Horloge()) {
		j, err := visiodroits.JWKDe(c.Publique)
		if err != nil {
			return nil, err
		}
		l = append(l, visiodroits.CleEmetteur{Kid: visiodroits.Kid(c.Kid), Titulaire: x.Emetteur, Usage: visiodroits.UsageCle(c.Usage), JWK: j, Debut: c.Debut, Fin: c.Fin,
			Compromise: c.Compromise})
	}
	return l, nil
}

// paraitre publishes the next edition of a list when its entries changed or it is due,
// and otherwise the last one again, under its number, if this node did not yet.
func paraitre[E visiodroits.Entree[E]](ctx context.Context, x *Annonceur, g visiodroits.Genre, entrees []E, exhaustive bool) error {
	if len(entrees) == 0 {
		return nil
	}
	a := x.Horloge().UTC().Truncate(time.Millisecond)
	derniere, err := x.Editions.Edition(ctx, g)
	if err != nil {
		return fmt.Errorf("publier %s: %w", g, err)
	}
	faire := func(e Edition) (*visiodroits.Liste[E], error) {
		return visiodroits.Complete(visiodroits.EnTete{Emetteur: x.Emetteur, Numero: e.Numero, DateEmission: e.Emission,
			ProchaineEmission: e.Emission.Add(g.Periode()), Exhaustive: exhaustive}, entrees)
	}
	e := Edition{Numero: derniere.Numero, Emission: derniere.Emission}
	if e.Numero == 0 {
		e = Edition{Numero: 1, Emission: a}
	}
	l, err := faire(e)
	if err != nil {
		return fmt.Errorf("publier %s: %w", g, err)
	}
	if neuve := l.EnTete.Empreinte != derniere.Empreinte || a.Sub(e.Emission) >= g.Periode()/2; neuve {
		e = Edition{Numero: derniere.Numero + 1, Emission: a}
		if l, err = faire(e); err != nil {
			return fmt.Errorf("publier %s: %w", g, err)
		}
		e.Empreinte = l.EnTete.Empreinte
		switch err := x.Editions.Paraitre(ctx, g, e); {
		case errors.Is(err, ErrPubliee):
			return nil // another node did: it is read next time
		case err != nil:
			return fmt.Errorf("publier %s: %w", g, err)
		}
	}
	if x.parues[g] >= e.Numero {
		return nil
	}
	if err := visiodroits.Publier(x.Kiosque, x.Cachet(), l); err != nil {
		return fmt.Errorf("publier %s: %w", g, err)
	}
	if x.parues == nil {
		x.parues = map[visiodroits.Genre]int64{}
	}
	x.parues[g] = e.Numero
	return nil
}
