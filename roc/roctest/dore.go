// Package roctest writes golden messages so that people can read them, and compares them
// from one face to the other. Standard library only: tests of every profile use it.
package roctest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// AererJSON indents a message.
func AererJSON(t testing.TB, j []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, j, "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// AererXML puts each element of canonical XML on its line; those that hold a text keep it.
func AererXML(x []byte) []byte {
	var b bytes.Buffer
	niveau := 0
	for i := 0; i < len(x); {
		fin := i + bytes.IndexByte(x[i:], '>') + 1
		balise := x[i:fin]
		if balise[1] == '/' {
			niveau--
			b.WriteString(strings.Repeat("  ", niveau))
			b.Write(balise)
		} else {
			b.WriteString(strings.Repeat("  ", niveau))
			b.Write(balise)
			suite := bytes.IndexByte(x[fin:], '<')
			if x[fin+suite+1] == '/' { // a text, or nothing
				fermante := fin + suite + bytes.IndexByte(x[fin+suite:], '>') + 1
				b.Write(x[fin:fermante])
				fin = fermante
			} else {
				niveau++
			}
		}
		b.WriteByte('\n')
		i = fin
	}
	return b.Bytes()
}

// SansEmpreinte is a message in JSON without the digest of the question, which depends on
// the face.
func SansEmpreinte(t testing.TB, j []byte) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(j, &m); err != nil {
		t.Fatal(err)
	}
	delete(m["enveloppe"].(map[string]any), "empreinteQuestion")
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
