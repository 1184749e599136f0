package etablissement_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCalculLocal(t *testing.T) {
	petit := sante.Montant(100)
	amc, jour := et.Carte(t, amc1).NumeroAMC, et.Jour(t, "2026-05-04")
	for _, c := range []struct {
		nom       string
		retoucher func(*roc.ReponseIDB)
		mode      roc.ModeCalcul
		attente   time.Duration
		code      roc.Code // of the refusal
		etat      etablissement.Etat
	}{
		{"garanti", et.Garantir(amc, jour, nil), "", 0, "", etablissement.Engagee},
		{"au choix, en ligne demandé", et.Garantir(amc, jour, nil), roc.CalculCLC, 0, "", etablissement.Engagee},
		{"au-delà du montant garanti", et.Garantir(amc, jour, &petit), "", 0, roc.PlafondAtteint, ""},
		{"hors de la période garantie", et.Garantir(amc, jour-100, nil), "", 0, roc.EngagementExpire, ""},
		{"garantie expirée", et.Garantir(amc, jour, nil), "", 61 * 24 * time.Hour, roc.EngagementExpire, ""},
		{"sans garantie, DEC 28", func(r *roc.ReponseIDB) { r.ModeCalcul = roc.CalculLocal }, "", 0, "", etablissement.Simulee},
		{"en ligne imposé", nil, roc.CalculLocal, 0, "", ""},
	} {
		t.Run(c.nom, func(t *testing.T) {
			k := nouveau(t)
			k.amc.Regler(func(a *et.Assureurs) { a.Retoucher = c.retoucher })
			v := k.droits(t, k.venue(t, et.ACE(t, "L-1"), amc1), 1)
			k.avancer(c.attente)
			v, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), c.mode)
			if c.etat == "" {
				if err == nil || c.code != "" && !estCode(err, c.code) {
					t.Fatalf("%v, want code %s", err, c.code)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			attendre(t, v, 1, c.etat)
			recu, err := k.Recu(v)
			if err != nil || recu.Indicatif != (c.etat == etablissement.Simulee) || recu.Totaux.AMC[0].String() != "7.95" {
				t.Errorf("reçu %+v, %v", recu, err)
			}
			cv := v.Couvertures[0]
			if c.etat == etablissement.Engagee && c.mode == "" && (!cv.Calcul.Local || cv.Calcul.Reponse.NumeroEngagement != cv.Droits.Reponse.GarantieLocale.Numero) {
				t.Error("l'engagement local n'est pas celui de la garantie")
			}
		})
	}
}

// The guarantee of a local calculation serves once. ref: ROC §11.2 never reused
func TestGarantieLocaleUneFois(t *testing.T) {
	k := nouveau(t)
	k.amc.Regler(func(a *et.Assureurs) {
		garantir := et.Garantir(et.Carte(t, amc1).NumeroAMC, a.Jour, nil)
		a.Retoucher = func(r *roc.ReponseIDB) {
			garantir(r)
			r.ModeCalcul = roc.CalculLocal
			a.Engagements[r.GarantieLocale.Numero] = true
		}
	})
	v := k.calcul(t, k.droits(t, k.venue(t, et.ACE(t, "U-1"), amc1), 1), 1, et.Consultation(t))
	premier := v.Couvertures[0].Calcul.Reponse.NumeroEngagement
	v, err := k.Annuler(ctx, rang(v, 1), agent, roc.ErreurSaisie)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Calculer(ctx, rang(v, 1), agent, et.Consultation(t), ""); !errors.Is(err, etablissement.ErrDroits) {
		t.Errorf("garantie annulée resservie : %v", err)
	}
	v = k.calcul(t, k.droits(t, v, 1), 1, et.Consultation(t))
	attendre(t, v, 1, etablissement.Engagee)
	if v.Couvertures[0].Calcul.Reponse.NumeroEngagement == premier {
		t.Error("même numéro après annulation")
	}
}

// passage draws lines of an outpatient visit.
func passage(t *rapid.T, jour sante.Jour) etablissement.Passage {
	n := rapid.IntRange(1, 5).Draw(t, "lignes")
	f := &etablissement.FaitsExterne{}
	for range n {
		base := sante.Montant(rapid.Int64Range(1, 20_000).Draw(t, "base"))
		f.Actes = append(f.Actes, etablissement.FaitActe{
			Famille: rapid.SampledFrom([]roc.Famille{calcul.FamilleCONS, calcul.FamilleACTE, calcul.FamilleBIO}).Draw(t, "famille"),
			Date:    jour, Base: base, Depense: base + sante.Montant(rapid.Int64Range(0, 5_000).Draw(t, "depassement"))})
	}
	return etablissement.Passage{TypeFacture: roc.FactureACE, ParcoursSoins: rapid.SampledFrom([]string{"T", "H"}).Draw(t, "parcours"),
		Faits: &etablissement.Faits{Externe: f}}
}

func contrat(t *rapid.T) calcul.Contrat {
	c := calcul.Contrat{Responsable: rapid.Bool().Draw(t, "responsable"), Type: calcul.ContratIndividuel}
	for _, f := range []calcul.Famille{calcul.FamilleCONS, calcul.FamilleACTE, calcul.FamilleBIO, calcul.FamillePAS} {
		r := calcul.Regle{Numero: calcul.F01}
		if f != calcul.FamillePAS {
			r = rapid.SampledFrom([]calcul.Regle{{Numero: calcul.F01}, {Numero: calcul.F00}, {Numero: calcul.F02, P: sante.Pourcent(50)},
				{Numero: calcul.F03, P: sante.Pourcent(150)}, {Numero: calcul.F04, P: sante.Pourcent(30)}, {Numero: calcul.F05},
				{Numero: calcul.F07, M: 1_000}}).Draw(t, "formule "+string(f))
		}
		c.Garanties = append(c.Garanties, calcul.Garantie{Code: string(f), Famille: f, Formule: calcul.Simple(r)})
	}
	return c
}

// The hospital computes what the insurer would have answered, to the cent, and
// the ranks share what is left and no more. ref: DEC 24, ROC §13.8, §19.3
func TestLocalEgaleCLC(t *testing.T) {
	k := nouveau(t)
	jour := et.Jour(t, "2026-05-04")
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		p, c := passage(r, jour), contrat(r)
		var calculs [2]*etablissement.Calcul
		for i, retoucher := range []func(*roc.ReponseIDB){nil, et.Garantir(et.Carte(t, amc1).NumeroAMC, jour, nil)} {
			k.amc.Regler(func(a *et.Assureurs) {
				a.Retoucher = retoucher
				a.Contrats[et.Carte(t, amc1).NumeroAMC] = c
			})
			v := k.venue(t, et.ACE(t, "PR-"+string(rune('A'+i))+strconv.Itoa(n)), amc1, amc2)
			v = k.calcul(t, k.droits(t, v, 1), 1, p)
			k.amc.Regler(func(a *et.Assureurs) { a.Retoucher = nil })
			v = k.calcul(t, k.droits(t, v, 2), 2, p)
			calculs[i] = v.Couverture(1).Calcul
			verifierSomme(r, v)
		}
		if calculs[0].Local || !calculs[1].Local {
			r.Fatal("un calcul en ligne et un calcul local attendus")
		}
		if d := cmp.Diff(calculs[0].Reponse.Lignes, calculs[1].Reponse.Lignes); d != "" {
			r.Fatalf("le calcul local diffère du calcul en ligne :\n%s", d)
		}
	})
}

// verifierSomme: AMO + each AMC + patient = expense, and no share is negative.
func verifierSomme(r *rapid.T, v *etablissement.Venue) {
	un, deux := v.Couverture(1).Calcul, v.Couverture(2).Calcul
	t := deux.Demande.Totaux
	if somme := t.AMO + *un.Reponse.TotalAMC + *deux.Reponse.TotalAMC + *deux.Reponse.TotalPatient; somme != t.Depense {
		r.Fatalf("parts %s, dépense %s", somme, t.Depense)
	}
	for i := range deux.Demande.Lignes {
		l := deux.Demande.Lignes[i]
		a1, a2 := un.Reponse.Lignes[i].MontantAMC, deux.Reponse.Lignes[i].MontantAMC
		if a1 < 0 || a2 < 0 || l.MontantAMO+a1+a2 > l.MontantDepense {
			r.Fatalf("ligne %d : AMO %s, rangs %s et %s, dépense %s", l.Rang, l.MontantAMO, a1, a2, l.MontantDepense)
		}
		if cite := deux.Demande.RangsInferieurs[0].Montants[i].Montant; cite != a1 {
			r.Fatalf("ligne %d : rang 1 cité pour %s, il paie %s", l.Rang, cite, a1)
		}
	}
}
