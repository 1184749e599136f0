package etablissement_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/ecluse-sante/ecluse/b2"
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
)

// The totals of a B2 batch have a width: what does not fit in one leaves in the next,
// and nothing is stopped.
func TestLotB2TropGrand(t *testing.T) {
	k := nouveau(t)
	c := uneConvention(t, "GUE", horsLigne, "", "", "2026-01-01", "")
	c.Responsable = false
	c.Garanties = []calcul.Garantie{{Code: "FR", Famille: calcul.FamilleMED, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F05})}}
	k.tenir(t, uneTable(c))
	const n = 130 // of 80 000 euros: a batch counts up to ten millions
	for i := range n {
		v := k.venue(t, dossierNIR(t, fmt.Sprintf("G-%d", i)), horsLigne)
		v, err := k.ParConvention(ctx, rang(v, 1), agent)
		if err != nil {
			t.Fatal(err)
		}
		p := etablissement.Passage{TypeFacture: roc.FactureACE, ParcoursSoins: "T", Faits: &etablissement.Faits{Externe: &etablissement.FaitsExterne{}}}
		p.Faits.Externe.Actes = []etablissement.FaitActe{{Famille: calcul.FamilleMED, CodePrestation: "PHX", Service: calcul.Majeur, Date: et.Jour(t, "2026-05-04"),
			Base: et.Euros(t, "80000.00"), Depense: et.Euros(t, "80000.00")}}
		k.facturee(t, k.calcul(t, v, 1, p), fmt.Sprintf("F-G-%d", i))
	}
	if _, err := k.FormerLots(ctx); err != nil {
		t.Fatal(err)
	}
	factures := 0
	for _, f := range k.departs.Fichiers {
		b, err := b2.Verifier(bytes.NewReader(f))
		if err != nil {
			t.Fatal(err)
		}
		factures += b.Factures
	}
	if len(k.departs.Fichiers) != 2 || factures != n {
		t.Errorf("%d fichiers, %d factures", len(k.departs.Fichiers), factures)
	}
}
