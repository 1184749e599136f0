package store

import (
	"context"
	"errors"
	"fmt"
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
	poste := map[etablissement.Etat]string{etablissement.Engagee: "ENGAGE", etablissement.Facturee: "FACTURE", etablissement.Accusee: "ACCUSE",
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
		switch cv.Etat {
		case etablissement.Rejetee:
			p += " " + string(cv.Code)
		case etablissement.PayeePartiellement:
			ajouter(cv.AMC.Numero, "PAYE", 0, cv.Facture.Paye)
			total -= cv.Facture.Paye
		}
		ajouter(cv.AMC.Numero, p, 1, total)
		if cv.Etat == etablissement.Accusee || cv.Etat == etablissement.PayeePartiellement {
			if jour-sante.JourA(cv.Facture.Accusee, sante.Paris()) > 12 {
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
		case etablissement.PosteOrigine, etablissement.PosteAnnule, etablissement.PosteExpire, etablissement.PosteAbandonne:
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
				if vus == nil {
					break // opened once is enough
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
const histoires = 12

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

var _ = errors.Is
var _ = sync.OnceFunc
var _ roc.Code
