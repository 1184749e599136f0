package visiodroits_test

import (
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Each technical refusal is said to a pharmacy in its own words, whatever the profile in
// town, and to a hospital in those of the reference.
func TestRefusDeVille(t *testing.T) {
	for _, s := range roc.Significations() {
		x := visiodroits.SignificationTechnique(s.Code)
		if s.Code.Technique() != (x.Libelle != "" && x.AFaire != "" && (x.Qui != "" || x.Reessai != "")) {
			t.Errorf("%s : %+v", s.Code, x)
		}
		if !s.Code.Technique() {
			continue
		}
		for _, n := range []*roc.Norme{droits.Norme, tarif.Norme} {
			for _, service := range n.Services {
				r := n.RetourDe(service, s.Code, "précision")
				if r.CodeRetour != s.Code || r.Libelle != s.Libelle || r.Reessai != s.Reessai || (r.QuiAgit == "") != (s.Qui == "") || r.Precision != "précision" {
					t.Errorf("%s %s : %+v", service, s.Code, r)
				}
				for _, mot := range []string{"établissement", "hôpital"} {
					if strings.Contains(r.QuiAgit+r.Libelle+x.AFaire, mot) {
						t.Errorf("%s %s : %q à une officine", service, s.Code, r.QuiAgit)
					}
				}
				if deOfficine := strings.HasSuffix(r.QuiAgit, "l'officine"); deOfficine != strings.HasSuffix(x.Qui, "l'officine") && service != roc.GRI && service != roc.CTL || deOfficine && (service == roc.GRI || service == roc.CTL) {
					t.Errorf("%s %s : %q", service, s.Code, r.QuiAgit)
				}
			}
		}
		if r := roc.ROC.RetourDe(roc.IDB, s.Code, ""); r.QuiAgit != s.Qui {
			t.Errorf("à un hôpital, %s : %q", s.Code, r.QuiAgit)
		}
	}
}
