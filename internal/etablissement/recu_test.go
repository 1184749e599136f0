package etablissement_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
)

// The receipt never deducts what nobody promised, and says how sure it is.
func TestRecu(t *testing.T) {
	k := nouveau(t)
	v := k.venue(t, et.Sejour(t, "RC-1"), amc1, amc2)
	if _, err := k.Recu(v); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("reçu sans calcul : %v", err)
	}
	v = k.droits(t, v, 1)
	k.amc.Regler(func(a *et.Assureurs) {
		a.Retoucher = func(r *roc.ReponseIDB) { r.StatutDroits, r.MessagePatient = roc.DroitsClos, "" }
	})
	v = k.droits(t, v, 2)
	lire := func() *etablissement.Recu {
		t.Helper()
		v, err := k.Venue(ctx, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		r, err := k.Recu(v)
		if err != nil {
			t.Fatal(err)
		}
		somme := r.Totaux.AMO + r.Totaux.AutrePayeur + r.Totaux.Patient
		for _, m := range r.Totaux.AMC {
			somme += m
		}
		if somme != r.Totaux.Depense {
			t.Errorf("les parts font %s, la dépense %s", somme, r.Totaux.Depense)
		}
		return r
	}
	if _, err := k.Simuler(ctx, rang(v, 1), agent, et.DixNuits(t)); err != nil {
		t.Fatal(err)
	}
	if r := lire(); !r.Indicatif || !strings.Contains(r.Texte(), "indicatifs") || !strings.Contains(r.Texte(), "complémentaire 2 ne prend rien en charge") {
		t.Errorf("estimation :\n%s", r.Texte())
	}
	v = k.calcul(t, v, 1, et.DixNuits(t))
	r := lire()
	if r.Indicatif || r.Totaux.Patient.String() != "300.00" || !strings.Contains(r.Texte(), "P421") {
		t.Errorf("garantie :\n%s", r.Texte())
	}
	if !strings.Contains(r.Texte(), "à facturer au plus tard le 02/08/2026") {
		t.Errorf("échéance :\n%s", r.Texte())
	}
}
