package liquidation_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// membres is a portfolio that says the same of everybody.
type membres struct {
	code    roc.Code
	contrat calcul.Contrat
}

func (m membres) DroitsDeFacture(context.Context, string, *roc.DemandeCalcul) (roc.Code, calcul.Contrat, error) {
	return m.code, m.contrat, nil
}

// parConvention is an invoice that nobody guaranteed.
func (b *banc) parConvention(t tb, dossier string, montants ...sante.Montant) *roc.Facture {
	t.Helper()
	q := b.visite(t, dossier, montants...)
	r, _, err := roc.Repartir(b.moteur, contrat(), q, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := roc.FactureDe(q, r, roc.SurConvention)
	f.Date, f.IDDossierES = jour, dossier
	return f
}

// The rights of an invoice without guarantee are controlled, and its amounts computed
// again from the contract. ref: DEC 28
func TestFactureParConvention(t *testing.T) {
	convenu := func(f sante.FINESS) bool { return f == es }
	moitie := contrat()
	for i := range moitie.Garanties {
		if g := &moitie.Garanties[i]; g.Famille == calcul.FamilleCONS {
			g.Formule = calcul.Simple(calcul.Regle{Numero: calcul.F02, P: 5000})
		}
	}
	for _, c := range []struct {
		nom        string
		convention func(sante.FINESS) bool
		membres    liquidation.Membres
		sans       bool // no computation
		code       roc.Code
	}{
		{"membre couvert, mêmes montants", convenu, membres{roc.Accepte, contrat()}, false, roc.Accepte},
		{"membre inconnu", convenu, membres{code: roc.BeneficiaireInconnu}, false, roc.BeneficiaireInconnu},
		{"droits clos", convenu, membres{code: roc.DroitsFermes}, true, roc.DroitsFermes},
		{"recalcul différent", convenu, membres{roc.Accepte, moitie}, false, roc.RecalculDifferent},
		{"recalcul différent, non demandé", convenu, membres{roc.Accepte, moitie}, true, roc.Accepte},
		{"droits que rien ne contrôle", convenu, nil, true, roc.EngagementInconnu},
		{"établissement sans convention", nil, membres{roc.Accepte, contrat()}, false, roc.EngagementInconnu},
	} {
		t.Run(c.nom, func(t *testing.T) {
			b := nouveau(t)
			b.Parametres.Convention, b.Parametres.SansRecalcul, b.Membres = c.convention, c.sans, c.membres
			f := b.parConvention(t, "DC", 2650, 5000)
			b.envoyer(t, *f)
			etat := liquidation.Rejetee
			if c.code == roc.Accepte {
				etat = liquidation.Liquidee
			}
			g := b.etat(t, f.Numero, etat, c.code)
			if g.Mention() != liquidation.SansGarantie {
				t.Errorf("mention %q", g.Mention())
			}
			if c.code == roc.RecalculDifferent && (len(g.Lignes) != 2 || g.Lignes[0].Attendu == nil || *g.Lignes[0].Attendu == g.Lignes[0].Facture) {
				t.Errorf("les deux calculs : %+v", g.Lignes)
			}
		})
	}
}

// A return written as a NOEMIE file says the same amounts when it is read.
func TestEcrireNoemie(t *testing.T) {
	d := &roc.DemandeRET{Numero: "R0123456789abcde", Nature: roc.RetourPaiement, Date: jour,
		Paiement: &roc.Paiement{DateComptable: jour, DateMandatement: jour, Payeur: amc, ReferenceVirement: strings.Repeat("V", 35), Total: 1095},
		Factures: []roc.RetourFacture{{Numero: "F-1", Lot: "000000012", Etat: roc.FacturePayee, Code: roc.Accepte, MontantFacture: 795, MontantPaye: 795},
			{Numero: "F-2", Lot: "000001000", Etat: roc.FactureLiquidee, Code: roc.PiecesManquantes, MontantFacture: 795, MontantPaye: 300}}}
	var b bytes.Buffer
	if err := liquidation.EcrireNoemie(&b, amc, es, d); err != nil {
		t.Fatal(err)
	}
	x, err := noemie.Lire(&b, noemie.Limites{})
	if err != nil || x.Entete().Reference != "578R" || x.Entete().Destinataire != es.String() {
		t.Fatalf("%+v, %v", x, err)
	}
	for i := range d.Factures {
		f, err := x.Suivante()
		if err != nil {
			t.Fatal(err)
		}
		if f.Numero != d.Factures[i].Numero || f.Montant != d.Factures[i].MontantPaye || f.Journee.Virement+f.Journee.VirementSuite != d.Paiement.ReferenceVirement ||
			f.Origine.Lot.Numero != []int{12, 1}[i] || (len(f.Rejets) > 0) != (i == 1) {
			t.Errorf("%+v", f)
		}
	}
	if _, err := x.Suivante(); err != io.EOF || !x.Bilan().Complet {
		t.Errorf("%v", err)
	}
	d.Nature, d.Paiement = roc.RetourControle, nil
	if err := liquidation.EcrireNoemie(io.Discard, amc, es, d); err == nil {
		t.Error("un contrôle n'a pas de forme NOEMIE")
	}
}

// A return that NOEMIE would change, or cannot hold, is not written there: it goes
// sealed. Nothing else is an error.
func TestNumeroSansFormeNoemie(t *testing.T) {
	for numero, ok := range map[string]bool{"F-1": true, "0012": true, "123456789": true, "A 1": true, "f-1": false, "É1": false, "F’1": false, "F@1": false,
		" F1": false, "F1 ": false, "F\n1": false, "日1": false, "0123456789ABCDEF": false} {
		for reference, lisible := range map[string]bool{"VIR": true, "日": false, strings.Repeat("V", 31) + "ée": false} {
			d := &roc.DemandeRET{Numero: "R0123456789abcde", Nature: roc.RetourPaiement, Date: jour,
				Paiement: &roc.Paiement{DateComptable: jour, DateMandatement: jour, Payeur: amc, ReferenceVirement: reference, Total: 795},
				Factures: []roc.RetourFacture{{Numero: numero, Lot: "000000012", Etat: roc.FacturePayee, Code: roc.Accepte, MontantFacture: 795, MontantPaye: 795}}}
			var b bytes.Buffer
			err := liquidation.EcrireNoemie(&b, amc, es, d)
			if !ok || !lisible {
				if !errors.Is(err, liquidation.ErrSansFichier) {
					t.Errorf("%q, %q : %v", numero, reference, err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%q, %q : %v", numero, reference, err)
			}
			x, err := noemie.Lire(&b, noemie.Limites{})
			if err != nil {
				t.Fatal(err)
			}
			if f, err := x.Suivante(); err != nil || f.Numero != numero {
				t.Errorf("%q relu : %+v, %v", numero, f, err)
			}
		}
	}
}

// membresComptes tells who was looked for, and for whom.
type membresComptes struct {
	membres
	scelleurs *[]string
}

func (m membresComptes) DroitsDeFacture(ctx context.Context, scelleur string, d *roc.DemandeCalcul) (roc.Code, calcul.Contrat, error) {
	*m.scelleurs = append(*m.scelleurs, scelleur)
	return m.membres.DroitsDeFacture(ctx, scelleur, d)
}

// A person is looked for in the name of who sealed the batch, and only for a hospital
// that may invoice without guarantee; one tried too often is told so, and may be
// invoiced again later.
func TestConventionDevinette(t *testing.T) {
	b := conventionne(t)
	var scelleurs []string
	b.Membres = membresComptes{membres{roc.Accepte, contrat()}, &scelleurs}
	b.envoyer(t, *b.parConvention(t, "D1", 3000), *b.parConvention(t, "D2", 3000), *b.engager(t, "D3", false, 3000))
	if len(scelleurs) != 2 || scelleurs[0] == "" || scelleurs[0] != scelleurs[1] {
		t.Errorf("cherchés pour %q", scelleurs)
	}
	b.Membres = membresComptes{membres{code: roc.Quota}, &scelleurs}
	f := b.parConvention(t, "D4", 3000)
	b.envoyer(t, *f)
	if x := b.etat(t, f.Numero, liquidation.Rejetee, roc.Quota); !strings.Contains(x.Precision, "renvoie sa facture plus tard") {
		t.Errorf("« %s »", x.Precision)
	}
	b.Membres = membresComptes{membres{roc.Accepte, contrat()}, &scelleurs}
	b.envoyer(t, renommer(f, "R-4", roc.Rectificative, f.Numero))
	b.etat(t, "R-4", liquidation.Liquidee, roc.Accepte)
	avant := len(scelleurs)
	b.Parametres.Convention = nil
	b.envoyer(t, *b.parConvention(t, "D5", 3000))
	if len(scelleurs) != avant {
		t.Error("une personne est cherchée pour un établissement sans convention")
	}
}
