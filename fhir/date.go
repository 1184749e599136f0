package fhir

import "time"

var prefixNames = [...]string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"}

// date reads a prefix and a date of any precision, as the interval that it names.
// ref: FHIR R4 search §3.1.1.4.6, §3.1.1.4.9
func (t *Table) date(q *Query, c *Criterion, v *Value, s string) error {
	if len(s) > 2 && s[0] >= 'a' {
		i := 0
		for i < len(prefixNames) && prefixNames[i] != s[:2] {
			i++
		}
		if i == len(prefixNames) {
			return refuse(CodeValue, c.Param.Name, "le préfixe d'une date est eq, ne, gt, lt, ge, le, sa, eb ou ap")
		}
		v.Prefix, s = Prefix(i), s[2:]
	}
	lower, upper, ok := ParseDate(s, t.Location)
	if !ok {
		return refuse(CodeValue, c.Param.Name, "écrire une date comme 2026, 2026-11, 2026-11-23 ou 2026-11-23T10:30:00+01:00")
	}
	v.Lower, v.Upper = lower.UnixMilli(), upper.UnixMilli()
	if v.Prefix == Ap { // a tenth of the gap from now, on both sides. ref: FHIR R4 search §3.1.1.4.6
		gap := (q.now.UnixMilli() - v.Lower) / 10
		if gap < 0 {
			gap = -gap
		}
		v.Lower, v.Upper = v.Lower-gap, v.Upper+gap
	}
	return nil
}

// ParseDate reads a date or an instant of any precision, from a year to a nanosecond,
// as the interval that it names, its end excluded. Without time zone, it is in that of
// loc, UTC when nil. ref: FHIR R4 datatypes §2.24.0.1 dateTime
func ParseDate(s string, loc *time.Location) (lower, upper time.Time, ok bool) {
	if loc == nil {
		loc = time.UTC
	}
	var f [6]int // year to second
	precision, rest, ok := fields(s, &f)
	if !ok {
		return lower, upper, false
	}
	nano, unit := 0, time.Second
	if precision == 6 {
		if nano, unit, rest, ok = fraction(rest); !ok {
			return lower, upper, false
		}
	}
	if precision > 3 {
		if loc, ok = zone(rest, loc); !ok {
			return lower, upper, false
		}
	} else if rest != "" {
		return lower, upper, false
	}
	at := func(f [6]int) time.Time {
		return time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4], f[5], nano, loc)
	}
	if time.Date(f[0], time.Month(f[1]), f[2], 0, 0, 0, 0, time.UTC).Day() != f[2] {
		return lower, upper, false // 30 February
	}
	lower = at(f)
	if precision == 6 {
		return lower, lower.Add(unit), true
	}
	f[precision-1]++
	return lower, at(f), true
}

// fields reads as many numbers as there are: 1 for a year, 2, 3 for a day, 5 for a
// minute, 6 for a second.
func fields(s string, f *[6]int) (int, string, bool) {
	*f = [6]int{0, 1, 1, 0, 0, 0}
	if len(s) < 4 {
		return 0, s, false
	}
	var ok bool
	if f[0], ok = digits(s[:4]); !ok || f[0] < 1 {
		return 0, s, false
	}
	s = s[4:]
	for i, sep := range [...]byte{'-', '-', 'T', ':', ':'} {
		if len(s) < 3 || s[0] != sep {
			return i + 1, s, i != 3 // an hour has its minutes
		}
		x, ok := digits(s[1:3])
		if !ok || x > [...]int{12, 31, 23, 59, 60}[i] || i < 2 && x < 1 {
			return 0, s, false
		}
		f[i+1], s = x, s[3:]
	}
	return 6, s, true
}

func digits(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}

// fraction reads what follows the point of a second, and the length of its last digit.
func fraction(s string) (nano int, unit time.Duration, rest string, ok bool) {
	unit = time.Second
	if s == "" || s[0] != '.' {
		return 0, unit, s, true
	}
	i := 1
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		if unit > 1 {
			unit /= 10
			nano += int(s[i]-'0') * int(unit)
		}
	}
	if i == 1 || i > 10 {
		return 0, 0, s, false
	}
	return nano, max(unit, time.Millisecond), s[i:], true // what is stored has no more precision
}

// zone reads Z, +hh:mm or nothing.
func zone(s string, loc *time.Location) (*time.Location, bool) {
	switch {
	case s == "":
		return loc, true
	case s == "Z":
		return time.UTC, true
	case len(s) != 6 || s[0] != '+' && s[0] != '-' && s[0] != ' ' || s[3] != ':': // a + that nobody encoded is a blank
		return nil, false
	}
	h, ok1 := digits(s[1:3])
	m, ok2 := digits(s[4:])
	if !ok1 || !ok2 || h > 14 || m > 59 {
		return nil, false
	}
	offset := h*3600 + m*60
	if s[0] == '-' {
		offset = -offset
	}
	return time.FixedZone("", offset), true
}
