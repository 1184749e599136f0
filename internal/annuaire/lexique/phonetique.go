package lexique

// Phonetique appends to dst how a French reader says a folded word, so that words
// written otherwise and said alike have one key. It favours finding too much: what it
// brings near ranks after what is spelt right. Digits stand for sounds of several
// letters: 2 ou, 4 an, 5 in, 6 on, 7 gn, 9 ch. // hyp: PHONETIQUE
//
//   - mute endings go: S, X, Z, T, D, P after M or U, L of AULT, then E, ER, and C, G
//     after a nasal (DUPOND = DUPONT, LEBLANC = LEBLAN, FOURNIER = FOURNIE);
//   - H is mute but in CH, SH, SCH (9) and PH (F); CHR, CHL and TH lose it too;
//   - AU, EAU = O; AI, EI, AY, EY, OE, EU = E; Y = I; OU = 2;
//   - AN, AM, EN, EM = 4, IN, IM, YN, AIN, EIN, UN = 5, ON, OM = 6, when no vowel
//     and no other N or M follows;
//   - C before E, I, Y, and SC, SS = S; other C, K, CK, Q, QU = K; X inside = KS;
//   - G before E, I, Y = J; GU before E, I = G; GN = 7; W = V;
//   - S between vowels = Z; a letter said twice is said once.
func Phonetique(dst, mot []byte) []byte {
	debut := len(dst)
	m := sansFinale(mot)
	for i := 0; i < len(m); {
		son, n := sonner(m, i)
		i += n
		for k := 0; k < len(son); k++ {
			if len(dst) == debut || dst[len(dst)-1] != son[k] {
				dst = append(dst, son[k])
			}
		}
	}
	for len(dst)-debut > 2 && dst[len(dst)-1] == 'E' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// sansFinale drops the endings that are not heard; two letters are always left. A mute
// E stays, which makes heard what precedes it, and goes from the key.
func sansFinale(m []byte) []byte {
	n := len(m)
	for n > 2 && muette(m[:n]) {
		n--
	}
	switch {
	case n > 3 && n < len(m) && m[n-3] == 'A' && m[n-2] == 'U' && m[n-1] == 'L': // RENAULT
		n--
	case n > 3 && m[n-2] == 'E' && m[n-1] == 'R':
		n -= 2
	case n > 3 && m[n-1] == 'C' && m[n-2] == 'N', n > 3 && m[n-1] == 'G' && (m[n-2] == 'N' || m[n-2] == 'R'):
		n--
	}
	return m[:n]
}

// muette tells whether the last consonant of m is silent.
func muette(m []byte) bool {
	switch m[len(m)-1] {
	case 'S', 'X', 'Z', 'T', 'D':
		return true
	case 'P':
		return m[len(m)-2] == 'M' || m[len(m)-2] == 'U'
	}
	return false
}

// lettre is the letter at i, 0 outside.
func lettre(m []byte, i int) byte {
	if i < 0 || i >= len(m) {
		return 0
	}
	return m[i]
}

func voyelle(c byte) bool {
	switch c {
	case 'A', 'E', 'I', 'O', 'U', 'Y':
		return true
	}
	return false
}

// doux tells the vowels that soften C and G.
func doux(c byte) bool { return c == 'E' || c == 'I' || c == 'Y' }

// nasale tells whether the N or M at i makes the vowel before it nasal.
func nasale(m []byte, i int) bool {
	c, s := lettre(m, i), lettre(m, i+1)
	return (c == 'N' || c == 'M') && !voyelle(s) && s != 'N' && s != 'M' && s != 'H'
}

// sonner is the sound at i and how many letters make it.
func sonner(m []byte, i int) (string, int) {
	if voyelle(m[i]) {
		return sonnerVoyelle(m, i)
	}
	return sonnerConsonne(m, i)
}

func sonnerVoyelle(m []byte, i int) (string, int) {
	a, b, c := m[i], lettre(m, i+1), lettre(m, i+2)
	switch {
	case (a == 'A' || a == 'E') && (b == 'I' || b == 'Y') && nasale(m, i+2):
		return "5", 3
	case a == 'E' && b == 'A' && c == 'U':
		return "O", 3
	case a == 'O' && b == 'E' && c == 'U':
		return "E", 3
	case a == 'A' && b == 'U':
		return "O", 2
	case a == 'O' && b == 'U':
		return "2", 2
	case (a == 'A' || a == 'E') && (b == 'I' || b == 'Y'), a == 'O' && b == 'E', a == 'E' && b == 'U':
		return "E", 2
	case nasale(m, i+1):
		switch a {
		case 'A':
			return "4", 2
		case 'E':
			if lettre(m, i-1) == 'I' { // BASTIEN
				return "5", 2
			}
			return "4", 2
		case 'O':
			return "6", 2
		}
		return "5", 2
	case a == 'Y':
		return "I", 1
	}
	return uneLettre(a), 1
}

func sonnerConsonne(m []byte, i int) (string, int) {
	a, b, c := m[i], lettre(m, i+1), lettre(m, i+2)
	switch a {
	case 'H':
		return "", 1
	case 'P':
		if b == 'H' {
			return "F", 2
		}
	case 'C':
		return sonnerC(b, c)
	case 'S':
		return sonnerS(m, i)
	case 'T':
		if b == 'C' && c == 'H' {
			return "9", 3
		}
	case 'G':
		return sonnerG(b, c)
	case 'K':
		return "K", 1
	case 'Q':
		if b == 'U' {
			return "K", 2
		}
		return "K", 1
	case 'W':
		return "V", 1
	case 'X':
		return "KS", 1
	}
	return uneLettre(a), 1
}

func sonnerC(b, c byte) (string, int) {
	switch {
	case b == 'H' && (c == 'R' || c == 'L'):
		return "K", 2
	case b == 'H':
		return "9", 2
	case doux(b):
		return "S", 1
	case b == 'K':
		return "K", 2
	case b == 'Q' && c == 'U':
		return "K", 3
	}
	return "K", 1
}

func sonnerS(m []byte, i int) (string, int) {
	b, c := lettre(m, i+1), lettre(m, i+2)
	switch {
	case b == 'C' && c == 'H':
		return "9", 3
	case b == 'H':
		return "9", 2
	case b == 'C' && doux(c):
		return "S", 2
	case b == 'S':
		return "S", 2
	case voyelle(b) && voyelle(lettre(m, i-1)):
		return "Z", 1
	}
	return "S", 1
}

func sonnerG(b, c byte) (string, int) {
	switch {
	case b == 'N':
		return "7", 2
	case b == 'U' && doux(c):
		return "G", 2
	case b == 'E' && (c == 'A' || c == 'O'):
		return "J", 2
	case doux(b):
		return "J", 1
	}
	return "G", 1
}

const lettres = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// uneLettre is a letter as a text, without allocation; what is no letter is not said,
// but digits.
func uneLettre(c byte) string {
	switch {
	case c >= 'A' && c <= 'Z':
		return lettres[c-'A':][:1]
	case c >= '0' && c <= '9':
		return "0123456789"[c-'0':][:1]
	}
	return ""
}
