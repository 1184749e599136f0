package etablissement

import (
	"testing"

	"github.com/ecluse-sante/ecluse/roc"
)

// Each code of the profile tells who acts and what to do.
func TestConsignes(t *testing.T) {
	for _, s := range roc.Significations() {
		if c := ConsigneDe(s.Code, ""); c.AFaire == "" || c.QuiAgit == "" || c.Constat == "" {
			t.Errorf("%s : consigne incomplète : %+v", s.Code, c)
		}
	}
	if len(gestes) != len(roc.Significations()) {
		t.Errorf("%d gestes pour %d codes", len(gestes), len(roc.Significations()))
	}
}
