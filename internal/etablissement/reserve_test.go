package etablissement_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
)

// reserves are the causes of what waits, each after its invoice.
func (k *monde) reserves(t testing.TB) (causes []string) {
	t.Helper()
	l, err := k.ListerReserves(ctx, etablissement.FiltreReserves{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range l {
		c := l[i].Consigne()
		if c.Constat == "" || c.QuiAgit == "" || c.AFaire == "" || c.Constat == string(l[i].Cause) {
			t.Errorf("%s : consigne %+v", l[i].Cause, c)
		}
		causes = append(causes, l[i].Facture+" "+string(l[i].Cause))
	}
	return causes
}

// Whatever a return says without effect is shown to a person: which invoice, why, and
// who acts; the insurer is told which too.
func TestReserves(t *testing.T) {
	type cas struct {
		nom  string
		dire func(k *monde, d *roc.DemandeDRE, total roc.RetourFacture) *roc.ReponseRET
		want string
		code roc.Code
	}
	for _, c := range []cas{
		{"facture inconnue", func(k *monde, d *roc.DemandeDRE, x roc.RetourFacture) *roc.ReponseRET {
			x.Numero = "FA-AUTRE"
			return k.retourner(t, amc1, payer(d, x))
		}, "FA-AUTRE INCONNUE", roc.AvecReserve},
		{"payée deux fois", func(k *monde, d *roc.DemandeDRE, x roc.RetourFacture) *roc.ReponseRET {
			k.retourner(t, amc1, payer(d, x))
			return k.retourner(t, amc1, payer(d, x))
		}, "FA-1 DEJA_COMPTE", roc.AvecReserve},
		{"un paiement manque", func(k *monde, d *roc.DemandeDRE, x roc.RetourFacture) *roc.ReponseRET {
			x.DejaPaye = 1
			return k.retourner(t, amc1, payer(d, x))
		}, "FA-1 PAIEMENT_MANQUANT", roc.AvecReserve},
		{"trop payée", func(k *monde, d *roc.DemandeDRE, x roc.RetourFacture) *roc.ReponseRET {
			x.MontantPaye++
			return k.retourner(t, amc1, payer(d, x))
		}, "FA-1 TROP_PAYE", roc.AvecReserve},
		{"rejetée, puis payée", func(k *monde, d *roc.DemandeDRE, x roc.RetourFacture) *roc.ReponseRET {
			k.retourner(t, amc1, rejeter(x.Numero, x.Lot))
			return k.retourner(t, amc1, payer(d, x))
		}, "FA-1 ETAT", roc.AvecReserve},
		{"payée, puis rejetée", func(k *monde, d *roc.DemandeDRE, x roc.RetourFacture) *roc.ReponseRET {
			k.retourner(t, amc1, payer(d, x))
			return k.retourner(t, amc1, rejeter(x.Numero, x.Lot))
		}, "FA-1 REJET_APRES_PAIEMENT", roc.AvecReserve},
		{"total faux", func(k *monde, d *roc.DemandeDRE, x roc.RetourFacture) *roc.ReponseRET {
			r := payer(d, x)
			r.Paiement.Total++
			return k.retourner(t, amc1, r)
		}, "FA-1 RETOUR_FAUX", roc.TotalFaux},
	} {
		t.Run(c.nom, func(t *testing.T) {
			k := nouveau(t)
			k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
			d := k.partir(t)
			k.accuser(t, d, roc.Accepte)
			r := c.dire(k, d, dite(d, 0, roc.FacturePayee, roc.Accepte, d.Factures[0].Totaux.AMC, 0))
			if got := k.reserves(t); !slices.Equal(got, []string{c.want}) {
				t.Errorf("réserves %v, want %s", got, c.want)
			}
			numero, _, _ := strings.Cut(c.want, " ")
			if r.CodeRetour != c.code || c.code == roc.AvecReserve && !strings.Contains(r.Precision, numero) {
				t.Errorf("acquittement %s « %s »", r.CodeRetour, r.Precision)
			}
		})
	}
}

func rejeter(numero, lot string) *roc.DemandeRET {
	return &roc.DemandeRET{Nature: roc.RetourRejet, Factures: []roc.RetourFacture{{Numero: numero, Lot: lot, Etat: roc.FactureRejetee, Code: roc.PiecesManquantes}}}
}

// A payer that the mandate does not name: the fault leaves a trace for a person, which
// the same return ends when it is heard at last.
func TestReservePayeur(t *testing.T) {
	k := nouveau(t)
	k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	k.accuser(t, d, roc.Accepte)
	r := payer(d, dite(d, 0, roc.FacturePayee, roc.Accepte, d.Factures[0].Totaux.AMC, 0))
	bon := r.Paiement.Payeur
	r.Paiement.Payeur = k.venue(t, et.ACE(t, "ACE-2"), amc2).Couverture(1).Attestation.NumeroAMC
	o := k.ouvrir(t, amc1, r)
	var refus *roc.Refus
	if _, err := k.RecevoirRetour(ctx, o); !errors.As(err, &refus) || refus.Code != roc.AutreIdentifiant {
		t.Fatalf("payeur d'une autre AMC : %v", err)
	}
	if got := k.reserves(t); !slices.Equal(got, []string{"FA-1 PAYEUR"}) {
		t.Fatalf("réserves %v", got)
	}
	o.Message().Corps.Paiement.Payeur = bon // as if the Annuaire now knew the mandate
	if x, err := k.RecevoirRetour(ctx, o); err != nil || x.CodeRetour != roc.Accepte {
		t.Fatalf("%+v, %v", x, err)
	}
	if got := k.reserves(t); len(got) != 0 {
		t.Errorf("réserves %v", got)
	}
}

// A person settles a reserve, or all those of a return, and says why: it is kept, and
// traced with it or not at all.
func TestLeverReserve(t *testing.T) {
	k := nouveau(t)
	k.facturee(t, k.engagee(t, "ACE-1"), "FA-1")
	d := k.partir(t)
	x := dite(d, 0, roc.FacturePayee, roc.Accepte, 1, 0)
	un, deux := x, x
	un.Numero, deux.Numero = "FA-8", "FA-9"
	k.retourner(t, amc1, payer(d, un, deux))
	l, err := k.ListerReserves(ctx, etablissement.FiltreReserves{})
	if err != nil || len(l) != 2 {
		t.Fatalf("%v, %v", l, err)
	}
	for nom, c := range map[string]struct {
		o          etablissement.Ordre
		cle, motif string
		want       error
	}{
		"sans motif":        {agent, l[0].Cle(), "  ", etablissement.ErrDonnees},
		"sans auteur":       {etablissement.Ordre{}, l[0].Cle(), "vu", etablissement.ErrDonnees},
		"avec un NIR":       {agent, l[0].Cle(), "voir 2 69 05 49 588 157 80", etablissement.ErrDonnees},
		"clé illisible":     {agent, "R-1", "vu", etablissement.ErrDonnees},
		"rang hors liste":   {agent, l[0].IDMessage.String() + ".1001", "vu", etablissement.ErrDonnees},
		"rang inconnu":      {agent, l[0].IDMessage.String() + ".9", "vu", etablissement.ErrInconnue},
		"retour inconnu":    {agent, roc.NouvelUUID().String(), "vu", etablissement.ErrInconnue},
		"motif de 2 lignes": {agent, l[0].Cle(), "vu\nrevu", etablissement.ErrDonnees},
	} {
		if _, err := k.LeverReserves(ctx, c.o, c.cle, c.motif); !errors.Is(err, c.want) {
			t.Errorf("%s : %v, want %v", nom, err, c.want)
		}
	}
	var tracees []etablissement.Reserve
	k.TracerLevee = func(_ context.Context, l []etablissement.Reserve) error {
		tracees = append(tracees, l...)
		return nil
	}
	if _, err := k.LeverReserves(ctx, agent, l[1].Cle(), "l'AMC rectifie"); err != nil {
		t.Fatal(err)
	}
	if got := k.reserves(t); !slices.Equal(got, []string{"FA-8 INCONNUE"}) {
		t.Errorf("réserves %v", got)
	}
	if _, err := k.LeverReserves(ctx, agent, l[0].IDMessage.String(), "l'AMC rectifie"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.LeverReserves(ctx, agent, l[0].Cle(), "encore"); !errors.Is(err, etablissement.ErrInconnue) {
		t.Errorf("levée deux fois : %v", err)
	}
	if len(tracees) != 2 || tracees[0].Facture != "FA-9" || tracees[1].Levee.Par != agent.Agent {
		t.Errorf("tracées %+v", tracees)
	}
	l, err = k.ListerReserves(ctx, etablissement.FiltreReserves{Levees: true, Facture: "FA-8"})
	if err != nil || len(l) != 1 || l[0].Levee == nil || l[0].Levee.Motif != "l'AMC rectifie" {
		t.Errorf("%+v, %v", l, err)
	}
}
