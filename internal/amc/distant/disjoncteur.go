package distant

import (
	"sync"
	"time"
)

// disjoncteur leaves alone a system that fails: after echecsMax failures in a
// row it is open for repos, then lets one call try. It reads no clock.
type disjoncteur struct {
	echecsMax int
	repos     time.Duration

	verrou  sync.Mutex
	echecs  int
	jusqua  time.Time // open until then; zero when closed
	enEssai bool      // half open: one call is trying
}

// passer tells whether a call may go.
func (d *disjoncteur) passer(a time.Time) bool {
	d.verrou.Lock()
	defer d.verrou.Unlock()
	if d.jusqua.IsZero() {
		return true
	}
	if a.Before(d.jusqua) || d.enEssai {
		return false
	}
	d.enEssai = true
	return true
}

// conclure learns how a call ended.
func (d *disjoncteur) conclure(a time.Time, reussi bool) {
	d.verrou.Lock()
	defer d.verrou.Unlock()
	d.enEssai = false
	if reussi {
		d.echecs, d.jusqua = 0, time.Time{}
		return
	}
	if d.echecs++; d.echecs >= d.echecsMax {
		d.jusqua = a.Add(d.repos)
	}
}

// renoncer takes back a call whose end tells nothing of the system.
func (d *disjoncteur) renoncer() {
	d.verrou.Lock()
	defer d.verrou.Unlock()
	d.enEssai = false
}

// ferme tells whether calls go, without letting one.
func (d *disjoncteur) ferme(a time.Time) bool {
	d.verrou.Lock()
	defer d.verrou.Unlock()
	return d.jusqua.IsZero() || !a.Before(d.jusqua)
}
