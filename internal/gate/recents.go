package gate

import "sync"

// recents tells which messages were probably seen lately by this node, so that a
// first message does not pay for a search. Being wrong costs a conflict at the
// commit, never a wrong answer.
type recents struct {
	mu      sync.Mutex
	jeunes  map[Cle]struct{}
	anciens map[Cle]struct{}
}

const recentsMax = 1 << 15

// vu tells whether a message was seen, and remembers it.
func (r *recents) vu(c Cle) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.jeunes[c]; ok {
		return true
	}
	_, ok := r.anciens[c]
	if r.jeunes == nil || len(r.jeunes) >= recentsMax {
		r.anciens, r.jeunes = r.jeunes, make(map[Cle]struct{}, recentsMax)
	}
	r.jeunes[c] = struct{}{}
	return ok
}
