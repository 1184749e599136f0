package serveur

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Fixtures of the passages.
func euros(t testing.TB, s string) sante.Montant { return et.Euros(t, s) }

func acte(t testing.TB, f roc.Famille, code, base, depense string) etablissement.FaitActe {
	return etablissement.FaitActe{Famille: f, CodePrestation: code, Date: et.Jour(t, "2026-05-04"), Base: euros(t, base), Depense: euros(t, depense)}
}

func externe(t testing.TB, nature roc.TypeFacture, actes ...etablissement.FaitActe) etablissement.Passage {
	return etablissement.Passage{TypeFacture: nature, ParcoursSoins: "T",
		Faits: &etablissement.Faits{Externe: &etablissement.FaitsExterne{Urgences: nature == roc.FactureUrgences, Actes: actes}}}
}

// sejour is a stay of some nights that ends, or a period that ends, on 30 April.
func sejour(t testing.TB, nature roc.TypeFacture, debut string, nuits, anterieurs int, changer func(*etablissement.FaitsSejour)) etablissement.Passage {
	entree := et.Jour(t, debut)
	tnjp := euros(t, "900.00")
	k := etablissement.Passage{TypeFacture: nature, CodePecFJ: "A",
		Sejour: &roc.Sejour{ModeSortie: "8", DateEntree: entree, DateSortie: entree + sante.Jour(nuits), NbNuitees: nuits, JoursAnterieurs: anterieurs},
		Faits:  &etablissement.Faits{Sejour: &etablissement.FaitsSejour{Tarif: euros(t, "4500.00"), TNJP: &tnjp}}}
	if nature == roc.FactureIntermediaire {
		k.Sejour.ModeSortie = ""
	}
	if changer != nil {
		changer(k.Faits.Sejour)
	}
	return k
}

func visiteDe(t testing.TB, numero string, k etablissement.Passage, discipline roc.Discipline) etablissement.Dossier {
	d := et.ACE(t, numero)
	d.Discipline = discipline
	if s := k.Sejour; s != nil {
		d.Contexte, d.DateReference, d.PeriodeFin = roc.ContexteAdmission, s.DateEntree, s.DateSortie
	}
	return d
}

// ouvrir opens a visit with its cards, by rank.
func (f *filiere) ouvrir(d etablissement.Dossier, amcs ...string) *etablissement.Venue {
	f.t.Helper()
	v, err := f.OuvrirVenue(context.Background(), d)
	if err != nil {
		f.t.Fatal(err)
	}
	for i, n := range amcs {
		if v, err = f.AjouterCouverture(context.Background(), v.ID, etablissement.Ordre{Agent: "a"}, i+1, et.Carte(f.t, n)); err != nil {
			f.t.Fatal(err)
		}
	}
	return v
}

// engager asks the rights and the guarantee of every rank.
func (f *filiere) engager(v *etablissement.Venue, k etablissement.Passage) *etablissement.Venue {
	f.t.Helper()
	ctx, o := context.Background(), etablissement.Ordre{Agent: "a"}
	for _, cv := range v.Couvertures {
		p := etablissement.Place{Venue: v.ID, Rang: cv.Rang}
		if _, err := f.DemanderDroits(ctx, p, o); err != nil {
			f.t.Fatal(err)
		}
		w, err := f.Calculer(ctx, p, o, k, "")
		if err != nil {
			f.t.Fatal(err)
		}
		if c := w.Couverture(cv.Rang); c.Etat != etablissement.Engagee {
			f.t.Fatalf("rang %d : %s, %s, %+v", cv.Rang, c.Etat, c.Code, w.Consignes())
		}
		v = w
	}
	return v
}

func (f *filiere) facturer(v *etablissement.Venue, rang int, numero string) {
	f.t.Helper()
	if _, err := f.Facturer(context.Background(), etablissement.Place{Venue: v.ID, Rang: rang}, etablissement.Ordre{Agent: "a"}, etablissement.Facturation{Numero: numero}); err != nil {
		f.t.Fatal(err)
	}
}

// payee checks an invoice at the end: the same cent on both sides, that of the
// guarantee.
func (f *filiere) payee(v *etablissement.Venue, rang int, attendu string) *etablissement.Couverture {
	f.t.Helper()
	v, err := f.Venue(context.Background(), v.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	cv := v.Couverture(rang)
	total := *cv.Calcul.Reponse.TotalAMC
	la, err := f.assureurs[cv.AMC.Numero].livre.Factures.Facture(context.Background(), f.Maison.Etablissement.FinessJuridique, cv.Facture.Numero)
	if err != nil {
		f.t.Fatal(err)
	}
	if cv.Etat != etablissement.Payee || la.Etat != liquidation.Payee || cv.Facture.Paye != total || la.Paye != total || la.Demande != total {
		f.t.Errorf("%s : %s et %s, %s engagés, %s et %s payés, %s %s", cv.Facture.Numero, cv.Etat, la.Etat, total, cv.Facture.Paye, la.Paye, la.Code, la.Precision)
	}
	if total != euros(f.t, attendu) {
		f.t.Errorf("%s : part de %s, want %s", cv.Facture.Numero, total, attendu)
	}
	return cv
}

func moteurs(t *testing.T, f func(t *testing.T, m bdd.Moteur)) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) { f(t, m) })
	}
}

// confort is what a contract adds to its responsible part.
func confort(t testing.TB) []calcul.Garantie {
	return []calcul.Garantie{
		{Code: "CP", Famille: calcul.FamilleCP, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F07, M: euros(t, "40.00")})},
		{Code: "ACC", Famille: calcul.FamilleACC, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F05})},
		{Code: "DIV", Famille: calcul.FamilleDIV, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F05})},
	}
}

// Every kind of passage, of every kind of hospital, on a guarantee or on a local
// calculation, goes from the rights to the money at the cent, and every family of
// lines is in one of them.
func TestFacturationPassages(t *testing.T) {
	if testing.Short() {
		t.Skip("deux moteurs")
	}
	cas := []struct {
		nom        string
		categorie  roc.Categorie
		discipline roc.Discipline
		passage    etablissement.Passage
		part       string
	}{
		{"ACE public", roc.EPS, roc.MCO, externe(t, roc.FactureACE, acte(t, calcul.FamilleCONS, "G", "26.50", "26.50"), acte(t, calcul.FamilleBIO, "B", "40.00", "40.00"),
			acte(t, calcul.FamilleMED, "PH7", "20.00", "20.00"), acte(t, calcul.FamilleDMI, "DMI", "300.00", "300.00"), acte(t, calcul.FamilleTRSP, "VSL", "60.00", "60.00")), "177.95"},
		{"ACE à acte lourd", roc.EPS, roc.MCO, externe(t, roc.FactureACE, acte(t, calcul.FamilleACTE, "ADC", "180.00", "180.00")), "32.00"},
		{"urgences", roc.EPS, roc.MCO, externe(t, roc.FactureUrgences, acte(t, calcul.FamilleCONS, "G", "26.50", "26.50")), "23.00"},
		{"séjour public", roc.EPS, roc.MCO, sejour(t, roc.FactureSejour, "2026-04-20", 10, 0, func(s *etablissement.FaitsSejour) {
			s.Confort = []etablissement.FaitConfort{
				{Famille: calcul.FamilleCP, Code: "CP", Debut: et.Jour(t, "2026-04-20"), Fin: et.Jour(t, "2026-04-29"), Nombre: 10, Prix: euros(t, "70.00")},
				{Famille: calcul.FamilleACC, Code: "ACC", Debut: et.Jour(t, "2026-04-20"), Fin: et.Jour(t, "2026-04-21"), Nombre: 2, Prix: euros(t, "35.00")},
				{Famille: calcul.FamilleDIV, Code: "TV", Debut: et.Jour(t, "2026-04-20"), Fin: et.Jour(t, "2026-04-20"), Nombre: 1, Prix: euros(t, "12.00")}}
		}), "2305.00"},
		{"séjour à acte lourd", roc.EPS, roc.MCO, sejour(t, roc.FactureSejour, "2026-04-20", 3, 0, func(s *etablissement.FaitsSejour) { s.ActeLourd = true }), "124.00"},
		{"séjour d'un établissement privé non lucratif", roc.PNL, roc.MCO, sejour(t, roc.FactureSejour, "2026-04-20", 5, 0, nil), "923.00"},
		{"clinique, honoraires à côté", roc.OQN, roc.MCO, sejour(t, roc.FactureSejour, "2026-04-20", 2, 0, func(s *etablissement.FaitsSejour) {
			s.Honoraires = []etablissement.FaitActe{{Famille: calcul.FamilleACTE, CodePrestation: "ADC", CodeActe: "HHFA001", Date: et.Jour(t, "2026-04-20"),
				Base: euros(t, "100.00"), Depense: euros(t, "130.00"), Executant: &roc.Executant{Secteur: calcul.Secteur2OPTAM}}}
		}), "943.00"},
		{"HAD", roc.EPS, roc.HAD, sejour(t, roc.FactureHAD, "2026-04-20", 10, 0, nil), "1800.00"},
		{"SMR", roc.EPS, roc.SMR, sejour(t, roc.FactureSejour, "2026-04-20", 8, 0, nil), "1463.00"},
	}
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		familles := map[roc.Famille]bool{}
		for _, mode := range []roc.ModeCalcul{roc.CalculCLC, roc.CalculLocal} {
			f := nouvelleFiliere(t, m, roc.EPS, contratDe(t, mode, confort(t)...))
			for i, c := range cas {
				t.Run(fmt.Sprintf("%s, %s", c.nom, mode), func(t *testing.T) {
					f.t, f.Maison.Etablissement.Categorie = t, c.categorie
					v := f.engager(f.ouvrir(visiteDe(t, fmt.Sprintf("D-%d", i), c.passage, c.discipline), "775671993"), c.passage)
					if k := v.Couvertures[0].Calcul; k.Local != (mode == roc.CalculLocal) {
						t.Fatalf("calcul local : %v", k.Local)
					}
					f.facturer(v, 1, fmt.Sprintf("FA-%d", i))
					f.livrer(nil)
					f.entendre(roc.Accepte)
					f.payer(v.Couvertures[0].AMC.Numero)
					f.entendre(roc.Accepte)
					cv := f.payee(v, 1, c.part)
					for _, l := range cv.Calcul.Demande.Lignes {
						familles[l.Famille] = true
					}
				})
			}
		}
		for _, x := range (roc.Famille)("").Codes() {
			if !familles[roc.Famille(x)] {
				t.Errorf("aucune ligne de la famille %s", x)
			}
		}
	})
}

// A long stay is billed in periods: each is engaged, invoiced and paid on its own,
// the days before counted.
func TestFacturationLongSejour(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		for _, mode := range []roc.ModeCalcul{roc.CalculCLC, roc.CalculLocal} {
			t.Run(string(mode), func(t *testing.T) {
				f := nouvelleFiliere(t, m, roc.EPS, contratDe(t, mode))
				periodes := []etablissement.Passage{
					sejour(t, roc.FactureIntermediaire, "2026-03-15", 20, 0, nil),
					sejour(t, roc.FactureIntermediaire, "2026-04-04", 20, 20, nil),
					sejour(t, roc.FactureSejour, "2026-04-24", 10, 40, nil),
				}
				var venues []*etablissement.Venue
				for i, k := range periodes {
					v := f.engager(f.ouvrir(visiteDe(t, "LONG-1", k, roc.MCO), "775671993"), k)
					f.facturer(v, 1, fmt.Sprintf("FA-%d", i))
					f.livrer(nil) // each period is invoiced before the next is asked
					f.entendre(roc.Accepte)
					venues = append(venues, v)
				}
				f.payer(venues[0].Couvertures[0].AMC.Numero)
				f.entendre(roc.Accepte)
				for i, part := range []string{"3600.00", "2030.00", "253.00"} { // from the 31st day on, the daily charge alone. ref: ROC §13.9
					cv := f.payee(venues[i], 1, part)
					if n := cv.Calcul.Demande.Sejour.JoursAnterieurs; n != 20*i {
						t.Errorf("période %d : %d jours antérieurs", i+1, n)
					}
				}
			})
		}
	})
}

// Three insurers by rank: each quotes what those before it pay, each invoice is its
// own, and they are paid in any order; what the patient is left is what nobody pays.
func TestFacturationTroisRangs(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		cp := func(max string) calcul.Garantie {
			return calcul.Garantie{Code: "CP", Famille: calcul.FamilleCP, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F07, M: euros(t, max)})}
		}
		f := nouvelleFiliere(t, m, roc.EPS, contratDe(t, roc.CalculCLC, cp("40.00")), contratDe(t, roc.CalculCLC, cp("20.00")), contratDe(t, roc.CalculCLC, cp("50.00")))
		k := sejour(t, roc.FactureSejour, "2026-04-20", 10, 0, func(s *etablissement.FaitsSejour) {
			s.Confort = []etablissement.FaitConfort{{Famille: calcul.FamilleCP, Code: "CP", Debut: et.Jour(t, "2026-04-20"), Fin: et.Jour(t, "2026-04-29"), Nombre: 10, Prix: euros(t, "70.00")}}
		})
		v := f.engager(f.ouvrir(visiteDe(t, "RANGS-1", k, roc.MCO), "775671993", "302976568", "784647349"), k)
		for rang := 1; rang <= 3; rang++ {
			f.facturer(v, rang, fmt.Sprintf("FA-%d", rang))
		}
		f.livrer(nil)
		f.entendre(roc.Accepte)
		for _, rang := range []int{3, 1, 2} {
			f.payer(v.Couverture(rang).AMC.Numero)
			f.entendre(roc.Accepte)
		}
		var somme sante.Montant
		for rang, part := range map[int]string{1: "2223.00", 2: "200.00", 3: "100.00"} {
			cv := f.payee(v, rang, part)
			somme += cv.Facture.Paye
			var quotes sante.Montant
			for _, r := range cv.Calcul.Demande.RangsInferieurs {
				for _, x := range r.Montants {
					quotes += x.Montant
				}
			}
			if want := map[int]string{1: "0.00", 2: "2223.00", 3: "2423.00"}[rang]; quotes != euros(t, want) {
				t.Errorf("rang %d cite %s, want %s", rang, quotes, want)
			}
		}
		d := v.Couverture(3).Calcul
		if reste := d.Demande.Totaux.Depense - d.Demande.Totaux.AMO - somme; reste != *d.Reponse.TotalPatient || reste != 0 {
			t.Errorf("reste au patient %s, dit %s", reste, *d.Reponse.TotalPatient)
		}
	})
}

// Each control of reception has its code, exercised from the hospital to its insurer
// and back: the invoice is rejected on both sides under that code, nothing is paid,
// and the hospital is told, in French, who must act. ref: ROC §17.2, §18
func TestFacturationControles(t *testing.T) {
	autre := func(d *roc.DemandeDRE) *roc.Facture { return &d.Factures[0] }
	jours := func(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
	cas := []struct {
		nom    string
		mode   roc.ModeCalcul
		avant  func(f *filiere, a *assureur, v *etablissement.Venue) // once engaged
		abimer func(d *roc.DemandeDRE)                               // on its way
		apres  func(f *filiere, a *assureur, v *etablissement.Venue) // once received
		code   roc.Code
	}{
		{nom: "engagement inconnu", abimer: func(d *roc.DemandeDRE) {
			autre(d).NumeroEngagement, _ = roc.TirerNumeroEngagement(d.Factures[0].Calcul.Carte.NumeroAMC, nil)
		}, code: roc.EngagementInconnu},
		{nom: "engagement d'un autre dossier", abimer: func(d *roc.DemandeDRE) { autre(d).IDDossierES = "AUTRE" }, code: roc.EngagementInconnu},
		{nom: "engagement annulé", avant: func(f *filiere, a *assureur, v *etablissement.Venue) {
			n := v.Couvertures[0].Calcul.Reponse.NumeroEngagement
			if _, err := f.DEL(context.Background(), v.Dossier.Numero, roc.Routage{NumeroAMC: a.numero}, &roc.DemandeDEL{NumeroEngagement: n, Motif: roc.AutreMotif}, roc.Suivi{}); err != nil {
				f.t.Fatal(err)
			}
		}, code: roc.EngagementAnnule},
		{nom: "engagement expiré", avant: func(f *filiere, _ *assureur, _ *etablissement.Venue) { f.decalage.Store(int64(jours(91))) },
			abimer: func(d *roc.DemandeDRE) { autre(d).Date += 91 }, code: roc.EngagementExpire},
		{nom: "facture tardive", avant: func(f *filiere, _ *assureur, _ *etablissement.Venue) { f.decalage.Store(int64(jours(91))) }, code: roc.FactureTardive},
		{nom: "engagement déjà facturé", avant: func(f *filiere, a *assureur, v *etablissement.Venue) {
			f.injecter(a, v, "PREMIERE", v.Dossier.Numero)
		}, code: roc.EngagementFacture},
		{nom: "période hors de l'engagement", abimer: func(d *roc.DemandeDRE) { autre(d).Calcul.PeriodeFin++ }, code: roc.DroitsFermes},
		{nom: "bénéficiaire d'un autre", abimer: func(d *roc.DemandeDRE) { autre(d).Calcul.Beneficiaire.RangGemellaire = 2 }, code: roc.IdentiteDiscordante},
		{nom: "un centime de plus", abimer: func(d *roc.DemandeDRE) {
			x := autre(d)
			x.Parts[0].MontantAMC++
			x.Totaux.AMC++
			x.Totaux.Patient--
			x.Calcul.Lignes[0].MontantDepense++
			x.Totaux.Depense++
			x.Totaux.Patient++
		}, code: roc.MontantDifferent},
		{nom: "total faux", abimer: func(d *roc.DemandeDRE) { autre(d).Totaux.AMO++ }, code: roc.TotalFaux},
		{nom: "AMC qui ne doit rien", abimer: func(d *roc.DemandeDRE) {
			autre(d).Calcul.Carte.NumeroAMC, _ = sante.ParseNumeroAMC("784647349")
		}, code: roc.AMCNonDebitrice},
		{nom: "calcul local refait autrement", mode: roc.CalculLocal, abimer: func(d *roc.DemandeDRE) {
			x := autre(d)
			x.Parts[0].MontantAMC--
			x.Totaux.AMC--
			x.Totaux.Patient++
		}, code: roc.RecalculDifferent},
		{nom: "pièce manquante", apres: func(f *filiere, a *assureur, v *etablissement.Venue) {
			if err := a.livre.Rejeter(context.Background(), f.Maison.Etablissement.FinessJuridique, numero(v), roc.PiecesManquantes, "bulletin de situation attendu"); err != nil {
				f.t.Fatal(err)
			}
		}, code: roc.PiecesManquantes},
		{nom: "coordonnées bancaires inconnues", apres: func(f *filiere, a *assureur, v *etablissement.Venue) {
			if err := a.livre.Rejeter(context.Background(), f.Maison.Etablissement.FinessJuridique, numero(v), roc.CoordonneesBancaire, ""); err != nil {
				f.t.Fatal(err)
			}
		}, code: roc.CoordonneesBancaire},
		{nom: "facture déjà reçue", avant: func(f *filiere, a *assureur, v *etablissement.Venue) {
			f.injecter(a, v, numero(v), "AUTRE")
		}, code: roc.FactureEnDouble},
	}
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		par := map[roc.ModeCalcul]*filiere{roc.CalculCLC: nouvelleFiliere(t, m, roc.EPS, contratDe(t, roc.CalculCLC)),
			roc.CalculLocal: nouvelleFiliere(t, m, roc.EPS, contratDe(t, roc.CalculLocal))}
		for i, c := range cas {
			t.Run(c.nom, func(t *testing.T) {
				f := par[cmp.Or(c.mode, roc.CalculCLC)]
				f.t = t
				defer f.decalage.Store(0)
				k := externe(t, roc.FactureACE, acte(t, calcul.FamilleCONS, "G", "26.50", "26.50"))
				v := f.engager(f.ouvrir(visiteDe(t, fmt.Sprintf("D-%d", i), k, roc.MCO), "775671993"), k)
				a := f.assureurs[v.Couvertures[0].AMC.Numero]
				f.facturer(v, 1, numero(v))
				if c.avant != nil {
					c.avant(f, a, v)
				}
				f.livrer(c.abimer)
				if c.apres != nil {
					c.apres(f, a, v)
				}
				f.entendre(roc.Accepte)
				f.rejetee(v, c.code)
			})
		}
	})
}

// numero is that of the invoice of a visit.
func numero(v *etablissement.Venue) string { return "FA-" + v.Dossier.Numero }

// injecter has an insurer receive an invoice of which the hospital's own server has
// never heard: another software of the hospital sent it.
func (f *filiere) injecter(a *assureur, v *etablissement.Venue, numero, dossier string) {
	f.t.Helper()
	x := roc.FactureDe(&v.Couvertures[0].Calcul.Demande, &v.Couvertures[0].Calcul.Reponse, roc.SurEngagement)
	x.Numero, x.Date, x.IDDossierES = numero, et.Jour(f.t, "2026-05-04"), dossier
	d := roc.NouveauLot("AILLEURS-"+numero, x.Date, []roc.Facture{*x})
	d.Lot.AdresseRetour = "https://es.exemple.fr"
	r, err := poser(f, a.numero, roc.EchangeDRE, "-", d, func(a *assureur) func(context.Context, sceau.Opened[roc.Message[roc.DemandeDRE]]) (*roc.ReponseDRE, error) {
		return a.livre.Recevoir
	})
	if err != nil || !r.CodeRetour.Accord() {
		f.t.Fatal(r, err)
	}
	a.retours = nil
}

// rejetee checks that an invoice is rejected under a code, and that somebody is told
// to act.
func (f *filiere) rejetee(v *etablissement.Venue, code roc.Code) {
	f.t.Helper()
	v, err := f.Venue(context.Background(), v.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	cv := v.Couverture(1)
	if cv.Etat != etablissement.Rejetee || cv.Code != code || cv.Facture.Paye != 0 {
		f.t.Errorf("%s, %s, %s payés, want REJECTED %s", cv.Etat, cv.Code, cv.Facture.Paye, code)
	}
	if code != roc.FactureEnDouble {
		la, err := f.assureurs[cv.AMC.Numero].livre.Factures.Facture(context.Background(), f.Maison.Etablissement.FinessJuridique, cv.Facture.Numero)
		if err != nil || la.Etat != liquidation.Rejetee || la.Code != code || la.Paye != 0 {
			f.t.Errorf("chez l'AMC : %+v, %v", la, err)
		}
	}
	for _, x := range v.Consignes() {
		if x.Code == code && x.QuiAgit != "" && x.AFaire != "" && x.Constat != "" {
			return
		}
	}
	f.t.Errorf("personne n'est prié d'agir : %+v", v.Consignes())
}

// Whatever was done, what an insurer engaged itself for is what it pays, and both
// books say the same at the end.
func TestFacturationTiree(t *testing.T) {
	f := nouvelleFiliere(t, bdd.SQLite, roc.EPS, contratDe(t, roc.CalculLocalOuCLC, confort(t)...))
	familles := []roc.Famille{calcul.FamilleCONS, calcul.FamilleACTE, calcul.FamilleBIO, calcul.FamilleMED, calcul.FamilleDMI, calcul.FamilleTRSP, calcul.FamilleDIV}
	codes := map[roc.Famille]string{calcul.FamilleCONS: "G", calcul.FamilleACTE: "ADC", calcul.FamilleBIO: "B", calcul.FamilleMED: "PH7",
		calcul.FamilleDMI: "DMI", calcul.FamilleTRSP: "VSL", calcul.FamilleDIV: "TV"}
	var venues []*etablissement.Venue
	var engage sante.Montant
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		var actes []etablissement.FaitActe
		for range rapid.IntRange(1, 6).Draw(r, "lignes") {
			famille := rapid.SampledFrom(familles).Draw(r, "famille")
			base := sante.Montant(rapid.IntRange(1, 20_000).Draw(r, "base"))
			x := etablissement.FaitActe{Famille: famille, CodePrestation: codes[famille], Date: et.Jour(t, "2026-05-04"), Base: base,
				Depense: base + sante.Montant(rapid.IntRange(0, 3000).Draw(r, "dépassement"))}
			if famille == calcul.FamilleDIV {
				x.Base = 0
			}
			actes = append(actes, x)
		}
		k := externe(t, rapid.SampledFrom([]roc.TypeFacture{roc.FactureACE, roc.FactureUrgences}).Draw(r, "passage"), actes...)
		ctx, o := context.Background(), etablissement.Ordre{Agent: "a"}
		v := f.ouvrir(visiteDe(t, fmt.Sprintf("T-%d", n), k, roc.MCO), "775671993")
		p := etablissement.Place{Venue: v.ID, Rang: 1}
		if _, err := f.DemanderDroits(ctx, p, o); err != nil {
			r.Fatal(err)
		}
		v, err := f.Calculer(ctx, p, o, k, rapid.SampledFrom([]roc.ModeCalcul{roc.CalculCLC, roc.CalculLocal}).Draw(r, "mode"))
		var refus *etablissement.Erreur
		if errors.As(err, &refus) && refus.Code != "" {
			return // what the rules refuse before any guarantee is told with its code
		}
		if err != nil {
			r.Fatal(err)
		}
		if v.Couvertures[0].Etat != etablissement.Engagee {
			return // nothing is owed by this insurer
		}
		f.facturer(v, 1, fmt.Sprintf("FT-%d", n))
		venues, engage = append(venues, v), engage+*v.Couvertures[0].Calcul.Reponse.TotalAMC
	})
	if len(venues) < n/2 {
		t.Fatalf("%d factures sur %d passages", len(venues), n)
	}
	f.livrer(nil)
	f.entendre(roc.Accepte)
	f.payer(venues[0].Couvertures[0].AMC.Numero)
	f.entendre(roc.Accepte)
	var paye sante.Montant
	for _, v := range venues {
		paye += f.payee(v, 1, v.Couvertures[0].Calcul.Reponse.TotalAMC.String()).Facture.Paye
	}
	if paye != engage {
		t.Errorf("%s payés, %s engagés", paye, engage)
	}
}
