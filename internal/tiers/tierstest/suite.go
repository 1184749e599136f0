// Package tierstest holds the suite that each store of the third party must pass, a
// party for tests, and the attacker that the separation of identity and products must
// resist (in its tests).
package tierstest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Jour is a day for tests.
var Jour = sante.JourDe(2026, 11, 23)

func cle(n byte) (c tiers.Cle) {
	for i := range c {
		c[i] = n
	}
	return c
}

// Depot is the suite of a store; autre is that of another tenant.
func Depot(t *testing.T, d, autre tiers.Depot) {
	t.Run("dossiers", func(t *testing.T) { dossiers(t, d, autre) })
	t.Run("promesses", func(t *testing.T) { promesses(t, d, autre) })
	t.Run("courses", func(t *testing.T) { courses(t, d) })
	t.Run("engagements", func(t *testing.T) { engagements(t, d) })
	t.Run("purge", func(t *testing.T) { purge(t, d, autre) })
}

func dossiers(t *testing.T, d, autre tiers.Depot) {
	ctx := context.Background()
	x := &tiers.Dossier{Cle: cle(1), Expire: Jour + 29, Contenu: []byte("chiffré")}
	if err := d.Ouvrir(ctx, cle(10), Jour+1, x); err != nil {
		t.Fatal(err)
	}
	y := &tiers.Dossier{Cle: cle(2), Expire: Jour + 29, Contenu: []byte("autre")}
	if err := d.Ouvrir(ctx, cle(10), Jour+1, y); !errors.Is(err, tiers.ErrJetonServi) {
		t.Errorf("jeton servi deux fois : %v", err)
	}
	if _, err := d.Dossier(ctx, cle(2), Jour); !errors.Is(err, tiers.ErrAbsent) {
		t.Errorf("un jeton refusé a ouvert un dossier : %v", err)
	}
	if err := d.Ouvrir(ctx, cle(10), Jour+1, &tiers.Dossier{Cle: cle(1), Expire: Jour + 30, Contenu: []byte("relu")}); err != nil {
		t.Errorf("le même jeton, le même dossier : %v", err)
	}
	if err := autre.Ouvrir(ctx, cle(10), Jour+1, y); err != nil {
		t.Errorf("le jeton d'un autre locataire : %v", err)
	}
	for _, jour := range []sante.Jour{Jour, Jour + 29} {
		if lu, err := d.Dossier(ctx, cle(1), jour); err != nil || !cmp.Equal(lu, x) {
			t.Errorf("au %s : %+v, %v", jour, lu, err)
		}
	}
	if _, err := d.Dossier(ctx, cle(1), Jour+30); !errors.Is(err, tiers.ErrAbsent) {
		t.Errorf("dossier expiré : %v", err)
	}
	if _, err := autre.Dossier(ctx, cle(1), Jour); !errors.Is(err, tiers.ErrAbsent) {
		t.Errorf("dossier d'un autre locataire : %v", err)
	}
}

func promesses(t *testing.T, d, autre tiers.Depot) {
	ctx := context.Background()
	promettre := func(cas string, n, e byte, attendu bool) {
		t.Helper()
		if ok, err := d.Promettre(ctx, &tiers.Promesse{Cle: cle(20), Numero: cle(n), Empreinte: cle(e), Jour: Jour}); err != nil || ok != attendu {
			t.Errorf("%s : %t, %v", cas, ok, err)
		}
	}
	confirmer := func(cas string, x tiers.Depot, n, e, f byte, attendu bool) {
		t.Helper()
		if ok, err := x.Confirmer(ctx, cle(n), cle(e), cle(f)); err != nil || ok != attendu {
			t.Errorf("%s : %t, %v", cas, ok, err)
		}
	}
	promettre("la première", 30, 40, true)
	promettre("la même", 30, 40, true)
	promettre("une autre la remplace", 31, 41, true)
	confirmer("la remplacée", d, 30, 40, 50, false)
	confirmer("d'autres montants", d, 31, 40, 50, false)
	confirmer("chez un autre locataire", autre, 31, 41, 50, false)
	confirmer("la bonne", d, 31, 41, 50, true)
	confirmer("la même facture", d, 31, 41, 50, true)
	confirmer("une autre facture", d, 31, 41, 51, false)
	promettre("la même, facturée", 31, 41, true)
	confirmer("facturée, elle le reste", d, 31, 41, 51, false)
	promettre("une autre, après la facture", 32, 42, false)
	confirmer("l'autre n'est pas écrite", d, 32, 42, 52, false)
	confirmer("la première tient", d, 31, 41, 50, true)
}

// courses: of many at once, one token opens one file, as often as that one is asked, and
// one invoice uses a promise.
func courses(t *testing.T, d tiers.Depot) {
	ctx := context.Background()
	if ok, err := d.Promettre(ctx, &tiers.Promesse{Cle: cle(60), Numero: cle(61), Empreinte: cle(62), Jour: Jour}); err != nil || !ok {
		t.Fatal(ok, err)
	}
	var ouverts, memes, factures atomic.Int64
	var fin sync.WaitGroup
	for i := range byte(8) {
		fin.Go(func() {
			err := d.Ouvrir(ctx, cle(63), Jour, &tiers.Dossier{Cle: cle(70 + i), Expire: Jour, Contenu: []byte{i}})
			switch {
			case err == nil:
				ouverts.Add(1)
			case !errors.Is(err, tiers.ErrJetonServi):
				t.Error(err)
			}
			if err := d.Ouvrir(ctx, cle(64), Jour, &tiers.Dossier{Cle: cle(65), Expire: Jour, Contenu: []byte{i}}); err == nil {
				memes.Add(1)
			} else {
				t.Error(err)
			}
			ok, err := d.Confirmer(ctx, cle(61), cle(62), cle(80+i))
			if err != nil {
				t.Error(err)
			}
			if ok {
				factures.Add(1)
			}
		})
	}
	fin.Wait()
	if ouverts.Load() != 1 || memes.Load() != 8 || factures.Load() != 1 {
		t.Errorf("%d dossiers d'un jeton, %d fois le même, %d factures d'un engagement", ouverts.Load(), memes.Load(), factures.Load())
	}
}

// engagements: of two deliveries of one file and day, asked again and again at once
// while invoices are controlled, one number at most is ever good, and stays so.
func engagements(t *testing.T, d tiers.Depot) {
	ctx, p := context.Background(), NouvellePartie(t, d, new(Moitie))
	var lien vd.Lien
	n := p.Dossier(t, "2999000011", func(j *vd.Jeton) { lien = j.Lien })
	e, err := vd.ParseEmpreinteFacture(strings.Repeat("A", 43))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	controles := map[vd.NumeroTarification]*vd.DemandeControle{}
	bons := map[vd.NumeroTarification]int{}
	var fin sync.WaitGroup
	for i := range 12 {
		fin.Go(func() {
			prix := sante.Montant(1000 + i%2)
			q, err := vd.Poste{Tiers: p.Courante}.Preparer(n, Jour, vd.Engagement, []vd.Ligne{Ligne(t, 1, calcul.FamilleDMI, "9900022", prix)})
			if err != nil {
				t.Error(err)
				return
			}
			r, err := p.Service.Tarifer(ctx, p.Carte("2999000011"), q.Demande)
			if err != nil {
				t.Error(err)
				return
			}
			if r.CodeRetour == vd.DossierInconnu {
				return // the other delivery is invoiced
			}
			x, err := q.Lire(r)
			if err != nil {
				t.Error(err)
				return
			}
			c := &vd.DemandeControle{NumeroTarification: x.Numero, Lien: lien, Facture: e, Montants: x.Familles}
			a, err := p.Service.Controler(ctx, c)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			controles[x.Numero] = c
			if a.Conforme == vd.Oui {
				bons[x.Numero]++
			}
		})
	}
	fin.Wait()
	if len(controles) > 2 || len(bons) != 1 {
		t.Errorf("%d numéros pour deux délivrances, dont %d bons", len(controles), len(bons))
	}
	for numero, c := range controles {
		a, err := p.Service.Controler(ctx, c)
		if err != nil || (a.Conforme == vd.Oui) != (bons[numero] > 0) {
			t.Errorf("à la fin : %+v, %v, bon %d fois", a, err, bons[numero])
		}
	}
}

func purge(t *testing.T, d, autre tiers.Depot) {
	ctx := context.Background()
	for _, x := range []tiers.Depot{d, autre} {
		if err := x.Ouvrir(ctx, cle(90), Jour+40, &tiers.Dossier{Cle: cle(91), Expire: Jour + 40, Contenu: []byte("c")}); err != nil {
			t.Fatal(err)
		}
		if err := x.Ouvrir(ctx, cle(92), Jour+41, &tiers.Dossier{Cle: cle(93), Expire: Jour + 41, Contenu: []byte("c")}); err != nil {
			t.Fatal(err)
		}
		for i := range byte(2) {
			if ok, err := x.Promettre(ctx, &tiers.Promesse{Cle: cle(94 + i), Numero: cle(96 + i), Empreinte: cle(98), Jour: Jour + 10 + sante.Jour(i)}); err != nil || !ok {
				t.Fatal(ok, err)
			}
		}
	}
	if err := d.Purger(ctx, Jour+41, Jour+11); err != nil {
		t.Fatal(err)
	}
	for c, reste := range map[byte]bool{91: false, 93: true} {
		if _, err := d.Dossier(ctx, cle(c), Jour); (err == nil) != reste {
			t.Errorf("dossier %d : %v", c, err)
		}
		if _, err := autre.Dossier(ctx, cle(c), Jour); err != nil {
			t.Errorf("dossier %d d'un autre locataire : %v", c, err)
		}
	}
	if err := d.Ouvrir(ctx, cle(92), Jour+41, &tiers.Dossier{Cle: cle(99), Expire: Jour, Contenu: []byte("c")}); !errors.Is(err, tiers.ErrJetonServi) {
		t.Errorf("un jeton encore bon est oublié : %v", err)
	}
	for n, reste := range map[byte]bool{96: false, 97: true} {
		if ok, err := d.Confirmer(ctx, cle(n), cle(98), cle(1)); err != nil || ok != reste {
			t.Errorf("promesse %d : %t, %v", n, ok, err)
		}
	}
}
