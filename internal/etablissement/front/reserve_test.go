package front

import (
	"context"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
)

// What a return said without effect: the billing software lists it, with its invoice,
// who acts and what to do; a person settles it once, with a reason.
func TestReserves(t *testing.T) {
	b := nouveau(t)
	v := b.ouvrir()
	b.veut(b.appeler("POST", v+"/droits", `{"rang":1}`), 200)
	b.veut(b.appeler("POST", v+"/calculs", consultation), 200)
	b.veut(b.appeler("POST", v+"/factures", `{"rang":1,"numeroFacture":"FA-1"}`), 200)
	id := roc.NouvelUUID()
	posees := []etablissement.Reserve{}
	for i, numero := range []string{"FA-1", "FA-2"} {
		posees = append(posees, etablissement.Reserve{IDMessage: id, Rang: i + 1, Instant: et.Midi, Retour: "R-1", AMC: amc1, Nature: roc.RetourPaiement, Facture: numero,
			Lot: "000000001", Etat: roc.FacturePayee, Code: roc.Accepte, Montant: 795, Virement: "VIR-1", Cause: etablissement.PaiementDeja})
	}
	if err := b.depot.PoserReserves(context.Background(), posees); err != nil {
		t.Fatal(err)
	}
	r := b.veut(b.appeler("GET", "/v1/reserves", ""), 200)
	for _, attendu := range []string{`"facture":"FA-1"`, `"facture":"FA-2"`, `"quiAgit":"le service de facturation"`, `"aFaire":"Vérifier à la banque`, `"virement":"VIR-1"`, `"montant":"7.95"`} {
		if !strings.Contains(r.texte, attendu) {
			t.Errorf("liste sans %s : %s", attendu, r.texte)
		}
	}
	if r := b.veut(b.appeler("GET", "/v1/reserves?max=1", ""), 200); r.corps["suite"] != posees[0].Cle() {
		t.Errorf("suite : %s", r.texte)
	}
	if r := b.veut(b.appeler("GET", "/v1/reserves?max=1&apres="+posees[0].Cle(), ""), 200); !strings.Contains(r.texte, "FA-2") || strings.Contains(r.texte, "FA-1") {
		t.Errorf("page d'après : %s", r.texte)
	}
	if r := b.veut(b.appeler("GET", v+"/couvertures/1/facture", ""), 200); !strings.Contains(r.texte, `"cause":"DEJA_COMPTE"`) || strings.Contains(r.texte, "FA-2") {
		t.Errorf("histoire de la facture : %s", r.texte)
	}
	if r := b.veut(b.appeler("GET", "/v1/clotures/aujourdhui", ""), 200); r.corps["reserves"] != 2.0 {
		t.Errorf("clôture : %s", r.texte)
	}
	levees := "/v1/reserves/" + posees[0].Cle() + "/levees"
	for nom, c := range map[string]struct {
		chemin, corps, agent string
		statut               int
	}{
		"sans motif":    {levees, `{}`, "agent-7", 400},
		"motif vide":    {levees, `{"motif":" "}`, "agent-7", 422},
		"sans agent":    {levees, `{"motif":"un seul virement"}`, "", 422},
		"clé illisible": {"/v1/reserves/zut/levees", `{"motif":"x"}`, "agent-7", 422},
		"inconnue":      {"/v1/reserves/" + roc.NouvelUUID().String() + "/levees", `{"motif":"x"}`, "agent-7", 404},
	} {
		if r := b.appeler("POST", c.chemin, c.corps, "Ecluse-Agent", c.agent); r.statut != c.statut {
			t.Errorf("%s : %d, want %d : %s", nom, r.statut, c.statut, r.texte)
		}
	}
	r = b.veut(b.appeler("POST", levees, `{"motif":"un seul virement"}`, "Ecluse-Agent", "agent-7"), 200)
	if !strings.Contains(r.texte, `"levee":{"instant":`) || !strings.Contains(r.texte, `"par":"agent-7"`) {
		t.Errorf("levée : %s", r.texte)
	}
	b.veut(b.appeler("POST", levees, `{"motif":"encore"}`, "Ecluse-Agent", "agent-7"), 404)
	if r := b.veut(b.appeler("GET", "/v1/reserves?levees=oui&facture=FA-1", ""), 200); !strings.Contains(r.texte, "un seul virement") || strings.Contains(r.texte, "FA-2") {
		t.Errorf("levées : %s", r.texte)
	}
	b.veut(b.appeler("GET", "/v1/reserves?apres=zut", ""), 422)
	b.veut(b.appeler("GET", "/v1/reserves?max=0", ""), 400)
}
