package trame

import (
	"bytes"
	"os/exec"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// What is written is read as the same value, and is canonical already.
func TestAllerRetour(t *testing.T) {
	p, gen := Pour[Message[Corps]](espaceEssai), messageAuHasard()
	rapid.Check(t, func(t *rapid.T) {
		m := gen.Draw(t, "message")
		if err := p.Verify(m); err != nil {
			t.Fatal(err)
		}
		x, j := p.AppendXML(nil, "m", m), p.AppendJSON(nil, m)
		var parXML, parJSON Message[Corps]
		if err := p.DecodeXML(x, "m", &parXML); err != nil {
			t.Fatalf("%v\n%s", err, x)
		}
		if err := p.DecodeJSON(j, &parJSON); err != nil {
			t.Fatalf("%v\n%s", err, j)
		}
		if d := cmp.Diff(m, &parXML, comparaison); d != "" {
			t.Fatal("XML", d)
		}
		if d := cmp.Diff(m, &parJSON, comparaison); d != "" {
			t.Fatal("JSON", d)
		}
		c, err := jcs.Canoniser(nil, j, jcs.Limites{})
		if err != nil || !bytes.Equal(c, j) {
			t.Fatalf("JSON non canonique : %v\n%s\n%s", err, j, c)
		}
	})
}

// xmllint, which knows nothing of us, finds nothing to change.
func TestCanoniqueParXmllint(t *testing.T) {
	xmllint := outil(t, "xmllint")
	p, gen := Pour[Message[Corps]](espaceEssai), messageAuHasard()
	var ecrits [][]byte
	for i := range 40 {
		ecrits = append(ecrits, p.AppendXML(nil, "m", gen.Example(i)))
	}
	for i, chemin := range deposer(t, ".xml", ecrits) {
		sortie, err := exec.Command(xmllint, "--exc-c14n", chemin).Output()
		if err != nil || !bytes.Equal(sortie, ecrits[i]) {
			t.Errorf("%v\n%s\n%s", err, ecrits[i], sortie)
		}
	}
}

// A plan serves several goroutines; its readers are not shared.
func TestConcurrence(t *testing.T) {
	p, m := Pour[Message[Corps]](espaceEssai), exemple(t)
	var attente sync.WaitGroup
	for range 4 {
		attente.Go(func() {
			for range 50 {
				var x, j Message[Corps]
				errX, errJ := p.DecodeXML([]byte(exempleXML), "m", &x), p.DecodeJSON([]byte(exempleJSON), &j)
				if d := cmp.Diff(m, &x, comparaison) + cmp.Diff(m, &j, comparaison); errX != nil || errJ != nil || d != "" {
					t.Error(errX, errJ, d)
				}
			}
		})
	}
	attente.Wait()
}
