package roc

import (
	"strconv"
	"testing"
	"time"
)

// What memory holds is bounded on both sides; a key has one last word, answer or
// refusal.
func TestGardesBornees(t *testing.T) {
	r, debut := &Resolveur{}, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	accord, refus := &ReponseAnnuaire{Retour: RetourDe(Accepte, "")}, &ReponseAnnuaire{Retour: RetourDe(AMCInconnue, "")}
	for i := range gardesMax + 500 {
		a := debut.Add(time.Duration(i) * time.Second)
		r.garder("oui"+strconv.Itoa(i), garde{accord, a})
		r.garder("non"+strconv.Itoa(i), garde{refus, a})
	}
	if len(r.gardes) != gardesMax || len(r.refus) != refusMax {
		t.Errorf("%d réponses et %d refus, want %d et %d", len(r.gardes), len(r.refus), gardesMax, refusMax)
	}
	for _, dernier := range []*ReponseAnnuaire{accord, refus, refus, accord} {
		r.garder("x", garde{dernier, debut})
		_, oui := r.gardes["x"]
		_, non := r.refus["x"]
		if g, ok := r.connue("x"); !ok || g.reponse != dernier || oui == non {
			t.Errorf("%s : réponse %v, refus %v", dernier.CodeRetour, oui, non)
		}
	}
}
