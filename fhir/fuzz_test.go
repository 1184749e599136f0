package fhir

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Whatever is asked, the answer is a bounded query or a refusal that quotes nothing; and
// the decoding is that of net/url.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"family=a,b\\,c&_sort=-name", "_has:PractitionerRole:practitioner:organization.partof.name:contains=a",
		"_lastUpdated=ge2026-11-23T10:30:00.5+01:00", "near=48.85|2.35|10|km", "identifier:of-type=a|b|c", "_include:iterate=*", "a=%zz&=&_has:", "any:Organization.near=1|2"} {
		f.Add(s)
	}
	tb := table(f)
	f.Fuzz(func(t *testing.T, s string) {
		var q Query
		for _, resource := range []string{"Practitioner", "PractitionerRole", "Organization"} {
			err := tb.Parse(&q, resource, Input{Query: s, Lenient: len(s)%2 == 0, Now: now})
			if e, ok := err.(*Error); err != nil && (!ok || e.Diagnostics == "" || e.Status() < 400) {
				t.Fatalf("refus sans code : %v", err)
			}
			values := 0
			for _, c := range q.Criteria {
				if values += len(c.Values); c.Param == nil || len(c.Path) > tb.Limits.Chain || len(c.Values) == 0 && c.Modifier != Missing {
					t.Fatalf("critère mal formé : %+v", c)
				}
			}
			if values > tb.Limits.Values || len(q.Includes) > tb.Limits.Includes {
				t.Fatal("bornes passées")
			}
		}
		if got, ok := decode(s); ok && !strings.ContainsAny(s, "&=;") {
			if want, err := url.QueryUnescape(s); err != nil || got != want {
				t.Fatalf("decode(%q) = %q, want %q, %v", s, got, want, err)
			}
		}
	})
}

// A date that is read is an interval that is not empty, and begins where time.Parse says.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026", "2026-11", "2024-02-29", "2026-11-23T10:30Z", "2026-11-23T10:30:59.123456789+14:00", "0001", "9999-12-31T23:59:60Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lower, upper, ok := ParseDate(s, nil)
		if !ok {
			return
		}
		if !lower.Before(upper) {
			t.Fatalf("%q : %v..%v", s, lower, upper)
		}
		if want, err := time.Parse(time.RFC3339Nano, s); err == nil && !want.Equal(lower) {
			t.Fatalf("%q : got %v, want %v", s, lower, want)
		}
	})
}

// A text written as JSON is read back by encoding/json as the same, but for what is not
// UTF-8.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "Léger", "\"\\\n\r\t\x00\x7f", "\xff", "\u2028😀", "</script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(AppendString(nil, s), &got); err != nil {
			t.Fatal(err)
		}
		if want := string([]rune(s)); got != want { // which makes the same U+FFFD
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
