package amctest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// vivantes are the engagements in force of a dossier.
func (b *Banc) vivantes(dossier string) (l []amc.EngagementGarde) {
	b.t.Helper()
	err := b.Grouper(b.t.Context(), func(ctx context.Context) error {
		l = nil
		tous, err := b.Ports.Engagements.Dossier(ctx, Hopital, dossier)
		for _, e := range tous {
			if e.Etat == amc.Engage {
				l = append(l, e)
			}
		}
		return err
	})
	if err != nil {
		b.t.Error(err)
	}
	return l
}

// local asks an IDB that must carry the guarantee of a local calculation.
func (b *Banc) local(dossier string, e roc.Entete) roc.GarantieLocale {
	b.t.Helper()
	r := b.DemanderIDB(dossier, e)
	if r.GarantieLocale == nil {
		b.t.Errorf("%s: aucune garantie locale (%s)", dossier, r.CodeRetour)
		return roc.GarantieLocale{}
	}
	return *r.GarantieLocale
}

// etatDe is the state that the hospital is told of a number.
func (b *Banc) etatDe(n roc.NumeroEngagement) roc.EtatEngagement {
	b.t.Helper()
	return Poser(b, roc.EchangeEngagement, "D1", &roc.DemandeEngagement{NumeroEngagement: n}, b.Service.Engagement).EtatEngagement
}

// suitePromesse asks again and again: one live guarantee for a dossier and its
// days, under one number while it promises the same. ref: DEC 21, DEC 24
func suitePromesse(t *testing.T, l Livres) {
	b := New(t, l, Reglages())
	le := sante.JourA(Instant, sante.Paris())
	p := Situation("essentiel")
	e := Entete(p, roc.ContexteAdmission, le)
	premiere := b.local("D1", e)
	b.Avancer(48 * time.Hour)
	plusTard := e
	plusTard.DateReference, plusTard.PeriodeDebut, plusTard.PeriodeFin = le+2, le, le+20
	for nom, x := range map[string]roc.Entete{"la même question": e, "des jours déjà couverts": plusTard} {
		encore := b.local("D1", x)
		if encore.Numero != premiere.Numero || encore.Debut != premiere.Debut || encore.Fin != premiere.Fin || *encore.MontantMax != *premiere.MontantMax {
			t.Errorf("%s: %+v, puis %+v", nom, premiere, encore)
		}
	}
	if autre := b.local("D2", e); autre.Numero == premiere.Numero {
		t.Error("un autre dossier sous le même numéro")
	}
	// A longer stay than what is guaranteed: a new number, and the former is closed.
	long := e
	long.PeriodeDebut, long.PeriodeFin = le, premiere.Fin+5
	etendue := b.local("D1", long)
	if etendue.Numero == premiere.Numero || etendue.Debut > premiere.Debut || etendue.Fin <= premiere.Fin {
		t.Errorf("séjour plus long: %+v, puis %+v", premiere, etendue)
	}
	if x := b.etatDe(premiere.Numero); x != roc.EtatAnnule {
		t.Errorf("la garantie remplacée est %s", x)
	}
	// Another person in the same dossier, then none but the last is left.
	autrui := b.local("D1", Entete(Situation("pere"), roc.ContexteAdmission, le))
	if v := b.vivantes("D1"); len(v) != 1 || v[0].Numero != autrui.Numero || v[0].Beneficiaire != "pere" {
		t.Errorf("%d garanties en vigueur après le changement de personne", len(v))
	}
	suitePromesseAilleurs(t, b, e)
}

// suitePromesseAilleurs is what other days, a cancellation and a CLC change.
func suitePromesseAilleurs(t *testing.T, b *Banc, e roc.Entete) {
	// Care after what is guaranteed: the former stays, the new one begins after it.
	avant := b.local("D3", e)
	suite := e
	suite.DateReference = avant.Fin + 10
	apres := b.local("D3", suite)
	if apres.Numero == avant.Numero || apres.Debut != avant.Fin+1 || apres.Fin <= avant.Fin {
		t.Errorf("d'autres jours: %+v, puis %+v", avant, apres)
	}
	if v := b.vivantes("D3"); len(v) != 2 {
		t.Errorf("%d garanties en vigueur, une pour chacune des périodes attendue", len(v))
	}
	if encore := b.local("D3", e); encore.Numero != avant.Numero {
		t.Error("la première période a changé de numéro")
	}
	// Cancelled, a number never comes back.
	b.DemanderDEL("D3", avant.Numero)
	if neuve := b.local("D3", e); neuve.Numero == avant.Numero || neuve.Fin != apres.Debut-1 {
		t.Errorf("après DEL: %+v", neuve)
	}
	// The days that a CLC has engaged are not guaranteed a second time.
	d := Sejour(b.Moteur, Situation("essentiel"), 10, 0)
	clc := b.DemanderCLC("D4", d)
	if r := b.DemanderIDB("D4", d.Entete); r.CodeRetour != roc.Accepte || r.GarantieLocale != nil {
		t.Errorf("après un CLC: %s, %+v", r.CodeRetour, r.GarantieLocale)
	}
	if v := b.vivantes("D4"); len(v) != 1 || v[0].Numero != clc.NumeroEngagement {
		t.Errorf("%d engagements en vigueur après le CLC", len(v))
	}
	// Past the time to invoice, what is asked again is promised anew.
	vieille := b.local("D5", e)
	b.Avancer(91 * 24 * time.Hour)
	if neuve := b.local("D5", e); neuve.Numero == vieille.Numero {
		t.Error("une garantie échue est redonnée")
	}
	if x := b.etatDe(vieille.Numero); x != roc.EtatExpire {
		t.Errorf("la garantie échue est %s", x)
	}
}

// suitePromesseCourse asks many times at once, of a new dossier then of a known
// one: one number for all.
func suitePromesseCourse(t *testing.T, b *Banc) {
	const appels = 16
	corps := &roc.DemandeIDB{Entete: Entete(Situation("essentiel"), roc.ContexteAdmission, sante.JourA(Instant, sante.Paris()))}
	for tour := range 3 {
		numeros := make([]roc.NumeroEngagement, appels)
		var fin sync.WaitGroup
		for i := range appels {
			question := Sceller(b, roc.EchangeIDB, Enveloppe(roc.IDB, "D1", Instant), corps)
			fin.Go(func() {
				// As the gate does: what is long outside, the guarantee inside.
				r, engager, err := b.IDBEngageante(b.t.Context(), question)
				if err != nil || engager == nil {
					t.Errorf("%v, %v: une réponse qui engage attendue", r, err)
					return
				}
				err = b.Grouper(b.t.Context(), func(ctx context.Context) (err error) { r, err = engager(ctx); return err })
				if err != nil || r.GarantieLocale == nil {
					t.Errorf("%v, garantie absente ?", err)
					return
				}
				numeros[i] = r.GarantieLocale.Numero
			})
		}
		fin.Wait()
		v := b.vivantes("D1")
		if len(v) != 1 {
			t.Fatalf("tour %d: %d garanties en vigueur, une seule attendue", tour, len(v))
		}
		for _, n := range numeros {
			if n != v[0].Numero {
				t.Errorf("tour %d: %s donné, %s en vigueur", tour, n, v[0].Numero)
			}
		}
		if tour == 0 { // cancelled, then open to all again
			b.DemanderDEL("D1", v[0].Numero)
		}
	}
}
