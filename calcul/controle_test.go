package calcul

import (
	"errors"
	"testing"

	"github.com/ecluse-sante/ecluse/sante"
)

// sejourOrdinaire is V07: 10 nights, TM 1 800.00, exit-day FJ 20.00.
func sejourOrdinaire() Sejour {
	return Sejour{
		Entree: jour("2025-06-01"), Sortie: jour("2025-06-11"), ModeSortie: "8", ExoTM: "0", Nature: "10", PecFJ: "A",
		TNJP: ptr(sante.Montant(90000)), Tarif: ptr(sante.Montant(450_000)),
	}
}

func factureDe(t *testing.T, s Sejour) Facture {
	t.Helper()
	f, _, err := moteur(t).FactureSejour(DossierSejour{Sejour: s})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestControler(t *testing.T) {
	lourd := sejourOrdinaire()
	lourd.ActeLourd = true
	ald := sejourOrdinaire()
	ald.ExoTM = "4"
	for _, c := range []struct {
		nom   string
		s     Sejour
		abime func(f *Facture)
		want  Code
	}{
		{"rien d'abîmé", sejourOrdinaire(), func(*Facture) {}, ""},
		{"rien d'abîmé, acte lourd", lourd, func(*Facture) {}, ""},
		{"rien d'abîmé, ALD", ald, func(*Facture) {}, ""},
		{"total faux d'un centime", sejourOrdinaire(), func(f *Facture) { f.Totaux.Depense++ }, CodeTotal},
		{"total AMO faux", sejourOrdinaire(), func(f *Facture) { f.Totaux.AMO-- }, CodeTotal},
		{"total patient faux", sejourOrdinaire(), func(f *Facture) { f.Totaux.PatientAvantAMC++ }, CodeTotal},
		{"AMO au-dessus de la dépense", sejourOrdinaire(), func(f *Facture) { f.Lignes[0].MontantAMO = f.Lignes[0].MontantDepense + 1; f.Totaux = nil }, CodeTotal},
		{"part AMO sur un forfait", sejourOrdinaire(), func(f *Facture) { f.Lignes[1].MontantAMO = 1; f.Totaux = nil }, CodeTotal},
		{"période à l'envers", sejourOrdinaire(), func(f *Facture) { f.PeriodeFin = f.PeriodeDebut - 1 }, CodeDates},
		{"ligne hors période", sejourOrdinaire(), func(f *Facture) { f.Lignes[1].DateFin++ }, CodeDates},
		{"sortie avant l'entrée", sejourOrdinaire(), func(f *Facture) { f.DateSortie = f.DateEntree - 1 }, CodeDates},
		{"période hors du séjour", sejourOrdinaire(), func(f *Facture) { f.DateEntree++; *f.NbNuitees-- }, CodeDates},
		{"nuits fausses", sejourOrdinaire(), func(f *Facture) { *f.NbNuitees = 9 }, CodeNuits},
		{"nuits absentes", sejourOrdinaire(), func(f *Facture) { f.NbNuitees = nil }, CodeNuits},
		{"famille inconnue", sejourOrdinaire(), func(f *Facture) { f.Lignes[1].Famille = "XYZ" }, CodePrestation},
		{"code inconnu", sejourOrdinaire(), func(f *Facture) { f.Lignes[1].CodePrestation = "ZZ" }, CodePrestation},
		{"deux forfaits le même jour", sejourOrdinaire(), func(f *Facture) {
			l := f.Lignes[1]
			l.Rang = 3
			f.Lignes = append(f.Lignes, l)
			f.Totaux = nil
		}, CodeDoublon},
		{"deux participations", lourd, func(f *Facture) {
			l := f.Lignes[1]
			l.Rang = 9
			f.Lignes = append(f.Lignes, l)
			f.Totaux = nil
		}, CodeDoublon},
		{"exoTM absent", sejourOrdinaire(), func(f *Facture) { f.ExoTM = "" }, CodeTauxInconnu},
		{"nature absente", sejourOrdinaire(), func(f *Facture) { f.Nature = "" }, CodeTauxInconnu},
		{"taux ordinaire en ALD", sejourOrdinaire(), func(f *Facture) { f.ExoTM = "4" }, CodeTaux},
		{"100 % sans exonération", ald, func(f *Facture) { f.ExoTM = "0" }, CodeTaux},
		{"taux d'en-tête différent", sejourOrdinaire(), func(f *Facture) { f.TauxAMO = ptr(sante.Pourcent(90)) }, CodeTaux},
		{"forfait avec le code R", sejourOrdinaire(), func(f *Facture) { f.PecFJ = FJRegime }, CodeFJ},
		{"forfait avec le code L laissé à l'assuré", sejourOrdinaire(), func(f *Facture) { f.PecFJ = FJLocal }, CodeFJ},
		{"forfait sans code", sejourOrdinaire(), func(f *Facture) { f.PecFJ = "" }, CodeFJ},
		{"forfait de sortie après un décès", sejourOrdinaire(), func(f *Facture) { f.ModeSortie = SortieDeces }, CodeFJ},
		{"forfait en HAD", sejourOrdinaire(), func(f *Facture) { f.Discipline = HAD }, CodeFJ},
		{"forfait au tarif d'une autre discipline", sejourOrdinaire(), func(f *Facture) { f.Discipline = PSY }, CodeFJ},
		{"forfait d'un jour déjà dans le TM", sejourOrdinaire(), func(f *Facture) { f.Lignes[1].DateDebut--; f.Lignes[1].DateFin-- }, CodeFJ},
		{"deux forfaits pour un jour", sejourOrdinaire(), func(f *Facture) { f.Lignes[1].Quantite = Unites(2) }, CodeFJ},
		{"participation sans acte lourd", sejourOrdinaire(), func(f *Facture) {
			f.Lignes = append(f.Lignes, ligneForfait(FamillePAS, "PAS", f.DateEntree, f.DateEntree, 2400))
			f.Lignes[2].Rang = 3
			f.Lignes[0].TauxAMO, f.TauxAMO, f.Totaux = sante.Pourcent(100), nil, nil
		}, CodePAS},
		{"participation en ALD", ald, func(f *Facture) {
			f.Lignes = append(f.Lignes, ligneForfait(FamillePAS, "PAS", f.DateEntree, f.DateEntree, 2400))
			f.Lignes[len(f.Lignes)-1].Rang, f.Totaux = 9, nil
		}, CodePAS},
		{"participation plus chère que le barème", lourd, func(f *Facture) { f.Lignes[1].MontantDepense, f.Totaux = 3200, nil }, CodePAS},
		{"trou dans les rangs", sejourOrdinaire(), func(f *Facture) { f.RangAMC = 3; f.Lignes[0].RangsInferieurs = []PartRang{{1, 0}, {3, 0}} }, CodeRang},
		{"rang quatre", sejourOrdinaire(), func(f *Facture) { f.RangAMC = 4 }, CodeRang},
		{"rangs inférieurs pour un rang un", sejourOrdinaire(), func(f *Facture) { f.Lignes[0].RangsInferieurs = []PartRang{{1, 0}} }, CodeRang},
		{"lignes sans ordre", sejourOrdinaire(), func(f *Facture) { f.Lignes[1].Rang = 1 }, CodeForme},
		{"aucune ligne", sejourOrdinaire(), func(f *Facture) { f.Lignes = nil }, CodeForme},
		{"montant négatif", sejourOrdinaire(), func(f *Facture) { f.Lignes[0].MontantDepense = -1 }, CodeForme},
		{"type inconnu", sejourOrdinaire(), func(f *Facture) { f.Type = "AUTRE" }, CodeForme},
	} {
		t.Run(c.nom, func(t *testing.T) {
			f := factureDe(t, c.s)
			c.abime(&f)
			r := moteur(t).Controler(f)
			var got Code
			if len(r) > 0 {
				got = r[0].Code
			}
			if got != c.want {
				t.Errorf("got %v, want %s", r, c.want)
			}
			if _, err := moteur(t).Calculer(Responsable100(), f, nil); c.want != "" && !errors.Is(err, &Rejet{Code: c.want}) {
				t.Errorf("Calculer: %v, want %s", err, c.want)
			}
		})
	}
}

// Each formula of ROC §12 on one line: expense 100.00, base 60.00, AMO 42.00.
func TestFormules(t *testing.T) {
	m := moteur(t)
	consultation := Ligne{
		Rang: 1, Famille: FamilleCONS, CodePrestation: "CS", DateDebut: jour("2025-06-01"), DateFin: jour("2025-06-01"),
		Quantite: Unites(2), PrixUnitaire: 5000, MontantDepense: 10000, BaseAMO: 6000, TauxAMO: sante.Pourcent(70), MontantAMO: 4200,
	}
	p := func(n int) sante.Taux { return sante.Pourcent(n) }
	for _, c := range []struct {
		nom   string
		f     Formule
		want  string
		motif Code
	}{
		{"F00", Simple(Regle{Numero: F00}), "0.00", CodeHorsGarante},
		{"F01", Simple(Regle{Numero: F01}), "18.00", CodeHorsGarante},
		{"F02 à 50 %", Simple(Regle{Numero: F02, P: p(50)}), "9.00", CodeHorsGarante},
		{"F03 à 150 %", Simple(Regle{Numero: F03, P: p(150)}), "48.00", CodeHorsGarante},
		{"F03 à 300 %, frais atteints", Simple(Regle{Numero: F03, P: p(300)}), "58.00", ""},
		{"F04 à 50 %", Simple(Regle{Numero: F04, P: p(50)}), "30.00", CodeHorsGarante},
		{"F05", Simple(Regle{Numero: F05}), "58.00", ""},
		{"F06 à 90 %", Simple(Regle{Numero: F06, P: p(90)}), "48.00", CodeHorsGarante},
		{"F06 sous l'AMO", Simple(Regle{Numero: F06, P: p(30)}), "0.00", CodeHorsGarante},
		{"F07, deux unités", Simple(Regle{Numero: F07, M: 1550}), "31.00", CodePlafond},
		{"F08, une unité permise", Simple(Regle{Numero: F08, M: 1550, N: 1, Fenetre: ParAnnee}), "15.50", CodePlafond},
		{"F09, plafonné par acte", Simple(Regle{Numero: F09, P: p(200), M: 1000}), "20.00", CodePlafond},
		{"F09, pourcentage plus bas", Simple(Regle{Numero: F09, P: p(100), M: 5000}), "18.00", CodePlafond},
		{"F10, 1 % du PMSS 2025", Simple(Regle{Numero: F10, P: p(1)}), "39.25", CodePlafond},
		{"F11, tarif du réseau", Simple(Regle{Numero: F11, Reseau: "R", Tarifs: []TarifConvenu{{"CS", 3500}}}), "28.00", CodePlafond},
		{"F11, acte hors réseau", Simple(Regle{Numero: F11, Reseau: "R", Tarifs: []TarifConvenu{{"G", 3500}}}), "0.00", CodePlafond},
		{"F12 max", Formule{Regle: Regle{Numero: F12}, Op: Max, F: &Regle{Numero: F01}, G: &Regle{Numero: F07, M: 1000}}, "20.00", CodeHorsGarante},
		{"F12 min", Formule{Regle: Regle{Numero: F12}, Op: Min, F: &Regle{Numero: F01}, G: &Regle{Numero: F07, M: 1000}}, "18.00", CodeHorsGarante},
	} {
		f := Facture{Type: FactureDACE, PeriodeDebut: consultation.DateDebut, PeriodeFin: consultation.DateDebut, Nature: "10", ExoTM: "0", Lignes: []Ligne{consultation}}
		r, err := m.Calculer(Contrat{Garanties: []Garantie{{Code: "C", Famille: FamilleCONS, Formule: c.f}}}, f, nil)
		if err != nil || r.Lignes[0].MontantAMC.String() != c.want || r.Lignes[0].Motif != c.motif {
			t.Errorf("%s: %s %+v, %v, want %s %s", c.nom, r.TotalAMC, r.Lignes, err, c.want, c.motif)
		}
	}
}

// A contract is checked before it is used.
func TestContratVerifier(t *testing.T) {
	f01 := Simple(Regle{Numero: F01})
	for nom, c := range map[string]Contrat{
		"pourcentage absent":        {Garanties: []Garantie{{Code: "A", Famille: FamilleCONS, Formule: Simple(Regle{Numero: F02})}}},
		"F03 sous 100 %":            {Garanties: []Garantie{{Code: "A", Famille: FamilleCONS, Formule: Simple(Regle{Numero: F03, P: sante.Pourcent(90)})}}},
		"F08 sans fenêtre":          {Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: Simple(Regle{Numero: F08, M: 1, N: 1})}}},
		"F12 sans opération":        {Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: Formule{Regle: Regle{Numero: F12}, F: &f01.Regle, G: &f01.Regle}}}},
		"F12 de F12":                {Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: Formule{Regle: Regle{Numero: F12}, Op: Max, F: &Regle{Numero: F12}, G: &f01.Regle}}}},
		"formule inconnue":          {Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: Simple(Regle{Numero: "F99"})}}},
		"famille inconnue":          {Garanties: []Garantie{{Code: "A", Famille: "ZZ", Formule: f01}}},
		"garantie sans nom":         {Garanties: []Garantie{{Famille: FamilleCP, Formule: f01}}},
		"plafond sans fenêtre":      {Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: f01, PlafondPeriode: 1}}},
		"deux garanties d'un jour":  {Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: f01}, {Code: "B", Famille: FamilleCP, Formule: f01}}},
		"un nom, deux plafonds":     {Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: f01, PlafondPeriode: 1, Fenetre: ParAnnee}, {Code: "A", Famille: FamilleACC, Formule: f01, PlafondPeriode: 2, Fenetre: ParAnnee}}},
		"responsable, FJ plafonné":  {Responsable: true, Garanties: []Garantie{{Code: "A", Famille: FamilleFJ, Formule: f01, PlafondLigne: 1}}},
		"responsable, PAS à moitié": {Responsable: true, Garanties: []Garantie{{Code: "A", Famille: FamillePAS, Formule: Simple(Regle{Numero: F02, P: sante.Pourcent(50)})}}},
		"trop de garanties":         {Garanties: make([]Garantie, 201)},
		"trop de codes":             {Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Codes: make([]string, 51), Formule: f01}}},
		"droits à l'envers":         {Debut: 10, Fin: 9},
		"exclusion sans famille":    {Exclusions: []Exclusion{{Famille: "ZZ"}}},
	} {
		if c.Verifier() == nil {
			t.Errorf("%s: accepted", nom)
		}
		if _, err := moteur(t).Calculer(c, factureDe(t, sejourOrdinaire()), nil); err == nil {
			t.Errorf("%s: calculated", nom)
		}
	}
	ok := Contrat{Garanties: []Garantie{{Code: "CP", Famille: FamilleCP, Fin: jour("2025-06-30"), Formule: f01}, {Code: "CP", Famille: FamilleCP, Debut: jour("2025-07-01"), Formule: f01}}}
	if err := ok.Verifier(); err != nil {
		t.Errorf("a guarantee renewed the next day: %v", err)
	}
	for _, c := range []Contrat{Responsable100(), CSS()} {
		if err := c.Verifier(); err != nil {
			t.Error(err)
		}
	}
}
