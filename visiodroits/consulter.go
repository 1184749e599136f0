package visiodroits

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// ErrCleInconnue is returned when no list in force holds the key, or when it does
// not hold at that instant.
var ErrCleInconnue = errors.New("clé inconnue, hors de sa période ou compromise")

// ErrCleSansEffet wraps ErrCleInconnue: a list holds the key, and says that it does not hold
// then, or that it is compromised. Reading the list again would not tell more.
var ErrCleSansEffet = fmt.Errorf("%w : une liste la nomme", ErrCleInconnue)

// CleTrouvee is a key, and how sure that is. Whoever prices refuses one that is not
// Fraiche; whoever checks rights may use one that is EnRetard. ref: VISIO §9.3
type CleTrouvee struct {
	CleEmetteur
	Emetteur  Emetteur // whose list says so
	Fraicheur Fraicheur
}

// Cle finds a key of a holder by its name, to check what was signed at the instant
// quand; a is now. Two lists that give different keys give none. The error wraps
// ErrCleInconnue.
func (c *Classeur) Cle(titulaire Emetteur, kid Kid, quand, a time.Time) (*CleTrouvee, error) {
	var t *CleTrouvee
	for _, reg := range c.certificats {
		e, f, _ := reg.lire().fraicheur(a)
		if e == nil {
			continue
		}
		e.sous(string(kid), func(k *CleEmetteur) bool {
			t = retenir(t, k, e, f, k.Titulaire == titulaire)
			return true
		})
	}
	switch {
	case t == nil:
		return nil, ErrCleInconnue
	case !t.sert(quand):
		return nil, ErrCleSansEffet
	}
	return t, nil
}

// retenir keeps the freshest of what lists say of one key; what differs is not
// usable, and is given a period in which it never holds.
func retenir(t *CleTrouvee, k *CleEmetteur, e *edition[CleEmetteur], f Fraicheur, sien bool) *CleTrouvee {
	n := &CleTrouvee{CleEmetteur: *k, Emetteur: e.liste.EnTete.Emetteur, Fraicheur: f}
	switch {
	case !sien:
		return t
	case t == nil:
		return n
	case t.JWK != k.JWK || t.Usage != k.Usage:
		t.Fin = time.Time{}
	case !k.Compromise.IsZero() || f < t.Fraicheur && t.Compromise.IsZero() && !t.Fin.IsZero():
		return n
	}
	return t
}

// ClePour finds the key of a holder for a purpose, now: the newest, when two
// overlap. The error is ErrCleInconnue.
func (c *Classeur) ClePour(titulaire Emetteur, usage UsageCle, a time.Time) (*CleTrouvee, error) {
	var t *CleTrouvee
	for _, reg := range c.certificats {
		e := reg.lire().enVigueur(a)
		if e == nil {
			continue
		}
		for i := range e.liste.Entrees {
			k := &e.liste.Entrees[i]
			if k.Titulaire != titulaire || k.Usage != usage || !k.sert(a) || t != nil && !k.Debut.After(t.Debut) {
				continue
			}
			if x, err := c.Cle(titulaire, k.Kid, a, a); err == nil {
				t = x
			}
		}
	}
	if t == nil {
		return nil, ErrCleInconnue
	}
	return t, nil
}

// Cles are all the keys that lists in force give, compromised ones left out: what a
// verifier without network keeps. Each is given once.
func (c *Classeur) Cles(a time.Time) []CleTrouvee {
	var l []CleTrouvee
	for i, reg := range c.certificats {
		e := reg.lire().enVigueur(a)
		if e == nil {
			continue
		}
		for k := range e.liste.Entrees {
			x := &e.liste.Entrees[k]
			if t, err := c.Cle(x.Titulaire, x.Kid, x.Debut, a); err == nil && c.premier(i, x, a) {
				l = append(l, *t)
			}
		}
	}
	return l
}

// premier tells whether no list before the i-th gives the key.
func (c *Classeur) premier(i int, k *CleEmetteur, a time.Time) bool {
	vue := false
	for _, reg := range c.certificats[:i] {
		if e := reg.lire().enVigueur(a); e != nil {
			e.sous(string(k.Kid), func(x *CleEmetteur) bool { vue = vue || x.Titulaire == k.Titulaire; return !vue })
		}
	}
	return !vue
}

// Services gives every entry of the lists of services in force at an instant, those
// whose period is past or to come included: who is mandated, and until when.
func (c *Classeur) Services(a time.Time) iter.Seq[ServiceTrouve] {
	return func(rendre func(ServiceTrouve) bool) {
		for _, reg := range c.services {
			e, f, _ := reg.lire().fraicheur(a)
			if e == nil {
				continue
			}
			h := &e.liste.EnTete
			for i := range e.liste.Entrees {
				if !rendre(ServiceTrouve{EntreeService: e.liste.Entrees[i], Emetteur: h.Emetteur, NumeroListe: h.Numero, Fraicheur: f}) {
					return
				}
			}
		}
	}
}

// Terme finds what a code of a nomenclature means on a day, at the instant a; ok is
// false when no list in force says it. The first issuer expected prevails.
func (c *Classeur) Terme(table Table, code CodeTerme, j sante.Jour, a time.Time) (t Terme, ok bool) {
	for _, reg := range c.nomenclatures {
		e := reg.lire().enVigueur(a)
		if e == nil {
			continue
		}
		e.sous(Terme{Table: table, Code: code}.titre(), func(x *Terme) bool {
			if x.vaut(j) {
				t, ok = *x, true
			}
			return !ok
		})
		if ok {
			return t, true
		}
	}
	return Terme{}, false
}
