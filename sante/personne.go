package sante

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NIR is the number of a person in the national register, with its key: 15
// characters. It is the matricule of an INS when its OID says so.
type NIR struct{ secret }

// ParseNIR checks 13 characters and the key, 97 minus the number modulo 97;
// 2A counts as 19 and 2B as 18. ref: fiche INS §2
func ParseNIR(s string) (NIR, error) {
	if len(s) != 15 || !numerique(s[13:]) {
		return NIR{}, ErrNIR
	}
	d := s[:13]
	switch d[5:7] {
	case "2A":
		d = d[:5] + "19" + d[7:]
	case "2B":
		d = d[:5] + "18" + d[7:]
	}
	n, ok := chiffres(d)
	cle, _ := chiffres(s[13:])
	if !ok || d[0] == '0' || 97-n%97 != cle {
		return NIR{}, ErrNIR
	}
	return NIR{secret{texte{s}}}, nil
}

// CleNIR computes the key of the 13 first characters, for generators; it
// returns "" when they are not a number.
func CleNIR(treize string) string {
	for cle := 1; cle <= 97; cle++ {
		s := treize + string([]byte{byte('0' + cle/10), byte('0' + cle%10)})
		if _, err := ParseNIR(s); err == nil {
			return s[13:]
		}
	}
	return ""
}

// UnmarshalText reads the number as ParseNIR does.
func (n *NIR) UnmarshalText(b []byte) (err error) { *n, err = ParseNIR(string(b)); return err }

// Motif is the pattern of the text form.
func (NIR) Motif() string { return `[1-9][0-9]{4}([0-9]{2}|2A|2B)[0-9]{8}` }

// DateNaissance is a date of birth as French files carry it: 8 digits AAAAMMJJ
// that may not be a day of the calendar (lunar dates, month 19, day 00). It is
// kept and compared as text. ref: ROC §7.1
type DateNaissance struct{ secret }

// ParseDateNaissance checks 8 digits.
func ParseDateNaissance(s string) (DateNaissance, error) {
	if len(s) != 8 || !numerique(s) {
		return DateNaissance{}, ErrNaissance
	}
	return DateNaissance{secret{texte{s}}}, nil
}

// NaissanceLe is the date of birth of a day of the calendar.
func NaissanceLe(j Jour) DateNaissance {
	return DateNaissance{secret{texte{strings.ReplaceAll(j.String(), "-", "")}}}
}

// UnmarshalText reads the date as ParseDateNaissance does.
func (d *DateNaissance) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDateNaissance(string(b))
	return err
}

// Motif is the pattern of the text form.
func (DateNaissance) Motif() string { return `[0-9]{8}` }

// Jour is the day of birth when it is one of the calendar.
func (d DateNaissance) Jour() (Jour, bool) {
	if len(d.s) != 8 {
		return 0, false
	}
	j, err := ParseJour(d.s[:4] + "-" + d.s[4:6] + "-" + d.s[6:])
	return j, err == nil
}

// Age is the number of whole years at a day, and false for a date of birth
// that is not a day of the calendar: then the year alone is used.
func (d DateNaissance) Age(a Jour) (int, bool) {
	if len(d.s) != 8 {
		return 0, false
	}
	an, _ := chiffres(d.s[:4])
	ans := a.Annee() - an
	j, exact := d.Jour()
	if !exact {
		return ans, false
	}
	_, mn, jn := j.date()
	_, ma, ja := a.date()
	if ma < mn || (ma == mn && ja < jn) {
		ans--
	}
	return ans, true
}

// Plier folds a name for comparison: capitals without accents, anything that
// is not a letter or a digit turned into one space. ref: ROC §7.1, §7.3
func Plier(s string) string {
	if dejaPlie(s) {
		return s
	}
	var b strings.Builder
	espace := false
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if espace && b.Len() > 0 {
				b.WriteByte(' ')
			}
			espace = false
			b.WriteString(capitale(r))
		default:
			espace = true
		}
	}
	return b.String()
}

func capitale(r rune) string {
	switch r {
	case 'œ', 'Œ':
		return "OE"
	case 'æ', 'Æ':
		return "AE"
	case 'ß', 'ẞ':
		return "SS"
	}
	return string(unicode.ToUpper(r))
}

// dejaPlie spares the common case: capitals already, single spaces.
func dejaPlie(s string) bool {
	avant := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c == ' ' && avant == ' ' {
			return false
		}
		if c != ' ' && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
		avant = c
	}
	return avant != ' ' || s == ""
}

// Paris is the default time zone of days. ref: DEC 5
func Paris() *time.Location { return FINESS{}.Fuseau() }
