package tarif

import (
	"errors"
	"testing"
)

// Whatever is under the encryption, it is read whole or refused by a known error.
func FuzzDelivrance(f *testing.F) {
	const bon = `{"dateDelivrance":"2026-11-23","lignes":[{"baseAMO":"10.00","codePrestation":"VER","codeProduit":"9900022","famille":"DMI",` +
		`"montantAMO":"6.00","montantDepense":"201.00","prixUnitaire":"100.50","quantite":2,"rang":1,"tauxAMO":"60"}],` +
		`"numeroDossier":"D00000000000000000000000000","sens":"DEVIS"}`
	d := &DemandeTarification{Sens: Devis}
	if err := d.NumeroDossier.UnmarshalText([]byte("D00000000000000000000000000")); err != nil {
		f.Fatal(err)
	}
	if err := d.DateDelivrance.UnmarshalText([]byte("2026-11-23")); err != nil {
		f.Fatal(err)
	}
	if _, err := lireDelivrance(d, []byte(bon)); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(bon))
	f.Add([]byte(`{"nom":"X"}`))
	f.Fuzz(func(t *testing.T, clair []byte) {
		x, err := lireDelivrance(d, clair)
		var interdit *Interdit
		var incoherence *Incoherence
		switch {
		case err == nil && (ControlerLignes(x.Lignes) != nil || Examiner(clair) != nil):
			t.Error("une délivrance incohérente, ou qui nomme quelqu'un, passe")
		case err != nil && !errors.As(err, &interdit) && !errors.As(err, &incoherence):
			t.Errorf("%v", err)
		}
		if j := new(Jeton); planJeton.DecodeJSON(clair, j) == nil && j.Grille.IsZero() {
			t.Error("un jeton sans grille passe")
		}
	})
}
