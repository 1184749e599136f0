package amctest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

func (b *Banc) demanderSIM(dossier string, d *roc.DemandeCalcul) *roc.ReponseCalcul {
	b.t.Helper()
	return Poser(b, roc.EchangeSIM, dossier, d, b.SIM)
}

func suiteSIM(t *testing.T, l Livres) {
	b := New(t, l, Reglages())
	p := Situation("confort")
	d := Sejour(b.Moteur, p, 3, 3)
	r := b.demanderSIM("D1", d) // without IDB: the rights are read again
	if r.CodeRetour == "" || r.Caractere != roc.Indicatif || r.IDSimulation == "" || r.DateFinIndicative.IsZero() || !r.NumeroEngagement.IsZero() || r.Garantie != roc.GarantieAucune {
		t.Fatalf("simulation: %+v", r.Retour)
	}
	if l, err := b.Ports.Compteurs.Lire(t.Context(), p.Reference); err != nil || len(l) != 0 {
		t.Errorf("une simulation a consommé: %v %v", l, err)
	}
	for _, c := range []struct {
		nom     string
		changer func(*roc.DemandeCalcul)
	}{
		{"rien que les dates", func(d *roc.DemandeCalcul) { d.Lignes, d.Totaux, d.TauxAMO, d.CodePecFJ = nil, nil, nil, "" }},
		{"sans exonération ni totaux", func(d *roc.DemandeCalcul) { d.AMO.ExoTM, d.Totaux = "", nil }},
		{"second rang, parts du premier inconnues", func(d *roc.DemandeCalcul) { d.RangAMC = 2 }},
		{"maternité, rien que les dates", func(d *roc.DemandeCalcul) {
			d.Lignes, d.Totaux, d.TauxAMO, d.CodePecFJ, d.AMO.NatureAssurance = nil, nil, nil, "", calcul.NatureMaternite
		}},
	} {
		incomplet := *d
		c.changer(&incomplet)
		if r := b.demanderSIM("D1", &incomplet); !r.CodeRetour.Accord() || len(r.Hypotheses) == 0 {
			t.Errorf("%s: %s (%s), %d hypothèses", c.nom, r.CodeRetour, r.Precision, len(r.Hypotheses))
		}
	}
	if r := b.demanderSIM("D1", Consultation(p)); r.CodeRetour != roc.AucunService {
		t.Errorf("soins externes: %s", r.CodeRetour)
	}
	oublier := func(dossier string) *roc.ReponseDEL {
		return Poser(b, roc.EchangeDEL, dossier, &roc.DemandeDEL{IDSimulation: r.IDSimulation, Motif: roc.AutreMotif}, b.DEL)
	}
	for _, c := range []struct {
		dossier string
		veut    roc.EtatEngagement
	}{{"D2", roc.EngagementPasTrouve}, {"D1", roc.EtatAnnule}, {"D1", roc.EtatDejaAnnule}} {
		if x := oublier(c.dossier); x.EtatEngagement != c.veut {
			t.Errorf("oublier une simulation: %s, %s attendu", x.EtatEngagement, c.veut)
		}
	}
	politiques(t, l)
}

func politiques(t *testing.T, l Livres) {
	fermee, obligatoire := Reglages(), Reglages()
	fermee.Simulation, obligatoire.Simulation = amc.SIMFermee, amc.SIMObligatoire
	b := New(t, l, fermee)
	if r := b.demanderSIM("D5", Sejour(b.Moteur, Situation("essentiel"), 3, 0)); r.CodeRetour != roc.AucunService {
		t.Errorf("service fermé: %s", r.CodeRetour)
	}
	b = New(t, l, obligatoire)
	d := Sejour(b.Moteur, Situation("essentiel"), 3, 0)
	if r := b.DemanderCLC("D6", d); r.CodeRetour != roc.SimulationRequise {
		t.Errorf("CLC sans la SIM exigée: %s", r.CodeRetour)
	}
	b.demanderSIM("D6", d)
	if r := b.DemanderCLC("D6", d); r.CodeRetour != roc.Accepte {
		t.Errorf("CLC après la SIM: %s", r.CodeRetour)
	}
	if r := b.DemanderCLC("D7", Consultation(Situation("essentiel"))); r.CodeRetour != roc.Accepte {
		t.Errorf("soins externes, SIM sans objet: %s", r.CodeRetour)
	}
}

// The hospital computes alone, with the guarantee of the answer to IDB, what the
// insurer would compute; a CLC then takes the place of the promise. ref: DEC 24
func suiteLocal(t *testing.T, b *Banc) {
	d := Sejour(b.Moteur, Situation("essentiel"), 10, 0)
	r := b.DemanderIDB("D1", d.Entete)
	if r.ModeCalcul != roc.CalculLocalOuCLC || r.GarantieLocale == nil || *r.GarantieLocale.MontantMax != Montant("5000.00") {
		t.Fatalf("garantie locale: %s %+v", r.ModeCalcul, r.GarantieLocale)
	}
	ici, _, err := roc.Repartir(b.Moteur, r.Contrat(), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	consulter := func() *roc.ReponseEngagement {
		return Poser(b, roc.EchangeEngagement, "D1", &roc.DemandeEngagement{NumeroEngagement: r.GarantieLocale.Numero}, b.Service.Engagement)
	}
	if x := consulter(); x.EtatEngagement != roc.EngagementEnCours {
		t.Errorf("la promesse est %s", x.EtatEngagement)
	}
	d.IDReponseIDB = r.IDReponseIDB
	la := Poser(b, roc.EchangeCLC, "D1", d, b.CLC)
	if diff := cmp.Diff(ici.Lignes, la.Lignes); diff != "" || la.NumeroEngagement == r.GarantieLocale.Numero {
		t.Errorf("calcul local et CLC diffèrent: %s", diff)
	}
	if x := consulter(); x.EtatEngagement != roc.EtatAnnule {
		t.Errorf("après le CLC, la promesse est %s", x.EtatEngagement)
	}
	autre := b.DemanderIDB("D2", d.Entete)
	if x := b.DemanderDEL("D2", autre.GarantieLocale.Numero); x.EtatEngagement != roc.EtatAnnule {
		t.Errorf("DEL d'une promesse: %s", x.EtatEngagement)
	}
	if r := b.DemanderIDB("D3", Entete(Situation("confort"), roc.ContexteACE, d.DateReference)); r.ModeCalcul != roc.CalculCLC || r.GarantieLocale != nil || len(r.Formules) != 0 {
		t.Errorf("contrat à compteurs: %s", r.ModeCalcul)
	}
}

// suiteNumero makes two draws give the same number: the second is drawn again,
// even when the first was cancelled. ref: DEC 22
func suiteNumero(t *testing.T, l Livres) {
	l.Ports.Alea = &beguayeur{}
	b := New(t, l, Reglages())
	vus := map[roc.NumeroEngagement]bool{}
	for i := range 6 {
		dossier := fmt.Sprintf("D%d", i)
		r := b.DemanderCLC(dossier, Consultation(Situation("confort")))
		if r.NumeroEngagement.IsZero() || vus[r.NumeroEngagement] {
			t.Fatalf("tour %d: numéro absent ou déjà servi", i)
		}
		vus[r.NumeroEngagement] = true
		if i%2 == 0 {
			b.DemanderDEL(dossier, r.NumeroEngagement)
		}
	}
}

// beguayeur says each random number four times.
type beguayeur struct{ n int }

func (b *beguayeur) Read(p []byte) (int, error) {
	x := byte(b.n / 4)
	b.n++
	return io.ReadFull(bytes.NewReader(bytes.Repeat([]byte{x*16 + 1}, len(p))), p)
}

// suiteProprietes checks, on any stay: SIM and CLC agree; shares make the
// expense; no share is negative; CLC then DEL leaves the counters as they were.
// ref: ROC §19.3 properties 1, 2, 4, 5
func suiteProprietes(t *testing.T, b *Banc) {
	p := Situation("confort")
	tour := 0
	avant := lireCompteurs(t, b, p.Reference)
	rapid.Check(t, func(rt *rapid.T) {
		tour++
		dossier := fmt.Sprintf("P%d", tour)
		d := sejourTire(rt, b.Moteur, p)
		b.Citer(dossier, d)
		compteurs := lireCompteurs(t, b, p.Reference)
		sim := b.demanderSIM(dossier, d)
		clc := Poser(b, roc.EchangeCLC, dossier, d, b.CLC)
		if !clc.CodeRetour.Accord() {
			rt.Fatalf("CLC: %s %s", clc.CodeRetour, clc.Precision)
		}
		if diff := cmp.Diff(sim.Lignes, clc.Lignes); diff != "" {
			rt.Errorf("SIM et CLC diffèrent: %s", diff)
		}
		conserver(rt, d, clc)
		if clc.NumeroEngagement.IsZero() {
			return
		}
		if rapid.Bool().Draw(rt, "annuler") {
			b.DemanderDEL(dossier, clc.NumeroEngagement)
			if diff := cmp.Diff(compteurs, lireCompteurs(t, b, p.Reference)); diff != "" {
				rt.Errorf("CLC puis DEL: %s", diff)
			}
			return
		}
		rt.Cleanup(func() { b.DemanderDEL(dossier, clc.NumeroEngagement) })
	})
	if diff := cmp.Diff(avant, lireCompteurs(t, b, p.Reference)); diff != "" {
		t.Errorf("compteurs à la fin: %s", diff)
	}
}

func lireCompteurs(t *testing.T, b *Banc, beneficiaire string) calcul.Compteurs {
	t.Helper()
	l, err := b.Ports.Compteurs.Lire(context.Background(), beneficiaire)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func sejourTire(rt *rapid.T, m calcul.Moteur, p amc.Beneficiaire) *roc.DemandeCalcul {
	nuits := rapid.IntRange(0, 40).Draw(rt, "nuits")
	d := Sejour(m, p, nuits, rapid.IntRange(0, nuits).Draw(rt, "joursCP"))
	if rapid.IntRange(0, 3).Draw(rt, "rang") == 0 {
		d.RangAMC = 2
		r := roc.RangInferieur{Rang: 1, NumeroAMC: AutreAMC}
		for _, l := range d.Lignes {
			reste := int64(l.MontantDepense - l.MontantAMO)
			r.Montants = append(r.Montants, roc.MontantDeLigne{Rang: l.Rang, Montant: sante.Montant(rapid.Int64Range(0, reste).Draw(rt, "part"))})
		}
		d.RangsInferieurs = []roc.RangInferieur{r}
	}
	return d
}

// conserver checks that the shares of each line and of the whole make the expense.
func conserver(rt *rapid.T, d *roc.DemandeCalcul, r *roc.ReponseCalcul) {
	var amo, rangs, part, patient, depense sante.Montant
	for i, l := range r.Lignes {
		q := d.Lignes[i]
		inferieurs := sante.Montant(0)
		for _, x := range d.RangsInferieurs {
			inferieurs += x.Montants[i].Montant
		}
		if l.MontantAMC < 0 || *l.MontantPatient < 0 || q.MontantAMO+inferieurs+l.MontantAMC+*l.MontantPatient != q.MontantDepense {
			rt.Errorf("ligne %d: %s + %s + %s + %s ≠ %s", l.Rang, q.MontantAMO, inferieurs, l.MontantAMC, l.MontantPatient, q.MontantDepense)
		}
		amo, rangs, part, patient, depense = amo+q.MontantAMO, rangs+inferieurs, part+l.MontantAMC, patient+*l.MontantPatient, depense+q.MontantDepense
	}
	if *r.TotalAMO != amo || *r.TotalAMC != part || *r.TotalPatient != patient || *r.TotalDepense != depense || amo+rangs+part+patient != depense {
		rt.Errorf("totaux: %s + %s + %s + %s ≠ %s", amo, rangs, part, patient, depense)
	}
}
