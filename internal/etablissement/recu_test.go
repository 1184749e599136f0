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

// A share that nobody guaranteed says so in a sentence of its own, with its amount and
// what it means for the patient, by convention or from formulas that engage nobody; a
// guaranteed one never does, and stays sure beside it.
func TestRecuSansGarantie(t *testing.T) {
	k := nouveau(t)
	k.tenir(t, uneTable(uneConvention(t, "GUE", horsLigne, "", "", "2026-01-01", "")))
	lire := func(v *etablissement.Venue) string {
		t.Helper()
		r, err := k.Recu(v)
		if err != nil {
			t.Fatal(err)
		}
		return r.Texte()
	}
	const phrase = "SANS GARANTIE DE PAIEMENT : la part de "
	if s := lire(k.convenue(t, "RC-2")); !strings.Contains(s, phrase+"Mutuelle du Gué, 7,95") || !strings.Contains(s, "par convention. Mutuelle du Gué n'a rien garanti") || !strings.Contains(s, "vous serait demandé") {
		t.Errorf("par convention :\n%s", s)
	}
	v := k.venue(t, dossierNIR(t, "RC-3"), amc1, horsLigne)
	v = k.calcul(t, k.droits(t, v, 1), 1, et.Consultation(t))
	if s := lire(v); strings.Contains(s, phrase) {
		t.Errorf("garantie :\n%s", s)
	}
	v, err := k.ParConvention(ctx, rang(v, 2), agent)
	if err != nil {
		t.Fatal(err)
	}
	v = k.calcul(t, v, 2, et.Consultation(t))
	if s := lire(v); strings.Count(s, phrase) != 1 || !strings.Contains(s, phrase+"Mutuelle du Gué, 0,00") || !strings.Contains(s, "a donné sa garantie est sûre") || strings.Contains(s, "n'engagent ni") {
		t.Errorf("une garantie, puis une convention :\n%s", s)
	}
	k.amc.Regler(func(a *et.Assureurs) {
		a.Retoucher = func(r *roc.ReponseIDB) { r.ModeCalcul, r.GarantieLocale = roc.CalculLocal, nil }
	})
	v = k.droits(t, k.venue(t, et.ACE(t, "RC-4"), amc1), 1)
	v = k.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.Simulee)
	if s := lire(v); !strings.Contains(s, phrase) || !strings.Contains(s, "sur les règles de son contrat") || !strings.Contains(s, "vous serait demandé") {
		t.Errorf("calcul local sans garantie :\n%s", s)
	}
}
