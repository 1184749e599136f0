package sante

// luhn tells whether digits pass the Luhn check of ISO/IEC 7812.
func luhn(s string) bool {
	somme := 0
	for i := range len(s) {
		c := s[len(s)-1-i] - '0'
		if c > 9 {
			return false
		}
		d := int(c)
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		somme += d
	}
	return len(s) > 0 && somme%10 == 0
}

const alphabet37 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"

func rang37(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return -1
}

// CleMod37 computes the ISO 7064 MOD 37-2 check character of a text of digits
// and capital letters. It can be '*'. It returns 0 when a character is outside
// the alphabet. ref: ISO 7064, ROC §11.2
func CleMod37(s string) byte {
	p := 0
	for i := range len(s) {
		v := rang37(s[i])
		if v < 0 {
			return 0
		}
		p = (p + v) * 2 % 37
	}
	return alphabet37[(38-p)%37]
}
