package vigie

import (
	"math"
	"time"
)

// glissant counts over a period that slides: the current aligned window, and the
// previous one in proportion of what the period still covers of it. Two numbers
// instead of one for each request.
type glissant struct {
	fenetre uint32 // which window: instant / period
	avant   uint32 // total of the previous window
	base    uint32 // total of the current one, all nodes, when last shared
	delta   uint32 // ours since
	efface  uint32 // part of the current window already paid for by a blockage
}

// avancer moves to the window of an instant. A clock that goes back stays where
// it is. What was not shared of a window that ends is never shared: less than a
// step, or a second.
func (g *glissant) avancer(fenetre uint32) {
	switch {
	case fenetre <= g.fenetre:
		return
	case fenetre == g.fenetre+1:
		g.avant = g.total()
	default:
		g.avant = 0
	}
	g.fenetre, g.base, g.delta, g.efface = fenetre, 0, 0, 0
}

func (g *glissant) total() uint32 {
	compte := min(uint64(g.base)+uint64(g.delta), math.MaxUint32)
	return uint32(compte - min(compte, uint64(g.efface)))
}

// effacer disregards what was counted so far: a blockage answers it, and who
// comes back after it starts anew.
func (g *glissant) effacer() {
	g.efface += g.total()
	g.avant = 0
}

// estimer is the count over the period that ends at the instant.
func (g *glissant) estimer(instant time.Time, periode time.Duration) int64 {
	debut := time.Duration(g.fenetre) * periode
	reste := min(max(periode-(sinceEpoch(instant)-debut), 0), periode)
	return int64(g.total()) + int64(float64(g.avant)*float64(reste)/float64(periode))
}

// partager takes into account the total of all nodes for a window in which n of
// ours were sent. If the window has passed meanwhile, ours stand for all.
func (g *glissant) partager(fenetre, n uint32, total int64) {
	if g.fenetre != fenetre {
		return
	}
	g.delta -= min(n, g.delta)
	g.base = uint32(min(max(total, 0), math.MaxUint32))
}

// rappeler takes into account the total of all nodes for the window before.
func (g *glissant) rappeler(total int64) {
	g.avant = max(g.avant, uint32(min(max(total, 0), math.MaxUint32)))
}

func sinceEpoch(instant time.Time) time.Duration {
	return time.Duration(instant.UnixNano())
}

func fenetreDe(instant time.Time, periode time.Duration) uint32 {
	return uint32(max(sinceEpoch(instant), 0) / periode)
}

// bornes gives the start of a window and the instant from which it weighs on nothing.
func bornes(fenetre uint32, periode time.Duration) (debut, fin time.Time) {
	d := time.Duration(fenetre) * periode
	return time.Unix(0, int64(d)).UTC(), time.Unix(0, int64(d+2*periode)).UTC()
}
