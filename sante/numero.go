package sante

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// alphabetNumero is base 32 without I, L, O, U. ref: ROC §11.2
const alphabetNumero = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// tires is how many characters of a drawn number are random: 60 bits.
const tires = 12

// TirerNumero completes a prefix of digits and capital letters with 12 random
// characters of a base 32 alphabet and the ISO 7064 MOD 37-2 check character. The
// draw is from alea, crypto/rand when nil; a check character that is '*' or outside
// the alphabet is drawn again. ref: ROC §11.2, DEC 22
func TirerNumero(prefixe string, alea io.Reader) (string, error) {
	if alea == nil {
		alea = rand.Reader
	}
	for {
		var octets [8]byte
		if _, err := io.ReadFull(alea, octets[:]); err != nil {
			return "", fmt.Errorf("tirer un numéro: %w", err)
		}
		n := binary.BigEndian.Uint64(octets[:])
		b := []byte(prefixe)
		for range tires {
			b = append(b, alphabetNumero[n&31])
			n >>= 5
		}
		cle := CleMod37(string(b))
		if strings.IndexByte(alphabetNumero, cle) >= 0 {
			return string(append(b, cle)), nil
		}
	}
}

// NumeroTire tells whether s is what TirerNumero makes of a prefix of that many
// octets. The prefix itself is not judged beyond the check character.
func NumeroTire(s string, prefixe int) bool {
	if len(s) != prefixe+tires+1 || CleMod37(s[:len(s)-1]) != s[len(s)-1] {
		return false
	}
	for i := prefixe; i < len(s); i++ {
		if strings.IndexByte(alphabetNumero, s[i]) < 0 {
			return false
		}
	}
	return true
}

// Sur10 is the number padded with zeros on the left to 10 digits, as it stands
// inside of another number. ref: ROC §11.2
func (n NumeroAMC) Sur10() string {
	return strings.Repeat("0", max(0, 10-len(n.s))) + n.s
}

// NumeroAMCSur10 reads what Sur10 wrote: without its leading zeros, but of 8 digits
// at least.
func NumeroAMCSur10(s string) (NumeroAMC, error) {
	if len(s) != 10 {
		return NumeroAMC{}, ErrNumeroAMC
	}
	for len(s) > 8 && s[0] == '0' {
		s = s[1:]
	}
	return ParseNumeroAMC(s)
}
