package trame

import "time"

// appendInstant writes 2026-03-01T08:15:00.000Z, or nothing for the zero
// instant. ref: ROC §5.1
func appendInstant(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return dst
	}
	return t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
}

// motifInstant is what parseInstant reads, but for the calendar.
const motifInstant = `[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+\-](0[0-9]|1[0-3]):[0-5][0-9])`

// parseInstant reads an RFC 3339 instant with its offset. Ordinary SOAP clients
// write no fraction, or microseconds: the rest is cut to the millisecond, so that
// what is read and written again is the same value. hyp: INSTANT-FRACTION
func parseInstant(b []byte) (time.Time, bool) {
	if len(b) < 20 || len(b) > 35 || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return time.Time{}, false
	}
	an, ok0 := nombre(b[:4], 1, 9999)
	mois, ok1 := nombre(b[5:7], 1, 12)
	jour, ok2 := nombre(b[8:10], 1, 31)
	heure, ok3 := nombre(b[11:13], 0, 23)
	minute, ok4 := nombre(b[14:16], 0, 59)
	seconde, ok5 := nombre(b[17:19], 0, 59)
	milli, reste, ok6 := fraction(b[19:])
	decalage, ok7 := decalage(reste)
	t := time.Date(an, time.Month(mois), jour, heure, minute, seconde, milli*1e6, time.UTC)
	if !(ok0 && ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) || t.Day() != jour {
		return time.Time{}, false
	}
	if t = t.Add(-decalage); t.Year() < 1 || t.Year() > 9999 || t.IsZero() {
		return time.Time{}, false
	}
	return t, true
}

func nombre(b []byte, bas, haut int) (n int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n >= bas && n <= haut
}

// fraction reads ".123456" as 123 milliseconds and returns what follows.
func fraction(b []byte) (milli int, reste []byte, ok bool) {
	if len(b) == 0 || b[0] != '.' {
		return 0, b, true
	}
	i, poids := 1, 100
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		milli += int(b[i]-'0') * poids
		poids /= 10
	}
	return milli, b[i:], i > 1 && i <= 10
}

// decalage reads Z, +02:00 or -03:30, less than 14 hours as in XSD.
func decalage(b []byte) (time.Duration, bool) {
	if len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	if len(b) != 6 || b[3] != ':' || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	h, ok1 := nombre(b[1:3], 0, 13)
	m, ok2 := nombre(b[4:6], 0, 59)
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if b[0] == '-' {
		d = -d
	}
	return d, ok1 && ok2
}
