package roc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// A question written from an invoice and read back as an invoice is the same.
func TestDemandeDe(t *testing.T) {
	m := moteur(t)
	tarif := euros("4210.55")
	stay, _, err := m.FactureSejour(calcul.DossierSejour{
		Sejour: calcul.Sejour{Entree: le(20, 2), Sortie: le(4, 3), ModeSortie: calcul.SortieMutation, Discipline: calcul.MCO, Categorie: calcul.OQN, Tarif: &tarif,
			ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, PecFJ: calcul.FJAssure, JoursAnterieurs: 4},
		Honoraires: []calcul.Acte{{Famille: calcul.FamilleACTE, CodePrestation: "ADC", Date: le(21, 2), Base: euros("250.00"), Depense: euros("400.00"), Secteur: calcul.Secteur2OPTAM, Executant: "99900113020"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	visite, _, err := m.FactureACE(calcul.DossierACE{Parcours: "T", Actes: []calcul.Acte{
		{Famille: calcul.FamilleCONS, CodePrestation: "CS", Date: le(2, 3), Base: euros("31.50"), Depense: euros("31.50")},
		{Famille: calcul.FamilleACTE, CodePrestation: "AMI", Profession: calcul.Auxiliaire, Date: le(2, 3), Coefficient: 450, Base: euros("14.18"), Depense: euros("14.18")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for nom, f := range map[string]calcul.Facture{"séjour": stay, "visite": visite} {
		e := entete(roc.ContexteACE, f.PeriodeDebut)
		e.Etablissement.Categorie, e.Discipline, e.AMO.ExoTM, e.AMO.NatureAssurance = f.Categorie, f.Discipline, f.ExoTM, f.Nature
		d, err := roc.DemandeDe(e, f)
		if err != nil {
			t.Fatalf("%s : %v", nom, err)
		}
		lu, err := d.Facture()
		if err != nil {
			t.Fatalf("%s : %v", nom, err)
		}
		// What the message does not carry: the rank said, and who did an act that no
		// share depends on.
		f.RangAMC = 1
		for i := range f.Lignes {
			if l := f.Lignes[i]; l.Secteur == "" && (l.Profession == "" || l.Profession == calcul.Medecin) {
				f.Lignes[i].Executant, f.Lignes[i].Profession = "", ""
			}
		}
		if f.TauxAMO == nil {
			f.TauxAMO = lu.TauxAMO
		}
		if d := cmp.Diff(f, lu, cmp.Comparer(func(a, b sante.RPPS) bool { return a == b })); d != "" {
			t.Errorf("%s :\n%s", nom, d)
		}
	}
}

// Two heavy acts of one day are one participation each when two practitioners did
// them: the question must say who, or the insurer would see a participation twice.
func TestDeuxActesLourds(t *testing.T) {
	m := moteur(t)
	acte := func(rpps string, s calcul.Secteur) calcul.Acte {
		return calcul.Acte{Famille: calcul.FamilleACTE, CodePrestation: "ATM", Date: le(2, 3), Base: euros("180.00"), Depense: euros("180.00"), Executant: rpps, Secteur: s}
	}
	for nom, actes := range map[string][]calcul.Acte{
		"deux praticiens":             {acte("99900113020", ""), acte("99900113038", "")},
		"un praticien, un secteur":    {acte("99900113020", calcul.Secteur2OPTAM)},
		"un praticien, deux actes":    {acte("99900113020", ""), acte("99900113020", "")},
		"personne n'est nommé":        {acte("", "")},
		"deux praticiens, un secteur": {acte("99900113020", calcul.Secteur1), acte("99900113038", "")},
	} {
		f, _, err := m.FactureACE(calcul.DossierACE{ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, Parcours: "T", Actes: actes})
		if err != nil {
			t.Fatalf("%s : %v", nom, err)
		}
		d, err := roc.DemandeDe(entete(roc.ContexteACE, le(2, 3)), f)
		if err != nil {
			t.Fatalf("%s : %v", nom, err)
		}
		lue, err := d.Facture()
		if err != nil {
			t.Fatalf("%s : %v", nom, err)
		}
		if r := m.Controler(lue); len(r) > 0 {
			t.Errorf("%s : %v", nom, r)
		}
	}
	f, _, err := m.FactureACE(calcul.DossierACE{ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, Parcours: "T", Actes: []calcul.Acte{acte("Dr Fictif", "")}})
	if err != nil {
		t.Fatal(err)
	}
	if d, err := roc.DemandeDe(entete(roc.ContexteACE, le(2, 3)), f); err == nil {
		t.Errorf("un exécutant sans numéro est passé : %+v", d.Lignes)
	}
}
