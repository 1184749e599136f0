package serveur

import (
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/journal"
)

// What the journal keeps once for many is outside the erasure of contents: it is
// the certificates of a verified seal, never a piece of a body.
func TestPartDuSceau(t *testing.T) {
	const jeton = "BinarySecurityToken>MIIB</wsse:BinarySecurityToken><ds:"
	for _, c := range []struct {
		nom, message string
		verifie      bool
		want         string
	}{
		{"jeton devant le sceau", "<Envelope><Header><wsse:" + jeton + "Signature/></Header><Body>x</Body></Envelope>", true, jeton},
		{"sceau non vérifié", "<Envelope><Header><wsse:" + jeton + "Signature/></Header><Body>x</Body></Envelope>", false, ""},
		{"jeton après le sceau, mot dans le corps", "<Envelope><Header><ds:Sceau/><wsse:BinarySecurityToken>MIIB</wsse:BinarySecurityToken></Header><Body>DURAND Signature</Body></Envelope>", true, ""},
		{"mots dans le corps", "<Envelope><Header/><Body><a>BinarySecurityToken DURAND Signature</a></Body></Envelope>", true, ""},
		{"REST", `{"message":{},"scellement":"` + strings.Repeat("a", 200) + `..bbbb"}`, true, strings.Repeat("a", 72)},
		{"REST non vérifié", `{"message":{},"scellement":"` + strings.Repeat("a", 200) + `..bbbb"}`, false, ""},
	} {
		p := partDuSceau([]byte(c.message), c.verifie)
		if got := c.message[p.Debut:p.Fin]; got != c.want || c.want == "" && p != (journal.Part{}) {
			t.Errorf("%s : got %q, want %q", c.nom, got, c.want)
		}
	}
}
