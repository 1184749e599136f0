package calcul

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/sante"
)

func confort(jours int, prix sante.Montant) Facture {
	debut := jour("2025-12-28")
	l := ligneForfait(FamilleCP, "CP", debut, debut+sante.Jour(jours-1), prix)
	f := Facture{Type: FactureDACE, PeriodeDebut: l.DateDebut, PeriodeFin: l.DateFin, Nature: "10", ExoTM: "0", Lignes: []Ligne{l}}
	return f.numeroter()
}

// Counters limit across calculations, by window, in money and in units.
func TestCompteurs(t *testing.T) {
	m := moteur(t)
	huit := Garantie{Code: "CP", Famille: FamilleCP, Formule: Simple(Regle{Numero: F08, M: 5000, N: 8, Fenetre: ParAnnee})}
	pmss := Garantie{Code: "CP", Famille: FamilleCP, Formule: Simple(Regle{Numero: F10, P: sante.Pourcent(10)})}
	plafond := Garantie{Code: "CP", Famille: FamilleCP, Formule: Simple(Regle{Numero: F05}), PlafondPeriode: 50000, Fenetre: ParSejour, PlafondLigne: 45000}
	for _, c := range []struct {
		nom          string
		g            Garantie
		avant        Compteurs
		want, restes string
		motif        Code
	}{
		{"unités entières", huit, nil, "300.00", "2", CodePlafond},
		{"trois unités restantes", huit, Compteurs{{Garantie: "CP", Periode: "2025", Unites: Unites(5)}}, "150.00", "0", CodePlafond},
		{"unités d'une autre année", huit, Compteurs{{Garantie: "CP", Periode: "2024", Unites: Unites(8)}}, "300.00", "2", CodePlafond},
		{"unités épuisées", huit, Compteurs{{Garantie: "CP", Periode: "2025", Unites: Unites(8)}}, "0.00", "", CodePlafond},
		{"PMSS entamé", pmss, Compteurs{{Garantie: "CP", Periode: "2025", Montant: 30000}}, "92.50", "0.00", CodePlafond},
		{"plafond de la ligne", plafond, nil, "450.00", "50.00", CodePlafond},
		{"plafond de la période", plafond, Compteurs{{Garantie: "CP", Periode: "SEJOUR 2025-12-28", Montant: 40000}}, "100.00", "0.00", CodePlafond},
		{"plafond dépassé par ailleurs", plafond, Compteurs{{Garantie: "CP", Periode: "SEJOUR 2025-12-28", Montant: 90000}}, "0.00", "", CodePlafond},
	} {
		r, err := m.Calculer(Contrat{Garanties: []Garantie{c.g}}, confort(6, 10000), c.avant)
		if err != nil {
			t.Fatal(err)
		}
		restes := ""
		for _, x := range r.Consommations {
			if x.Restant != nil {
				restes = x.Restant.String()
			}
			if x.RestantUnites != nil {
				restes = x.RestantUnites.String()
			}
		}
		if r.TotalAMC.String() != c.want || restes != c.restes || r.Lignes[0].Motif != c.motif {
			t.Errorf("%s: %s, left %q, %s, want %s, %q, %s", c.nom, r.TotalAMC, restes, r.Lignes[0].Motif, c.want, c.restes, c.motif)
		}
	}
}

// Two families under one name share one ceiling.
func TestCompteurPartage(t *testing.T) {
	frais := Simple(Regle{Numero: F05})
	c := Contrat{Garanties: []Garantie{
		{Code: "CONFORT", Famille: FamilleCP, Formule: frais, PlafondPeriode: 25000, Fenetre: ParAnnee},
		{Code: "CONFORT", Famille: FamilleACC, Formule: frais, PlafondPeriode: 25000, Fenetre: ParAnnee},
	}}
	f := confort(2, 10000)
	acc := f.Lignes[0]
	acc.Famille, acc.CodePrestation = FamilleACC, "ACC"
	f.Lignes = append(f.Lignes, acc)
	r, err := moteur(t).Calculer(c, f.numeroter(), nil)
	if err != nil || r.Lignes[0].MontantAMC != 20000 || r.Lignes[1].MontantAMC != 5000 || r.Lignes[1].Motif != CodePlafond {
		t.Fatalf("%+v, %v", r, err)
	}
	if len(r.Consommations) != 1 || r.Consommations[0].Montant != 25000 || *r.Consommations[0].Restant != 0 {
		t.Errorf("%+v", r.Consommations)
	}
}

// What decides before the formula: dates of the contract and of the guarantee,
// codes, exclusions, amounts that no responsible contract covers.
func TestEligibilite(t *testing.T) {
	m := moteur(t)
	frais := Simple(Regle{Numero: F05})
	for _, c := range []struct {
		nom   string
		c     Contrat
		want  string
		motif Code
	}{
		{"garantie ouverte", Contrat{Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: frais}}}, "200.00", ""},
		{"contrat fermé la veille", Contrat{Fin: jour("2025-12-27"), Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: frais}}}, "0.00", CodeHorsPeriode},
		{"contrat pas encore ouvert", Contrat{Debut: jour("2025-12-29"), Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: frais}}}, "0.00", CodeHorsPeriode},
		{"garantie fermée la veille", Contrat{Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Fin: jour("2025-12-27"), Formule: frais}}}, "0.00", CodeHorsGarante},
		{"autre famille", Contrat{Garanties: []Garantie{{Code: "A", Famille: FamilleACC, Formule: frais}}}, "0.00", CodeHorsGarante},
		{"autre code", Contrat{Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Codes: []string{"CPX"}, Formule: frais}}}, "0.00", CodeHorsGarante},
		{"code précis avant famille", Contrat{Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: Simple(Regle{Numero: F00})}, {Code: "B", Famille: FamilleCP, Codes: []string{"CP"}, Formule: frais}}}, "200.00", ""},
		{"exclusion", Contrat{Exclusions: []Exclusion{{Famille: FamilleCP}}, Garanties: []Garantie{{Code: "A", Famille: FamilleCP, Formule: frais}}}, "0.00", CodeHorsGarante},
	} {
		r, err := m.Calculer(c.c, confort(2, 10000), nil)
		if err != nil || r.TotalAMC.String() != c.want || r.Lignes[0].Motif != c.motif || r.Lignes[0].Etape.Phrase == "" {
			t.Errorf("%s: %+v, %v, want %s %s", c.nom, r.Lignes, err, c.want, c.motif)
		}
	}
	f := confort(1, 200)
	f.Lignes[0].Famille, f.Lignes[0].CodePrestation = FamilleDIV, "PF"
	c := Contrat{Responsable: true, Garanties: []Garantie{{Code: "D", Famille: FamilleDIV, Formule: frais}}}
	if r, err := m.Calculer(c, f, nil); err != nil || r.TotalAMC != 0 || r.Lignes[0].Motif != CodeNonCouvrable || r.Garantie != Aucune {
		t.Errorf("PF line: %+v, %v", r, err)
	}
}

// A guarantee read back from an IDB answer gives the same result: the hospital
// and the insurer compute alike. ref: DEC 24
func TestCalculLocal(t *testing.T) {
	m := moteur(t)
	c := Responsable100()
	c.Garanties = append(c.Garanties, Garantie{
		Code: "CP", Famille: FamilleCP, PlafondPeriode: 60000, Fenetre: ParAnnee,
		Formule: Formule{Regle: Regle{Numero: F12}, Op: Min, F: &Regle{Numero: F07, M: 5000}, G: &Regle{Numero: F10, P: sante.Pourcent(10)}},
	})
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var lu Contrat
	if err := lireStrict(b, &lu); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c, lu); d != "" {
		t.Fatalf("the contract changed on its way:\n%s", d)
	}
	s := sejourOrdinaire()
	f, _, err := m.FactureSejour(DossierSejour{Sejour: s, Confort: []Confort{{Famille: FamilleCP, Debut: s.Entree, Fin: s.Sortie - 1, Prix: 7000}}})
	if err != nil {
		t.Fatal(err)
	}
	ici, err1 := m.Calculer(c, f, nil)
	laBas, err2 := m.Calculer(lu, f, nil)
	if err1 != nil || err2 != nil || cmp.Diff(ici, laBas) != "" {
		t.Fatalf("%v %v %s", err1, err2, cmp.Diff(ici, laBas))
	}
	if ici.TotalAMC != 182_000+39_250 || ici.Garantie != Partielle {
		t.Errorf("AMC %s, %s", ici.TotalAMC, ici.Garantie)
	}
}

// SIM answers what CLC would refuse, and names each thing it supposed.
func TestSimuler(t *testing.T) {
	m := moteur(t)
	f := Facture{
		DateEntree: jour("2025-06-01"), DateSortie: jour("2025-06-04"),
		Lignes: []Ligne{{Famille: FamilleSEJ, PrixUnitaire: 300_000, BaseAMO: 300_000}, {Famille: FamilleFJ, DateDebut: jour("2025-06-04"), PrixUnitaire: 2000}},
	}
	if _, err := m.Calculer(Responsable100(), f, nil); err == nil {
		t.Fatal("CLC accepted an invoice without its header")
	}
	r, err := m.Simuler(Responsable100(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.TotalAMO != 240_000 || r.TotalAMC != 62_000 || r.TotalPatient != 0 {
		t.Errorf("%+v", r)
	}
	champs := map[string]bool{}
	for _, h := range r.Hypotheses {
		champs[h.Champ] = h.Valeur != "" && h.Raison != ""
	}
	for _, c := range []string{"typeFacture", "natureAssurance", "exoTM", "codePecFJ", "modeSortie", "joursAnterieursHospitalisation", "periodeDebut", "nbNuitees", "lignes[1].tauxAMO", "lignes[1].montantAMO", "lignes[1].montantDepense", "lignes[2].quantite"} {
		if !champs[c] {
			t.Errorf("hypothesis on %s not told: %v", c, r.Hypotheses)
		}
	}
	if f.Type != "" || f.Lignes[0].Rang != 0 {
		t.Error("the invoice given was changed")
	}
}

// Outpatient visits: one PAS a practitioner and a consultation, none for biology
// and radiology, the FPU instead of the TM.
func TestFactureACE(t *testing.T) {
	m := moteur(t)
	j := jour("2025-06-01")
	acte := func(qui string, base sante.Montant) Acte {
		return Acte{Famille: FamilleACTE, CodePrestation: "ATM", Executant: qui, Date: j, Base: base, Depense: base}
	}
	radio := acte("R", 20000)
	radio.Radiologie = true
	lendemain := acte("P", 8000)
	lendemain.Date++
	for _, c := range []struct {
		nom      string
		d        DossierACE
		amo, pas string
		amc      string
	}{
		{"V05", DossierACE{Actes: []Acte{acte("P", 8000), acte("P", 6000)}}, "116.00", "24.00", "24.00"},
		{"deux praticiens lourds", DossierACE{Actes: []Acte{acte("P", 13000), acte("Q", 13000)}}, "212.00", "48.00", "48.00"},
		{"deux jours sous le seuil", DossierACE{Actes: []Acte{acte("P", 8000), lendemain}}, "112.00", "0.00", "48.00"},
		{"radiologie", DossierACE{Actes: []Acte{radio}}, "140.00", "0.00", "60.00"},
		{"ALD", DossierACE{ExoTM: "4", Actes: []Acte{acte("P", 20000)}}, "200.00", "0.00", "0.00"},
		{"coefficient 60", DossierACE{Actes: []Acte{{Famille: FamilleACTE, CodePrestation: "K", Date: j, Base: 9000, Depense: 9000, Coefficient: Unites(60)}}}, "66.00", "24.00", "24.00"},
		{"consultation à côté d'un acte lourd", DossierACE{Actes: []Acte{acte("P", 13000), {Date: j, Executant: "P", Base: 3000, Depense: 3000}}}, "127.00", "24.00", "33.00"},
		{"urgences", DossierACE{Urgences: true, Actes: []Acte{acte("P", 20000)}}, "200.00", "0.00", "19.61"},
		{"régime local", DossierACE{Nature: "13", Actes: []Acte{acte("P", 13000)}}, "106.00", "24.00", "0.00"},
	} {
		f, _, err := m.FactureACE(c.d)
		if err != nil {
			t.Fatalf("%s: %v", c.nom, err)
		}
		var pas sante.Montant
		for _, l := range f.Lignes {
			if l.Famille == FamillePAS {
				pas += l.MontantDepense
			}
		}
		r, err := m.Calculer(Responsable100(), f, nil)
		if err != nil {
			t.Errorf("%s: %v", c.nom, err)
		}
		if f.Totaux.AMO.String() != c.amo || pas.String() != c.pas || r.TotalAMC.String() != c.amc || r.TotalPatient != 0 {
			t.Errorf("%s: AMO %s PAS %s AMC %s patient %s, want %s %s %s 0.00", c.nom, f.Totaux.AMO, pas, r.TotalAMC, r.TotalPatient, c.amo, c.pas, c.amc)
		}
	}
}

// Every amount that rests on an uncertain figure says so. ref: ROC §13.6
func TestPrudence(t *testing.T) {
	s := sejourOrdinaire()
	s.Entree, s.Sortie, s.ActeLourd = jour("2026-04-10"), jour("2026-04-12"), true
	p, err := moteur(t).Sejour(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range p.Etapes {
		if e.Phrase == "" || e.Source == "" || e.Regle == "" {
			t.Errorf("step without rule, source or sentence: %+v", e)
		}
		if e.Objet == "Participation pour acte lourd" && strings.Contains(e.Prudence, "22 avril") {
			return
		}
	}
	t.Errorf("no caution on the amount of 10 April 2026: %+v", p.Etapes)
}
