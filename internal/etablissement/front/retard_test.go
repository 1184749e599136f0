package front

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// Past the promise to pay, the visit, the story of the invoice and the list of the day
// all tell who must act, on which invoice, and what to do.
func TestRetard(t *testing.T) {
	b := nouveau(t)
	v := b.ouvrir()
	b.veut(b.appeler("POST", v+"/droits", `{"rang":1}`), 200)
	b.veut(b.appeler("POST", v+"/calculs", consultation), 200)
	b.veut(b.appeler("POST", v+"/factures", `{"rang":1,"numeroFacture":"FA-1"}`), 200)
	if _, err := b.service.FormerLots(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := b.service.RecevoirAccuse(context.Background(), "000000001", &roc.ReponseDRE{Retour: roc.RetourDe(roc.Accepte, ""), NumeroLot: "000000001"}); err != nil {
		t.Fatal(err)
	}
	pages := []string{v, v + "/couvertures/1/facture", "/v1/clotures/aujourdhui/factures?chiffre=RETARD&amc=" + amc1, "/v1/clotures/aujourdhui/factures?chiffre=ACCUSE&amc=" + amc1}
	b.avance = 12 * 24 * time.Hour
	for _, p := range pages {
		if r := b.veut(b.appeler("GET", p, ""), 200); strings.Contains(r.texte, "en retard") {
			t.Errorf("%s, en retard le jour promis : %s", p, r.texte)
		}
	}
	b.avance += 24 * time.Hour
	for _, p := range pages {
		r := b.veut(b.appeler("GET", p, ""), 200)
		for _, attendu := range []string{"en retard de 1 jour", "facture FA-1", "promise le 16/05/2026", "le service de facturation", "Demander à l'AMC où en est"} {
			if !strings.Contains(r.texte, attendu) {
				t.Errorf("%s, sans %q : %s", p, attendu, r.texte)
			}
		}
	}
	// The list of a past day says nothing of a line that has moved since.
	if _, err := b.service.CloreJournee(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	b.veut(b.appeler("POST", v+"/factures/annulations", `{"rang":1,"numeroFacture":"FA-1-A"}`), 200)
	b.avance += 24 * time.Hour
	if r := b.veut(b.appeler("GET", "/v1/clotures/2026-05-17/factures?chiffre=ACCUSE&sens=FLUX&amc="+amc1, ""), 200); strings.Contains(r.texte, "consigne") {
		t.Errorf("annulée depuis : %s", r.texte)
	}
}
