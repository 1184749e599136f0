package droits_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

func valeurDe[T any](t testing.TB, lire func(string) (T, error), s string) T {
	t.Helper()
	v, err := lire(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func factureExemple(t testing.TB) *droits.FactureOfficine {
	jour := sante.JourDe(2026, time.November, 23)
	essai, err := droits.NouvelleTentative(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), valeurDe(t, droits.ParseHote, "amc.invalid"), droits.ErreurDelai, "202")
	if err != nil {
		t.Fatal(err)
	}
	f := &droits.FactureOfficine{
		Numero: "F000000417", DateSoins: jour, DateFacture: jour,
		PS:        droits.Professionnel{NumeroFacturation: valeurDe(t, sante.ParseNumeroFacturation, "752000012"), Categorie: droits.Pharmacie},
		Patient:   droits.Patient{NumeroAdherent: valeurDe(t, sante.ParseNumeroAdherent, "MB0000012"), DateNaissance: valeurDe(t, sante.ParseDateNaissance, "19840212"), RangGemellaire: 1},
		NumeroAMC: valeurDe(t, sante.ParseNumeroAMC, "99000001"), NumeroAccreditation: "A0099000001N",
		Degrade: &droits.ModeDegrade{Cause: droits.CauseOTP, Tentatives: []droits.Tentative{essai}},
		Lignes: []droits.LigneOfficine{
			{Rang: 1, Famille: calcul.FamilleMED, CodePrestation: "PH7", Quantite: calcul.Unites(2), BaseAMO: 1999, TauxAMO: sante.Pourcent(65),
				PartsOfficine: droits.PartsOfficine{Depense: 1999, AMO: 1299, AMC: 700}},
			{Rang: 2, Famille: calcul.FamilleDMI, CodePrestation: "PA", Quantite: calcul.Unites(1), BaseAMO: 1000, TauxAMO: sante.Pourcent(60),
				PartsOfficine: droits.PartsOfficine{Depense: 1500, AMO: 600, AMC: 400, Patient: 500}},
		},
		Tarification: &droits.FactureTarification{Numero: "T123", Montants: []droits.PartsFamille{{Famille: calcul.FamilleDMI, PartsOfficine: droits.PartsOfficine{Depense: 5000, AMC: 4000, Patient: 1000}}}},
	}
	f.Totaux = f.Sommes()
	return f
}

// An invoice is read as it was written, on both faces, and is kept as it came.
func TestFactureAllerRetour(t *testing.T) {
	f := factureExemple(t)
	lot := droits.NouveauLot("L1", f.DateFacture, *f)
	if lot.Total != f.Totaux.AMC || lot.Coherence() != nil {
		t.Fatalf("%+v", lot)
	}
	m := &roc.Message[droits.DemandeFactures]{Corps: &droits.DemandeFactures{Lot: lot, Suivi: &droits.DemandeSuivi{Apres: 12, Etats: []droits.EtatFacture{droits.FacturePayee}}},
		Enveloppe: roc.Enveloppe{NormeVersion: droits.Norme.Profil, Service: roc.FAO, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "1",
			Horodatage: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Environnement: roc.Test,
			Emetteur: roc.Partie{Type: roc.PS, ID: "752000012"}, Destinataire: roc.Partie{Type: roc.AMC, ID: "99000001"}}}
	p := droits.EchangeFactures.Demande
	if err := p.Verify(m); err != nil {
		t.Fatal(err)
	}
	var json, xml roc.Message[droits.DemandeFactures]
	if err := p.DecodeJSON(p.AppendJSON(nil, m), &json); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(p.AppendJSON(nil, &json), p.AppendJSON(nil, m)) {
		t.Error("JSON : autre message relu")
	}
	octets := p.AppendXML(nil, "DemandeFactures", m)
	if err := p.DecodeXML(octets, "DemandeFactures", &xml); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(p.AppendXML(nil, "DemandeFactures", &xml), octets) || !bytes.Equal(xml.Corps.Lot.Factures[0].JSON(), f.JSON()) {
		t.Error("XML : autre message relu")
	}
	relue, err := droits.LireFacture(f.JSON())
	if err != nil || !bytes.Equal(relue.JSON(), f.JSON()) {
		t.Errorf("%v", err)
	}
	r := &droits.ReponseFactures{Retour: visiodroits.RetourDe(visiodroits.Fournis, ""), NumeroLot: "L1", Factures: []droits.SuiviFacture{{
		Numero: f.Numero, DateFacture: f.DateFacture, NumeroLot: "L1", Etat: droits.FactureRefusee, Code: visiodroits.MontantDifferent, Libelle: "x", MontantAMC: 5100,
		Ecarts: []droits.EcartLigne{{Rang: 1, Facture: 700, Attendu: 600, Regle: "F01"}}}}}
	var lue droits.ReponseFactures
	if err := droits.EchangeFactures.CorpsReponse.DecodeJSON(droits.EchangeFactures.CorpsReponse.AppendJSON(nil, r), &lue); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r, &lue); d != "" {
		t.Error(d)
	}
}

// The service is sealed, always.
func TestFactureScellee(t *testing.T) {
	if droits.Norme.Ouvert(roc.FAO) {
		t.Error("une facture sans sceau serait lue")
	}
}

func TestFactureCoherence(t *testing.T) {
	if err := factureExemple(t).Coherence(); err != nil {
		t.Fatal(err)
	}
	for nom, c := range map[string]struct {
		changer func(f *droits.FactureOfficine)
		want    error
	}{
		"vide":                      {func(f *droits.FactureOfficine) { f.Lignes, f.Tarification = nil, nil }, droits.ErrFactureVide},
		"rangs":                     {func(f *droits.FactureOfficine) { f.Lignes[1].Rang = 1 }, droits.ErrFactureRangs},
		"un centime de trop":        {func(f *droits.FactureOfficine) { f.Lignes[0].AMC++; f.Totaux.AMC++ }, droits.ErrFactureSommes},
		"part négative":             {func(f *droits.FactureOfficine) { f.Lignes[0].Patient, f.Lignes[0].AMC = -10, 710 }, droits.ErrFactureSommes},
		"AMO minorée":               {func(f *droits.FactureOfficine) { f.Lignes[0].AMO -= 100; f.Lignes[0].AMC += 100 }, droits.ErrFactureAMO},
		"totaux":                    {func(f *droits.FactureOfficine) { f.Totaux.AMC--; f.Totaux.Patient++ }, droits.ErrFactureTotaux},
		"tarification fausse":       {func(f *droits.FactureOfficine) { f.Tarification.Montants[0].AMC++ }, droits.ErrFactureSommes},
		"famille tarifée deux fois": {func(f *droits.FactureOfficine) { m := &f.Tarification.Montants; *m = append(*m, (*m)[0]) }, droits.ErrFactureRangs},
		"total démesuré":            {func(f *droits.FactureOfficine) { f.Lignes[0].Depense = sante.MontantMax + 1 }, droits.ErrFactureSommes},
	} {
		f := factureExemple(t)
		c.changer(f)
		if err := f.Coherence(); !errors.Is(err, c.want) {
			t.Errorf("%s : %v, want %v", nom, err, c.want)
		}
	}
	l := droits.NouveauLot("L1", 1, *factureExemple(t))
	l.Total++
	if !errors.Is(l.Coherence(), droits.ErrLot) {
		t.Error("total du lot faux accepté")
	}
}

// Whatever the shares, one cent moved anywhere is seen.
func TestFactureAuCentime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &droits.FactureOfficine{}
		for i := range rapid.IntRange(1, 6).Draw(t, "lignes") {
			base := sante.Montant(rapid.Int64Range(0, 1_000_000).Draw(t, "base"))
			taux := sante.Taux(rapid.Int64Range(0, 10_000).Draw(t, "taux"))
			p := droits.PartsOfficine{AMO: base.Part(taux), AMC: sante.Montant(rapid.Int64Range(0, 1_000_000).Draw(t, "amc")), Patient: sante.Montant(rapid.Int64Range(0, 1_000_000).Draw(t, "patient"))}
			p.Depense = p.AMO + p.AMC + p.Patient
			f.Lignes = append(f.Lignes, droits.LigneOfficine{Rang: i + 1, BaseAMO: base, TauxAMO: taux, PartsOfficine: p})
		}
		f.Totaux = f.Sommes()
		if err := f.Coherence(); err != nil {
			t.Fatal(err)
		}
		l := &f.Lignes[rapid.IntRange(0, len(f.Lignes)-1).Draw(t, "ligne")].PartsOfficine
		m := rapid.SampledFrom([]*sante.Montant{&l.Depense, &l.AMO, &l.AMC, &l.Patient, &f.Totaux.Depense, &f.Totaux.AMO, &f.Totaux.AMC, &f.Totaux.Patient}).Draw(t, "montant")
		*m += rapid.SampledFrom([]sante.Montant{-1, 1}).Draw(t, "écart")
		if f.Coherence() == nil {
			t.Fatalf("un centime n'a pas été vu : %+v", f)
		}
	})
}

// What names a product is refused: in a name, in a number, in a code.
func TestFactureSansProduit(t *testing.T) {
	for nom, changer := range map[string]func(f *droits.FactureOfficine){
		"CIP en numéro":        func(f *droits.FactureOfficine) { f.Numero = "3400930000012" },
		"CIP en accréditation": func(f *droits.FactureOfficine) { f.NumeroAccreditation = "3400930000012" },
		"CIP en convention":    func(f *droits.FactureOfficine) { f.Convention = "X3400930000012" },
		"CIP dans une garantie": func(f *droits.FactureOfficine) {
			f.Etendue = &droits.Etendue{Garanties: []calcul.Garantie{{Codes: []string{"3400930000012"}}}}
		},
		"CIP dans le nom": func(f *droits.FactureOfficine) { f.Patient.Nom = "DUPONT 3400930000012" },
	} {
		f := factureExemple(t)
		if f.PorteDelivrance() {
			t.Fatal("la facture d'exemple parle d'un produit")
		}
		changer(f)
		if !f.PorteDelivrance() {
			t.Error(nom)
		}
	}
	f := factureExemple(t)
	f.Lignes[0].CodePrestation = "34009"
	if _, err := droits.LireFacture(f.JSON()); err == nil {
		t.Error("code de produit en code de prestation")
	}
}

func FuzzLireFacture(f *testing.F) {
	f.Add(factureExemple(f).JSON())
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := droits.LireFacture(b)
		if err != nil {
			return
		}
		y, err := droits.LireFacture(x.JSON())
		if err != nil || !bytes.Equal(x.JSON(), y.JSON()) {
			t.Fatalf("%v", err)
		}
		_, _ = x.Coherence(), x.PorteDelivrance()
	})
}
