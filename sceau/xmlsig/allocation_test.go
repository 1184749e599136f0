//go:build !race

package xmlsig_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// Not under the race detector, which empties pools on purpose.
func TestSansAllocation(t *testing.T) {
	doc := bytes.Replace(contenu(4096), []byte("<demande "), []byte(`<demande Id="i" `), 1)
	dst := make([]byte, 0, 8192)
	h := sha256.New()
	somme := make([]byte, 0, 32)
	cas := map[string]func(){
		"Canoniser": func() { dst, _ = xmlsig.Canoniser(dst[:0], doc, "i", xmlflux.Limites{}) },
		"Empreinte": func() {
			h.Reset()
			xmlsig.Empreinte(h, doc, "i", xmlflux.Limites{})
			somme = h.Sum(somme[:0])
		},
	}
	for nom, f := range cas {
		f()
		if n := testing.AllocsPerRun(200, f); n >= 1 {
			t.Errorf("%s : %v allocations, veut 0", nom, n)
		}
	}
}
