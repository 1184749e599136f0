package laboratoire

import (
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/roc"
)

// A refusal on an open contract is told as a refusal: it promises no calculation.
func TestRaconterUnRefus(t *testing.T) {
	ouverts := roc.ReponseIDB{StatutDroits: roc.DroitsOuverts, ModeCalcul: roc.CalculCLC}
	for _, c := range []roc.Code{roc.DomaineNonCouvert, roc.TiersPayantRefuse, roc.AutreAMCDAbord, roc.CSSParLaCaisse} {
		r := ouverts
		r.Retour = roc.RetourDe(c, "")
		recit := strings.Join(raconter("L'hôpital", &r), " ")
		if strings.Contains(recit, "Droits ouverts") || strings.Contains(recit, "se demande en ligne") || !strings.Contains(recit, "il ne peut pas servir ici") {
			t.Errorf("%s : %s", c, recit)
		}
	}
	ouverts.Retour = roc.RetourDe(roc.Accepte, "")
	if recit := strings.Join(raconter("L'hôpital", &ouverts), " "); !strings.Contains(recit, "Droits ouverts") || !strings.Contains(recit, "se demande en ligne") {
		t.Errorf("droits ouverts : %s", recit)
	}
}
