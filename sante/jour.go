package sante

import (
	"errors"
	"time"
	_ "time/tzdata" // days are local to the site of care, on any machine. ref: DEC 5
)

// Jour is a calendar day, without hour nor time zone. The zero value means
// "not said". Days can be compared and subtracted as integers: b-a is the
// number of nights from a to b.
type Jour int32

// ErrJour is returned for a text that is not a day of the calendar.
var ErrJour = errors.New("date attendue, comme 2026-03-01")

// unix is the Jour of 1970-01-01; Jour 1 is 0001-01-01.
const unix = 719163

// JourDe makes a day from its parts, as time.Date does.
func JourDe(an int, mois time.Month, jour int) Jour {
	return Jour(time.Date(an, mois, jour, 0, 0, 0, 0, time.UTC).Unix()/86400 + unix)
}

// JourA is the day that an instant falls in, in the time zone of the site of
// care. ref: DEC 5
func JourA(t time.Time, fuseau *time.Location) Jour {
	an, mois, jour := t.In(fuseau).Date()
	return JourDe(an, mois, jour)
}

// ParseJour reads a day written as 2026-03-01, from year 1800 to 9999.
func ParseJour(s string) (Jour, error) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, ErrJour
	}
	an, ok1 := chiffres(s[:4])
	mois, ok2 := chiffres(s[5:7])
	jour, ok3 := chiffres(s[8:])
	if !ok1 || !ok2 || !ok3 || an < 1800 || mois < 1 || mois > 12 || jour < 1 {
		return 0, ErrJour
	}
	j := JourDe(an, time.Month(mois), jour)
	if _, _, d := j.date(); d != jour {
		return 0, ErrJour
	}
	return j, nil
}

func chiffres(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}

func (j Jour) date() (int, time.Month, int) {
	return time.Unix((int64(j)-unix)*86400, 0).UTC().Date()
}

// Annee is the calendar year of the day.
func (j Jour) Annee() int { an, _, _ := j.date(); return an }

// IsZero tells whether the day was not said.
func (j Jour) IsZero() bool { return j == 0 }

// Debut is the first instant of the day in a time zone.
func (j Jour) Debut(fuseau *time.Location) time.Time {
	an, mois, jour := j.date()
	return time.Date(an, mois, jour, 0, 0, 0, 0, fuseau)
}

// Mois adds calendar months, as time.AddDate does.
func (j Jour) Mois(n int) Jour {
	an, mois, jour := j.date()
	return JourDe(an, mois+time.Month(n), jour)
}

// String writes 2026-03-01, or nothing for the zero day.
func (j Jour) String() string { b, _ := j.AppendText(nil); return string(b) }

// AppendText writes the day as String does.
func (j Jour) AppendText(b []byte) ([]byte, error) {
	if j == 0 {
		return b, nil
	}
	an, mois, jour := j.date()
	return append(b,
		byte('0'+an/1000%10), byte('0'+an/100%10), byte('0'+an/10%10), byte('0'+an%10), '-',
		byte('0'+mois/10), byte('0'+mois%10), '-',
		byte('0'+jour/10), byte('0'+jour%10)), nil
}

// MarshalText writes the day as String does.
func (j Jour) MarshalText() ([]byte, error) { return j.AppendText(nil) }

// UnmarshalText reads a day as ParseJour does; an empty text is the zero day.
func (j *Jour) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*j = 0
		return nil
	}
	*j, err = ParseJour(string(b))
	return err
}

// Motif is the pattern of the text form.
func (Jour) Motif() string { return `[0-9]{4}-[0-9]{2}-[0-9]{2}` }

// Francais writes the day for a person: 01/03/2026.
func (j Jour) Francais() string {
	s := j.String()
	if s == "" {
		return ""
	}
	return s[8:] + "/" + s[5:7] + "/" + s[:4]
}

// Horloge tells the present instant. Rules receive days and instants; only
// the doors read a clock, and a laboratory may set it.
type Horloge func() time.Time
