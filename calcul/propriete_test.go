package calcul

import (
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

func jour(s string) sante.Jour {
	j, err := sante.ParseJour(s)
	if err != nil {
		panic(err)
	}
	return j
}

func ptr[T any](v T) *T { return &v }

func tirer[C codifie](t *rapid.T, nom string) C {
	var c C
	return C(rapid.SampledFrom(codesDe(c.liste())).Draw(t, nom))
}

// unSejour draws any stay that can be priced.
func unSejour(t *rapid.T) Sejour {
	entree := jour("2024-01-01") + sante.Jour(rapid.IntRange(0, 1000).Draw(t, "entree"))
	nuits := rapid.IntRange(0, 70).Draw(t, "nuits")
	s := Sejour{
		Entree: entree, Sortie: entree + sante.Jour(nuits),
		ModeSortie: tirer[ModeSortie](t, "sortie"), Discipline: tirer[Discipline](t, "discipline"), Categorie: tirer[Categorie](t, "categorie"),
		JoursAnterieurs: rapid.IntRange(0, 45).Draw(t, "anterieurs"),
		Tarif:           ptr(sante.Montant(rapid.Int64Range(0, 2_000_000).Draw(t, "tarif"))),
		TNJP:            ptr(sante.Montant(rapid.Int64Range(0, 200_000).Draw(t, "tnjp"))),
		ExoTM:           rapid.SampledFrom([]ExoTM{"0", "1", "2", "3", "4", "5", "7", "9", "C"}).Draw(t, "exo"),
		Nature:          rapid.SampledFrom([]NatureAssurance{"10", "13", "30", "41", "90"}).Draw(t, "nature"),
		PecFJ:           tirer[PecFJ](t, "pec"), ActeLourd: rapid.Bool().Draw(t, "lourd"),
		AME: rapid.Bool().Draw(t, "ame"),
	}
	s.DateActeLourd = s.Entree + sante.Jour(rapid.IntRange(0, nuits).Draw(t, "jour lourd"))
	if rapid.Bool().Draw(t, "partielle") {
		s.Hospitalisation = tirer[TypeHospitalisation](t, "hospitalisation")
	}
	if rapid.Bool().Draw(t, "compare") {
		s.ExitDayCompared = ptr(true)
	}
	return s
}

func uneRegle(t *rapid.T, nom string) Regle {
	r := Regle{
		Numero:  rapid.SampledFrom([]NumeroFormule{F00, F01, F02, F03, F04, F05, F06, F07, F08, F09, F10, F11}).Draw(t, nom),
		P:       sante.Taux(rapid.Int64Range(10000, 40000).Draw(t, nom+" p")),
		M:       sante.Montant(rapid.Int64Range(1, 20_000).Draw(t, nom+" m")),
		N:       rapid.IntRange(1, 40).Draw(t, nom+" n"),
		Fenetre: tirer[Fenetre](t, nom+" fenetre"), Reseau: "R", Tarifs: []TarifConvenu{{Code: "CP", Montant: 5000}, {Code: "GHS", Montant: 300_000}},
	}
	if r.Numero == F02 {
		r.P /= 100
	}
	return r
}

func uneFormule(t *rapid.T, nom string) Formule {
	if rapid.IntRange(0, 4).Draw(t, nom+" double") > 0 {
		return Simple(uneRegle(t, nom))
	}
	return Formule{Regle: Regle{Numero: F12}, Op: tirer[Operation](t, nom+" op"), F: ptr(uneRegle(t, nom+" f")), G: ptr(uneRegle(t, nom+" g"))}
}

func unContrat(t *rapid.T, nom string) Contrat {
	c := Contrat{Responsable: rapid.Bool().Draw(t, nom+" responsable")}
	for _, f := range (Famille("")).Codes() {
		if rapid.IntRange(0, 5).Draw(t, nom+" absente") == 0 {
			continue
		}
		g := Garantie{Code: f, Famille: Famille(f), Formule: uneFormule(t, nom+f)}
		if g.Famille.forfait() && c.Responsable {
			g.Formule = Simple(Regle{Numero: F01})
		} else if rapid.Bool().Draw(t, nom+" plafond") {
			g.PlafondLigne = sante.Montant(rapid.Int64Range(0, 100_000).Draw(t, nom+" ligne"))
			g.PlafondPeriode, g.Fenetre = sante.Montant(rapid.Int64Range(1, 200_000).Draw(t, nom+" periode")), tirer[Fenetre](t, nom+" fen")
		}
		c.Garanties = append(c.Garanties, g)
	}
	return c
}

// uneFacture draws the invoice of a stay, with comfort and fees, as the hospital
// would build it: it must pass every control.
func uneFacture(t *rapid.T, m Moteur) (Facture, PrixSejour) {
	s := unSejour(t)
	d := DossierSejour{Sejour: s, Intermediaire: rapid.IntRange(0, 4).Draw(t, "intermediaire") == 0}
	if rapid.Bool().Draw(t, "cp") {
		d.Confort = []Confort{{Famille: FamilleCP, Debut: s.Entree, Fin: s.Sortie, Prix: sante.Montant(rapid.Int64Range(0, 20_000).Draw(t, "prix cp"))}}
	}
	if s.Categorie == OQN && rapid.Bool().Draw(t, "honoraires") {
		base := sante.Montant(rapid.Int64Range(0, 50_000).Draw(t, "honoraire"))
		d.Honoraires = []Acte{{Famille: FamilleACTE, CodePrestation: "ADC", Date: s.Entree, Base: base, Depense: base + sante.Montant(rapid.Int64Range(0, 50_000).Draw(t, "depassement")), Secteur: tirer[Secteur](t, "secteur")}}
	}
	f, p, err := m.FactureSejour(d)
	if err != nil {
		t.Fatal(err)
	}
	return f, p
}

// ROC §19.3 properties 1 and 2, on any invoice and any contracts, and the totals
// that the answer must carry.
func TestConservation(t *testing.T) {
	m := moteur(t)
	rapid.Check(t, func(t *rapid.T) {
		f, p := uneFacture(t, m)
		if r := m.Controler(f); len(r) > 0 {
			t.Fatalf("the hospital's own invoice is refused: %v", r[0])
		}
		var opposable sante.Montant
		for _, l := range f.Lignes {
			if l.Famille == FamilleSEJ || l.Famille.forfait() {
				opposable += l.MontantDepense - l.MontantAMO - l.AutrePayeur
			}
		}
		if opposable != p.Participation {
			t.Fatalf("lines leave %s to the patient side, the stay says %s", opposable, p.Participation)
		}
		contrats := []Contrat{unContrat(t, "a"), unContrat(t, "b"), unContrat(t, "c")}[:rapid.IntRange(1, 3).Draw(t, "rangs")]
		res, err := m.CalculerRangs(contrats, f, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range f.Lignes {
			reste := l.MontantDepense - l.MontantAMO - l.AutrePayeur
			for _, r := range res {
				x := r.Lignes[i]
				if reste -= x.MontantAMC; x.MontantAMC < 0 || x.Patient < 0 || x.Patient != reste {
					t.Fatalf("line %d: AMC %s, patient %s, left %s", l.Rang, x.MontantAMC, x.Patient, reste)
				}
			}
		}
		for _, r := range res {
			if r.TotalAMO+r.TotalAutrePayeur+r.TotalRangsInferieur+r.TotalAMC+r.TotalPatient != r.TotalDepense || r.TotalDepense != f.Totaux.Depense {
				t.Fatalf("totals do not add up: %+v", r)
			}
		}
	})
}

// Property 3: on a line, a later rank never pays more when an earlier one pays more.
func TestRangsMonotones(t *testing.T) {
	m := moteur(t)
	rapid.Check(t, func(t *rapid.T) {
		depense := sante.Montant(rapid.Int64Range(0, 50_000).Draw(t, "depense"))
		p, err := m.Acte(Acte{Famille: FamilleCONS, Date: jour("2025-06-01"), Base: sante.Montant(rapid.Int64Range(0, 50_000).Draw(t, "base")), Depense: depense})
		if err != nil {
			t.Fatal(err)
		}
		c := unContrat(t, "c")
		avant := sante.Montant(-1)
		for _, bas := range []sante.Montant{0, p.Reste() / 3, p.Reste() / 2, p.Reste()} {
			l := ligneActe(Acte{Famille: FamilleCONS, CodePrestation: "CS", Date: jour("2025-06-01"), Quantite: Unites(1)}, p)
			l.RangsInferieurs = []PartRang{{1, bas}}
			f := Facture{Type: FactureDACE, PeriodeDebut: l.DateDebut, PeriodeFin: l.DateDebut, Nature: "10", ExoTM: "0", RangAMC: 2, Lignes: []Ligne{l}}
			r, err := m.Calculer(c, f.numeroter(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if avant >= 0 && r.TotalAMC > avant {
				t.Fatalf("rank 2 pays %s after %s of rank 1, and %s after less", r.TotalAMC, bas, avant)
			}
			avant = r.TotalAMC
		}
	})
}

// Properties 4 and 5: SIM gives the amounts of CLC; counters are read, not
// changed, and what a cancellation releases brings them back.
func TestSimulationEtCompteurs(t *testing.T) {
	m := moteur(t)
	rapid.Check(t, func(t *rapid.T) {
		f, _ := uneFacture(t, m)
		c := unContrat(t, "c")
		avant := Compteurs{{Garantie: "CP", Periode: "2024", Montant: 1000, Unites: 300}, {Garantie: "SEJ", Periode: "2025", Montant: 50_000}}
		copie := append(Compteurs(nil), avant...)
		clc, err := m.Calculer(c, f, avant)
		if err != nil {
			t.Fatal(err)
		}
		sim, err := m.Simuler(c, f, avant)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(clc.Lignes, sim.Lignes); d != "" {
			t.Fatalf("SIM differs from CLC:\n%s", d)
		}
		if len(sim.Hypotheses) > 0 {
			t.Fatalf("hypotheses on a complete invoice: %v", sim.Hypotheses)
		}
		if d := cmp.Diff(copie, avant); d != "" {
			t.Fatalf("the counters given were changed:\n%s", d)
		}
		var pris []Compteur
		for _, x := range clc.Consommations {
			pris = append(pris, x.Compteur)
		}
		if d := cmp.Diff(avant.Plus(pris...), clc.Compteurs); d != "" {
			t.Fatalf("consumptions do not lead to the new counters:\n%s", d)
		}
		if d := cmp.Diff(avant.Plus(), clc.Compteurs.Moins(pris...)); d != "" {
			t.Fatalf("CLC then DEL changes the counters:\n%s", d)
		}
		for _, x := range clc.Consommations {
			if x.Restant != nil && *x.Restant < 0 || x.RestantUnites != nil && *x.RestantUnites < 0 {
				t.Fatalf("a counter is overdrawn: %+v", x)
			}
		}
	})
}

// Property 8: a mutation in the middle never changes the days that carry the TM.
func TestDecoupage(t *testing.T) {
	m := moteur(t)
	rapid.Check(t, func(t *rapid.T) {
		s := unSejour(t)
		s.ExoTM, s.Nature, s.PecFJ, s.ActeLourd, s.AME, s.Categorie, s.Hospitalisation = "0", "10", "A", false, false, EPS, ""
		s.TNJP = ptr(*s.TNJP / 5 * 5) // 20 % of it is a whole number of cents
		nuits := int(s.Sortie - s.Entree)
		if nuits < 2 {
			t.Skip("nothing to cut")
		}
		k := rapid.IntRange(1, nuits-1).Draw(t, "coupe")
		un, deux := s, s
		un.Sortie, un.ModeSortie = s.Entree+sante.Jour(k), SortieMutation
		deux.Entree, deux.JoursAnterieurs = un.Sortie, s.JoursAnterieurs+k
		s.DateActeLourd, un.DateActeLourd, deux.DateActeLourd = 0, 0, 0
		entier, err := m.Sejour(s)
		p1, err1 := m.Sejour(un)
		p2, err2 := m.Sejour(deux)
		if err != nil || err1 != nil || err2 != nil {
			t.Fatal(err, err1, err2)
		}
		if p1.JoursTM+p2.JoursTM != entier.JoursTM || p1.TM+p2.TM != entier.TM || p1.FJDu+p2.FJDu != entier.FJDu {
			t.Fatalf("%d+%d days and %s+%s against %d and %s; FJ %s+%s against %s", p1.JoursTM, p2.JoursTM, p1.TM, p2.TM, entier.JoursTM, entier.TM, p1.FJDu, p2.FJDu, entier.FJDu)
		}
	})
}

// fjNaif prices the daily charge one day after the other, by the text alone.
func fjNaif(s Sejour) (total sante.Montant) {
	if s.Discipline == HAD || s.Sortie == s.Entree {
		return 0
	}
	fin := s.Sortie
	if s.ModeSortie == "0" || s.ModeSortie == "6" || s.ModeSortie == "7" || s.ModeSortie == "9" {
		fin--
	}
	for j := s.Entree; j <= fin; j++ {
		prix := sante.Montant(2000)
		if j >= jour("2026-03-01") {
			prix = 2300
		}
		if s.Discipline == PSY {
			prix = map[sante.Montant]sante.Montant{2000: 1500, 2300: 1700}[prix]
		}
		total += prix
	}
	return total
}

// Property 9, against a count of the days made apart, and conservation of the
// claim: AMO + PAS = tariff for a heavy act.
func TestParticipationPlancher(t *testing.T) {
	m := moteur(t)
	rapid.Check(t, func(t *rapid.T) {
		s := unSejour(t)
		s.AME, s.Hospitalisation = false, ""
		p, err := m.Sejour(s)
		if err != nil {
			t.Fatal(err)
		}
		if p.Participation < 0 || p.TMFacture < 0 || p.FJFacture < 0 || p.AMO < 0 || p.PAS < 0 || p.TMFacture > p.TM {
			t.Fatalf("negative: %+v", p)
		}
		if s.PecFJ == FJAssure || s.PecFJ == FJInconnu {
			if fj := fjNaif(s); p.FJDu != fj || p.Participation < fj {
				t.Fatalf("participation %s, daily charge %s, counted apart %s", p.Participation, p.FJDu, fj)
			}
		}
		if p.PAS > 0 && p.AMO+p.PAS != *s.Tarif {
			t.Fatalf("claim %s + PAS %s ≠ tariff %s", p.AMO, p.PAS, *s.Tarif)
		}
		if p.PAS > 0 && p.TM > 0 {
			t.Fatalf("TM %s and PAS %s together", p.TM, p.PAS)
		}
		if s.Categorie == OQN && p.AMO+p.TM+p.PAS != *s.Tarif {
			t.Fatalf("clinic: AMO %s + TM %s + PAS %s ≠ tariff %s", p.AMO, p.TM, p.PAS, *s.Tarif)
		}
	})
}

// participationNaive is the algorithm of ROC §13.5, day after day, for an
// ordinary insured person in a public hospital.
func participationNaive(s Sejour, pourmille int64) sante.Montant {
	restants := 30 - s.JoursAnterieurs
	jourDu := func(j sante.Jour) sante.Montant {
		return fjNaif(Sejour{Entree: j, Sortie: j + 1, ModeSortie: "6", Discipline: s.Discipline})
	}
	var joursTM int64
	var fj30, reste, sortie sante.Montant
	for j := s.Entree; j < s.Sortie; j++ {
		if joursTM < int64(restants) {
			joursTM++
			fj30 += jourDu(j)
		} else {
			reste += jourDu(j)
		}
	}
	if s.Entree == s.Sortie && restants > 0 {
		joursTM = 1
	}
	if s.ModeSortie == "8" && s.Entree != s.Sortie {
		sortie = jourDu(s.Sortie)
	}
	tm := sante.Montant((int64(*s.TNJP)*joursTM*pourmille + 500) / 1000)
	return max(tm, fj30) + reste + sortie
}

// The engine against the text read again, day by day.
func TestParticipationReference(t *testing.T) {
	m := moteur(t)
	rapid.Check(t, func(t *rapid.T) {
		s := unSejour(t)
		s.ExoTM, s.Nature, s.PecFJ, s.ActeLourd, s.AME, s.Categorie, s.Hospitalisation, s.ExitDayCompared = "0", "10", "A", false, false, PNL, "", nil
		s.TNJP = ptr(*s.TNJP / rapid.SampledFrom([]sante.Montant{1, 10, 20}).Draw(t, "petit"))
		pourmille := int64(200)
		if rapid.Bool().Draw(t, "fsv") {
			s.ExoTM, pourmille = "9", 100
		}
		p, err := m.Sejour(s)
		if err != nil {
			t.Fatal(err)
		}
		if want := participationNaive(s, pourmille); p.Participation != want {
			t.Fatalf("participation %s, by the text %s", p.Participation, want)
		}
	})
}

// V21 with the switch in the tables rather than in the stay; a table edited
// without recompiling changes the result.
func TestBasculeParBareme(t *testing.T) {
	const tete = "cle;debut;fin;valeur;source;incertain;note\n"
	tables, err := bareme.Load(fstest.MapFS{"b.csv": {Data: []byte(tete + "fj.exitDayInComparison;1900-01-01;;true;ref: essai;;\npas.deductedFromStayTariff;1900-01-01;;false;ref: essai;;\n")}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(tables)
	if err != nil {
		t.Fatal(err)
	}
	s := Sejour{Entree: jour("2025-06-01"), Sortie: jour("2025-06-06"), ModeSortie: "8", ExoTM: "0", Nature: "10", PecFJ: "A", TNJP: ptr(sante.Montant(10500)), Tarif: ptr(sante.Montant(100_000))}
	p, err := m.Sejour(s)
	if err != nil || p.Participation != 12000 || p.TM != 10500 || p.TMFacture != 0 {
		t.Errorf("V21 with the switch: %+v, %v", p, err)
	}
	s.ActeLourd = true
	if p, err = m.Sejour(s); err != nil || p.AMO != 100_000 || p.PAS != 2400 {
		t.Errorf("PAS outside the tariff: %+v, %v", p, err)
	}
}

// A local scheme that would pay half of the TM leaves the other half, to the cent.
func TestRegimeLocalPartiel(t *testing.T) {
	const tete = "cle;debut;fin;valeur;source;incertain;note\n"
	tables, err := bareme.Load(fstest.MapFS{"b.csv": {Data: []byte(tete + "local.hopital;2010-01-01;;50;hyp: essai;;\n")}})
	if err != nil {
		t.Fatal(err)
	}
	m, s := Moteur{Tables: tables}, sejourOrdinaire()
	s.Nature, s.PecFJ, s.TNJP = NatureLocal, FJLocal, ptr(sante.Montant(90005))
	f, p, err := m.FactureSejour(DossierSejour{Sejour: s})
	if err != nil || p.AutrePayeur != 90005+2000 || p.Participation != 90005 {
		t.Fatalf("%+v, %v", p, err)
	}
	if r, err := m.Calculer(Responsable100(), f, nil); err != nil || r.TotalAMC != 90005 || r.TotalAutrePayeur != p.AutrePayeur || r.TotalPatient != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// V13: one stay after the other, the sum of both.
func TestV13(t *testing.T) {
	m := moteur(t)
	a := Sejour{Entree: jour("2025-06-01"), Sortie: jour("2025-06-11"), ModeSortie: "6", ExoTM: "0", Nature: "10", PecFJ: "A", TNJP: ptr(sante.Montant(90000))}
	b := Sejour{Entree: a.Sortie, Sortie: a.Sortie + 25, ModeSortie: "8", Discipline: SMR, JoursAnterieurs: 10, ExoTM: "0", Nature: "10", PecFJ: "A", TNJP: ptr(sante.Montant(40000))}
	pa, err := m.Sejour(a)
	if err != nil {
		t.Fatal(err)
	}
	pb, err := m.Sejour(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := pa.Participation + pb.Participation; got != 352_000 {
		t.Errorf("got %s, want 3520.00", got)
	}
}

// The rates of ROC §19.1.
func TestTauxSejour(t *testing.T) {
	m := moteur(t)
	for _, c := range []struct {
		exo    ExoTM
		nature NatureAssurance
		want   string
	}{{"0", "10", "80"}, {"2", "13", "80"}, {"0", "30", "100"}, {"9", "10", "90"}, {"4", "10", "100"}, {"C", "10", "100"}, {"9", "30", "100"}, {"2", "41", "100"}, {"0", "13", "80"}} {
		got, err := m.TauxSejour(c.exo, c.nature, jour("2025-06-01"))
		if err != nil || got.String() != c.want {
			t.Errorf("exo %s nature %s: %s, %v, want %s", c.exo, c.nature, got, err, c.want)
		}
	}
	for _, c := range []struct {
		exo    ExoTM
		nature NatureAssurance
	}{{"", "10"}, {"0", ""}, {"X", "10"}, {"0", "XX"}, {"Z", "10"}, {"0", "99"}} {
		_, err := m.TauxSejour(c.exo, c.nature, jour("2025-06-01"))
		if r, ok := err.(*Rejet); !ok || r.Code != CodeTauxInconnu {
			t.Errorf("exo %q nature %q: %v, want P412", c.exo, c.nature, err)
		}
	}
}

// Every code has a label, and every exported code list is closed on itself.
func TestLibelles(t *testing.T) {
	for _, v := range []any{ExoTM(""), NatureAssurance(""), PecFJ(""), ModeSortie(""), Discipline(""), Categorie(""), TypeHospitalisation(""), Famille(""), Secteur(""), Profession(""), Service(""), TypeFacture(""), NumeroFormule(""), Fenetre(""), Operation(""), TypeContrat(""), Couverture("")} {
		for _, c := range v.(interface{ Codes() []string }).Codes() {
			x := reflect.New(reflect.TypeOf(v)).Elem()
			x.SetString(c)
			if x.Interface().(interface{ Libelle() string }).Libelle() == "" {
				t.Errorf("%T %q has no label", v, c)
			}
		}
	}
}
