package roc

import (
	"errors"
	"testing"

	"github.com/ecluse-sante/ecluse/sante"
)

// A return says of each invoice what its nature may say, once, and pays more than
// nothing when it pays.
func TestVerifierRetour(t *testing.T) {
	paiement := func(total sante.Montant, l ...RetourFacture) *DemandeRET {
		return &DemandeRET{Nature: RetourPaiement, Paiement: &Paiement{Total: total}, Factures: l}
	}
	sans := func(n NatureRetour, l ...RetourFacture) *DemandeRET { return &DemandeRET{Nature: n, Factures: l} }
	payee := func(numero string, m sante.Montant) RetourFacture {
		return RetourFacture{Numero: numero, Lot: "L", Etat: FacturePayee, Code: Accepte, MontantFacture: 1000, MontantPaye: m}
	}
	dite := func(e EtatFacture, c Code) RetourFacture {
		return RetourFacture{Numero: "F", Lot: "L", Etat: e, Code: c, MontantFacture: 1000}
	}
	modifier := func(x RetourFacture, f func(*RetourFacture)) RetourFacture { f(&x); return x }
	moins := sante.Montant(-1)
	for nom, x := range map[string]struct {
		d    *DemandeRET
		code Code
	}{
		"paiement":                  {paiement(300, payee("F", 100), payee("G", 200)), Accepte},
		"paiement d'une part":       {paiement(100, modifier(payee("F", 100), func(f *RetourFacture) { f.Etat, f.DejaPaye = FactureLiquidee, 50 })), Accepte},
		"même numéro, autre lot":    {paiement(200, payee("F", 100), modifier(payee("F", 100), func(f *RetourFacture) { f.Lot = "M" })), Accepte},
		"négatif qui se compense":   {paiement(100, payee("F", 300), payee("G", -200)), TotalFaux},
		"rien":                      {paiement(100, payee("F", 100), payee("G", 0)), TotalFaux},
		"dit deux fois":             {paiement(200, payee("F", 100), payee("F", 100)), Illisible},
		"total faux":                {paiement(200, payee("F", 100)), TotalFaux},
		"déjà payé négatif":         {paiement(100, modifier(payee("F", 100), func(f *RetourFacture) { f.DejaPaye = -1 })), TotalFaux},
		"facture négative":          {paiement(100, modifier(payee("F", 100), func(f *RetourFacture) { f.MontantFacture = -1 })), TotalFaux},
		"ligne payée négative":      {paiement(100, modifier(payee("F", 100), func(f *RetourFacture) { f.Lignes = []RetourLigne{{Rang: 1, Paye: &moins}} })), TotalFaux},
		"somme démesurée":           {paiement(-2, payee("F", 1<<63-1), payee("G", 1<<63-1)), TotalFaux},
		"paiement qui rejette":      {paiement(100, modifier(payee("F", 100), func(f *RetourFacture) { f.Etat = FactureRejetee })), Illisible},
		"paiement sans paiement":    {sans(RetourPaiement, payee("F", 100)), Illisible},
		"contrôle":                  {sans(RetourControle, dite(ControleOK, Accepte)), Accepte},
		"contrôle défavorable":      {sans(RetourControle, dite(ControleKO, TotalFaux)), Accepte},
		"contrôle qui dit payée":    {sans(RetourControle, dite(FacturePayee, Accepte)), Illisible},
		"contrôle qui paie":         {sans(RetourControle, modifier(dite(ControleOK, Accepte), func(f *RetourFacture) { f.MontantPaye = 1 })), TotalFaux},
		"liquidation":               {sans(RetourLiquidation, dite(FactureLiquidee, Accepte)), Accepte},
		"liquidation qui dit payée": {sans(RetourLiquidation, dite(FacturePayee, Accepte)), Illisible},
		"rejet":                     {sans(RetourRejet, dite(FactureRejetee, PiecesManquantes)), Accepte},
		"rejet sans motif":          {sans(RetourRejet, dite(FactureRejetee, Accepte)), Illisible},
		"rejet qui dit liquidée":    {sans(RetourRejet, dite(FactureLiquidee, PiecesManquantes)), Illisible},
	} {
		t.Run(nom, func(t *testing.T) {
			err := x.d.Verifier()
			var r *Refus
			switch {
			case x.code == Accepte && err != nil:
				t.Error(err)
			case x.code != Accepte && (!errors.As(err, &r) || r.Code != x.code):
				t.Errorf("%v, want %s", err, x.code)
			}
		})
	}
}

// A batch holds a number once, whatever the years: its returns name an invoice by its
// number and its batch.
func TestLotNumeroUnique(t *testing.T) {
	un := Facture{Numero: "F", Date: sante.JourDe(2025, 12, 31)}
	deux := un
	deux.Date = un.Date + 1
	var r *Refus
	if err := NouveauLot("L", deux.Date, []Facture{un, deux}).Verifier(); !errors.As(err, &r) || r.Code != FactureEnDouble {
		t.Errorf("%v", err)
	}
	deux.Numero = "G"
	if err := NouveauLot("L", deux.Date, []Facture{un, deux}).Verifier(); err != nil {
		t.Error(err)
	}
}
