package ldap

import "unicode/utf8"

// plier appends a value as its rule compares it. For names: no case, no accent, one
// blank between words, hyphens and apostrophes being blanks, as the image folds them:
// who types "helene le gall" finds "Hélène Le-Gall". ok is false when the value is
// not UTF-8. LDAP's own rule keeps accents. hyp: ANNUAIRE-LDAP-ACCENTS
func plier(dst []byte, v []byte, r regle) (_ []byte, ok bool) {
	return plierMots(dst, v, r, false, false)
}

// plierMots folds a piece of a value; the blanks at an edge that is inside the value
// count, as RFC 4518 §2.6.1 wants for substrings.
func plierMots(dst []byte, v []byte, r regle, avant, apres bool) (_ []byte, ok bool) {
	debut, blanc := len(dst), false
	for i := 0; i < len(v); {
		c := v[i]
		if c < utf8.RuneSelf {
			i++
			if c == ' ' || c >= '\t' && c <= '\r' || r == regleTexte && separe(c) {
				blanc = true
				continue
			}
			dst = joindre(dst, debut, blanc, avant)
			blanc = false
			dst = append(dst, bas(c))
			continue
		}
		x, n := utf8.DecodeRune(v[i:])
		if x == utf8.RuneError && n == 1 {
			return dst, false
		}
		i += n
		if r == regleTexte && (x == '’' || x == '\u00a0' || x == '‐' || x == '‑' || x == '–') {
			blanc = true
			continue
		}
		dst = joindre(dst, debut, blanc, avant)
		blanc = false
		dst = ajouterRune(dst, x, r)
	}
	if blanc && apres && (len(dst) > debut || avant) {
		dst = append(dst, ' ')
	}
	return dst, true
}

// separe tells the punctuation that parts words in a name.
func separe(c byte) bool { return c == '-' || c == '\'' || c == '.' || c == ',' }

// joindre puts the blank seen before a character, unless it opens the value.
func joindre(dst []byte, debut int, blanc, avant bool) []byte {
	if blanc && (len(dst) > debut || avant) {
		return append(dst, ' ')
	}
	return dst
}

// ajouterRune writes a letter without its case, and without its accent in names.
func ajouterRune(dst []byte, x rune, r regle) []byte {
	if x >= 0xc0 && x <= 0x17f {
		if r == regleTexte {
			return append(dst, nus[x-0xc0]...)
		}
		if x <= 0xde && x != 0xd7 {
			x += 0x20
		}
	}
	if r == regleTexte && x >= 0x300 && x <= 0x36f {
		return dst
	}
	return utf8.AppendRune(dst, x)
}

// nus are the letters from À to ſ without their accents.
var nus = func() (t [0x180 - 0xc0]string) {
	i := 0
	for _, g := range []struct {
		nu string
		n  int
	}{
		{"a", 6}, {"ae", 1}, {"c", 1}, {"e", 4}, {"i", 4}, {"d", 1}, {"n", 1}, {"o", 5}, {"x", 1}, {"o", 1}, {"u", 4}, {"y", 1}, {"th", 1}, {"ss", 1},
		{"a", 6}, {"ae", 1}, {"c", 1}, {"e", 4}, {"i", 4}, {"d", 1}, {"n", 1}, {"o", 5}, {"/", 1}, {"o", 1}, {"u", 4}, {"y", 1}, {"th", 1}, {"y", 1},
		{"a", 6}, {"c", 8}, {"d", 4}, {"e", 10}, {"g", 8}, {"h", 4}, {"i", 10}, {"ij", 2}, {"j", 2}, {"k", 3}, {"l", 10}, {"n", 9}, {"o", 6}, {"oe", 2},
		{"r", 6}, {"s", 8}, {"t", 6}, {"u", 12}, {"w", 2}, {"y", 3}, {"z", 6}, {"s", 1},
	} {
		for range g.n {
			t[i] = g.nu
			i++
		}
	}
	return t
}()
