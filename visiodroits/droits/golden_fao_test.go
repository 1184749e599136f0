package droits_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc/roctest"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// The golden invoices of the pharmacies: one for each code of the controls, and each way to
// bill.
const dossierFAO = "testdata/fao"

var jourDore = sante.JourDe(2026, 11, 22)

// factureDoree is an invoice of a line under the golden accreditation.
func factureDoree(t *testing.T, d *droits.DemandeDroits, numero droits.NumeroFacture) droits.FactureOfficine {
	const accreditation = "A0099000101N0123456789AB"
	f := droits.FactureOfficine{Numero: numero, DateSoins: jourDore, DateFacture: jourDore, PS: d.PS, Patient: d.Patient, NumeroAMC: d.Carte.NumeroAMC, Convention: "VISIO",
		NumeroAccreditation: accreditation + string(sante.CleMod37(accreditation)),
		Lignes: []droits.LigneOfficine{{Rang: 1, Famille: calcul.FamilleMED, CodePrestation: "PH7", Quantite: calcul.Unites(2), BaseAMO: 24_60, TauxAMO: sante.Pourcent(65),
			PartsOfficine: droits.PartsOfficine{Depense: 24_60, AMO: 15_99, AMC: 8_61}}}}
	f.Totaux = f.Sommes()
	return f
}

// tarifeeDoree bills what was priced on line instead.
func tarifeeDoree(f *droits.FactureOfficine) {
	f.Lignes, f.Tarification = nil, &droits.FactureTarification{Numero: "T19B8XGVKAWW6R1Q67GA7N25SAXW", Montants: []droits.PartsFamille{{Famille: calcul.FamilleDMI,
		PartsOfficine: droits.PartsOfficine{Depense: 229_00, AMO: 18_96, AMC: 176_14, Patient: 33_90}}}}
	f.Totaux = f.Sommes()
}

func degradeeDoree(t *testing.T, f *droits.FactureOfficine) {
	essai := obtenirT[droits.Tentative](t)(droits.NouvelleTentative(aLHeure, obtenirT[droits.Hote](t)(droits.ParseHote("oct.exemple.invalid")), droits.ErreurDelai, "203"))
	f.Degrade = &droits.ModeDegrade{Cause: droits.CauseOCT, Tentatives: []droits.Tentative{essai}}
}

func suiviDore(f *droits.FactureOfficine, etat droits.EtatFacture, code visiodroits.Code, libelle string) droits.SuiviFacture {
	s := droits.SuiviFacture{Numero: f.Numero, DateFacture: f.DateFacture, NumeroLot: "LOT1", Etat: etat, Code: code, Libelle: libelle, MontantAMC: f.Totaux.AMC}
	if etat == droits.FactureRefusee {
		g := code.Signification()
		s.Libelle, s.QuiAgit, s.AFaire = g.Libelle, g.Qui, g.AFaire
		return s
	}
	s.Echeance = jourDore + 12
	return s
}

func situationsFAO(t *testing.T) (l []roctest.Dore) {
	d := demandeDoree(t)
	lot := func(nom string, changer func(*droits.FactureOfficine), etat droits.EtatFacture, code visiodroits.Code, libelle string, ecarts ...droits.EcartLigne) {
		f := factureDoree(t, d, "FACT1")
		if changer != nil {
			changer(&f)
		}
		s := suiviDore(&f, etat, code, libelle)
		s.Ecarts = ecarts
		l = append(l, roctest.Paire(nom, droits.EchangeFactures, enveloppeDoree(), &droits.DemandeFactures{Lot: droits.NouveauLot("LOT1", jourDore, f)},
			&droits.ReponseFactures{Retour: visiodroits.RetourDe(visiodroits.Fournis, ""), NumeroLot: "LOT1", Factures: []droits.SuiviFacture{s}})...)
	}
	accepter := func(nom string, changer func(*droits.FactureOfficine)) {
		lot(nom, changer, droits.FactureAcceptee, visiodroits.Fournis, "Facture acceptée")
	}
	accepter("000-acceptee", nil)
	accepter("000-tarifee-en-ligne", tarifeeDoree)
	accepter("000-mode-degrade", func(f *droits.FactureOfficine) { degradeeDoree(t, f) })
	accepter("000-sur-un-depannage", func(f *droits.FactureOfficine) {
		x := fournisDores(t, d, operateurNo, "A0088000001D0123456789AB", jourDore+1)
		n := "A0088000001D0123456789AB"
		f.NumeroAccreditation, f.Jeton, f.Etendue = n+string(sante.CleMod37(n)), x.Accreditation, x.Etendue
	})
	lot("000-en-attente-du-tiers", tarifeeDoree, droits.FactureEnAttente, visiodroits.Fournis, "Facture en attente d'un contrôle")
	for _, s := range visiodroits.Significations() {
		if s.Code[0] != 'F' {
			continue
		}
		var changer func(*droits.FactureOfficine)
		var ecarts []droits.EcartLigne
		switch s.Code {
		case visiodroits.AccreditationFausse:
			changer = func(f *droits.FactureOfficine) { f.NumeroAccreditation = f.NumeroAccreditation[:24] + "-" }
		case visiodroits.MontantDifferent:
			ecarts = []droits.EcartLigne{{Rang: 1, Facture: 8_61, Attendu: 8_50, Regle: "F01"}}
		case visiodroits.TarificationFausse:
			changer = tarifeeDoree
		case visiodroits.DegradeSansPreuve:
			changer = func(f *droits.FactureOfficine) { f.Degrade = &droits.ModeDegrade{Cause: droits.CauseAMC} }
		}
		lot(string(s.Code), changer, droits.FactureRefusee, s.Code, "", ecarts...)
	}
	payee, refusee := factureDoree(t, d, "FACT1"), factureDoree(t, d, "FACT2")
	p := suiviDore(&payee, droits.FacturePayee, visiodroits.Fournis, "Facture payée")
	p.Mouvement, p.MontantPaye, p.ReferenceVire, p.DatePaiement = 7, p.MontantAMC, "ECLUSE-99000101-20261201", jourDore+9
	r := suiviDore(&refusee, droits.FactureRefusee, visiodroits.HorsDroits, "")
	r.Mouvement = 8
	// The transfer of what was paid came back: the invoice is to be paid again.
	rendue := suiviDore(&payee, droits.FactureAcceptee, visiodroits.Fournis, "Facture acceptée")
	rendue.Mouvement, rendue.Precision = 9, "Virement rendu par la banque : vérifiez avec l'AMC le compte où elle vous paie"
	l = append(l, roctest.Paire("000-suivi-virement-rendu", droits.EchangeFactures, enveloppeDoree(), &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{Apres: 8}},
		&droits.ReponseFactures{Retour: visiodroits.RetourDe(visiodroits.Fournis, ""), Suivi: []droits.SuiviFacture{rendue}})...)
	return append(l, roctest.Paire("000-suivi", droits.EchangeFactures, enveloppeDoree(), &droits.DemandeFactures{Suivi: &droits.DemandeSuivi{Apres: 5}},
		&droits.ReponseFactures{Retour: visiodroits.RetourDe(visiodroits.Fournis, ""), Suivi: []droits.SuiviFacture{p, r}})...)
}

// TestGoldenFAO compares every message with what the code writes, on both faces, and checks
// that each invoice holds by itself.
func TestGoldenFAO(t *testing.T) {
	l := situationsFAO(t)
	roctest.Verifier(t, dossierFAO, l)
	n := 0
	for i := range l {
		n += bytes.Count(l[i].JSON, []byte(`"numeroLot":"LOT1"`))
	}
	if n < 16 {
		t.Errorf("%d lots", n)
	}
	f := factureDoree(t, demandeDoree(t), "FACT1")
	if err := f.Coherence(); err != nil {
		t.Error(err)
	}
}

// TestGoldenFAOXSD has every XML message judged by xmllint with the published schema.
func TestGoldenFAOXSD(t *testing.T) {
	messages, err := filepath.Glob(filepath.Join(dossierFAO, "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	roctest.XSD(t, droits.Publication.XSD(), 34, messages...)
}
