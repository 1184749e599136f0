package gate_test

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate"
)

// One address does not take the places of all, and what it gives back serves again.
func TestPlaces(t *testing.T) {
	l := &gate.Places{Tous: 5, ParPair: 2}
	for i, c := range []struct {
		qui    string
		sortir bool
		want   bool
	}{{"a", false, true}, {"a", false, true}, {"a", false, false}, {"b", false, true}, {"a", true, true}, {"a", false, true}, {"a", false, false},
		{"c", false, true}, {"c", false, true}, {"d", false, false}, {"b", true, true}, {"d", false, true}} {
		if c.sortir {
			l.Sortir(c.qui)
		} else if got := l.Entrer(c.qui); got != c.want {
			t.Errorf("%d, %s : %v", i, c.qui, got)
		}
	}
}

// An address that holds its share of connections is cut at once; another one enters, and so
// does the first once it has closed one.
func TestPlacesEcouter(t *testing.T) {
	brut, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := (&gate.Places{Tous: 10, ParPair: 2}).Ecouter(brut)
	defer l.Close()
	entrees := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			entrees <- c
		}
	}()
	venir := func(ip net.IP) net.Conn {
		t.Helper()
		c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: ip}}).Dial("tcp", brut.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	entree := func() net.Conn {
		t.Helper()
		select {
		case c := <-entrees:
			return c
		case <-time.After(5 * time.Second):
			t.Fatal("personne n'entre")
			return nil
		}
	}
	un, deux := net.IPv4(127, 0, 0, 1), net.IPv4(127, 0, 0, 2)
	venir(un)
	premiere := entree()
	venir(un)
	entree()
	trop := venir(un)
	trop.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := trop.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("une connexion de trop tient : %v", err)
	}
	venir(deux)
	entree()
	premiere.Close()
	premiere.Close() // twice gives one place
	venir(un)
	entree()
	trop = venir(un)
	trop.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := trop.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("une connexion rend deux places")
	}
}
