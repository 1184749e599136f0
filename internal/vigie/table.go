package vigie

import "strings"

// cle names what is counted, for one tenant.
type cle struct{ tenant, sujet string }

// clone keeps a key without keeping the message it was read from.
func (k cle) clone() cle { return cle{strings.Clone(k.tenant), strings.Clone(k.sujet)} }

// table keeps the most recently used values, at most max of them, without a
// pointer for each: a hundred thousand sealers weigh little on the collector.
type table[T any] struct {
	index  map[cle]int32
	places []place[T]
	tete   int32 // most recently used
	queue  int32 // least recently used
	max    int
}

type place[T any] struct {
	cle          cle
	avant, apres int32
	v            T
}

const aucune = int32(-1)

func newTable[T any](max int) table[T] {
	return table[T]{index: map[cle]int32{}, tete: aucune, queue: aucune, max: max}
}

// chercher gives the value of k, or nil. The pointer is good until the next call.
func (t *table[T]) chercher(k cle) *T {
	if i, ok := t.index[k]; ok {
		return &t.places[i].v
	}
	return nil
}

// obtenir gives the value of k, new if need be, and makes it the most recent.
// What must leave to make room is given to partir before it is forgotten.
func (t *table[T]) obtenir(k cle, partir func(cle, *T)) *T {
	i, ok := t.index[k]
	switch {
	case ok:
		t.detacher(i)
	case len(t.places) < t.max:
		k = k.clone()
		i = int32(len(t.places))
		t.places = append(t.places, place[T]{cle: k})
		t.index[k] = i
	default:
		k = k.clone()
		i = t.queue
		partir(t.places[i].cle, &t.places[i].v)
		delete(t.index, t.places[i].cle)
		t.detacher(i)
		t.places[i] = place[T]{cle: k}
		t.index[k] = i
	}
	t.attacher(i)
	return &t.places[i].v
}

func (t *table[T]) attacher(i int32) {
	p := &t.places[i]
	p.avant, p.apres = aucune, t.tete
	if t.tete != aucune {
		t.places[t.tete].avant = i
	}
	t.tete = i
	if t.queue == aucune {
		t.queue = i
	}
}

func (t *table[T]) detacher(i int32) {
	p := &t.places[i]
	if p.avant == aucune {
		t.tete = p.apres
	} else {
		t.places[p.avant].apres = p.apres
	}
	if p.apres == aucune {
		t.queue = p.avant
	} else {
		t.places[p.apres].avant = p.avant
	}
}
