package front

import (
	"strings"
	"testing"
)

// The close of a day, opened figure by figure to one invoice and its story.
func TestCloture(t *testing.T) {
	b := nouveau(t)
	v := b.ouvrir()
	b.veut(b.appeler("POST", v+"/droits", `{"rang":1}`), 200)
	b.veut(b.appeler("POST", v+"/calculs", consultation), 200)
	b.veut(b.appeler("POST", v+"/factures", `{"rang":1,"numeroFacture":"FA-1"}`), 200)
	r := b.veut(b.appeler("GET", "/v1/clotures/aujourdhui", ""), 200)
	for _, attendu := range []string{`"delai":12,"engage":{"montant":"7.95","nombre":1},"jour":"2026-05-04","postes":{"montant":"7.95","nombre":1},"provisoire":true,"sansGarantie":{"montant":"0.00","nombre":0}`,
		`{"chiffre":"ENGAGE","flux":{"montant":"7.95","nombre":1},"libelle":"Engagé, à facturer","stock":{"montant":"0.00","nombre":0}}`,
		`{"chiffre":"FACTURE","flux":{"montant":"7.95","nombre":1},"libelle":"Facturé, accusé attendu","stock":{"montant":"7.95","nombre":1}}`} {
		if !strings.Contains(r.texte, attendu) {
			t.Errorf("clôture sans %s : %s", attendu, r.texte)
		}
	}
	r = b.veut(b.appeler("GET", "/v1/clotures/2026-05-04/factures?amc="+amc1+"&chiffre=FACTURE", ""), 200)
	if l := r.corps["factures"].([]any); len(l) != 1 || !strings.Contains(r.texte, `"facture":"FA-1"`) || strings.Contains(r.texte, "Fictive") {
		t.Errorf("factures : %s", r.texte)
	}
	if r := b.veut(b.appeler("GET", "/v1/clotures/2026-05-04/factures?amc="+amc1+"&chiffre=ENGAGE&sens=FLUX&max=1", ""), 200); r.corps["suite"] == nil {
		t.Errorf("page pleine sans suite : %s", r.texte)
	} else if r := b.veut(b.appeler("GET", "/v1/clotures/2026-05-04/factures?amc="+amc1+"&chiffre=ENGAGE&sens=FLUX&apres="+r.corps["suite"].(string), ""), 200); r.corps["factures"] != nil {
		t.Errorf("page d'après : %s", r.texte)
	}
	r = b.veut(b.appeler("GET", v+"/couvertures/1/facture", ""), 200)
	for _, attendu := range []string{`"poste":"FACTURE"`, `"evenement":"FACTURER"`, `"numero":"FA-1"`} {
		if !strings.Contains(r.texte, attendu) {
			t.Errorf("histoire sans %s : %s", attendu, r.texte)
		}
	}
	for chemin, statut := range map[string]int{
		"/v1/clotures/2026-05-05":                                                        422, // not come yet
		"/v1/clotures/hier":                                                              400,
		"/v1/clotures/2026-05-04/factures?amc=x&chiffre=PAYE":                            400,
		"/v1/clotures/2026-05-04/factures?amc=" + amc1 + "&chiffre=ZUT":                  422,
		"/v1/clotures/2026-05-04/factures?amc=" + amc1 + "&chiffre=PAYE&max=0":           400,
		"/v1/clotures/2026-05-04/factures?amc=" + amc1 + "&chiffre=PAYE&apres=1.2.a'b.1": 422,
		"/v1/clotures/2026-05-04/factures?amc=" + amc1 + "&chiffre=PAYE&sens=DEUX":       422,
		v + "/couvertures/4/facture":                                                     404,
		v + "/couvertures/2/facture":                                                     404,
	} {
		if r := b.appeler("GET", chemin, ""); r.statut != statut {
			t.Errorf("%s : %d, want %d : %s", chemin, r.statut, statut, r.texte)
		}
	}
}
