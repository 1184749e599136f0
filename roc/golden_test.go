package roc_test

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/roc/roctest"
)

var _ = flag.Bool("update", false, "write the golden messages of testdata again")

// paire is a question and its answer.
func paire[Q, R any](nom string, e *roc.Echange[Q, R], a partie, q *Q, r *R) []roctest.Dore {
	return roctest.Paire(nom, e, enveloppe(a), q, r)
}

// enveloppe is that of a question, but for what follows from its name.
func enveloppe(a partie) roc.Enveloppe {
	return roc.Enveloppe{NormeVersion: roc.Profil, Service: roc.IDB, IDDossierES: "V2026030042", Horodatage: instant, Emetteur: a.de, Destinataire: a.a, Environnement: roc.Test}
}

// horsMessages are the folders of testdata that hold something else.
var horsMessages = []string{"labo", "scelle", "fuzz"}

// TestGolden compares every golden message with what the code writes, on both faces.
func TestGolden(t *testing.T) { roctest.Verifier(t, "testdata", situations(t), horsMessages...) }

// TestGoldenXSD has every XML message judged by xmllint with the published schema.
func TestGoldenXSD(t *testing.T) {
	var l []string
	for _, nom := range roctest.Fichiers(t, "testdata", horsMessages...) {
		if strings.HasSuffix(nom, ".xml") {
			l = append(l, filepath.Join("testdata", nom))
		}
	}
	roctest.XSD(t, roc.Publication.XSD(), 60, l...)
}

// TestGoldenCodes checks that each code of the profile has its golden message:
// as the answer, or as the reason of a line.
func TestGoldenCodes(t *testing.T) {
	vus := map[roc.Code]bool{}
	for _, d := range situations(t) {
		vus[d.Code] = true
		for _, m := range strings.SplitAfter(string(d.JSON), `"motif":"`)[1:] {
			vus[roc.Code(m[:strings.IndexByte(m, '"')])] = true
		}
	}
	for _, s := range roc.Significations() {
		// The F family belongs to invoices and their returns, which are not messages
		// of the five services. ref: ROC §17
		if s.Code.Famille() != 'F' && !vus[s.Code] {
			t.Errorf("%s (%s) : aucun message d'exemple", s.Code, s.Libelle)
		}
	}
}
