package image

import "sync"

// memoire keeps what a Vue had to gather: the records of a wide prefix, of a chain.
// The next page of the same search finds it. The oldest goes when there are too many.
type memoire struct {
	mu    sync.Mutex
	tenus map[string]any
	ordre []string
}

// memoireMax bounds how many are kept: a set of two million records is 250 KiB.
const memoireMax = 64

func (m *memoire) chercher(cle string) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.tenus[cle]
	return v, ok
}

func (m *memoire) garder(cle string, v any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tenus == nil {
		m.tenus = map[string]any{}
	}
	if _, ok := m.tenus[cle]; !ok {
		if len(m.ordre) == memoireMax {
			delete(m.tenus, m.ordre[0])
			m.ordre = m.ordre[1:]
		}
		m.ordre = append(m.ordre, cle)
	}
	m.tenus[cle] = v
}
