package etablissement_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
)

// tenu is a hospital that has a comptable.
func tenu(t *testing.T) (*monde, *et.Comptable) {
	k, c := nouveau(t), &et.Comptable{}
	k.Comptable = c
	return k, c
}

func dits(t *testing.T, c *et.Comptable, l ...string) {
	t.Helper()
	if d := cmp.Diff(l, c.Dits); d != "" {
		t.Errorf("ce que le comptable entend (-attendu +dit)\n%s", d)
	}
	c.Dits = nil
}

// What an insurer owes follows its invoices: issued, acknowledged, announced as paid.
func TestLivrePaiement(t *testing.T) {
	k, c := tenu(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	dits(t, c, "émise FA-1 lot 000000001")
	k.accuser(t, d, roc.Accepte)
	k.accuser(t, d, roc.Accepte)
	dits(t, c, "accusée FA-1")
	total := d.Factures[0].Totaux.AMC
	k.retourner(t, amc1, &roc.DemandeRET{Nature: roc.RetourLiquidation, Factures: []roc.RetourFacture{dite(d, 0, roc.FactureLiquidee, roc.Accepte, 0, 0)}})
	dits(t, c)
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FactureLiquidee, roc.AvecReserve, 200, 0)))
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, total-200, 200)))
	payeur := et.Carte(t, amc1).NumeroAMC.String()
	dits(t, c, "annonce VIR-1 de "+payeur, "annonce VIR-1 de "+payeur)
	k.lire(t, v, etablissement.Payee, total)
	if c.Annonce != total {
		t.Errorf("annoncé %s", c.Annonce)
	}
}

// A payment that the book cannot hold is refused, and moves nothing.
func TestLivreRefuse(t *testing.T) {
	k, c := tenu(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	k.accuser(t, d, roc.Accepte)
	c.Refuse = roc.Refuser(roc.Illisible, "déjà enregistré")
	if r := k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, d.Factures[0].Totaux.AMC, 0))); r.CodeRetour != roc.Illisible {
		t.Errorf("acquittement %+v", r)
	}
	k.lire(t, v, etablissement.Accusee, 0)
}

// A reject extinguishes, whether it comes with the acknowledgement or in a return; a
// rectification is another debt.
func TestLivreRejet(t *testing.T) {
	k, c := tenu(t)
	v, w := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1"), k.facturee(t, k.engagee(t, "ACE-2"), "FA-2")
	d := k.partir(t)
	k.accuser(t, d, roc.AvecReserve, dite(d, 1, roc.FactureRejetee, roc.FactureEnDouble, 0, 0))
	dits(t, c, "émise FA-1 lot 000000001", "émise FA-2 lot 000000001", "accusée FA-1", "éteinte FA-2 REJET 000000001")
	rejet := &roc.DemandeRET{Nature: roc.RetourRejet, Factures: []roc.RetourFacture{dite(d, 0, roc.FactureRejetee, roc.PiecesManquantes, 0, 0)}}
	k.retourner(t, amc1, rejet)
	k.retourner(t, amc1, rejet) // told twice
	dits(t, c, "éteinte FA-1 REJET R1")
	k.lire(t, v, etablissement.Rejetee, 0)
	k.lire(t, w, etablissement.Rejetee, 0)
	if _, err := k.Corriger(ctx, rang(v, 1), agent); err != nil {
		t.Fatal(err)
	}
	k.facturee(t, v, "FA-1-BIS")
	k.partir(t)
	dits(t, c, "émise FA-1-BIS lot 000000002")
}

// A batch given up extinguishes its debts; one that had arrived puts them back.
func TestLivreLotAbandonne(t *testing.T) {
	k, c := tenu(t)
	k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	k.accuser(t, d, roc.PanneRelais)
	dits(t, c, "émise FA-1 lot 000000001", "éteinte FA-1 REJET 000000001")
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, d.Factures[0].Totaux.AMC, 0)))
	dits(t, c, "annonce VIR-1 de "+et.Carte(t, amc1).NumeroAMC.String(), "accusée FA-1", "rétablie FA-1 REJET 000000001")
}

// An annulative invoice asks for nothing; once its insurer accepts it, nothing is owed.
func TestLivreAnnulation(t *testing.T) {
	partie := func(t *testing.T) (*monde, *et.Comptable, *etablissement.Venue, *roc.DemandeDRE) {
		k, c := tenu(t)
		v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
		k.accuser(t, k.partir(t), roc.Accepte)
		if _, err := k.AnnulerFacture(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "FA-1-A"}); err != nil {
			t.Fatal(err)
		}
		a := k.partir(t)
		k.accuser(t, a, roc.Accepte)
		dits(t, c, "émise FA-1 lot 000000001", "accusée FA-1")
		return k, c, v, a
	}
	ok := func(a *roc.DemandeDRE) *roc.DemandeRET {
		return &roc.DemandeRET{Nature: roc.RetourControle, Factures: []roc.RetourFacture{dite(a, 0, roc.ControleOK, roc.Accepte, 0, 0)}}
	}
	t.Run("acceptée", func(t *testing.T) {
		k, c, _, a := partie(t)
		k.retourner(t, amc1, ok(a))
		dits(t, c, "éteinte FA-1 ANNULATION FA-1-A")
	})
	t.Run("refusée", func(t *testing.T) {
		k, c, v, a := partie(t)
		k.retourner(t, amc1, &roc.DemandeRET{Nature: roc.RetourRejet, Factures: []roc.RetourFacture{dite(a, 0, roc.FactureRejetee, roc.EngagementFacture, 0, 0)}})
		dits(t, c, "rétablie FA-1 ANNULATION FA-1-A")
		k.lire(t, v, etablissement.Accusee, 0)
	})
	t.Run("la facture rejetée avant", func(t *testing.T) {
		k, c, v, a := partie(t)
		d := k.departs.Lots[0]
		k.retourner(t, amc1, &roc.DemandeRET{Nature: roc.RetourRejet, Factures: []roc.RetourFacture{dite(d, 0, roc.FactureRejetee, roc.PiecesManquantes, 0, 0)}})
		dits(t, c, "rétablie FA-1 ANNULATION FA-1-A", "éteinte FA-1 REJET R1")
		k.retourner(t, amc1, &roc.DemandeRET{Nature: roc.RetourRejet, Factures: []roc.RetourFacture{dite(a, 0, roc.FactureRejetee, roc.EngagementFacture, 0, 0)}})
		dits(t, c)
		k.lire(t, v, etablissement.Rejetee, 0)
	})
	t.Run("acceptée, apprise après la facture suivante", func(t *testing.T) {
		k, c, v, a := partie(t)
		v, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie)
		if err != nil {
			t.Fatal(err)
		}
		k.facturee(t, k.calcul(t, v, 1, et.Consultation(t)), "FA-2")
		k.partir(t)
		k.retourner(t, amc1, ok(a))
		dits(t, c, "émise FA-2 lot 000000003", "éteinte FA-1 ANNULATION FA-1-A")
	})
	t.Run("le lot de la facture refusé, l'annulative en route", func(t *testing.T) {
		k, c := tenu(t)
		v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
		d := k.partir(t)
		if _, err := k.AnnulerFacture(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "FA-1-A"}); err != nil {
			t.Fatal(err)
		}
		k.accuser(t, d, roc.TotalFaux)
		dits(t, c, "émise FA-1 lot 000000001", "éteinte FA-1 REJET 000000001")
	})
}
