package droits

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// Refusals of a key.
var (
	ErrCleInconnue = errors.New("droits: clé d'émetteur inconnue : mettre la liste des services à jour")
	ErrClePerimee  = errors.New("droits: clé d'émetteur hors de sa période")
	ErrMandat      = errors.New("droits: cet émetteur n'a pas mandat de cette AMC pour cela, à cette date")
	ErrCleMauvaise = errors.New("droits: clé d'émetteur mal décrite")
)

// UsageCle is what a key signs: a key serves one purpose.
type UsageCle string

// The purposes.
const (
	PourAccreditation UsageCle = "ACCREDITATION"
	PourLAR           UsageCle = "LAR"
)

// Cle is a signing key of an issuer, as the list of keys gives it. A key that is
// known to be in other hands is left out: what it signed proves nothing any more.
// ref: VISIO §12
type Cle struct {
	Emetteur sante.NumeroAMC // AMC or operator
	Kid      string
	Usage    UsageCle
	Publique *ecdsa.PublicKey // on P-256
	Debut    time.Time
	Fin      time.Time // excluded; zero: no end
}

// Mandat is the right of an operator to issue for an AMC. ref: DEC 14, VISIO §8.2
type Mandat struct {
	Operateur  sante.NumeroAMC
	AMC        sante.NumeroAMC
	Debut, Fin time.Time // Fin excluded; zero: no end
	Normales   bool      // the operator holds the rights and answers for the AMC
	Depannages bool      // it may answer when the AMC is silent
}

// nomCle is how a key is looked for: an issuer cannot use the name of another's.
type nomCle struct {
	emetteur, kid string
	usage         UsageCle
}

// Cles are the keys of the issuers and the mandates of the operators, as one list
// of services gave them. They do not change: a new list makes new Cles.
type Cles struct {
	cles    map[nomCle]Cle
	mandats map[[2]string][]Mandat
}

// NouvellesCles checks and holds keys and mandates.
func NouvellesCles(cles []Cle, mandats []Mandat) (*Cles, error) {
	c := &Cles{cles: make(map[nomCle]Cle, len(cles)), mandats: make(map[[2]string][]Mandat, len(mandats))}
	for _, k := range cles {
		n := nomCle{k.Emetteur.Sur10(), k.Kid, k.Usage}
		_, double := c.cles[n]
		if double || k.Emetteur.IsZero() || k.Kid == "" || len(k.Kid) > jades.NomMax || k.Publique == nil || k.Publique.Curve != elliptic.P256() ||
			k.Usage != PourAccreditation && k.Usage != PourLAR ||
			!k.Fin.IsZero() && !k.Debut.Before(k.Fin) {
			return nil, fmt.Errorf("%w : %s, %q", ErrCleMauvaise, k.Emetteur, k.Kid)
		}
		c.cles[n] = k
	}
	for _, m := range mandats {
		n := [2]string{m.Operateur.Sur10(), m.AMC.Sur10()}
		c.mandats[n] = append(c.mandats[n], m)
	}
	return c, nil
}

// Publique is the key of an issuer, of that name and for that purpose, that was good
// at an instant.
func (c *Cles) Publique(emetteur sante.NumeroAMC, kid string, usage UsageCle, instant time.Time) (*ecdsa.PublicKey, error) {
	k, err := c.cle(emetteur, kid, usage, instant)
	return k.Publique, err
}

func (c *Cles) cle(emetteur sante.NumeroAMC, kid string, usage UsageCle, instant time.Time) (Cle, error) {
	if c == nil {
		return Cle{}, ErrCleInconnue
	}
	k, ok := c.cles[nomCle{emetteur.Sur10(), kid, usage}]
	switch {
	case !ok:
		return Cle{}, ErrCleInconnue
	case !couvre(k.Debut, k.Fin, instant):
		return Cle{}, ErrClePerimee
	}
	return k, nil
}

// PeutEmettre tells whether an issuer could give that type of accreditation for an
// AMC at an instant: its own, or under mandate. ref: DEC 14
func (c *Cles) PeutEmettre(emetteur, amc sante.NumeroAMC, t TypeAccreditation, instant time.Time) bool {
	if MemeEmetteur(emetteur, amc) {
		return true
	}
	for _, m := range c.mandats[[2]string{emetteur.Sur10(), amc.Sur10()}] {
		if couvre(m.Debut, m.Fin, instant) && (t == Normale && m.Normales || t == Depannage && m.Depannages) {
			return true
		}
	}
	return false
}

// couvre tells whether an instant is from debut, included, to fin, excluded.
func couvre(debut, fin, t time.Time) bool {
	return !t.Before(debut) && (fin.IsZero() || t.Before(fin))
}
