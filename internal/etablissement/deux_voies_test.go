package etablissement_test

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// A part paid, told by a sealed return and by a file, is counted once, here and by the
// comptable, whichever comes first; another payment of the same amount is counted.
func TestPaiementDitParDeuxVoies(t *testing.T) {
	const part = sante.Montant(300)
	for _, premier := range []string{"scellé", "fichier"} {
		t.Run(premier+" d'abord", func(t *testing.T) {
			k := nouveauParFichier(t, 2)
			livre := &et.Comptable{}
			k.Comptable = livre
			_, l, err := k.depot.Lot(ctx, k.departs.Remis[0].Numero)
			if err != nil {
				t.Fatal(err)
			}
			amc := et.Carte(t, horsLigne).NumeroAMC
			deja := map[string]sante.Montant{}
			scelle := func(virement string) *roc.ReponseRET {
				d := &roc.DemandeRET{Nature: roc.RetourPaiement, Paiement: &roc.Paiement{DateComptable: et.Jour(t, "2026-05-06"),
					DateMandatement: et.Jour(t, "2026-05-06"), Payeur: amc, ReferenceVirement: virement}}
				for _, f := range l {
					d.Factures = append(d.Factures, roc.RetourFacture{Numero: f.Numero, Lot: f.Lot, Etat: roc.FactureLiquidee, Code: roc.AvecReserve,
						MontantFacture: 795, MontantPaye: part, DejaPaye: deja[f.Numero]})
					d.Paiement.Total += part
					deja[f.Numero] += part
				}
				return k.retourner(t, horsLigne, d)
			}
			fichier := func(virement string) *etablissement.FichierRecu {
				r := k.retour("578R")
				r.factures = []noemie.Facture{k.ligne(t, 0, part, virement)} // of the two, one only
				return k.lireFichier(t, r.octets(t))
			}
			if premier == "scellé" {
				if r := scelle("VIR-1"); r.Connues != 2 {
					t.Errorf("%+v", r)
				}
				if f := fichier("VIR-1"); f.Chargees != 0 || f.Refus[0].Code != string(etablissement.FactureDejaDite) {
					t.Errorf("%+v", f)
				}
			} else {
				if f := fichier("VIR-1"); f.Chargees != 1 {
					t.Errorf("%+v", f)
				}
				if r := scelle("VIR-1"); r.Connues != 2 || r.CodeRetour != roc.Accepte {
					t.Errorf("%+v", r)
				}
			}
			for i := range 2 {
				if cv := k.etat(t, i, etablissement.PayeePartiellement, part); cv.Facture.Preuve != "" {
					t.Errorf("preuve %q d'un paiement scellé", cv.Facture.Preuve)
				}
			}
			if livre.Annonce != 2*part {
				t.Errorf("annoncé %s, want %s", livre.Annonce, 2*part)
			}
			if f := fichier("VIR-2"); f.Chargees != 1 {
				t.Errorf("%+v", f)
			}
			k.etat(t, 0, etablissement.PayeePartiellement, 2*part)
			if livre.Annonce != 3*part {
				t.Errorf("annoncé %s, want %s", livre.Annonce, 3*part)
			}
		})
	}
}

// A sealed payment that the comptable refuses leaves the way free for a file.
func TestPaiementScelleRefusePuisFichier(t *testing.T) {
	k := nouveauParFichier(t, 1)
	livre := &et.Comptable{Refuse: roc.Refuser(roc.Illisible, "déjà enregistré")}
	k.Comptable = livre
	_, l, err := k.depot.Lot(ctx, k.departs.Remis[0].Numero)
	if err != nil {
		t.Fatal(err)
	}
	jour := et.Jour(t, "2026-05-06")
	r := k.retourner(t, horsLigne, &roc.DemandeRET{Nature: roc.RetourPaiement,
		Paiement: &roc.Paiement{DateComptable: jour, DateMandatement: jour, Payeur: et.Carte(t, horsLigne).NumeroAMC, ReferenceVirement: "VIR", Total: 795},
		Factures: []roc.RetourFacture{{Numero: l[0].Numero, Lot: l[0].Lot, Etat: roc.FacturePayee, Code: roc.Accepte, MontantFacture: 795, MontantPaye: 795}}})
	if r.CodeRetour != roc.Illisible {
		t.Errorf("%+v", r)
	}
	livre.Refuse = nil
	x := k.retour("578R")
	x.factures = []noemie.Facture{k.ligne(t, 0, 795, "VIR")}
	if f := k.lireFichier(t, x.octets(t)); f.Chargees != 1 || livre.Annonce != 795 {
		t.Errorf("%+v, annoncé %s", f, livre.Annonce)
	}
}
