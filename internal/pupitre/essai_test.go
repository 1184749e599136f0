package pupitre_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// Each row changes the example of an outpatient visit.
func TestPreparerErreurs(t *testing.T) {
	c := pupitretest.New(t).Choix()
	for _, x := range []struct {
		nom     string
		changer func(f *pupitre.Formulaire)
		champs  string
	}{
		{"exemple", func(*pupitre.Formulaire) {}, ""},
		{"rien", func(f *pupitre.Formulaire) { *f = pupitre.Formulaire{} }, "etablissement face service passage numeroAMC numeroAdherent nomNaissance prenom naissance"},
		{"service DEL", func(f *pupitre.Formulaire) { f.Service = "DEL" }, "service"},
		{"face inconnue", func(f *pupitre.Formulaire) { f.Face = "FAX" }, "face"},
		{"patient hors liste", func(f *pupitre.Formulaire) { f.Patient = "x" }, "patient"},
		{"date impossible", func(f *pupitre.Formulaire) { f.Date = "2026-02-30" }, "date"},
		{"AMC trop courte", func(f *pupitre.Formulaire) { f.NumeroAMC = "12" }, "numeroAMC"},
		{"naissance en lettres", func(f *pupitre.Formulaire) { f.Naissance = "mai" }, "naissance"},
		{"nature inventée", func(f *pupitre.Formulaire) { f.Nature = "99" }, "nature"},
		{"aucun acte", func(f *pupitre.Formulaire) { f.Actes = [4]pupitre.ActeSaisi{} }, "depense0"},
		{"montant en lettres", func(f *pupitre.Formulaire) { f.Actes[0].Base = "trente" }, "base0"},
		{"montant négatif", func(f *pupitre.Formulaire) { f.Actes[0].Depense = "-30" }, "depense0"},
		{"famille d'un séjour", func(f *pupitre.Formulaire) { f.Actes[0].Famille = "SEJ" }, "depense0"},
		{"code trop long", func(f *pupitre.Formulaire) { f.Actes[0].Code = "CONSULT" }, "code0"},
		{"référence trop courte", func(f *pupitre.Formulaire) { f.IDReponseIDB = "abc" }, "idReponseIDB"},
		{"séjour sans sortie ni tarif", func(f *pupitre.Formulaire) { f.Passage = "SEJOUR" }, "sortie"},
		{"séjour sans tarif", func(f *pupitre.Formulaire) { f.Passage, f.Sortie = "SEJOUR", "2026-03-05" }, "tarif"},
		{"sortie avant l'entrée", func(f *pupitre.Formulaire) { f.Passage, f.Sortie = "SEJOUR", "2026-03-01" }, "sortie"},
		{"discipline inventée", func(f *pupitre.Formulaire) { f.Passage, f.Sortie, f.Discipline = "SEJOUR", "2026-03-05", "XYZ" }, "discipline"},
		{"message à sceller illisible", func(f *pupitre.Formulaire) { f.Brut, f.Sceller = "{}", true }, "brut"},
		{"message scellé illisible : il part", func(f *pupitre.Formulaire) { f.Brut = "n'importe quoi" }, ""},
		{"message trop long", func(f *pupitre.Formulaire) { f.Brut = strings.Repeat("x", pupitre.BrutMax+1) }, "brut"},
	} {
		t.Run(x.nom, func(t *testing.T) {
			f := c.Exemples[0].Formulaire
			x.changer(&f)
			e, erreurs := pupitre.Preparer(&f, &c)
			var champs []string
			for _, y := range erreurs {
				champs = append(champs, y.Champ)
				if y.Message == "" || strings.Contains(y.Message, "trente") {
					t.Errorf("message %q", y.Message)
				}
			}
			if got := strings.Join(champs, " "); got != x.champs || (e == nil) != (x.champs != "") {
				t.Errorf("got %q (%v), attendu %q", got, erreurs, x.champs)
			}
		})
	}
}

func TestPreparerConsultation(t *testing.T) {
	c := pupitretest.New(t).Choix()
	f := c.Exemples[0].Formulaire
	f.NomNaissance = "AUTRE"
	f.Actes[1] = pupitre.ActeSaisi{Famille: "BIO", Code: "b", Base: "1 020,50 €"}
	e, erreurs := pupitre.Preparer(&f, &c)
	if erreurs != nil {
		t.Fatal(erreurs)
	}
	d := e.Calcul
	if d == nil || e.IDB != nil || len(d.Lignes) != 2 || d.Beneficiaire.NomNaissance != "AUTRE" || d.Beneficiaire.Prenom != "JEANNE" {
		t.Fatalf("demande %+v", d)
	}
	// 70 % of 30.00 for a doctor, 60 % of 1 020.50 for biology. ref: ROC §13.1
	if l := d.Lignes; l[0].MontantDepense != 4500 || l[0].MontantAMO != 2100 || l[1].MontantDepense != 102050 || l[1].MontantAMO != 61230 || l[1].CodePrestation != "B" {
		t.Errorf("lignes %+v", l)
	}
	if want := (roc.Totaux{Depense: 106550, AMO: 63330, BaseAMC: 900 + 40820, PatientAvantAMC: 43220}); *d.Totaux != want {
		t.Errorf("totaux %+v, attendu %+v", *d.Totaux, want)
	}
	if err := roc.EchangeCLC.CorpsDemande.Verify(d); err != nil {
		t.Errorf("demande hors du profil : %v", err)
	}
}

func TestPreparerSejour(t *testing.T) {
	c := pupitretest.New(t).Choix()
	f := c.Exemples[1].Formulaire
	f.Service = "CLC"
	e, erreurs := pupitre.Preparer(&f, &c)
	if erreurs != nil {
		t.Fatal(erreurs)
	}
	d := e.Calcul
	if d.Sejour == nil || d.Sejour.NbNuitees != 4 || d.Contexte != roc.ContexteAdmission || d.CodePecFJ == "" || d.TauxAMO == nil {
		t.Fatalf("demande %+v", d)
	}
	if err := roc.EchangeCLC.CorpsDemande.Verify(d); err != nil {
		t.Errorf("demande hors du profil : %v", err)
	}
	facture, err := d.Facture()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Moteur.Controler(facture); err != nil {
		t.Errorf("le moteur refuse ce que le formulaire écrit : %v", err)
	}
}

// A pasted message is sealed in the face asked, whatever the one it is written in.
func TestSceller(t *testing.T) {
	m := pupitretest.New(t)
	a := m.Instant.Add(time.Hour)
	id := sceautest.New(t, "1990000177", a)
	l := &pupitre.Loupe{Magasin: id.Juge}
	idb, _ := m.Etape(1)
	altere, _ := m.Etape(6)
	elementSeul := string(altere.Question.Brut)
	elementSeul = elementSeul[strings.Index(elementSeul, "<DemandeIDB"):]
	elementSeul = elementSeul[:strings.Index(elementSeul, "</DemandeIDB>")+len("</DemandeIDB>")]
	for _, c := range []struct{ nom, brut string }{
		{"objet JSON", idb.Question.Modele()},
		{"message JSON entier", string(idb.Question.Brut)},
		{"élément XML", elementSeul},
		{"enveloppe SOAP entière", string(altere.Question.Brut)},
	} {
		for _, face := range []sceau.Face{sceau.SOAP, sceau.REST} {
			t.Run(c.nom+" en "+string(face), func(t *testing.T) {
				s, err := (&pupitre.Essai{Face: face, Brut: []byte(c.brut), ASceller: true}).Sceller(id.Cachet, a)
				if err != nil {
					t.Fatal(err)
				}
				v := l.Voir(s.Octets, face, a)
				if !v.Garanti || v.Scelleur.Structure != "1990000177" || !v.Enveloppe().Horodatage.Equal(a) {
					t.Fatalf("scellé : %s %s", v.Code, v.Echec)
				}
				if d := cmp.Diff("BRUME", v.Corps().(*roc.DemandeIDB).Beneficiaire.NomNaissance); d != "" {
					t.Error(d)
				}
			})
		}
	}
	if _, err := (&pupitre.Essai{Face: sceau.REST, Brut: []byte("{")}).Sceller(id.Cachet, a); err == nil {
		t.Error("un message illisible a été scellé")
	}
}

// A model to start from is another question: same body, new identifiers.
func TestModele(t *testing.T) {
	e, _ := pupitretest.New(t).Etape(1)
	x := &pupitre.Essai{Face: sceau.REST, Brut: []byte(e.Question.Modele())}
	id := sceautest.New(t, "1990000177", e.Debut)
	s, err := x.Sceller(id.Cachet, e.Debut)
	if err != nil {
		t.Fatal(err)
	}
	v := (&pupitre.Loupe{Magasin: id.Juge}).Voir(s.Octets, sceau.REST, e.Debut)
	if v.Enveloppe().IDMessage == e.Question.Enveloppe().IDMessage || v.Enveloppe().IDEchange == e.Question.Enveloppe().IDEchange {
		t.Error("identifiants repris")
	}
	if d := cmp.Diff(pupitre.Arbre(e.Question.Corps()), pupitre.Arbre(v.Corps())); d != "" {
		t.Error(d)
	}
	var rien *pupitre.Vu
	if rien.Modele() != "" {
		t.Error("modèle de rien")
	}
}
