package serveur

import (
	"context"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// A rejected invoice is corrected until it is paid: sent again when only its form was
// at fault, calculated anew when its amounts change. One taken back gives its
// engagement back; one paid in parts is paid once. Each is then closed.
func TestFacturationCorrections(t *testing.T) {
	ctx, o := context.Background(), etablissement.Ordre{Agent: "a"}
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		f := nouvelleFiliere(t, m, roc.EPS, contratDe(t, roc.CalculCLC))
		k := externe(t, roc.FactureACE, acte(t, calcul.FamilleCONS, "G", "26.50", "26.50"), acte(t, calcul.FamilleBIO, "B", "40.00", "40.00"))
		ouvrir := func(t *testing.T, dossier string) (*etablissement.Venue, *assureur, etablissement.Place) {
			f.t = t
			v := f.engager(f.ouvrir(visiteDe(t, dossier, k, roc.MCO), "775671993"), k)
			return v, f.assureurs[v.Couvertures[0].AMC.Numero], etablissement.Place{Venue: v.ID, Rang: 1}
		}
		regler := func(a *assureur) {
			f.livrer(nil)
			f.entendre(roc.Accepte)
			f.payer(a.numero)
			f.entendre(roc.Accepte)
		}
		clore := func(t *testing.T, v *etablissement.Venue) {
			t.Helper()
			if _, err := f.Clore(ctx, etablissement.Place{Venue: v.ID, Rang: 1}, o, ""); err != nil {
				t.Error(err)
			}
		}
		t.Run("de forme", func(t *testing.T) {
			v, a, p := ouvrir(t, "C-1")
			f.facturer(v, 1, "FC-1")
			f.livrer(nil)
			if err := a.livre.Rejeter(ctx, f.Maison.Etablissement.FinessJuridique, "FC-1", roc.PiecesManquantes, ""); err != nil {
				t.Fatal(err)
			}
			f.entendre(roc.Accepte)
			if _, err := f.Corriger(ctx, p, o); err != nil {
				t.Fatal(err)
			}
			f.facturer(v, 1, "FC-1R")
			regler(a)
			if cv := f.payee(v, 1, "23.95"); cv.Facture.Nature != roc.Rectificative || cv.Facture.Corrige != "FC-1" {
				t.Errorf("%s de %s", cv.Facture.Nature, cv.Facture.Corrige)
			}
			clore(t, v)
		})
		t.Run("de montants", func(t *testing.T) {
			v, a, p := ouvrir(t, "C-2")
			f.facturer(v, 1, "FC-2")
			f.livrer(func(d *roc.DemandeDRE) { d.Factures[0].Calcul.Lignes[0].CodePrestation = "GS" })
			f.entendre(roc.Accepte)
			f.rejetee(v, roc.MontantDifferent)
			if _, err := f.Corriger(ctx, p, o); err == nil {
				t.Error("renvoyée telle quelle")
			}
			if _, err := f.Annuler(ctx, p, o, roc.ErreurSaisie); err != nil {
				t.Fatal(err)
			}
			v, err := f.Calculer(ctx, p, o, k, "")
			if err != nil || v.Couvertures[0].Etat != etablissement.Engagee {
				t.Fatal(err)
			}
			f.facturer(v, 1, "FC-2R")
			regler(a)
			f.payee(v, 1, "23.95")
			clore(t, v)
		})
		t.Run("reprise", func(t *testing.T) {
			v, a, p := ouvrir(t, "C-3")
			f.facturer(v, 1, "FC-3")
			f.livrer(nil)
			f.entendre(roc.Accepte)
			if _, err := f.AnnulerFacture(ctx, p, o, etablissement.Facturation{Numero: "FC-3A"}); err != nil {
				t.Fatal(err)
			}
			regler(a)
			w, err := f.Annuler(ctx, p, o, roc.ChangementSejour)
			if err != nil || w.Couvertures[0].Etat != etablissement.Annulee {
				t.Fatal(w, err)
			}
			if la, err := a.livre.Factures.Facture(ctx, f.Maison.Etablissement.FinessJuridique, "FC-3"); err != nil || la.Etat != liquidation.AnnuleeParES || la.Paye != 0 {
				t.Errorf("%+v, %v", la, err)
			}
			clore(t, v)
		})
		t.Run("reprise par un lot abandonné, et pourtant arrivé", func(t *testing.T) {
			v, a, p := ouvrir(t, "C-4")
			f.facturer(v, 1, "FC-4")
			f.livrer(nil)
			f.entendre(roc.Accepte)
			if _, err := f.AnnulerFacture(ctx, p, o, etablissement.Facturation{Numero: "FC-4A"}); err != nil {
				t.Fatal(err)
			}
			if _, err := f.FormerLots(ctx); err != nil {
				t.Fatal(err)
			}
			lot := f.lots[0].d.Lot.Numero // as « envois abandonner » does
			if err := f.RecevoirAccuse(ctx, lot, &roc.ReponseDRE{Retour: roc.RetourDe(roc.PanneRelais, "abandonné")}); err != nil {
				t.Fatal(err)
			}
			f.livrer(nil) // it arrives all the same, and its acknowledgement is of no use
			f.entendre(roc.Accepte)
			f.payer(a.numero)
			f.entendre(roc.Accepte)
			w, err := f.Venue(ctx, v.ID)
			if err != nil || w.Couvertures[0].Etat != etablissement.FactureAnnulee {
				t.Fatalf("%s, %v", w.Couvertures[0].Etat, err)
			}
		})
		t.Run("en deux parts", func(t *testing.T) {
			v, a, _ := ouvrir(t, "C-5")
			f.facturer(v, 1, "FC-5")
			f.livrer(nil)
			f.entendre(roc.Accepte)
			jour := sante.JourA(f.maintenant(), sante.Paris())
			if err := a.livre.Regler(ctx, liquidation.Ordre{Comptable: jour, Mandatement: jour, Payeur: a.numero, Reference: "VIR-PART"}, f.Maison.Etablissement.FinessJuridique,
				map[string]liquidation.Part{"FC-5": {Montant: 1000, Code: roc.PiecesManquantes}}); err != nil {
				t.Fatal(err)
			}
			f.entendre(roc.Accepte)
			f.decalage.Store(int64(40 * 24 * time.Hour)) // the rest comes late
			defer f.decalage.Store(0)
			f.payer(a.numero)
			f.entendre(roc.Accepte)
			f.payee(v, 1, "23.95")
			if n, err := f.CloreSoldees(ctx, et.Midi.Add(80*24*time.Hour)); n != 1 || err != nil {
				t.Errorf("%d closes, %v", n, err)
			}
		})
	})
}
