package store

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/etablissement/export"
	"github.com/ecluse-sante/ecluse/sante"
)

// The invoices behind a figure, under the names of the PMSI, add up to the figure.
func TestExportFactures(t *testing.T) {
	ctx := context.Background()
	k := unBanc(t, bddtest.Ouvrir(t, Migrations()), "es-1")
	mener(t, k, "PAYE")
	mener(t, k, "REJETE")
	d, err := k.CloreJournee(ctx, 0)
	faire(t, err)
	var b bytes.Buffer
	faire(t, export.Ecrire(&b, export.CSV, "Factures", export.ColonnesFactures(), func(rendre func([]export.Cellule, error) bool) {
		for _, amc := range d.AMCs() {
			for _, chiffre := range []string{"PAYE", "A_CORRIGER"} {
				for l, err := range export.Factures(ctx, k.Service, etablissement.FiltreFactures{Jour: d.Jour, AMC: amc, Chiffre: chiffre, Max: 1}, "750712184") {
					if len(l) != len(export.ColonnesFactures()) || !rendre(l, err) {
						t.Fatalf("ligne de %d colonnes, %v", len(l), err)
					}
				}
			}
		}
	}))
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff")))
	r.Comma = ';'
	l, err := r.ReadAll()
	if err != nil || len(l) != 3 {
		t.Fatalf("%d lignes, %v : %s", len(l), err, b.String())
	}
	vus := map[string]map[string]string{}
	for _, x := range l[1:] {
		m := map[string]string{}
		for i, c := range l[0] {
			m[c] = x[i]
		}
		vus[m["ECL_CHIFFRE"]] = m
	}
	for chiffre, want := range map[string]map[string]string{
		"PAYE": {"ECL_POSTE": "PAYE", "ECL_MONTANT": "30,00", "TOT_MNT_AMC": "30,00", "REM_BAS_MNT": "100,00", "REM_TAU": "70,00", "TOT_MNT_AM": "70,00",
			"FAC_MNT_TM": "30,00", "FAC_MNT_FJ": "0,00", "FAC_18E": "0", "RAC_MNT_PAT": "0,00", "CTR_TYP": "INDIV", "FAC_AMC_DT": "2026-11-20", "PAI_AMC_DT": "2026-11-22",
			"VALID_FAC_AMC": "PAYE", "ECL_FACTURE": "FA-H-1", "ECL_ETAT": "PAID", "ECL_PAYE_MNT": "30,00", "FAC_NBR_VEN": "1", "ECL_FINESS": "750712184"},
		"A_CORRIGER": {"ECL_POSTE": "REJETE", "ECL_MOTIF": "F605", "VALID_FAC_AMC": "REJETE", "PAI_AMC_DT": "", "ECL_PAYE_MNT": "0,00"},
	} {
		for c, v := range want {
			if got, dit := vus[chiffre][c]; got != v || !dit {
				t.Errorf("%s, %s : %q, want %q", chiffre, c, got, v)
			}
		}
	}
	if d.AMCs()[0] == (sante.NumeroAMC{}) {
		t.Error("AMC sans numéro")
	}
}
