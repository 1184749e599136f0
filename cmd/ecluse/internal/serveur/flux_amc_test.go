package serveur

import (
	"strings"
	"testing"

	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
)

// An insurer reads of which invoices an acknowledgement is under reserve, without what
// a partner should not have written.
func TestSuiteSousReserve(t *testing.T) {
	r := &liquidation.RetourEmis{Numero: "R1", Acquitte: et.Midi, Code: roc.AvecReserve, Precision: precisionSure("sans effet ici : FA-1 (inconnue)\x1b[2J")}
	etat, suite, err := SuiteDuRetour(t.Context(), nil, r)
	if err != nil || etat != "sous réserve" || !strings.Contains(suite, "FA-1 (inconnue)") || strings.Contains(suite, "\x1b") {
		t.Errorf("%s, %q, %v", etat, suite, err)
	}
	if s := precisionSure("NIR 155087505601268"); s != "" {
		t.Errorf("gardée : %q", s)
	}
}
