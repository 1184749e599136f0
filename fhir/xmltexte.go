package fhir

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
)

// attribute writes a string, a number or a boolean as the value of an attribute.
// ref: XML 1.0 §2.3, §3.3.3
func (x *transcoder) attribute(name string, value []byte) {
	if len(value) == 0 || value[0] == '{' || value[0] == '[' || value[0] == 'n' {
		return
	}
	x.dst = append(append(append(x.dst, ' '), name...), `="`...)
	if value[0] == '"' {
		x.escape(value[1 : len(value)-1])
	} else {
		x.dst = append(x.dst, value...)
	}
	x.dst = append(x.dst, '"')
}

// escape turns the inside of a JSON string into the inside of an attribute.
func (x *transcoder) escape(s []byte) {
	from := 0
	for i := 0; i < len(s); {
		if c := s[i]; plain[c] && c != '<' && c != '&' && c != '>' {
			i++
			continue
		}
		x.dst = append(x.dst, s[from:i]...)
		r, next := runeAt(s, i)
		x.dst = appendXMLRune(x.dst, r)
		i, from = next, next
	}
	x.dst = append(x.dst, s[from:]...)
}

// appendXMLRune writes a character in an attribute. ref: XML 1.0 §2.2
func appendXMLRune(dst []byte, r rune) []byte {
	switch {
	case r == '<':
		return append(dst, "&lt;"...)
	case r == '>':
		return append(dst, "&gt;"...)
	case r == '&':
		return append(dst, "&amp;"...)
	case r == '"':
		return append(dst, "&quot;"...)
	case r == '\n':
		return append(dst, "&#xA;"...)
	case r == '\r':
		return append(dst, "&#xD;"...)
	case r == '\t':
		return append(dst, "&#x9;"...)
	case r < ' ', r >= 0xd800 && r < 0xe000, r == 0xfffe, r == 0xffff:
		r = 0xfffd
	}
	return append(dst, string(r)...)
}

// div writes a narrative, which is XHTML already. ref: FHIR R4 narrative
func (x *transcoder) div(s []byte) error {
	var b []byte
	for i := 0; i < len(s); {
		r, next := runeAt(s, i)
		b, i = append(b, string(r)...), next
	}
	bad := refuse(CodeStructure, "", "le texte d'une ressource (text.div) doit être un seul élément div de XHTML, bien formé et sans DTD")
	if !strings.HasPrefix(string(b), `<div xmlns="http://www.w3.org/1999/xhtml"`) {
		return bad
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	for depth, ended := 0, false; ; {
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
			ended = depth == 0
		case xml.Directive, xml.ProcInst:
			return bad
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				return bad
			}
		}
		if err != nil || ended && d.InputOffset() < int64(len(b)) || depth > maxDepth {
			return bad
		}
	}
	x.dst = append(x.dst, b...)
	return nil
}
