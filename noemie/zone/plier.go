package zone

import "strings"

// sansAccent gives what is written for the letters and signs of French names
// and labels that ASCII does not have. A foreign letter that is not here is
// refused rather than guessed.
var sansAccent = map[rune]string{
	'À': "A", 'Á': "A", 'Â': "A", 'Ã': "A", 'Ä': "A", 'Å': "A", 'Æ': "AE", 'Ç': "C",
	'È': "E", 'É': "E", 'Ê': "E", 'Ë': "E", 'Ì': "I", 'Í': "I", 'Î': "I", 'Ï': "I",
	'Ñ': "N", 'Ò': "O", 'Ó': "O", 'Ô': "O", 'Õ': "O", 'Ö': "O", 'Ø': "O", 'Œ': "OE",
	'Ù': "U", 'Ú': "U", 'Û': "U", 'Ü': "U", 'Ý': "Y", 'Ÿ': "Y", 'ẞ': "SS",
	'’': "'", '‘': "'", '–': "-", '—': "-", '‑': "-", '\u00a0': " ", '\u202f': " ", '«': "\"", '»': "\"",
}

// Plier is a text as these files hold it: ASCII capitals without accents, no
// space at either end. It is false when a character has no such form.
func Plier(s string) (string, bool) {
	if dejaPlie(s) {
		return s, true
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		switch {
		case r >= ' ' && r <= '~':
			b.WriteRune(r)
		case sansAccent[r] != "":
			b.WriteString(sansAccent[r])
		case r >= 0x300 && r <= 0x36f: // an accent written apart from its letter
		case r == 'ß':
			b.WriteString("SS")
		default:
			return "", false
		}
	}
	return strings.Trim(b.String(), " "), true
}

func dejaPlie(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c-'a' < 26 {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// Formule tells whether a text would be taken for a formula by a spreadsheet:
// an export neutralises it. The files hold such a text as it is.
func Formule(s string) bool {
	return s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0
}
