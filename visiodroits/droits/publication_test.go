package droits

import (
	"strings"
	"testing"
)

// Every description of the profile is written, and names its messages.
func TestPublication(t *testing.T) {
	for _, nom := range append(Publication.Documents(), "", "wsdl") {
		b, _, ok := Publication.Document(nom, "https://exemple.test")
		if !ok || !strings.Contains(string(b), "FournitDroits") && !strings.Contains(string(b), "ReponseDroits") {
			t.Errorf("%q : %v, %d octets", nom, ok, len(b))
		}
	}
}
