package visiodroits_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// grande is a list of n entries, as large as an operator may publish; some of its
// entries depend on its number.
func grande(t testing.TB, numero int64, n int) *visiodroits.Liste[visiodroits.EntreeService] {
	l := make([]visiodroits.EntreeService, n)
	for i := range l {
		x := 15
		if int64(i)%1000 == numero {
			x = 10
		}
		l[i] = entree(t, fmt.Sprintf("%08d", 10_000_000+i/2), jours(x), service([]visiodroits.Service{visiodroits.DLD, visiodroits.LAR}[i%2]))
	}
	return complete(t, tete(numero, lundi), l...)
}

// The largest list fits in its bounds.
func TestListeEntiere(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	octets := sceller(b, grande(t, 1, visiodroits.EntreesMax))
	b.deposer(c, octets, lundi)
	if x(t, c, "10009999", lundi) != 15 {
		t.Error("la dernière entrée n'est pas trouvée")
	}
	t.Logf("%d entrées, %d octets", visiodroits.EntreesMax, len(octets))
}

func BenchmarkDeposer(b *testing.B) {
	x := nouveau(b)
	octets := sceller(x, grande(b, 1, visiodroits.EntreesMax))
	b.SetBytes(int64(len(octets)))
	for b.Loop() {
		x.deposer(x.classeur(attendu(visiodroits.GenreServices, operateur)), octets, lundi)
	}
}

func BenchmarkPartielle(b *testing.B) {
	x := nouveau(b)
	un, deux := grande(b, 1, visiodroits.EntreesMax), grande(b, 2, visiodroits.EntreesMax)
	complete, suite := sceller(x, un), sceller(x, partielle(b, un, deux))
	for b.Loop() {
		b.StopTimer()
		c := x.classeur(attendu(visiodroits.GenreServices, operateur))
		x.deposer(c, complete, lundi)
		b.StartTimer()
		x.deposer(c, suite, lundi)
	}
}

func BenchmarkService(b *testing.B) {
	x := nouveau(b)
	for _, n := range []int{200, visiodroits.EntreesMax} {
		c := x.classeur(attendu(visiodroits.GenreServices, operateur))
		x.deposer(c, sceller(x, grande(b, 1, n)), lundi)
		r := visiodroits.Recherche{NumeroAMC: amc(b, "10000050"), Service: visiodroits.DLD, Date: jour}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := c.Service(r, lundi); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPublier(b *testing.B) {
	x := nouveau(b)
	var k visiodroits.Kiosque
	for n := range int64(32) {
		if err := visiodroits.Publier(&k, x.cachet, grande(b, n+1, visiodroits.EntreesMax)); err != nil {
			b.Fatal(err)
		}
	}
	n := int64(33)
	for b.Loop() {
		b.StopTimer()
		l := grande(b, n, visiodroits.EntreesMax)
		l.EnTete.DateEmission = lundi.Add(time.Duration(n))
		b.StartTimer()
		if err := visiodroits.Publier(&k, x.cachet, l); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
