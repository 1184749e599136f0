package ldap

import (
	"net/netip"
	"sync"
	"time"
)

// essais counts the binds that were refused to each address in the minute: who tries
// passwords does so slowly, whatever the connections he opens.
type essais struct {
	mu      sync.Mutex
	depuis  time.Time
	nombres map[netip.Prefix]int
}

// essaisMax bounds how many addresses are told apart; the others count as one.
const essaisMax = 10_000

// reseau is the address, or the network that one home or one hospital has in IPv6.
func reseau(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// trop tells whether an address must wait.
func (e *essais) trop(a netip.Addr, max int, maintenant time.Time) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tourner(maintenant)
	return e.nombres[e.cle(a)] >= max
}

// manque counts a bind that was refused.
func (e *essais) manque(a netip.Addr, maintenant time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tourner(maintenant)
	e.nombres[e.cle(a)]++
}

func (e *essais) tourner(maintenant time.Time) {
	if e.nombres == nil || maintenant.Sub(e.depuis) >= time.Minute {
		e.depuis, e.nombres = maintenant, map[netip.Prefix]int{}
	}
}

func (e *essais) cle(a netip.Addr) netip.Prefix {
	p := reseau(a)
	if _, ok := e.nombres[p]; !ok && len(e.nombres) >= essaisMax {
		return netip.Prefix{}
	}
	return p
}
