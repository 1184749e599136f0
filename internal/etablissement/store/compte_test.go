package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// releve is the simplest idea of the close of a day: every coverage is looked at,
// and put where its state says.
func releve(t failer, b *etablissementtest.Banc, jour sante.Jour) map[string]etablissement.Montants {
	m := map[string]etablissement.Montants{}
	ajouter := func(amc sante.NumeroAMC, poste string, n int64, montant sante.Montant) {
		k := amc.String() + " " + poste
		m[k] = m[k].Plus(etablissement.Montants{Nombre: n, Montant: montant})
	}
	poste := map[etablissement.Etat]string{etablissement.Engagee: "ENGAGE", etablissement.SansEngagement: "SANS_GARANTIE", etablissement.Facturee: "FACTURE", etablissement.Accusee: "ACCUSE",
		etablissement.PayeePartiellement: "RESTE", etablissement.Payee: "PAYE", etablissement.Rejetee: "REJETE", etablissement.Corrigee: "CORRIGE",
		etablissement.FactureAnnulee: "RETIRE"}
	for _, id := range b.Venues {
		v, err := b.Livres.Venue(context.Background(), id)
		if err != nil {
			t.Fatalf("%v", err)
		}
		cv := v.Couverture(1)
		p, suivi := poste[cv.Etat]
		if !suivi {
			continue
		}
		total := *cv.Calcul.Reponse.TotalAMC
		var tenue time.Time // since when the insurer holds the invoice
		if f := cv.Facture; f != nil {
			if tenue = f.Accusee; !f.Remise.IsZero() && (tenue.IsZero() || f.Remise.Before(tenue)) {
				tenue = f.Remise
			}
		}
		if cv.Etat == etablissement.Facturee && !cv.Facture.Remise.IsZero() {
			p = "REMIS"
		}
		switch cv.Etat {
		case etablissement.Rejetee:
			p += " " + string(cv.Code)
		case etablissement.PayeePartiellement:
			ajouter(cv.AMC.Numero, "PAYE", 0, cv.Facture.Paye)
			total -= cv.Facture.Paye
		}
		ajouter(cv.AMC.Numero, p, 1, total)
		if p == "REMIS" || cv.Etat == etablissement.Accusee || cv.Etat == etablissement.PayeePartiellement {
			if jour-sante.JourA(tenue, sante.Paris()) > 12 {
				ajouter(cv.AMC.Numero, "RETARD", 1, total)
			}
		}
	}
	return m
}

type failer interface {
	Fatalf(string, ...any)
	Helper()
}

// stocks are those of a close that releve knows how to make: the ends of a
// guarantee are told by lines only.
func stocks(j *etablissement.Journee) map[string]etablissement.Montants {
	m := map[string]etablissement.Montants{}
	for i := range j.Lignes {
		l := &j.Lignes[i]
		switch l.Poste {
		case etablissement.PosteOrigine, etablissement.PosteOrigineSans, etablissement.PosteAnnule, etablissement.PosteExpire, etablissement.PosteAbandonne:
			continue
		}
		k := l.AMC.String() + " " + string(l.Poste)
		if l.Motif != "" {
			k += " " + string(l.Motif)
		}
		if f := l.Fin(); f != (etablissement.Montants{}) {
			m[k] = f
		}
	}
	return m
}

// vivre plays a history at random: at the end of each day its close is what a look
// at every coverage gives, and stays so for ever.
func vivre(t *rapid.T, b *etablissementtest.Banc, gestes int, vus map[etablissement.Poste]bool) {
	ctx := context.Background()
	passes := map[sante.Jour]map[string]etablissement.Montants{}
	debut := b.Aujourdhui()
	for i := range gestes {
		if err := b.Geste(t); err != nil {
			t.Fatalf("geste %d : %v", i, err)
		}
		passes[b.Aujourdhui()] = releve(t, b, b.Aujourdhui())
		if rapid.IntRange(0, 7).Draw(t, "plier") == 0 {
			if err := b.Plier(ctx); err != nil {
				t.Fatalf("plier : %v", err)
			}
		}
	}
	verifierJours(t, b, passes, debut, nil)
	if err := b.Plier(ctx); err != nil {
		t.Fatalf("plier : %v", err)
	}
	verifierJours(t, b, passes, debut, vus)
	controlerSans(t, b)
	if err := b.Livres.Recompter(ctx, 12); err != nil {
		t.Fatalf("recompter : %v", err)
	}
	verifierJours(t, b, passes, debut, nil)
	controlerSans(t, b)
}

func controlerSans(t failer, b *etablissementtest.Banc) {
	t.Helper()
	c, err := b.Controler(context.Background())
	if err != nil {
		t.Fatalf("contrôle : %v", err)
	}
	for i := range c.Ecarts {
		t.Fatalf("écart : %s", c.Ecarts[i].Phrase())
	}
}

// verifierJours checks every day of a history: its stocks, its balance, that it
// opens as the day before ended, and that each figure is the sum of what is behind.
func verifierJours(t failer, b *etablissementtest.Banc, passes map[sante.Jour]map[string]etablissement.Montants, debut sante.Jour, vus map[etablissement.Poste]bool) {
	t.Helper()
	ctx := context.Background()
	var hier *etablissement.Journee
	for j := debut; j <= b.Aujourdhui(); j++ {
		if passes[j] == nil && hier != nil && j < b.Aujourdhui() && passes[j+1] == nil && passes[j-1] == nil {
			continue // deep in a long wait
		}
		d, err := b.CloreJournee(ctx, j)
		if err != nil {
			t.Fatalf("%s : %v", j, err)
		}
		if want := passes[j]; want != nil {
			if diff := cmp.Diff(want, stocks(d)); diff != "" {
				t.Fatalf("%s : -attendu +obtenu\n%s", j, diff)
			}
		}
		if engage, postes := d.Equilibre(sante.NumeroAMC{}); engage != postes {
			t.Fatalf("%s : %v engagés, %v dans les postes", j, engage, postes)
		}
		if hier != nil && hier.Jour == j-1 {
			suite(t, hier, d)
		}
		if vus != nil {
			for i := range d.Lignes {
				vus[d.Lignes[i].Poste] = true
			}
		}
		for _, amc := range d.AMCs() {
			if engage, postes := d.Equilibre(amc); engage != postes {
				t.Fatalf("%s, AMC %s : %v engagés, %v dans les postes", j, amc, engage, postes)
			}
			for _, c := range d.Chiffres(amc) {
				if vus == nil || (j-debut)%5 != 0 && j < b.Aujourdhui()-1 {
					break // opened now and then is enough
				}
				derriere(t, b, d, amc, c)
			}
		}
		hier = d
	}
}

func suite(t failer, hier, d *etablissement.Journee) {
	fins := map[etablissement.CleCompteur]etablissement.Montants{}
	for i := range hier.Lignes {
		fins[hier.Lignes[i].CleCompteur] = hier.Lignes[i].Fin()
	}
	for i := range d.Lignes {
		if l := &d.Lignes[i]; l.Ouverture != fins[l.CleCompteur] {
			t.Fatalf("%s ouvre à %v, la veille finit à %v : %+v", d.Jour, l.Ouverture, fins[l.CleCompteur], l.CleCompteur)
		}
	}
}

// derriere opens a figure, by pages of two, and adds up.
func derriere(t failer, b *etablissementtest.Banc, d *etablissement.Journee, amc sante.NumeroAMC, c etablissement.Chiffre) {
	t.Helper()
	for sens, want := range map[etablissement.FluxOuStock]etablissement.Montants{etablissement.EnStock: c.Stock, etablissement.DansLeJour: c.Flux} {
		var got etablissement.Montants
		f := etablissement.FiltreFactures{Jour: d.Jour, AMC: amc, Chiffre: c.Cle, Sens: sens, Max: 2}
		for {
			l, apres, err := b.FacturesDe(context.Background(), f, true)
			if err != nil {
				t.Fatalf("%s %s : %v", c.Cle, sens, err)
			}
			for i := range l {
				got = got.Plus(etablissement.Montants{Nombre: int64(l[i].Nombre), Montant: l[i].Montant})
				if l[i].Dossier == "" || l[i].Couverture == nil {
					t.Fatalf("facture sans dossier ni couverture : %+v", l[i])
				}
			}
			if f.Apres = apres; apres == "" {
				break
			}
		}
		if got != want {
			t.Fatalf("%s, AMC %s, %s %s : %v derrière, %v au chiffre", d.Jour, amc, c.Cle, sens, got, want)
		}
	}
}

// histoires is how many histories one run of the tests plays on each engine; rapid's
// own hundred would take a minute.
const histoires = 8

// Whatever happens to visits, the counters are what the coverages say, every past
// day keeps its figures, the posts balance and each figure opens what makes it:
// through a daylight-saving night and the end of a year.
func TestComptesHasard(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		n, vus := 0, map[etablissement.Poste]bool{}
		debuts := []time.Time{time.Date(2026, 10, 24, 20, 30, 0, 0, time.UTC), time.Date(2026, 12, 30, 22, 45, 0, 0, time.UTC)}
		rapid.Check(t, func(r *rapid.T) {
			if n++; n > histoires && !r.Failed() && len(vus) == len(etablissement.PosteOrigine.Codes())-1 {
				return
			}
			k := etablissementtest.NewBanc(t, New(b, fmt.Sprintf("es-%d", n)), rapid.SampledFrom(debuts).Draw(r, "début"))
			vivre(r, k, rapid.IntRange(20, 70).Draw(r, "gestes"), vus)
		})
		for _, p := range etablissement.PosteOrigine.Codes() {
			if p != string(etablissement.PosteAbandonne) && !vus[etablissement.Poste(p)] { // no rule closes a coverage yet
				t.Errorf("aucune histoire n'est passée par %s", p)
			}
		}
	}, Migrations())
}

// unBanc is a hospital of its own on a store.
func unBanc(t *testing.T, b *bdd.Base, tenant string) *etablissementtest.Banc {
	return etablissementtest.NewBanc(t, New(b, tenant), time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
}

func faire(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mener brings a visit to its acknowledgement, then pays, pays in part or rejects.
func mener(t *testing.T, k *etablissementtest.Banc, fin string) etablissement.Place {
	t.Helper()
	ctx := context.Background()
	p, err := k.Engager(10000)
	faire(t, err)
	if fin == "ENGAGE" {
		return p
	}
	_, err = k.Facturer(ctx, p, etablissement.Ordre{}, k.Numero())
	faire(t, err)
	_, err = k.FormerLots(ctx)
	faire(t, err)
	if fin == "FACTURE" {
		return p
	}
	k.Avancer(24 * time.Hour)
	faire(t, k.Recevoir(func(string) roc.Code { return "" }))
	k.Avancer(24 * time.Hour)
	switch v, err := k.Livres.Venue(ctx, p.Venue); {
	case err != nil:
		t.Fatal(err)
	case fin == "PAYE":
		faire(t, k.Retourner(p, roc.RetourPaiement, roc.FacturePayee, roc.Accepte, v.Couverture(1).Facture.Demande))
	case fin == "RESTE":
		faire(t, k.Retourner(p, roc.RetourPaiement, roc.FacturePayee, roc.PiecesManquantes, 100))
	case fin == "REJETE":
		faire(t, k.Retourner(p, roc.RetourRejet, roc.FactureRejetee, roc.PiecesManquantes, 0))
	}
	return p
}

// What was engaged and invoiced before accounts were kept enters them from its
// history, at its days, once.
func TestOuverture(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		k := unBanc(t, b, "es-1")
		for _, fin := range []string{"ENGAGE", "FACTURE", "ACCUSE", "PAYE", "RESTE", "REJETE"} {
			mener(t, k, fin)
		}
		p, err := k.Engager(7000)
		faire(t, err)
		_, err = k.Annuler(ctx, p, etablissement.Ordre{}, roc.ErreurSaisie)
		faire(t, err)
		k.Avancer(25 * 24 * time.Hour)
		faire(t, k.Plier(ctx)) // stocks are carried forward twice
		faire(t, k.Plier(ctx))
		var avant []*etablissement.Journee
		jours := []sante.Jour{k.Aujourdhui() - 32, k.Aujourdhui() - 27, k.Aujourdhui() - 12, k.Aujourdhui()}
		for _, j := range jours {
			d, err := k.CloreJournee(ctx, j)
			faire(t, err)
			avant = append(avant, d)
		}
		// The store as an older version left it, but for the day carried forward:
		// what comes back comes late.
		for _, id := range k.Venues {
			var contenu []byte
			faire(t, b.Lecteur(ctx).QueryRowContext(ctx, `SELECT contenu FROM etab_couverture WHERE venue = $1`, id).Scan(&contenu))
			var x map[string]any
			faire(t, json.Unmarshal(contenu, &x))
			delete(x, "compte")
			contenu, err := json.Marshal(x)
			faire(t, err)
			_, err = b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_couverture SET contenu = $2 WHERE venue = $1`, id, contenu)
			faire(t, err)
		}
		for _, texte := range []string{`DELETE FROM etab_ecriture`, `DELETE FROM etab_compteur`, `DELETE FROM etab_compteur_report`, `UPDATE etab_couverture SET compte = 0`} {
			_, err := b.Ecrivain(ctx).ExecContext(ctx, texte)
			faire(t, err)
		}
		if d, err := k.CloreJournee(ctx, 0); err != nil || d.ARouvrir != 7 || len(d.Lignes) != 0 {
			t.Fatalf("avant l'ouverture : %+v, %v", d, err)
		}
		if n, err := k.RouvrirComptes(ctx); n != 7 || err != nil {
			t.Fatalf("%d ouvertes, %v, want 7", n, err)
		}
		faire(t, k.Plier(ctx))
		if n, err := k.RouvrirComptes(ctx); n != 0 || err != nil {
			t.Errorf("ouvertes deux fois : %d, %v", n, err)
		}
		for i, j := range jours {
			d, err := k.CloreJournee(ctx, j)
			faire(t, err)
			if diff := cmp.Diff(avant[i].Lignes, d.Lignes, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
				t.Errorf("%s : -tenu +rouvert\n%s", j, diff)
			}
		}
		controlerSans(t, k)
	}, Migrations())
}

// What is changed behind the back of the program is found by the control, each
// difference with who must act, and told again by the close of the day.
func TestControleTrouve(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		for i, c := range []struct {
			nom, texte string
			sortes     []etablissement.SorteEcart
			recompter  bool // mends it
		}{
			{"un compteur changé", `UPDATE etab_compteur SET entres = entres + 1 WHERE tenant = $1 AND poste = 'ACCUSE'`, []etablissement.SorteEcart{etablissement.EcartCompteur, etablissement.EcartStock, etablissement.EcartEquilibre}, true},
			{"un compteur perdu", `DELETE FROM etab_compteur WHERE tenant = $1 AND poste = 'PAYE'`, []etablissement.SorteEcart{etablissement.EcartCompteur, etablissement.EcartEquilibre}, true},
			{"un montant changé", `UPDATE etab_ecriture SET montant = montant + 1 WHERE tenant = $1 AND poste = 'REJETE'`, []etablissement.SorteEcart{etablissement.EcartChaine, etablissement.EcartCouverture, etablissement.EcartCompteur, etablissement.EcartStock}, false},
			{"une écriture perdue", `DELETE FROM etab_ecriture WHERE tenant = $1 AND poste = 'PAYE'`, []etablissement.SorteEcart{etablissement.EcartChaine, etablissement.EcartCouverture, etablissement.EcartCompteur}, false},
			{"un état changé", `UPDATE etab_couverture SET etat = 'INVOICED' WHERE tenant = $1 AND etat = 'REJECTED'`, []etablissement.SorteEcart{etablissement.EcartCouverture}, false},
			{"une couverture perdue", `DELETE FROM etab_couverture WHERE tenant = $1 AND etat = 'PAID'`, []etablissement.SorteEcart{etablissement.EcartCouverture}, false},
		} {
			tenant := fmt.Sprintf("es-%d", i)
			k := unBanc(t, b, tenant)
			for _, fin := range []string{"PAYE", "REJETE", "RESTE"} {
				mener(t, k, fin)
			}
			controlerSans(t, k)
			_, err := b.Ecrivain(ctx).ExecContext(ctx, c.texte, tenant)
			faire(t, err)
			r, err := k.Controler(ctx)
			faire(t, err)
			vues := map[etablissement.SorteEcart]bool{}
			for _, e := range r.Ecarts {
				vues[e.Sorte] = true
				if e.QuiAgit == "" || e.AFaire == "" || e.Phrase() == "" {
					t.Errorf("%s : écart sans suite : %+v", c.nom, e)
				}
			}
			for _, s := range c.sortes {
				if !vues[s] {
					t.Errorf("%s : %s n'est pas trouvé : %+v", c.nom, s, r.Ecarts)
				}
			}
			if d, err := k.CloreJournee(ctx, 0); err != nil || d.Controle.Differences != r.Differences || !d.Controle.Instant.Equal(r.Instant) {
				t.Errorf("%s : la clôture dit %+v, %v", c.nom, d.Controle, err)
			}
			if c.recompter {
				faire(t, k.Recompter(ctx))
				controlerSans(t, k)
			}
		}
	}, Migrations())
}

// Lateness is of another promise when the parameter changes, for past days too.
func TestDelaiChange(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		k := unBanc(t, b, "es-1")
		mener(t, k, "ACCUSE")
		mener(t, k, "RESTE")
		k.Avancer(20 * 24 * time.Hour)
		retards := func(recul sante.Jour) int64 {
			d, err := k.CloreJournee(ctx, k.Aujourdhui()-recul)
			faire(t, err)
			for _, c := range d.Chiffres(sante.NumeroAMC{}) {
				if c.Cle == "RETARD" {
					return c.Stock.Nombre
				}
			}
			return -1
		}
		for _, c := range []struct {
			delai         int
			jour0, jour10 int64
		}{{0, 2, 1}, {5, 2, 2}, {30, 0, 0}, {12, 2, 1}} {
			k.DelaiPaiement = c.delai
			faire(t, k.Plier(ctx))
			if a, b := retards(0), retards(10); a != c.jour0 || b != c.jour10 {
				t.Errorf("délai %d : %d en retard, %d dix jours avant, want %d et %d", c.delai, a, b, c.jour0, c.jour10)
			}
			controlerSans(t, k)
		}
	}, Migrations())
}

// Two nodes write and fold at once: every line is folded once.
func TestDeuxNoeudsComptes(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			ctx := context.Background()
			adresse := bddtest.Adresse(t, m)
			un := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, Migrations())
			deux := bddtest.OuvrirAdresse(t, adresse, bdd.Options{})
			var fin sync.WaitGroup
			plier, arreter := context.WithCancel(ctx)
			var plieurs sync.WaitGroup
			for i, b := range []*bdd.Base{un, deux} {
				for j := range 3 {
					k := unBanc(t, b, "es-1")
					k.Dossiers(fmt.Sprintf("N%d%d-", i, j))
					fin.Go(func() {
						for range 6 {
							p, err := k.Engager(10000)
							if err == nil {
								_, err = k.Facturer(ctx, p, etablissement.Ordre{}, k.Numero())
							}
							if err == nil {
								_, err = k.AnnulerFacture(ctx, p, etablissement.Ordre{}, k.Numero())
							}
							if err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
				s := New(b, "es-1")
				plieurs.Go(func() {
					for plier.Err() == nil {
						if _, err := s.Plier(ctx, 1, 12, 3); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			fin.Wait()
			arreter()
			plieurs.Wait()
			k := unBanc(t, un, "es-1")
			controlerSans(t, k)
			d, err := k.CloreJournee(ctx, 0)
			faire(t, err)
			if engage, postes := d.Equilibre(sante.NumeroAMC{}); engage.Nombre != 36 || engage != postes {
				t.Errorf("%v engagés, %v dans les postes, want 36", engage, postes)
			}
		})
	}
}

// The control of a night is one node's, once; a night of a change of time has one.
func TestControleDeLaNuit(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		for i, c := range []struct {
			nom   string
			debut time.Time
			nuits int // of controls in three days
		}{
			{"heure d'été", time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), 3},
			{"heure d'hiver", time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC), 3},
			{"fin d'année", time.Date(2026, 12, 29, 12, 0, 0, 0, time.UTC), 3},
		} {
			tenant := fmt.Sprintf("es-%d", i)
			un, deux := etablissementtest.NewBanc(t, New(b, tenant), c.debut), etablissementtest.NewBanc(t, New(b, tenant), c.debut)
			faits := -1 // the first pass catches up with the night before
			for range 3 * 24 * 2 {
				for _, k := range []*etablissementtest.Banc{un, deux} {
					r, err := k.ControlerLaNuit(ctx)
					faire(t, err)
					if r == nil {
						continue
					}
					faits++
					if h := k.Horloge().In(sante.Paris()); faits > 0 && (h.Hour() != 4 || h.Minute() >= 30) {
						t.Errorf("%s : contrôle à %s", c.nom, h)
					}
				}
				un.Avancer(30 * time.Minute)
				deux.Avancer(30 * time.Minute)
			}
			if faits != c.nuits {
				t.Errorf("%s : %d contrôles, want %d", c.nom, faits, c.nuits)
			}
		}
	}, Migrations())
}

// What is handed over as a file is never acknowledged: it is late when the promise is
// over all the same. What is corrected on the day of its rejection is counted once.
func TestRemiseEnRetard(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		k := unBanc(t, b, "es-1")
		chiffre := func(cle string) etablissement.Chiffre {
			d, err := k.CloreJournee(ctx, 0)
			faire(t, err)
			for _, c := range d.Chiffres(sante.NumeroAMC{}) {
				if c.Cle == cle {
					return c
				}
			}
			return etablissement.Chiffre{}
		}
		p, err := k.Convenir(10000)
		faire(t, err)
		if c := chiffre("SANS_GARANTIE"); c.Stock.Nombre != 1 || c.Mention() != etablissement.SansGarantie || chiffre("ENGAGE").Flux.Nombre != 0 {
			t.Errorf("calculée par convention : %+v", c)
		}
		_, err = k.Facturer(ctx, p, etablissement.Ordre{}, k.Numero())
		faire(t, err)
		_, err = k.FormerLots(ctx)
		faire(t, err)
		faire(t, k.Remettre())
		total := chiffre("REMIS").Stock
		if total.Nombre != 1 {
			t.Errorf("remise : %+v", total)
		}
		for _, c := range []struct{ jours, retards int64 }{{12, 0}, {2, 1}} {
			k.Avancer(time.Duration(c.jours) * 24 * time.Hour)
			if x := chiffre("RETARD"); x.Stock.Nombre != c.retards {
				t.Errorf("%d jours de plus : %+v", c.jours, x.Stock)
			}
		}
		d, err := k.CloreJournee(ctx, 0)
		faire(t, err)
		if engage, sans := d.Origines(sante.NumeroAMC{}); engage != (etablissement.Montants{}) || sans != total {
			t.Errorf("%v engagés, %v sans garantie", engage, sans)
		}
		l, _, err := k.FacturesDe(ctx, etablissement.FiltreFactures{AMC: d.AMCs()[0], Chiffre: "RETARD"}, false)
		if err != nil || len(l) != 1 || l[0].Mention() != etablissement.SansGarantie {
			t.Errorf("derrière le retard : %+v, %v", l, err)
		}
		if noms, err := k.NomsAMC(ctx, d); err != nil || noms[d.AMCs()[0]] != "Mutuelle du Gué" {
			t.Errorf("noms %v, %v", noms, err)
		}
		r := mener(t, k, "REJETE")
		_, err = k.Corriger(ctx, r, etablissement.Ordre{})
		faire(t, err)
		if a, n := chiffre("A_CORRIGER"), chiffre("REJETE"); a.Flux != n.Flux || a.Flux.Nombre != 1 {
			t.Errorf("à corriger %+v, rejeté %+v", a.Flux, n.Flux)
		}
		v, err := k.Livres.Venue(ctx, r.Venue)
		faire(t, err)
		f := etablissement.FiltreFactures{AMC: v.Couverture(1).AMC.Numero, Chiffre: "A_CORRIGER", Sens: etablissement.DansLeJour}
		if l, _, err := k.FacturesDe(ctx, f, false); err != nil || len(l) != 1 || l[0].Mention() != "" {
			t.Errorf("derrière « à corriger » : %+v, %v", l, err)
		}
		controlerSans(t, k)
	}, Migrations())
}

// A backup holds the accounts, and a store restored from it balances.
func TestComptesRestaures(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		k := unBanc(t, b, "es-1")
		mener(t, k, "RESTE")
		mener(t, k, "REJETE")
		faire(t, k.Plier(ctx))
		mener(t, k, "FACTURE")
		var sauvegarde bytes.Buffer
		faire(t, b.Sauvegarder(ctx, &sauvegarde))
		autre := bddtest.Ouvrir(t, Migrations())
		faire(t, autre.Restaurer(ctx, &sauvegarde))
		r := etablissementtest.NewBanc(t, New(autre, "es-1"), k.Horloge())
		avant, err := k.CloreJournee(ctx, 0)
		faire(t, err)
		apres, err := r.CloreJournee(ctx, 0)
		faire(t, err)
		if d := cmp.Diff(avant, apres, cmp.Exporter(func(reflect.Type) bool { return true })); d != "" || len(avant.Lignes) == 0 {
			t.Errorf("%d lignes ; -sauvegardée +restaurée\n%s", len(avant.Lignes), d)
		}
		controlerSans(t, r)
	}, Migrations())
}

// An invoice that is late comes into lateness once, however it moves between the posts
// where payment is awaited: the day when it is paid in part says nothing new of it, and
// the counters that said otherwise are put right.
func TestRetardCompteUneFois(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		k := unBanc(t, b, "es-1")
		p := mener(t, k, "ACCUSE")
		retard := func() (c etablissement.Chiffre) {
			t.Helper()
			d, err := k.CloreJournee(ctx, 0)
			faire(t, err)
			for _, c = range d.Chiffres(sante.NumeroAMC{}) {
				if c.Cle == "RETARD" {
					break
				}
			}
			for sens, want := range map[etablissement.FluxOuStock]etablissement.Montants{etablissement.EnStock: c.Stock, etablissement.DansLeJour: c.Flux} {
				var got etablissement.Montants
				l, _, err := k.FacturesDe(ctx, etablissement.FiltreFactures{AMC: d.AMCs()[0], Chiffre: "RETARD", Sens: sens}, false)
				faire(t, err)
				for _, x := range l {
					got = got.Plus(etablissement.Montants{Nombre: int64(x.Nombre), Montant: x.Montant})
				}
				if got != want {
					t.Errorf("%s : %v derrière, %v au chiffre", sens, got, want)
				}
			}
			return c
		}
		k.Avancer(12 * 24 * time.Hour) // the first late day
		total := retard()
		if total.Flux.Nombre != 1 || total.Stock != total.Flux {
			t.Fatalf("premier jour de retard : %+v", total)
		}
		faire(t, k.Retourner(p, roc.RetourPaiement, roc.FacturePayee, roc.PiecesManquantes, 50))
		if c := retard(); c.Flux != total.Flux || c.Stock != (etablissement.Montants{Nombre: 1, Montant: total.Stock.Montant - 50}) {
			t.Errorf("payée en partie ce jour-là : %+v, want un seul retard", c)
		}
		for range 2 {
			k.Avancer(24 * time.Hour)
			avant := retard().Stock
			faire(t, k.Retourner(p, roc.RetourPaiement, roc.FacturePayee, roc.PiecesManquantes, 100))
			if c := retard(); c.Flux != (etablissement.Montants{}) || c.Stock != (etablissement.Montants{Nombre: 1, Montant: avant.Montant - 100}) {
				t.Errorf("payée en partie, en retard déjà : %+v", c)
			}
			faire(t, k.Plier(ctx))
			if c := retard(); c.Flux != (etablissement.Montants{}) {
				t.Errorf("plié : %+v", c)
			}
		}
		controlerSans(t, k)
		faire(t, k.Recompter(ctx))
		if c := retard(); c.Flux != (etablissement.Montants{}) {
			t.Errorf("recompté : %+v", c)
		}
		controlerSans(t, k)
		// As the counters of before were: once more for each of the three moves.
		_, err := b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_compteur SET entres = entres + d.nombre, entres_montant = entres_montant + d.montant,
			sortis = sortis + d.nombre, sortis_montant = sortis_montant + d.montant FROM (SELECT x.jour AS le, x.nombre, x.montant FROM etab_ecriture x
			WHERE x.poste = 'RESTE' AND x.origine IN ('ACCUSE', 'RESTE')) AS d WHERE etab_compteur.jour = d.le AND poste = 'RETARD'`)
		faire(t, err)
		if c, err := k.Controler(ctx); err != nil || c.Differences == 0 {
			t.Errorf("les compteurs d'avant ne diffèrent pas : %+v, %v", c, err)
		}
		texte, err := fichiers.ReadFile("migrations/0771_retard_une_fois.sql")
		faire(t, err)
		_, err = b.Ecrivain(ctx).ExecContext(ctx, string(texte))
		faire(t, err)
		controlerSans(t, k)
	}, Migrations())
}
