package etablissement_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
)

// What is paid closes by itself after a while, and stays what it was for the ranks
// above; what comes late changes nothing and is told.
func TestCloreSoldees(t *testing.T) {
	k := nouveau(t)
	v, w := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1"), k.facturee(t, k.engagee(t, "ACE-2"), "FA-2")
	d := k.partir(t)
	k.accuser(t, d, roc.Accepte)
	total := d.Factures[0].Totaux.AMC
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0)))
	if n, err := k.CloreSoldees(ctx, et.Midi); n != 0 || err != nil {
		t.Errorf("trop tôt : %d, %v", n, err)
	}
	k.avancer(31 * 24 * time.Hour)
	if n, err := k.CloreSoldees(ctx, et.Midi.Add(24*time.Hour)); n != 1 || err != nil {
		t.Errorf("%d closes, %v, want 1", n, err)
	}
	cv := k.lire(t, v, etablissement.Close, total)
	if f := cv.Fermeture; f == nil || f.Avant != etablissement.Payee || f.Perte != 0 || f.Motif != "" {
		t.Errorf("%+v", f)
	}
	k.lire(t, w, etablissement.Accusee, 0)
	// The acknowledgement of its batch, and the payment told again, come late.
	k.accuser(t, d, roc.Accepte)
	if r := k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0))); r.CodeRetour != roc.AvecReserve || r.Connues != 0 {
		t.Errorf("acquittement %+v", r)
	}
	k.lire(t, v, etablissement.Close, total)
	if _, err := k.Clore(ctx, rang(v, 1), agent, ""); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("close deux fois : %v", err)
	}
	if _, err := k.ModifierCouverture(ctx, v.ID, agent, 1, et.Carte(t, amc2)); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("carte d'une couverture close : %v", err)
	}
}

// A rank above is calculated on what a closed one paid.
func TestRangApresCloture(t *testing.T) {
	k := nouveau(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	total := d.Factures[0].Totaux.AMC
	k.accuser(t, d, roc.Accepte)
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total, 0)))
	v, err := k.Clore(ctx, rang(v, 1), agent, "")
	if err != nil {
		t.Fatal(err)
	}
	if v, err = k.AjouterCouverture(ctx, v.ID, agent, 2, et.Carte(t, amc2)); err != nil {
		t.Fatal(err)
	}
	v = k.calcul(t, k.droits(t, v, 2), 2, et.Consultation(t))
	cite := v.Couvertures[1].Calcul.Demande.RangsInferieurs
	if len(cite) != 1 || cite[0].Montants[0].Montant != total {
		t.Errorf("rang inférieur cité %+v, want %s", cite, total)
	}
}

// A person gives up what is not paid, and says why: the loss is written.
func TestClorePerte(t *testing.T) {
	k := nouveau(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	if _, err := k.Clore(ctx, rang(v, 1), agent, "perte"); !errors.Is(err, etablissement.ErrTransition) {
		t.Errorf("facture en route : %v", err)
	}
	d := k.partir(t)
	k.accuser(t, d, roc.Accepte)
	total := d.Factures[0].Totaux.AMC
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FactureLiquidee, roc.AvecReserve, 200, 0)))
	for _, motif := range []string{"", " ", "deux\nlignes", "vu avec 1 85 05 78 006 084"} {
		if _, err := k.Clore(ctx, rang(v, 1), agent, motif); !errors.Is(err, etablissement.ErrDonnees) {
			t.Errorf("motif %q : %v", motif, err)
		}
	}
	v, err := k.Clore(ctx, rang(v, 1), agent, "AMC en liquidation judiciaire")
	if err != nil {
		t.Fatal(err)
	}
	cv := k.lire(t, v, etablissement.Close, 200)
	if f := cv.Fermeture; f.Perte != total-200 || f.Avant != etablissement.PayeePartiellement || f.Motif != "AMC en liquidation judiciaire" {
		t.Errorf("%+v", f)
	}
	// What is paid all the same is said not to be expected.
	if r := k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total-200, 200))); r.CodeRetour != roc.AvecReserve {
		t.Errorf("acquittement %+v", r)
	}
	k.lire(t, v, etablissement.Close, 200)
}
