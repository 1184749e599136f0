package etablissement

import (
	"strings"
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

// Nobody engaged here can be cancelled here: an invoice without guarantee of care that
// is guaranteed otherwise is told so, with the number that the insurer recalls.
func TestConsigneConventionSousEngagement(t *testing.T) {
	v := &Venue{Couvertures: []*Couverture{{Rang: 1, Etat: Rejetee, Code: roc.EngagementExistant, Convention: &AccordConvention{},
		Facture: &SuiviFacture{Precision: "promise sous le n° E1"}}}}
	k := v.Consignes()[0]
	if !strings.Contains(k.Constat, "n° E1") || !strings.Contains(k.AFaire, "Facturer ces soins sur le numéro") {
		t.Errorf("%+v", k)
	}
	v.Couvertures[0].Convention = nil
	if k := v.Consignes()[0]; k.AFaire != gestes[roc.EngagementExistant] {
		t.Errorf("engagée : %+v", k)
	}
}
