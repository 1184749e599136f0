package visiodroits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/sceau"
)

// Parution is a sealed list as it is published, whatever its kind: a list of
// revoked accreditations is published in the same way.
type Parution struct {
	Numero    int64
	Octets    []byte    // not to be written in
	Marque    string    // names these bytes, for caches
	Emission  time.Time // when it was made
	Effet     time.Time // when it begins to hold
	Prochaine time.Time // when the next one is due, or begins to hold
	Suivante  bool      // another waits for its day
}

// MarqueDe names bytes, for caches.
func MarqueDe(octets []byte) string {
	d := sha256.Sum256(octets)
	return hex.EncodeToString(d[:16])
}

var (
	// ErrNonParue says that nothing of the sort was published.
	ErrNonParue = errors.New("liste non parue")
	// ErrAJour says that whoever asks holds the list in force.
	ErrAJour = errors.New("liste déjà tenue")
)

// garde is how many editions of a list a Kiosque remembers, to make partial lists
// from them.
const garde = 32

// Kiosque keeps in memory what an issuer publishes: the last editions of each of
// its lists, whole, and partial from each to the later ones. It is safe for
// concurrent use. After a restart its owner publishes again the lists in force,
// under the same numbers: readers see that nothing changed.
type Kiosque struct {
	publie sync.Mutex // held by who publishes
	mu     sync.RWMutex
	listes map[etagere][]*parue // by number
}

// etagere is the place of a list.
type etagere struct {
	genre    Genre
	emetteur Emetteur
}

// parue is an edition that was published.
type parue struct {
	Parution
	releve     releve
	partielles map[int64]Parution // by base
}

// Publier seals a complete list and puts it in the Kiosque, whole and as what
// changed since each edition that is remembered. Its number must follow.
func Publier[E Entree[E]](k *Kiosque, c *sceau.Cachet, l *Liste[E]) error {
	if l.EnTete.Partielle() {
		return fmt.Errorf("%w : on publie une liste complète, les partielles s'en déduisent", ErrListe)
	}
	k.publie.Lock()
	defer k.publie.Unlock()
	ou, h := etagere{l.EnTete.Genre, l.EnTete.Emetteur}, &l.EnTete
	avant, _ := k.trouver(ou.genre, ou.emetteur, h.DateEmission)
	if n := len(avant); n > 0 && avant[n-1].Numero >= h.Numero {
		return fmt.Errorf("%w : numéro %d déjà paru", ErrListe, avant[n-1].Numero)
	}
	p, err := parution(c, l)
	if err != nil {
		return err
	}
	n := &parue{Parution: p, releve: releverListe(l), partielles: map[int64]Parution{}}
	for _, x := range avant {
		de := l.depuis(x.Numero, &x.releve, &n.releve)
		if len(de.Entrees)+len(de.Retraits) >= len(l.Entrees) {
			continue // the whole list says it in fewer words
		}
		if n.partielles[x.Numero], err = parution(c, de); err != nil {
			return err
		}
	}
	apres := oublier(append(slices.Clone(avant), n), h.DateEmission)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.listes == nil {
		k.listes = map[etagere][]*parue{}
	}
	k.listes[ou] = apres
	return nil
}

// oublier drops the oldest editions, but not the one in force.
func oublier(l []*parue, a time.Time) []*parue {
	return l[min(max(0, len(l)-garde), max(0, enVigueur(l, a))):]
}

// enVigueur is the rank of the edition in force at an instant, -1 without any.
func enVigueur(l []*parue, a time.Time) int {
	for i, p := range slices.Backward(l) {
		if !p.Effet.After(a) {
			return i
		}
	}
	return -1
}

func parution[E Entree[E]](c *sceau.Cachet, l *Liste[E]) (Parution, error) {
	b, err := l.Sceller(c)
	if err != nil {
		return Parution{}, err
	}
	h := &l.EnTete
	return Parution{Numero: h.Numero, Octets: b, Marque: MarqueDe(b), Emission: h.DateEmission, Effet: h.Effet, Prochaine: h.ProchaineEmission}, nil
}

// trouver gives the editions of a list, and the rank of the one in force.
func (k *Kiosque) trouver(g Genre, e Emetteur, a time.Time) ([]*parue, int) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	l := k.listes[etagere{g, e}]
	return l, enVigueur(l, a)
}

// Courante is the list in force, whole. The error is ErrNonParue.
func (k *Kiosque) Courante(_ context.Context, g Genre, e Emetteur, a time.Time) (Parution, error) {
	l, i := k.trouver(g, e, a)
	if i < 0 {
		return Parution{}, ErrNonParue
	}
	return avantSuivante(l[i].Parution, l, i), nil
}

// avantSuivante says of an edition in force whether another waits for its day: who
// keeps it longer than that would miss it.
func avantSuivante(p Parution, l []*parue, i int) Parution {
	if i+1 < len(l) {
		p.Suivante = true
		if effet := l[i+1].Effet; effet.Before(p.Prochaine) {
			p.Prochaine = effet
		}
	}
	return p
}

// Suivante is the next list that waits for its day, whole. The error is ErrNonParue.
func (k *Kiosque) Suivante(_ context.Context, g Genre, e Emetteur, a time.Time) (Parution, error) {
	l, i := k.trouver(g, e, a)
	if i+1 >= len(l) {
		return Parution{}, ErrNonParue
	}
	return l[i+1].Parution, nil
}

// Numero is a list by its number, whole. The error is ErrNonParue.
func (k *Kiosque) Numero(_ context.Context, g Genre, e Emetteur, n int64) (Parution, error) {
	l, _ := k.trouver(g, e, time.Time{})
	for _, p := range l {
		if p.Numero == n {
			return p.Parution, nil
		}
	}
	return Parution{}, ErrNonParue
}

// Depuis is what changed between a list and the one in force. The error is ErrAJour
// when it is the one in force, ErrNonParue when the whole list is to be read.
func (k *Kiosque) Depuis(_ context.Context, g Genre, e Emetteur, base int64, a time.Time) (Parution, error) {
	l, i := k.trouver(g, e, a)
	switch {
	case i < 0:
		return Parution{}, ErrNonParue
	case base == l[i].Numero:
		return avantSuivante(Parution{Numero: base, Emission: l[i].Emission, Prochaine: l[i].Prochaine}, l, i), ErrAJour
	}
	p, ok := l[i].partielles[base]
	if !ok {
		return Parution{}, ErrNonParue
	}
	return avantSuivante(p, l, i), nil
}
