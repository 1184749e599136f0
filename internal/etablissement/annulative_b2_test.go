package etablissement_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/noemie"
	"github.com/ecluse-sante/ecluse/roc"
)

// rejeter tells by file that an annulative is refused.
func (k *parFichier) rejeter(t testing.TB, lot int, numero string) {
	t.Helper()
	r := k.retour("908R")
	x := k.ligne(t, 0, -795, "", noemie.Rejet{Code: "A012", Libelle: "MOTIF", Portee: "F", Part: "C"})
	x.Numero = k.referenceDe(t, lot, numero)
	r.factures = []noemie.Facture{x}
	if f := k.lireFichier(t, r.octets(t)); f.Chargees != 1 {
		t.Fatalf("%+v", f)
	}
}

// An invoice handed over as a file is held: when its annulation is refused it stands,
// whichever is told first.
func TestAnnulationRefuseeParFichier(t *testing.T) {
	for _, remise := range []string{"avant", "après"} {
		t.Run("remise "+remise, func(t *testing.T) {
			k := nouveauParFichier(t, 1)
			v := k.venues[0]
			remettre := func() {
				if err := k.RecevoirRemise(ctx, k.departs.Remis[0].Numero); err != nil {
					t.Fatal(err)
				}
			}
			if remise == "avant" {
				remettre()
			}
			if _, err := k.AnnulerFacture(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "F-FI-0-A"}); err != nil {
				t.Fatal(err)
			}
			if _, err := k.FormerLots(ctx); err != nil {
				t.Fatal(err)
			}
			k.rejeter(t, 1, "F-FI-0-A")
			if remise == "après" {
				if _, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), ""); !errors.Is(err, etablissement.ErrTransition) {
					t.Errorf("calculée de nouveau, alors que l'AMC va la tenir : %v", err)
				}
				remettre()
			}
			v, err := k.Venue(ctx, v.ID)
			if err != nil {
				t.Fatal(err)
			}
			attendre(t, v, 1, etablissement.Accusee)
			if cv := v.Couverture(1); cv.FactureAvant != nil || cv.Facture.Numero != "F-FI-0" {
				t.Errorf("%+v", cv.Facture)
			}
			r := k.retour("578R")
			r.factures = []noemie.Facture{k.ligne(t, 0, 795, "VIR")}
			if f := k.lireFichier(t, r.octets(t)); f.Chargees != 1 {
				t.Errorf("%+v", f)
			}
			k.etat(t, 0, etablissement.Payee, 795)
		})
	}
}

// A discordant payment still proves that the insurer holds the invoice: the visit says
// what the comptable was told, and the payment is no state of the invoice.
func TestPaiementDiscordantAvantLAccuse(t *testing.T) {
	k, c := tenu(t)
	vie := &vieNotee{}
	k.Vie = vie
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	vie.l, c.Dits = nil, nil
	r := k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, 100, 300)))
	if r.Connues != 0 || r.CodeRetour != roc.AvecReserve {
		t.Errorf("%+v", r)
	}
	dits(t, c, "annonce VIR-1 de "+et.Carte(t, amc1).NumeroAMC.String(), "accusée FA-1")
	if cv := k.lire(t, v, etablissement.Accusee, 0); cv.Facture.Accusee.IsZero() || cv.Facture.Lot == "" {
		t.Errorf("%+v", cv.Facture)
	}
	for _, j := range vie.l {
		if j.Etat == roc.FacturePayee || j.Etat == roc.FactureAcquittee {
			t.Errorf("noté %s pour un paiement qui n'est pas rangé", j.Etat)
		}
	}
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, d.Factures[0].Totaux.AMC, 0)))
	paye := 0
	for _, j := range vie.l {
		if j.Facture == "FA-1" && j.Etat == roc.FacturePayee {
			paye++
		}
	}
	if k.lire(t, v, etablissement.Payee, d.Factures[0].Totaux.AMC); paye != 1 {
		t.Errorf("payée %d fois dans la vie de la facture", paye)
	}
}

// The same when it crosses the annulation of the invoice: the invoice is held, and its
// annulation goes on.
func TestPaiementDiscordantCroiseLAnnulation(t *testing.T) {
	k, c := tenu(t)
	v := k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	if _, err := k.AnnulerFacture(ctx, rang(v, 1), agent, etablissement.Facturation{Numero: "FA-1-A"}); err != nil {
		t.Fatal(err)
	}
	c.Dits = nil
	k.retourner(t, amc1, payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, 100, 300)))
	v, err := k.Venue(ctx, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	attendre(t, v, 1, etablissement.FactureAnnulee)
	if cv := v.Couverture(1); cv.FactureAvant == nil || cv.FactureAvant.Accusee.IsZero() || cv.FactureAvant.Paye != 0 {
		t.Errorf("%+v", cv.FactureAvant)
	}
	dits(t, c, "annonce VIR-1 de "+et.Carte(t, amc1).NumeroAMC.String(), "accusée FA-1", "rétablie FA-1 REJET "+d.Lot.Numero)
}

// vieNotee keeps the states noted.
type vieNotee struct{ l []etablissement.Jalon }

func (v *vieNotee) Noter(_ context.Context, l ...etablissement.Jalon) error {
	v.l = append(v.l, l...)
	return nil
}

func (v *vieNotee) De(context.Context, string) ([]etablissement.Jalon, error) { return v.l, nil }
