package droits

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// A process writes without end and is killed, five times on the same file: each time
// what it said was written is there, and at most the write that it was doing.
func TestMagasinTue(t *testing.T) {
	if c := os.Getenv("ECLUSE_MAGASIN_A_TUER"); c != "" {
		ecrireSansFin(t, c)
	}
	c, attendu := chemin(t), int64(0)
	for tour := range 5 {
		q := exec.Command(os.Args[0], "-test.run=^TestMagasinTue$")
		q.Env = append(os.Environ(), "ECLUSE_MAGASIN_A_TUER="+c)
		sortie, err := q.StdoutPipe()
		verifier(t, err)
		verifier(t, q.Start())
		lignes := bufio.NewReader(sortie)
		for i := 0; ; i++ {
			ligne, err := lignes.ReadString('\n')
			if err != nil { // what is left of a line says nothing
				break
			}
			attendu, err = strconv.ParseInt(ligne[:len(ligne)-1], 10, 64)
			verifier(t, err)
			if i == 40 {
				time.AfterFunc(time.Duration(tour)*700*time.Microsecond, func() { q.Process.Kill() })
			}
		}
		q.Wait()
		m := ouvrir(t, c)
		got, errLire := m.Compteurs(unJour)
		d, errDroits := m.Droits(assure(t, 1), amc(t, uneAMC))
		if errLire != nil || errDroits != nil || got["A"] != attendu && got["A"] != attendu+1 || d == nil || int64(d.Octets[0]) != got["A"]%251 {
			t.Fatalf("tour %d : %v, attendu %d ou de plus un (%v, %v)", tour, got, attendu, errLire, errDroits)
		}
		verifier(t, m.Fermer())
	}
	if attendu < 200 {
		t.Errorf("%d écritures en cinq tours", attendu)
	}
}

// ecrireSansFin is the process that is killed.
func ecrireSansFin(t *testing.T, c string) {
	m := ouvrir(t, c)
	compteurs, err := m.Compteurs(unJour)
	verifier(t, err)
	d := desDroits(t, 1)
	for n := compteurs["A"] + 1; ; n++ {
		d.Octets = bytes.Repeat([]byte{byte(n % 251)}, 30_000) // compactions happen too
		verifier(t, m.Ecrire(func(l *Lot) error {
			if err := l.Compter(unJour, "A", 1); err != nil {
				return err
			}
			return l.GarderDroits(assure(t, 1), d)
		}))
		fmt.Println(n)
	}
}
