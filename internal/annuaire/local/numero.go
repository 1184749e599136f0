package local

// cleLuhn is the digit that makes the digits before it pass the Luhn check.
func cleLuhn(b []byte) byte {
	somme := 0
	for i := range b {
		d := int(b[len(b)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		somme += d
	}
	return byte('0' + (10-somme%10)%10)
}

// chiffres appends a number on n digits.
func chiffres(b []byte, v, n int) []byte {
	debut := len(b)
	for range n {
		b = append(b, '0')
	}
	for i := len(b) - 1; i >= debut; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return b
}

// numero appends a number that no authority gives: a prefix, digits, a Luhn key.
func numero(b []byte, prefixe string, v, n int) []byte {
	debut := len(b)
	b = chiffres(append(b, prefixe...), v, n)
	return append(b, cleLuhn(b[debut:]))
}

// How many numbers there are of each kind. ref: RASS §3.3
const (
	nombreRPPS   = 10_000_000 // 999 and 7 digits, then the key
	nombreFINESS = 1_000_000  // 99 and 6
	nombreSIREN  = 100_000    // 999 and 5
	sirenEJ      = 60_000     // of them, for legal entities; the others are those of cabinets
	nombreNIC    = 10_000
)

// rpps is the number of the professional of a rank: numbers grow with ranks, by unequal
// steps, so that a new professional takes a new number.
func (n *National) rpps(b []byte, i int) []byte {
	pas := nombreRPPS / n.reserve
	a := n.graine.pour(dPersonne, i, 1)
	return numero(b, "999", i*pas+a.sous(pas), 7)
}

// finess is the number of the structure of a rank among those that have one.
func (n *National) finess(b []byte, f int) []byte {
	return numero(b, "99", n.permFINESS.de(f), 6)
}

// siren is the number of a company, from its rank below nombreSIREN.
func (n *National) siren(b []byte, e int) []byte { return numero(b, "999", n.permSIREN.de(e), 5) }

// siret is the number of a place of a company.
func siret(b, siren []byte, nic int) []byte {
	debut := len(b)
	b = chiffres(append(b, siren...), nic%nombreNIC, 4)
	return append(b, cleLuhn(b[debut:]))
}

// modeleADELI: type 0 and nine characters that begin with a department that is none.
func adeli(b []byte, i int) []byte { return chiffres(append(b, "99"...), i, 7) }
