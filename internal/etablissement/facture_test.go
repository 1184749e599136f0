package etablissement_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

// engagee is a visit whose rank 1 is engaged.
func (k *monde) engagee(t testing.TB, dossier string) *etablissement.Venue {
	t.Helper()
	v := k.droits(t, k.venue(t, et.ACE(t, dossier), amc1), 1)
	v = k.calcul(t, v, 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.Engagee)
	return v
}

func (k *monde) facturee(t testing.TB, v *etablissement.Venue, numero string) *etablissement.Venue {
	t.Helper()
	v, err := k.Facturer(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: numero})
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.Facturee)
	return v
}

// partir sends the invoices that wait, and gives the last batch.
func (k *monde) partir(t testing.TB) *roc.DemandeDRE {
	t.Helper()
	if _, err := k.FormerLots(ctx); err != nil {
		t.Fatal(err)
	}
	d := k.departs.Lots[len(k.departs.Lots)-1]
	if err := d.Verifier(); err != nil {
		t.Fatal(err)
	}
	for i := range d.Factures {
		if err := d.Factures[i].Coherence(); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// accuser acknowledges a batch, some invoices refused.
func (k *monde) accuser(t testing.TB, d *roc.DemandeDRE, code roc.Code, refusees ...roc.RetourFacture) {
	t.Helper()
	if err := k.RecevoirAccuse(ctx, d.Lot.Numero, &roc.ReponseDRE{Retour: roc.RetourDe(code, ""), NumeroLot: d.Lot.Numero, Refusees: refusees}); err != nil {
		t.Fatal(err)
	}
}

// retourner gives a return, sealed, as the gate does.
func (k *monde) retourner(t testing.TB, amc string, d *roc.DemandeRET) *roc.ReponseRET {
	t.Helper()
	r, err := k.RecevoirRetour(ctx, k.ouvrir(t, amc, d))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (k *monde) ouvrir(t testing.TB, amc string, d *roc.DemandeRET) sceau.Opened[roc.Message[roc.DemandeRET]] {
	t.Helper()
	d.Numero, d.Date = fmt.Sprintf("R%d", len(d.Factures)), et.Jour(t, "2026-05-06")
	m := &roc.Message[roc.DemandeRET]{Corps: d, Enveloppe: roc.Enveloppe{NormeVersion: roc.Profil, Service: roc.RET, Sens: roc.Question,
		IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), IDDossierES: "-", Horodatage: et.Midi, Environnement: roc.Test,
		Emetteur: roc.Partie{Type: roc.AMC, ID: et.Carte(t, amc).NumeroAMC.String()}, Destinataire: roc.Partie{Type: roc.ES, ID: "750712184"}}}
	return sceautest.Ouvrir(t, "1775671993", et.Midi, roc.EchangeRET.Demande.AppendJSON(nil, m), roc.EchangeRET.Demande.DecodeJSON)
}

func dite(d *roc.DemandeDRE, n int, e roc.EtatFacture, code roc.Code, paye, deja sante.Montant) roc.RetourFacture {
	f := &d.Factures[n]
	return roc.RetourFacture{Numero: f.Numero, Lot: d.Lot.Numero, Etat: e, Code: code, MontantFacture: f.Totaux.AMC, MontantPaye: paye, DejaPaye: deja}
}

func payer(d *roc.DemandeDRE, l ...roc.RetourFacture) *roc.DemandeRET {
	p := &roc.Paiement{DateComptable: d.Lot.Date, DateMandatement: d.Lot.Date, Payeur: d.Factures[0].Calcul.Carte.NumeroAMC, ReferenceVirement: "VIR-1"}
	for _, x := range l {
		p.Total += x.MontantPaye
	}
	return &roc.DemandeRET{Nature: roc.RetourPaiement, Paiement: p, Factures: l}
}

func (k *monde) lire(t testing.TB, v *etablissement.Venue, e etablissement.Etat, paye sante.Montant) *etablissement.Couverture {
	t.Helper()
	v, err := k.Venue(ctx, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, e)
	cv := v.Couverture(1)
	if cv.Facture.Paye != paye {
		t.Errorf("payé %s, want %s", cv.Facture.Paye, paye)
	}
	return cv
}

// From the guarantee to the money: the invoice is what was engaged, to the cent.
func TestFacturePayee(t *testing.T) {
	k := nouveau(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	f := &d.Factures[0]
	if f.Totaux.AMC != *v.Couvertures[0].Calcul.Reponse.TotalAMC || f.NumeroEngagement != v.Couvertures[0].Calcul.Reponse.NumeroEngagement ||
		f.Nature != roc.Initiale || f.IDDossierES != "ACE-1" || f.Numero != "FA-1" {
		t.Errorf("facture %+v", f)
	}
	if !f.Calcul.Beneficiaire.NIRBeneficiaire.IsZero() || !f.Calcul.Beneficiaire.NIRAssure.IsZero() {
		t.Error("le NIR est dans la facture")
	}
	if n, err := k.FormerLots(ctx); n != 0 || err != nil {
		t.Errorf("partie deux fois : %d, %v", n, err)
	}
	k.accuser(t, d, roc.Accepte)
	k.accuser(t, d, roc.Accepte) // the acknowledgement came twice
	k.lire(t, v, etablissement.Accusee, 0)
	total := f.Totaux.AMC
	if r := k.retourner(t, amc1, payer(d, dite(d, 0, roc.FactureLiquidee, roc.AvecReserve, 200, 0))); r.CodeRetour != roc.Accepte || r.Connues != 1 {
		t.Errorf("acquittement %+v", r)
	}
	k.lire(t, v, etablissement.PayeePartiellement, 200)
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FactureLiquidee, roc.AvecReserve, 200, 0))) // another return says the same payment
	k.lire(t, v, etablissement.PayeePartiellement, 200)
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total-200, 200)))
	cv := k.lire(t, v, etablissement.Payee, total)
	if cv.Facture.Virement != "VIR-1" {
		t.Errorf("virement %q", cv.Facture.Virement)
	}
	if _, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie); !estCode(err, roc.EngagementFacture) {
		t.Errorf("annuler une facture payée : %v", err)
	}
}

// A rejected invoice is corrected: sent again when only formal data are at fault,
// calculated anew when the amounts change.
func TestFactureRejetee(t *testing.T) {
	k := nouveau(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	k.accuser(t, d, roc.Accepte)
	rejet := func(d *roc.DemandeDRE, code roc.Code) {
		t.Helper()
		k.retourner(t, amc1, &roc.DemandeRET{Nature: roc.RetourRejet, Factures: []roc.RetourFacture{dite(d, 0, roc.FactureRejetee, code, 0, 0)}})
	}
	rejet(d, roc.PiecesManquantes)
	k.lire(t, v, etablissement.Rejetee, 0)
	if _, err := k.Corriger(ctx, rang(v, 1), agent); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Facturer(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "FA-1"}); !estCode(err, roc.FactureEnDouble) {
		t.Errorf("même numéro : %v", err)
	}
	k.facturee(t, v, "FA-2")
	d = k.partir(t)
	if f := &d.Factures[0]; f.Nature != roc.Rectificative || f.FactureCorrigee != "FA-1" {
		t.Errorf("%s de %q", f.Nature, f.FactureCorrigee)
	}
	k.accuser(t, d, roc.Accepte)
	rejet(d, roc.MontantDifferent)
	if _, err := k.Corriger(ctx, rang(v, 1), agent); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("renvoyer les mêmes montants : %v", err)
	}
	if _, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie); err != nil {
		t.Fatal(err)
	}
	v, err := k.Venue(ctx, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	v = k.calcul(t, v, 1, et.Consultation(t))
	k.facturee(t, v, "FA-3")
	d = k.partir(t)
	if f := &d.Factures[0]; f.Nature != roc.Rectificative || f.FactureCorrigee != "FA-2" {
		t.Errorf("%s de %q", f.Nature, f.FactureCorrigee)
	}
}

// A batch refused, or an invoice of it, is rejected at once.
func TestLotRefuse(t *testing.T) {
	k := nouveau(t)
	v, w := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1"), k.facturee(t, k.engagee(t, "ACE-2"), "FA-2")
	d := k.partir(t)
	if len(d.Factures) != 2 {
		t.Fatalf("%d factures dans le lot", len(d.Factures))
	}
	k.accuser(t, d, roc.AvecReserve, dite(d, 1, roc.FactureRejetee, roc.FactureEnDouble, 0, 0))
	k.lire(t, v, etablissement.Accusee, 0)
	if cv := k.lire(t, w, etablissement.Rejetee, 0); cv.Code != roc.FactureEnDouble {
		t.Errorf("code %s", cv.Code)
	}
	x := k.facturee(t, k.engagee(t, "ACE-3"), "FA-3")
	k.accuser(t, k.partir(t), roc.TotalFaux)
	k.lire(t, x, etablissement.Rejetee, 0)
	// The insurer never held it: the next takes its place, and corrects nothing.
	if _, err := k.Corriger(ctx, rang(x, 1), agent); err != nil {
		t.Fatal(err)
	}
	k.facturee(t, x, "FA-3-BIS")
	d = k.partir(t)
	if f := &d.Factures[0]; f.Nature != roc.Initiale || f.FactureCorrigee != "" {
		t.Errorf("%s de %q", f.Nature, f.FactureCorrigee)
	}
}

// An invoice taken back lets its engagement be cancelled.
func TestFactureAnnulee(t *testing.T) {
	k := nouveau(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	k.accuser(t, k.partir(t), roc.Accepte)
	v, err := k.AnnulerFacture(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "FA-1-A"})
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.FactureAnnulee)
	d := k.partir(t)
	if f := &d.Factures[0]; f.Nature != roc.Annulative || f.FactureCorrigee != "FA-1" || d.Lot.Total != -f.Totaux.AMC {
		t.Errorf("%s de %q, lot de %s", f.Nature, f.FactureCorrigee, d.Lot.Total)
	}
	k.accuser(t, d, roc.Accepte)
	if v, err = k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie); err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.Annulee)
}

// An annulation that the insurer refuses, or that a payment crosses, leaves the
// invoice as it was; one that is on its way still holds the engagement.
func TestAnnulationCroisee(t *testing.T) {
	partie := func(t *testing.T) (*monde, *etablissement.Venue, *roc.DemandeDRE, *roc.DemandeDRE) {
		k := nouveau(t)
		v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
		d := k.partir(t)
		k.accuser(t, d, roc.Accepte)
		v, err := k.AnnulerFacture(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "FA-1-A"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie); !errors.Is(err, etablissement.ErrTransition) {
			t.Errorf("engagement rendu avant la facture : %v", err)
		}
		return k, v, d, k.partir(t)
	}
	paiement := func(d *roc.DemandeDRE) *roc.DemandeRET {
		return payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, d.Factures[0].Totaux.AMC, 0))
	}
	rejet := func(a *roc.DemandeDRE) *roc.DemandeRET {
		return &roc.DemandeRET{Nature: roc.RetourRejet, Factures: []roc.RetourFacture{dite(a, 0, roc.FactureRejetee, roc.EngagementFacture, 0, 0)}}
	}
	t.Run("payée avant", func(t *testing.T) {
		k, v, d, a := partie(t)
		k.retourner(t, amc1, paiement(d))
		k.lire(t, v, etablissement.Payee, d.Factures[0].Totaux.AMC)
		k.accuser(t, a, roc.Accepte)
		k.retourner(t, amc1, rejet(a))
		k.lire(t, v, etablissement.Payee, d.Factures[0].Totaux.AMC)
	})
	t.Run("rejetée, puis payée", func(t *testing.T) {
		k, v, d, a := partie(t)
		k.accuser(t, a, roc.Accepte)
		k.retourner(t, amc1, rejet(a))
		if cv := k.lire(t, v, etablissement.Accusee, 0); cv.Facture.Numero != "FA-1" || cv.FactureAvant != nil {
			t.Errorf("suivi de %s", cv.Facture.Numero)
		}
		k.retourner(t, amc1, paiement(d))
		k.lire(t, v, etablissement.Payee, d.Factures[0].Totaux.AMC)
	})
	t.Run("la facture rejetée avant", func(t *testing.T) {
		k, v, d, a := partie(t)
		k.retourner(t, amc1, &roc.DemandeRET{Nature: roc.RetourRejet, Factures: []roc.RetourFacture{dite(d, 0, roc.FactureRejetee, roc.PiecesManquantes, 0, 0)}})
		if cv := k.lire(t, v, etablissement.Rejetee, 0); cv.Code != roc.PiecesManquantes || cv.Facture.Numero != "FA-1" {
			t.Errorf("%s %s", cv.Facture.Numero, cv.Code)
		}
		k.accuser(t, a, roc.Accepte)
		k.retourner(t, amc1, rejet(a))
		k.lire(t, v, etablissement.Rejetee, 0)
	})
	t.Run("refusée à la réception", func(t *testing.T) {
		k, v, _, a := partie(t)
		k.accuser(t, a, roc.TotalFaux)
		k.lire(t, v, etablissement.Accusee, 0)
	})
	t.Run("rendue", func(t *testing.T) {
		k, v, _, a := partie(t)
		k.retourner(t, amc1, &roc.DemandeRET{Nature: roc.RetourControle, Factures: []roc.RetourFacture{dite(a, 0, roc.ControleOK, roc.Accepte, 0, 0)}})
		k.accuser(t, a, roc.Accepte)
		v, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie)
		if err != nil {
			t.Fatal(err)
		}
		attendre(t, v, 1, etablissement.Annulee)
	})
}

// The invoice and its annulative may share a batch, in any order.
func TestAnnulativeDuMemeLot(t *testing.T) {
	for _, numero := range []string{"A-AVANT", "Z-APRES"} {
		k := nouveau(t)
		v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
		if _, err := k.AnnulerFacture(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: numero}); err != nil {
			t.Fatal(err)
		}
		d := k.partir(t)
		n := 0
		for i := range d.Factures {
			if d.Factures[i].Numero == numero {
				n = i
			}
		}
		k.accuser(t, d, roc.AvecReserve, dite(d, n, roc.FactureRejetee, roc.MontantDifferent, 0, 0))
		if cv := k.lire(t, v, etablissement.Accusee, 0); cv.Facture.Numero != "FA-1" {
			t.Errorf("suivi de %s", cv.Facture.Numero)
		}
	}
}

// Nothing is invoiced without a guarantee, nor once it is over.
func TestFacturerSansGarantie(t *testing.T) {
	k := nouveau(t)
	v := k.droits(t, k.venue(t, et.ACE(t, "ACE-1"), amc1), 1)
	if _, err := k.Facturer(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "FA-1"}); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("sans calcul : %v", err)
	}
	v = k.engagee(t, "ACE-2")
	if _, err := k.Facturer(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "FA-2", Date: et.Jour(t, "2030-01-01")}); !estCode(err, roc.DatesIncoherentes) {
		t.Errorf("date à venir : %v", err)
	}
	k.avancer(200 * 24 * time.Hour)
	if _, err := k.Facturer(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "FA-2"}); !estCode(err, roc.EngagementExpire) {
		t.Errorf("garantie expirée : %v", err)
	}
}

// A return that overtakes the acknowledgement of its batch is heard.
func TestRetourAvantAccuse(t *testing.T) {
	k := nouveau(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	total := d.Factures[0].Totaux.AMC
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0)))
	k.lire(t, v, etablissement.Payee, total)
	k.accuser(t, d, roc.Accepte)
	k.lire(t, v, etablissement.Payee, total)
	// Another insurer says nothing of this invoice.
	autre := payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0))
	autre.Paiement.Payeur = et.Carte(t, amc2).NumeroAMC
	if r := k.retourner(t, amc2, autre); r.Connues != 0 || r.CodeRetour != roc.AvecReserve {
		t.Errorf("acquittement %+v", r)
	}
}

// Money that no invoice expects is never said to be filed; a payment told twice is
// counted once.
func TestPaiementSousReserve(t *testing.T) {
	k := nouveau(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	k.accuser(t, d, roc.Accepte)
	total := d.Factures[0].Totaux.AMC
	if r := k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, 1, total-1))); r.Connues != 0 || r.CodeRetour != roc.AvecReserve {
		t.Errorf("le second paiement avant le premier : %+v", r)
	}
	k.lire(t, v, etablissement.Accusee, 0)
	if r := k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0))); r.Connues != 1 || r.CodeRetour != roc.Accepte {
		t.Errorf("acquittement %+v", r)
	}
	if r := k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0))); r.Connues != 0 || r.CodeRetour != roc.AvecReserve {
		t.Errorf("payée deux fois : %+v", r)
	}
	k.lire(t, v, etablissement.Payee, total)
}

// A batch given up here may have arrived there: what its insurer says of it counts.
func TestLotAbandonneArrive(t *testing.T) {
	k := nouveau(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	k.accuser(t, d, roc.PanneRelais)
	k.lire(t, v, etablissement.Rejetee, 0)
	total := d.Factures[0].Totaux.AMC
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0)))
	k.lire(t, v, etablissement.Payee, total)
}

// An insurer for which nothing can leave does not hold the others back, and its
// invoices leave once it is mended.
func TestLotImpossible(t *testing.T) {
	k := nouveau(t)
	k.facturee(t, k.engagee(t, "ACE-1"), "FA-1") // the first in the row
	v := k.calcul(t, k.droits(t, k.venue(t, et.ACE(t, "ACE-2"), amc2), 1), 1, et.Consultation(t))
	k.facturee(t, v, "FA-2")
	k.departs.Refuse = et.Carte(t, amc1).NumeroAMC.String()
	for range 2 {
		if _, err := k.FormerLots(ctx); !errors.Is(err, et.ErrDepart) {
			t.Fatalf("%v, want %v", err, et.ErrDepart)
		}
		if l := k.departs.Lots; len(l) != 1 || l[0].Factures[0].Numero != "FA-2" {
			t.Fatalf("%d lots partis", len(l))
		}
	}
	k.departs.Refuse = ""
	if n, err := k.FormerLots(ctx); n != 1 || err != nil || k.departs.Lots[1].Factures[0].Numero != "FA-1" {
		t.Fatalf("%d lots, %v", n, err)
	}
}

// A batch is bounded by what a message carries; every invoice leaves once.
func TestLotsBornes(t *testing.T) {
	k := nouveau(t)
	const n = 260
	for i := range n {
		k.facturee(t, k.engagee(t, fmt.Sprintf("ACE-%d", i)), fmt.Sprintf("FA-%d", i))
	}
	if _, err := k.FormerLots(ctx); err != nil {
		t.Fatal(err)
	}
	vues := map[string]bool{}
	for _, d := range k.departs.Lots {
		octets := len(roc.EchangeDRE.CorpsDemande.AppendJSON(nil, d))
		if err := d.Verifier(); err != nil || octets > 300_000 {
			t.Errorf("lot de %d factures, %d octets, %v", len(d.Factures), octets, err)
		}
		for i := range d.Factures {
			vues[d.Factures[i].Numero] = true
		}
	}
	if len(vues) != n || len(k.departs.Lots) < 2 {
		t.Errorf("%d factures parties en %d lots, want %d", len(vues), len(k.departs.Lots), n)
	}
}

// An annulative whose batch was given up here may have arrived there: the insurer
// then lets the invoice go, and its word counts.
func TestAnnulativeAbandonneeArrivee(t *testing.T) {
	controle := func(a *roc.DemandeDRE, e roc.EtatFacture, code roc.Code) *roc.DemandeRET {
		return &roc.DemandeRET{Nature: roc.RetourControle, Factures: []roc.RetourFacture{dite(a, 0, e, code, 0, 0)}}
	}
	annuler := func(t *testing.T, k *monde, v *etablissement.Venue, numero string) *roc.DemandeDRE {
		t.Helper()
		if _, err := k.AnnulerFacture(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: numero}); err != nil {
			t.Fatal(err)
		}
		return k.partir(t)
	}
	partie := func(t *testing.T, accusee bool) (*monde, *etablissement.Venue, *roc.DemandeDRE, *roc.DemandeDRE) {
		k := nouveau(t)
		v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
		d := k.partir(t)
		if accusee {
			k.accuser(t, d, roc.Accepte)
		}
		a := annuler(t, k, v, "FA-1-A")
		k.accuser(t, a, roc.PanneRelais)
		return k, v, d, a
	}
	rendue := func(t *testing.T, k *monde, v *etablissement.Venue, numero string) {
		t.Helper()
		cv := k.lire(t, v, etablissement.FactureAnnulee, 0)
		if cv.Facture.Numero != numero || cv.Annulative != nil || cv.Facture.Notifiee != roc.ControleOK {
			t.Errorf("suivi de %s, annoncée %s, %+v", cv.Facture.Numero, cv.Facture.Notifiee, cv.Annulative)
		}
		v, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie)
		if err != nil {
			t.Fatal(err)
		}
		attendre(t, v, 1, etablissement.Annulee)
	}
	t.Run("arrivée", func(t *testing.T) {
		k, v, _, a := partie(t, true)
		k.lire(t, v, etablissement.Accusee, 0)
		k.retourner(t, amc1, controle(a, roc.ControleOK, roc.Accepte))
		rendue(t, k, v, "FA-1-A")
	})
	t.Run("arrivée avant l'accusé de la facture", func(t *testing.T) {
		k, v, d, a := partie(t, false)
		k.accuser(t, d, roc.Accepte)
		k.lire(t, v, etablissement.Accusee, 0)
		k.retourner(t, amc1, controle(a, roc.ControleOK, roc.Accepte))
		rendue(t, k, v, "FA-1-A")
	})
	t.Run("arrivée et rejetée", func(t *testing.T) {
		k, v, d, a := partie(t, true)
		k.retourner(t, amc1, controle(a, roc.ControleKO, roc.EngagementFacture))
		total := d.Factures[0].Totaux.AMC
		k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0)))
		if cv := k.lire(t, v, etablissement.Payee, total); cv.Annulative != nil {
			t.Errorf("encore attendue : %+v", cv.Annulative)
		}
	})
	t.Run("jamais arrivée", func(t *testing.T) {
		k, v, d, _ := partie(t, true)
		total := d.Factures[0].Totaux.AMC
		k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0)))
		k.lire(t, v, etablissement.Payee, total)
	})
	t.Run("arrivée après une seconde, que l'AMC rejette", func(t *testing.T) {
		k, v, _, a := partie(t, true)
		b := annuler(t, k, v, "FA-1-B")
		k.accuser(t, b, roc.Accepte)
		k.retourner(t, amc1, controle(a, roc.ControleOK, roc.Accepte))
		k.retourner(t, amc1, controle(b, roc.ControleKO, roc.EngagementFacture))
		k.retourner(t, amc1, &roc.DemandeRET{Nature: roc.RetourRejet, Factures: []roc.RetourFacture{dite(b, 0, roc.FactureRejetee, roc.EngagementFacture, 0, 0)}})
		rendue(t, k, v, "FA-1-A")
	})
	t.Run("avec sa facture, dans un lot abandonné", func(t *testing.T) {
		k := nouveau(t)
		v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
		d := annuler(t, k, v, "FA-1-A")
		k.accuser(t, d, roc.PanneRelais)
		l := []roc.RetourFacture{dite(d, 0, roc.ControleOK, roc.Accepte, 0, 0), dite(d, 1, roc.ControleOK, roc.Accepte, 0, 0)}
		k.retourner(t, amc1, &roc.DemandeRET{Nature: roc.RetourControle, Factures: l})
		rendue(t, k, v, "FA-1-A")
	})
}
