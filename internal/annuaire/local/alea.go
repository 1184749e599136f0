package local

import "math"

// alea is a stream of numbers drawn from a seed (splitmix64): the same on every machine.
type alea uint64

func (a *alea) suivant() uint64 {
	*a += 0x9e3779b97f4a7c15
	return melanger(uint64(*a))
}

// melanger spreads the bits of a number.
func melanger(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// sous is a number below n, that is not 0.
func (a *alea) sous(n int) int { return int(a.suivant() >> 11 % uint64(n)) }

// part is a number from 0 to 1, excluded.
func (a *alea) part() float64 { return float64(a.suivant()>>11) / (1 << 53) }

// sur tells whether one chance in a hundred thousand, taken n times, came out.
func (a *alea) sur(n int) bool { return a.sous(100_000) < n }

// Kinds of draws, so that no two decisions share their numbers.
const (
	dNom = 1 + iota
	dPersonne
	dExercice
	dJournee
	dStructure
	dTaille
	dBAL
	dCarte
	dReseau
	dOffre
	dSale
	dNaissance
	dPrenom
	dCertificat
)

// pour is the stream of one thing of one kind.
func (g graine) pour(sorte, i, version int) alea {
	return alea(melanger(uint64(g) ^ melanger(uint64(sorte)<<56^uint64(version)<<40^uint64(i)+0x632be59bd9b4e019)))
}

type graine uint64

// tirage draws among n things of unequal weights in constant time (Vose's alias method).
type tirage struct {
	seuils []uint32
	autres []uint32
}

// nouveauTirage weighs n things.
func nouveauTirage(n int, poids func(i int) float64) tirage {
	t := tirage{make([]uint32, n), make([]uint32, n)}
	var total float64
	for i := range n {
		total += poids(i)
	}
	reste := make([]float64, n)
	var petits, grands []uint32
	for i := range n {
		reste[i] = poids(i) * float64(n) / total
		if reste[i] < 1 {
			petits = append(petits, uint32(i))
		} else {
			grands = append(grands, uint32(i))
		}
	}
	for len(petits) > 0 && len(grands) > 0 {
		p, g := petits[len(petits)-1], grands[len(grands)-1]
		petits = petits[:len(petits)-1]
		t.seuils[p], t.autres[p] = uint32(reste[p]*math.MaxUint32), g
		if reste[g] -= 1 - reste[p]; reste[g] < 1 {
			grands = grands[:len(grands)-1]
			petits = append(petits, g)
		}
	}
	for _, i := range append(petits, grands...) {
		t.seuils[i], t.autres[i] = math.MaxUint32, i
	}
	return t
}

// tirer is the rank of one of the things.
func (t tirage) tirer(a *alea) int {
	z := a.suivant()
	i := (z >> 32) * uint64(len(t.seuils)) >> 32
	if uint32(z) <= t.seuils[i] {
		return int(i)
	}
	return int(t.autres[i])
}

// permutation is a permutation of the numbers below n, and its inverse.
type permutation struct{ n, a, b, inverse uint64 }

// nouvellePermutation spreads neighbours far from each other.
func nouvellePermutation(n int, g alea) permutation {
	p := permutation{n: uint64(n), b: g.suivant() % uint64(n)}
	p.a = max(1, uint64(float64(n)*0.6180339887))
	for pgcd(p.a, p.n) != 1 {
		p.a++
	}
	p.inverse = inverse(p.a%p.n, p.n)
	return p
}

func (p permutation) de(i int) int { return int((uint64(i)*p.a + p.b) % p.n) }

func (p permutation) vers(x int) int {
	return int((uint64(x) + p.n - p.b%p.n) % p.n * p.inverse % p.n)
}

func pgcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// inverse is the number that, times a, leaves 1 modulo n.
func inverse(a, n uint64) uint64 {
	r0, r1, x0, x1 := int64(n), int64(a), int64(0), int64(1)
	for r1 > 0 {
		q := r0 / r1
		r0, r1, x0, x1 = r1, r0-q*r1, x1, x0-q*x1
	}
	return uint64((x0%int64(n) + int64(n))) % n
}
