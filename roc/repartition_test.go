package roc

import (
	"errors"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
)

func moteur(t *testing.T) calcul.Moteur {
	t.Helper()
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A simulation says something whatever is missing, and never crashes.
func TestEstimerSansLignes(t *testing.T) {
	m := moteur(t)
	le := sante.JourDe(2026, 5, 4)
	for _, c := range []struct {
		nom    string
		d      DemandeCalcul
		lignes bool
	}{
		{"séjour dont on n'a que les dates", DemandeCalcul{TypeFacture: FactureSejour, Sejour: &Sejour{DateEntree: le, DateSortie: le + 4, NbNuitees: 4}}, true},
		{"séjour sans date", DemandeCalcul{TypeFacture: FactureSejour}, false},
		{"clinique sans tarif", DemandeCalcul{TypeFacture: FactureSejour, Entete: Entete{Etablissement: Etablissement{Categorie: OQN}},
			Sejour: &Sejour{DateEntree: le, DateSortie: le + 4, NbNuitees: 4}}, false},
		{"soins externes", DemandeCalcul{TypeFacture: FactureACE}, false},
	} {
		c.d.RangAMC = 1
		r, err := Estimer(m, calcul.Responsable100(), &c.d, nil)
		if err != nil || len(r.Hypotheses) == 0 || (len(r.Lignes) > 0) != c.lignes || c.lignes && *r.TotalAMC == 0 {
			t.Errorf("%s: %+v, %v", c.nom, r, err)
		}
	}
}

func TestRangsRefuses(t *testing.T) {
	part := func(rang, ligne int, m sante.Montant) RangInferieur {
		return RangInferieur{Rang: rang, Montants: []MontantDeLigne{{Rang: ligne, Montant: m}}}
	}
	amc, err := sante.ParseNumeroAMC("775671993")
	if err != nil {
		t.Fatal(err)
	}
	for nom, d := range map[string]DemandeCalcul{
		"rang 2 sans rang 1":       {Entete: Entete{RangAMC: 2}},
		"rang 1 avec un rang 1":    {Entete: Entete{RangAMC: 1}, RangsInferieurs: []RangInferieur{part(1, 1, 1)}},
		"trou":                     {Entete: Entete{RangAMC: 3}, RangsInferieurs: []RangInferieur{part(1, 1, 1), part(3, 1, 1)}},
		"ligne absente":            {Entete: Entete{RangAMC: 2}, RangsInferieurs: []RangInferieur{part(1, 9, 1)}},
		"montant négatif":          {Entete: Entete{RangAMC: 2}, RangsInferieurs: []RangInferieur{part(1, 1, -1)}},
		"la même AMC à deux rangs": {Entete: Entete{RangAMC: 2, Carte: Carte{NumeroAMC: amc}}, RangsInferieurs: []RangInferieur{{Rang: 1, NumeroAMC: amc}}},
	} {
		d.Lignes = []Ligne{{Rang: 1}}
		if len(d.RangsInferieurs) > 0 && d.Carte.NumeroAMC.IsZero() {
			d.Carte.NumeroAMC = amc
		}
		var rejet *calcul.Rejet
		if _, err := d.Facture(); !errors.As(err, &rejet) || rejet.Code != calcul.CodeRang {
			t.Errorf("%s: %v, P430 attendu", nom, err)
		}
	}
}
