package accreditation

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
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
}

// Editions remembers what the issuer publishes, so that a restart, or another node,
// publishes the same again.
type Editions interface {
	// Inscrire keeps a public key the first time it is seen.
	Inscrire(ctx context.Context, c ClePublique) error
	// Cles gives those that are not over.
	Cles(ctx context.Context, a time.Time) ([]ClePublique, error)
	// Edition gives the last edition of a list; zero when there is none.
	Edition(ctx context.Context, g visiodroits.Genre) (Edition, error)
	// Paraitre keeps an edition; ErrPubliee when another node did.
	Paraitre(ctx context.Context, g visiodroits.Genre, e Edition) error
	// Rayer takes out a key that never signed.
	Rayer(ctx context.Context, kid string) error
}

// Edition is one edition of a list.
type Edition struct {
	Numero    int64
	Emission  time.Time
	Empreinte string // of its entries
}

// vieCle is how long a key signs. hyp: VISIO-VIE-CLE
const vieCle = 2 * 365 * 24 * time.Hour

// Kid names a key by its thumbprint, so that no two keys share a name.
func Kid(k *ecdsa.PublicKey) (string, error) {
	j, err := visiodroits.JWKDe(k)
	return string(j.Empreinte()), err
}

// Annonceur publishes the signed lists of an issuer. ref: VISIO §12
type Annonceur struct {
	Emetteur visiodroits.Emetteur
	Editions Editions
	Kiosque  *visiodroits.Kiosque
	Cachet   func() *sceau.Cachet
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

// Signer inscribes a key that signs from now on.
func (x *Annonceur) Signer(ctx context.Context, kid string, usage droits.UsageCle, k *ecdsa.PublicKey) error {
	a := x.Horloge()
	return x.Editions.Inscrire(ctx, ClePublique{kid, usage, k, a.Add(-24 * time.Hour), a.Add(vieCle)})
}

// Publier publishes what changed, and again what is due.
func (x *Annonceur) Publier(ctx context.Context) error {
	cles, err := x.Editions.Cles(ctx, x.Horloge())
	if err != nil {
		return fmt.Errorf("publier: %w", err)
	}
	var l []visiodroits.CleEmetteur
	for _, c := range cles {
		j, err := visiodroits.JWKDe(c.Publique)
		if err != nil {
			return fmt.Errorf("publier: %w", err)
		}
		l = append(l, visiodroits.CleEmetteur{Kid: visiodroits.Kid(c.Kid), Titulaire: x.Emetteur, Usage: visiodroits.UsageCle(c.Usage), JWK: j, Debut: c.Debut, Fin: c.Fin})
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
