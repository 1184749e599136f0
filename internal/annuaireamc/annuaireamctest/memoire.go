package annuaireamctest

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
)

// Memoire is a store of one process: the zero value is empty.
type Memoire struct {
	mu      sync.Mutex
	version int64
	entrees map[string]annuaireamc.Entree
}

var _ annuaireamc.Depot = (*Memoire)(nil)

// Version is annuaireamc.Depot.
func (m *Memoire) Version(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.version, nil
}

// Entrees is annuaireamc.Depot.
func (m *Memoire) Entrees(context.Context) (l []annuaireamc.Entree, version int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.entrees)) {
		l = append(l, m.entrees[id])
	}
	return l, m.version, nil
}

// Publier is annuaireamc.Depot.
func (m *Memoire) Publier(ctx context.Context, entrees []annuaireamc.Entree) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range entrees {
		if la, ok := m.entrees[e.ID]; ok && reflect.DeepEqual(la, e) {
			continue
		}
		if m.entrees == nil {
			m.entrees = map[string]annuaireamc.Entree{}
		}
		m.entrees[e.ID] = e
		m.version++
	}
	return nil
}

// Retirer is annuaireamc.Depot.
func (m *Memoire) Retirer(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.entrees[id]; !ok {
		return annuaireamc.ErrAbsente
	}
	delete(m.entrees, id)
	m.version++
	return nil
}
