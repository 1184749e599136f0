package image

import "sync"

// memoire keeps what a Vue had to gather: the records of a wide prefix, of a chain.
// The next page of the same search finds it. The oldest go when there is too much.
type memoire struct {
	mu     sync.Mutex
	tenus  map[string]souvenir
	ordre  []string
	octets int
}

type souvenir struct {
	quoi   any
	octets int
}

// memoireMax bounds what is kept, in octets: a set of two million records is 250 KiB.
const memoireMax = 32 << 20

func (m *memoire) chercher(cle string) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.tenus[cle]
	return s.quoi, ok
}

func (m *memoire) garder(cle string, quoi any, octets int) {
	octets += len(cle)
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.tenus[cle]; ok || octets > memoireMax {
		return
	}
	for m.octets+octets > memoireMax {
		m.octets -= m.tenus[m.ordre[0]].octets
		delete(m.tenus, m.ordre[0])
		m.ordre = m.ordre[1:]
	}
	if m.tenus == nil {
		m.tenus = map[string]souvenir{}
	}
	m.tenus[cle] = souvenir{quoi, octets}
	m.ordre = append(m.ordre, cle)
	m.octets += octets
}

// vider forgets all.
func (m *memoire) vider() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tenus, m.ordre, m.octets = nil, nil, 0
}
