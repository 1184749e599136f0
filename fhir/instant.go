package fhir

// AppendInstant appends an instant in milliseconds since 1970, in UTC, as
// 2026-11-23T10:09:01.123Z. ref: FHIR R4 datatypes §2.24.0.1 instant
func AppendInstant(dst []byte, ms int64) []byte {
	days := ms / 86400000
	if ms %= 86400000; ms < 0 {
		days, ms = days-1, ms+86400000
	}
	dst = AppendDay(dst, days)
	dst = append(dst, 'T')
	dst = append(two(dst, ms/3600000), ':')
	dst = append(two(dst, ms/60000%60), ':')
	dst = append(two(dst, ms/1000%60), '.', '0'+byte(ms/100%10))
	return append(two(dst, ms%100), 'Z')
}

// AppendDay appends a number of days since 1970 as 2026-11-23, for the years 0 to 9999.
func AppendDay(dst []byte, days int64) []byte {
	z := days + 719468 // days since 0000-03-01, in eras of 400 years
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	d := z - era*146097
	y := (d - d/1460 + d/36524 - d/146096) / 365
	d -= 365*y + y/4 - y/100
	m := (5*d + 2) / 153
	d -= (153*m+2)/5 - 1
	y += era * 400
	if m += 3; m > 12 {
		m, y = m-12, y+1
	}
	dst = append(two(two(dst, y/100), y%100), '-')
	return two(append(two(dst, m), '-'), d)
}

func two(dst []byte, n int64) []byte { return append(dst, '0'+byte(n/10%10), '0'+byte(n%10)) }
