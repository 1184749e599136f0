package fhir

import (
	"bytes"
	"encoding/json"
	"unicode/utf16"
	"unicode/utf8"
)

// The bounds of a resource that is read again to be turned into XML or cut down.
const (
	maxResource = 16 << 20
	maxDepth    = 40
	maxMembers  = 1000 // of one object: the sister of a primitive is looked for among them
)

// cursor walks over JSON that was already checked to be well formed.
type cursor struct {
	b []byte
	i int
}

// check refuses what is not a bounded JSON object.
func check(b []byte) error {
	if len(b) > maxResource {
		return refuse(CodeTooLong, "", "la ressource dépasse 16 Mo")
	}
	depth, text := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return refuse(CodeTooCostly, "", "la ressource a plus de 40 niveaux")
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	if t := bytes.TrimLeft(b, " \t\r\n"); len(t) == 0 || t[0] != '{' || !json.Valid(b) {
		return refuse(CodeStructure, "", "la ressource n'est pas un objet JSON")
	}
	return nil
}

func (c *cursor) blank() {
	for c.i < len(c.b) && c.b[c.i] <= ' ' {
		c.i++
	}
}

// open enters an object or an array.
func (c *cursor) open() { c.blank(); c.i++ }

// next tells whether there is one more member or item, and goes past the comma; else
// past the end.
func (c *cursor) next() bool {
	c.blank()
	switch c.b[c.i] {
	case '}', ']':
		c.i++
		return false
	case ',':
		c.i++
		c.blank()
	}
	return true
}

// key reads the name of a member and the colon.
func (c *cursor) key() []byte {
	k := c.text()
	c.blank()
	c.i++
	c.blank()
	return k
}

// text reads a string without its quotation marks, still escaped.
func (c *cursor) text() []byte {
	c.blank()
	c.i++
	from := c.i
	for c.b[c.i] != '"' {
		if c.b[c.i] == '\\' {
			c.i++
		}
		c.i++
	}
	c.i++
	return c.b[from : c.i-1]
}

// value goes past a value and returns it.
func (c *cursor) value() []byte {
	c.blank()
	from := c.i
	switch c.b[c.i] {
	case '"':
		c.text()
	case '{', '[':
		for depth := 0; ; {
			switch c.b[c.i] {
			case '"':
				c.text()
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			if c.i++; depth == 0 {
				break
			}
		}
	default:
		for c.i < len(c.b) && c.b[c.i] > ' ' && c.b[c.i] != ',' && c.b[c.i] != '}' && c.b[c.i] != ']' {
			c.i++
		}
	}
	return c.b[from:c.i]
}

// runeAt reads one character of an escaped JSON string. ref: RFC 8259 §7
func runeAt(s []byte, i int) (r rune, next int) {
	if s[i] != '\\' {
		r, n := utf8.DecodeRune(s[i:])
		return r, i + n
	}
	switch s[i+1] {
	case 'n':
		return '\n', i + 2
	case 'r':
		return '\r', i + 2
	case 't':
		return '\t', i + 2
	case 'b':
		return '\b', i + 2
	case 'f':
		return '\f', i + 2
	case 'u':
		r = hex4(s[i+2:])
		if i+12 <= len(s) && utf16.IsSurrogate(r) && s[i+6] == '\\' && s[i+7] == 'u' {
			if both := utf16.DecodeRune(r, hex4(s[i+8:])); both != utf8.RuneError {
				return both, i + 12
			}
		}
		return r, i + 6
	}
	return rune(s[i+1]), i + 2
}

func hex4(s []byte) (r rune) {
	for _, c := range s[:4] {
		r = r<<4 | rune(hex(c))
	}
	return r
}
