package fhir

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads a search on a resource into q. The error is an [*Error].
// ref: FHIR R4 search §3.1.1
func (t *Table) Parse(q *Query, resource string, in Input) error {
	r := t.byName[resource]
	if r == nil {
		return refuse(CodeNotSupported, "", "cette ressource n'est pas servie ici : voir /metadata").with(404)
	}
	q.reset(r, in)
	if len(in.Query)+len(in.Form) > t.Limits.Bytes {
		return refuse(CodeTooLong, "", "la recherche dépasse "+strconv.Itoa(t.Limits.Bytes)+" octets : la couper en plusieurs")
	}
	n := 0
	for _, s := range [2]string{in.Query, in.Form} {
		for s != "" {
			var pair string
			if pair, s, _ = strings.Cut(s, "&"); pair == "" {
				continue
			}
			if n++; n > t.Limits.Params {
				return refuse(CodeTooCostly, "", "plus de "+strconv.Itoa(t.Limits.Params)+" paramètres : couper la recherche en plusieurs")
			}
			if err := t.pair(q, pair, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Error) with(status int) *Error { e.HTTP = status; return e }

// pair reads the n-th parameter.
func (t *Table) pair(q *Query, pair string, n int) error {
	k, v, _ := strings.Cut(pair, "=")
	name, ok1 := decode(k)
	value, ok2 := decode(v)
	if !ok1 || !ok2 {
		return refuse(CodeInvalid, "", "le paramètre n° "+strconv.Itoa(n)+" n'est pas de l'UTF-8 encodé en pourcents, ou porte un caractère de commande : l'encoder à nouveau")
	}
	if len(name)+len(value) > t.Limits.Value {
		return refuse(CodeTooLong, "", "le paramètre n° "+strconv.Itoa(n)+" dépasse "+strconv.Itoa(t.Limits.Value)+" octets : le couper")
	}
	if value == "" {
		return nil // a parameter without value asks nothing. ref: FHIR R4 search §3.1.1.4
	}
	if strings.HasPrefix(name, "_") && !strings.HasPrefix(name, "_has:") {
		if done, err := t.result(q, name, value); done || err != nil {
			return err
		}
	}
	return t.criterion(q, name, value, n)
}

// decode undoes the encoding of a form. ref: WHATWG URL §5.1
func decode(s string) (string, bool) {
	i := 0
	for i < len(s) && s[i] != '%' && s[i] != '+' && s[i] >= ' ' && s[i] < 0x7f {
		i++
	}
	if i == len(s) {
		return s, true
	}
	b := make([]byte, i, len(s))
	copy(b, s)
	for ; i < len(s); i++ {
		c := s[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			h, l := hex(s[i+1]), hex(s[i+2])
			if h > 15 || l > 15 {
				return "", false
			}
			c = h<<4 | l
			i += 2
		}
		if c < ' ' || c == 0x7f {
			return "", false
		}
		b = append(b, c)
	}
	return string(b), utf8.Valid(b)
}

func hex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// unknown refuses a name that the table has not, or notes it when lenient.
func (q *Query) unknown(t *Type, name string, n int) error {
	d := "le paramètre n° " + strconv.Itoa(n) + " n'est pas connu de " + t.Name
	if near := t.nearest(name); near != "" {
		d += " : est-ce " + near + " ?"
	} else {
		d += " : voir /metadata"
	}
	if q.lenient {
		q.Ignored = append(q.Ignored, Issue{Severity: Warning, Code: CodeNotSupported, Diagnostics: d + " (ignoré)"})
		return nil
	}
	return refuse(CodeNotSupported, "", d)
}

// nearest is the parameter whose name is at most two letters away, "" when none is.
func (t *Type) nearest(name string) string {
	name, _, _ = strings.Cut(name, ":")
	name, _, _ = strings.Cut(name, ".")
	best, at := "", 3
	for i := range t.Params {
		if d := distance(name, t.Params[i].Name); d < at {
			best, at = t.Params[i].Name, d
		}
	}
	return best
}

// distance is the number of letters to change from a to b, when both are short.
func distance(a, b string) int {
	const most = 40
	if len(a) > most || len(b) > most {
		return most
	}
	var row [most + 1]int
	for j := range b {
		row[j+1] = j + 1
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
