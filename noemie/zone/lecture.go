package zone

import (
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Lecture is the Passage that reads. The values share the memory of S.
type Lecture struct {
	S     string
	refus *Refus
}

// Refus is the first refusal, or nil.
func (l *Lecture) Refus() *Refus { return l.refus }

// Refuser keeps a reason, when there is none yet.
func (l *Lecture) Refuser(z *Zone, m Motif, lon int) {
	if l.refus == nil {
		l.refus = &Refus{m, z, lon}
	}
}

// prendre is the text of a zone; ok is false when there is nothing to read.
func (l *Lecture) prendre(z *Zone) (s string, ok bool) {
	switch {
	case l.refus != nil:
		return "", false
	case len(l.S) >= z.Fin():
		return l.S[z.Debut:z.Fin()], true
	case len(l.S) <= z.Debut && !z.Obligatoire:
		return "", false
	case z.Nature == Texte && len(l.S) > z.Debut: // spaces at the end of an entity may be lost on the way
		return l.S[z.Debut:], true
	}
	l.Refuser(z, Court, max(0, len(l.S)-z.Debut))
	return "", false
}

// Texte reads a text without the padding.
func (l *Lecture) Texte(z *Zone, v *string) {
	*v = ""
	s, ok := l.prendre(z)
	if !ok {
		return
	}
	if z.Nature == Texte {
		for len(s) > 0 && s[len(s)-1] == ' ' {
			s = s[:len(s)-1]
		}
	} else if s = strings.TrimSpace(s); !alphanumerique(s, z.Nature == Identifiant) {
		l.Refuser(z, Chiffres, len(s))
		return
	} else {
		s = sansZeros(s, z.Mini)
	}
	if s == "" && z.Obligatoire {
		l.Refuser(z, Vide, 0)
		return
	}
	*v = s
}

// sansZeros drops zeros on the left down to a length; nothing but zeros is "".
func sansZeros(s string, mini int) string {
	nu := strings.TrimLeft(s, "0")
	if nu == "" {
		return ""
	}
	return s[len(s)-max(len(nu), min(mini, len(s))):]
}

func alphanumerique(s string, lettres bool) bool {
	for i := range len(s) {
		c := s[i]
		if c-'0' > 9 && !(lettres && c-'A' < 26) {
			return false
		}
	}
	return true
}

// entier reads digits; spaces alone are zero.
func (l *Lecture) entier(z *Zone) (n int64) {
	s, ok := l.prendre(z)
	if !ok {
		return 0
	}
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 || i >= 18 {
			l.Refuser(z, Chiffres, z.Longueur)
			return 0
		}
		n = n*10 + int64(c)
	}
	return n
}

// Nombre reads a whole number.
func (l *Lecture) Nombre(z *Zone, v *int) { *v = int(l.entier(z)) }

// Montant reads an amount in cents.
func (l *Lecture) Montant(z *Zone, v *sante.Montant) { *v = sante.Montant(l.entier(z)) }

// Jour reads AAMMJJ; zeros or spaces alone are "not said".
func (l *Lecture) Jour(z *Zone, v *sante.Jour) {
	n := int(l.entier(z))
	*v = 0
	if n == 0 || l.refus != nil {
		return
	}
	an, mois, jour := siecle(n/10000), n/100%100, n%100
	if mois < 1 || mois > 12 || jour < 1 || jour > joursDe(an, time.Month(mois)) {
		l.Refuser(z, Date, z.Longueur)
		return
	}
	*v = sante.JourDe(an, time.Month(mois), jour)
}

// siecle completes a year of two digits: 1980 to 2079. hyp: FICHIER-SIECLE
func siecle(an int) int {
	if an < 80 {
		return 2000 + an
	}
	return 1900 + an
}

func joursDe(an int, m time.Month) int {
	switch {
	case m == time.February && an%4 == 0: // from 1980 to 2079 every fourth year is a leap year
		return 29
	case m == time.February:
		return 28
	case m == time.April || m == time.June || m == time.September || m == time.November:
		return 30
	}
	return 31
}
