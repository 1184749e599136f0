package fhir

import "strconv"

// Writer appends JSON to B in the order of its calls; what is empty leaves nothing. It
// checks nothing else: names are those of elements, written as they are given.
//
//	m := w.Object("meta")
//	w.String("source", source)
//	w.End(m)
type Writer struct{ B []byte }

// Mark is where an object or an array began, for [Writer.End]: twice the offset, plus one
// for an array.
type Mark int

// comma separates from what precedes in the same object or array.
func (w *Writer) comma() {
	if n := len(w.B); n > 0 {
		if c := w.B[n-1]; c != '{' && c != '[' && c != ':' && c != '\n' {
			w.B = append(w.B, ',')
		}
	}
}

// Key begins a member, whose value the caller appends to B.
func (w *Writer) Key(name string) {
	w.comma()
	w.B = append(w.B, '"')
	w.B = append(w.B, name...)
	w.B = append(w.B, '"', ':')
}

// Object begins an object, a member when it has a name, an item when it has none.
func (w *Writer) Object(name string) Mark {
	m := Mark(len(w.B)) << 1
	w.name(name)
	w.B = append(w.B, '{')
	return m
}

// Array begins an array.
func (w *Writer) Array(name string) Mark {
	m := Mark(len(w.B))<<1 | 1
	w.name(name)
	w.B = append(w.B, '[')
	return m
}

func (w *Writer) name(name string) {
	if name != "" {
		w.Key(name)
	} else {
		w.comma()
	}
}

// End closes what began at m; an object or an array that got nothing is taken back, with
// its name.
func (w *Writer) End(m Mark) {
	switch c := w.B[len(w.B)-1]; {
	case c == '{' || c == '[':
		w.B = w.B[:m>>1]
	case m&1 == 0:
		w.B = append(w.B, '}')
	default:
		w.B = append(w.B, ']')
	}
}

// String writes a member that is a text, none when it is empty.
func (w *Writer) String(name, v string) {
	if v == "" {
		return
	}
	w.Key(name)
	w.B = AppendString(w.B, v)
}

// Item writes a text in an array.
func (w *Writer) Item(v string) {
	w.comma()
	w.B = AppendString(w.B, v)
}

// Bool writes a member that is true or false.
func (w *Writer) Bool(name string, v bool) {
	w.Key(name)
	w.B = strconv.AppendBool(w.B, v)
}

// Int writes a member that is a number.
func (w *Writer) Int(name string, v int64) {
	w.Key(name)
	w.B = strconv.AppendInt(w.B, v, 10)
}

// Decimal writes a member that is a number of millionths.
func (w *Writer) Decimal(name string, millionths int64) {
	w.Key(name)
	if millionths < 0 {
		w.B = append(w.B, '-')
		millionths = -millionths
	}
	w.B = strconv.AppendInt(w.B, millionths/1e6, 10)
	if f := millionths % 1e6; f != 0 {
		w.B = append(w.B, '.')
		for d := int64(1e5); f > 0; d /= 10 {
			w.B = append(w.B, '0'+byte(f/d))
			f %= d
		}
	}
}

// Instant writes a member that is an instant in milliseconds since 1970, none for 0.
func (w *Writer) Instant(name string, ms int64) {
	if ms == 0 {
		return
	}
	w.Key(name)
	w.B = append(AppendInstant(append(w.B, '"'), ms), '"')
}

// Raw writes a member, or an item without name, that is already JSON.
func (w *Writer) Raw(name string, json []byte) {
	if len(json) == 0 {
		return
	}
	w.name(name)
	w.B = append(w.B, json...)
}

// Reference writes a member {"reference":"Type/id"}, none without id.
func (w *Writer) Reference(name, resource, id, display string) {
	if id == "" {
		return
	}
	w.Key(name)
	w.B = append(w.B, `{"reference":"`...)
	w.B = append(w.B, resource...)
	w.B = append(w.B, '/')
	w.B = AppendEscaped(w.B, id)
	w.B = append(w.B, '"')
	w.String("display", display)
	w.B = append(w.B, '}')
}

// Coding writes an item or a member {"system","code","display"}, none without code nor
// label.
func (w *Writer) Coding(name, system, code, display string) {
	if code == "" && display == "" {
		return
	}
	m := w.Object(name)
	if code != "" {
		w.String("system", system)
	}
	w.String("code", code)
	w.String("display", display)
	w.End(m)
}
