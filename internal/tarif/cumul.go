package tarif

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Cumul counts in memory and writes now and then, all at once and in the order of names:
// a database written at each request tells the order of requests by its pages and its
// write-ahead log, and the order alone tells who. What was not written when the process
// dies is lost: these are statistics. ref: DEC 32 // hyp: TARIF-CUMUL
type Cumul struct {
	Compteurs Compteurs // where they are written

	mu      sync.Mutex
	comptes map[cleCumul]int64
}

type cleCumul struct {
	jour   sante.Jour
	grille vd.IDGrille
}

// Compter is Compteurs.
func (c *Cumul) Compter(_ context.Context, jour sante.Jour, grille vd.IDGrille, n int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.comptes == nil {
		c.comptes = map[cleCumul]int64{}
	}
	c.comptes[cleCumul{jour, grille}] += n
	return nil
}

// Comptes is Compteurs: what is written.
func (c *Cumul) Comptes(ctx context.Context, jour sante.Jour) (map[vd.IDGrille]int64, error) {
	return c.Compteurs.Comptes(ctx, jour)
}

// Purger is Compteurs.
func (c *Cumul) Purger(ctx context.Context, avant sante.Jour) error {
	return c.Compteurs.Purger(ctx, avant)
}

// Verser writes what was counted since the last time, by grouper, which runs a function
// in a transaction, perhaps more than once. What could not be written is counted still.
func (c *Cumul) Verser(ctx context.Context, grouper func(context.Context, func(context.Context) error) error) error {
	c.mu.Lock()
	lot := c.comptes
	c.comptes = nil
	c.mu.Unlock()
	if len(lot) == 0 {
		return nil
	}
	cles := slices.SortedFunc(maps.Keys(lot), func(a, b cleCumul) int {
		return cmp.Or(cmp.Compare(a.jour, b.jour), cmp.Compare(a.grille.String(), b.grille.String()))
	})
	err := grouper(ctx, func(ctx context.Context) error {
		for _, k := range cles {
			if err := c.Compteurs.Compter(ctx, k.jour, k.grille, lot[k]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		for k, n := range lot {
			err = errors.Join(err, c.Compter(ctx, k.jour, k.grille, n))
		}
	}
	return err
}
