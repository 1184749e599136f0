//go:build linux

package epreuves

import (
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// TestComptableGroupe pays twice under one reference: a part of an invoice, then by
// group all that remains due. The bank makes one transfer of it, whose line comes
// between the two returns; it pays both. (Days apart: see the suite of the stores.)
func TestComptableGroupe(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		f := facturer(t, m)
		var ids []string
		var total int64
		for i, numero := range []string{"FG-0", "FG-1"} {
			id := f.engagee(9500 + i)
			f.demander(id, "/factures", numero)
			total += int64(f.attendre(id, etablissement.Accusee, roc.FactureLiquidee).Demande)
			ids = append(ids, id)
		}
		f.factures("payer", "--reference", "VIR-GROUPE", "--numero", "FG-0", "--montant", "1.00")
		f.attendre(ids[0], etablissement.PayeePartiellement, "")
		jour := sante.JourA(f.maintenant(), sante.Paris())
		s, err := f.es.importer(f.ecrire("releve.xml", camt(jour.String(), [2]string{"VIR-GROUPE", sante.Montant(total).String()})))
		if err != nil || !strings.Contains(s, "n'a pas été comparé") {
			t.Fatalf("%v\n%s", err, s)
		}
		f.es.comptable("rapprocher")
		f.es.balancer(balance{Emis: total, Reste: total})
		f.factures("payer", "--reference", "VIR-GROUPE")
		for _, id := range ids {
			f.attendre(id, etablissement.Payee, roc.FacturePayee)
		}
		f.es.comptable("rapprocher")
		f.es.balancer(balance{Emis: total, Paye: total})
		f.livresEgaux(total)
		if n := f.es.compter(`SELECT COUNT(*) FROM cpt_annonce WHERE reference = $1`, "VIR-GROUPE"); n != 2 {
			t.Errorf("%d annonces sous la référence, 2 attendues", n)
		}
		if s := strings.TrimSpace(f.es.comptable("file", "--json")); s != "" {
			t.Errorf("une ligne attend une personne : %s", s)
		}
		f.es.comptable("verifier")
	})
}
