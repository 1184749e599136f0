package fhir

import (
	"strconv"
	"strings"
)

// Format is the form of an answer.
type Format uint8

// The forms.
const (
	JSON Format = iota
	XML
)

// MediaType is what Content-Type says.
func (f Format) MediaType() string {
	if f == XML {
		return "application/fhir+xml; charset=utf-8"
	}
	return "application/fhir+json; charset=utf-8"
}

// Negotiate chooses the form of an answer: _format when it is said, else the header
// Accept. The error is an [*Error] of status 406. ref: FHIR R4 http §3.1.0.1.11
func Negotiate(accept, format string) (Format, error) {
	if format != "" {
		if f, ok := mediaType(format, true); ok {
			return f, nil
		}
		return JSON, refuse(CodeNotSupported, "_format", "écrire json ou xml").with(406)
	}
	switch accept {
	case "", "*/*", "application/fhir+json", "application/json":
		return JSON, nil
	}
	best, quality, found := JSON, 0.0, false
	for s := accept; s != ""; {
		var one string
		one, s, _ = strings.Cut(s, ",")
		f, ok := mediaType(one, false)
		if q := weight(one); ok && q > quality {
			best, quality, found = f, q, true
		}
	}
	if !found {
		return JSON, refuse(CodeNotSupported, "", "demander application/fhir+json ou application/fhir+xml, en version 4.0, dans l'en-tête Accept").with(406)
	}
	return best, nil
}

// mediaType is the form that a media type names; a + that nobody encoded is a blank in
// an address.
func mediaType(s string, short bool) (Format, bool) {
	s, params, _ := strings.Cut(s, ";")
	for p := range strings.SplitSeq(params, ";") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(p), "fhirVersion="); ok && strings.Trim(v, `"`) != "4.0" {
			return JSON, false
		}
	}
	switch s = strings.TrimSpace(s); {
	case len(s) > 64:
	case short && (s == "json" || s == "application/fhir json"):
		return JSON, true
	case short && (s == "xml" || s == "application/fhir xml"):
		return XML, true
	}
	switch strings.ToLower(s) {
	case "application/fhir+json", "application/json", "text/json", "*/*", "application/*":
		return JSON, true
	case "application/fhir+xml", "application/xml", "text/xml":
		return XML, true
	}
	return JSON, false
}

func weight(s string) float64 {
	_, q, ok := strings.Cut(s, "q=")
	if !ok {
		return 1
	}
	q, _, _ = strings.Cut(q, ";")
	x, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
	if err != nil || !(x >= 0 && x <= 1) {
		return 0
	}
	return x
}

// Preferences are what the header Prefer says. ref: RFC 7240, FHIR R4 http §3.1.0.1.8
type Preferences struct {
	Strict, Lenient bool   // handling
	Async           bool   // respond-async
	Return          string // minimal, representation or OperationOutcome
}

// ParsePrefer reads the values of the header; what it does not know it leaves out.
func ParsePrefer(headers ...string) (p Preferences) {
	for _, h := range headers {
		for s := range strings.FieldsFuncSeq(h[:min(len(h), 1024)], func(r rune) bool { return r == ',' || r == ';' }) {
			switch s = strings.ReplaceAll(strings.TrimSpace(s), `"`, ""); s {
			case "handling=strict":
				p.Strict = true
			case "handling=lenient":
				p.Lenient = true
			case "respond-async":
				p.Async = true
			case "return=minimal", "return=representation", "return=OperationOutcome":
				p.Return = s[len("return="):]
			}
		}
	}
	return p
}
