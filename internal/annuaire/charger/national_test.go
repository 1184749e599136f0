package charger

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/local"
	"github.com/ecluse-sante/ecluse/rass"
)

// pays is the fictitious directory of the laboratory, as feeds.
func pays(t testing.TB, professionnels, jour int, delta bool) (fichiers map[rass.Fichier]string, flux []Flux) {
	t.Helper()
	return paysRegle(t, local.Reglage{Graine: 4, Professionnels: professionnels, Part: 0.02}, jour, delta)
}

func paysRegle(t testing.TB, r local.Reglage, jour int, delta bool) (fichiers map[rass.Fichier]string, flux []Flux) {
	t.Helper()
	n, err := local.New(r)
	if err != nil {
		t.Fatal(err)
	}
	j, err := n.Journee(jour)
	if err != nil {
		t.Fatal(err)
	}
	fichiers = map[rass.Fichier]string{}
	for _, f := range n.Fichiers() {
		var b bytes.Buffer
		ecrire := j.Ecrire
		if delta {
			ecrire = j.EcrireDifferences
		}
		if _, err := ecrire(context.Background(), &b, f); err != nil {
			t.Fatal(err)
		}
		s := b.String()
		fichiers[f] = s
		flux = append(flux, Flux{Fichier: f, Nom: j.Nom(f, delta), Ouvrir: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }})
	}
	return fichiers, flux
}

// The laboratory's directory comes back as it was written, and its days of differences
// make what its whole files make.
func TestPaysAllerRetour(t *testing.T) {
	f, flux := pays(t, 1500, 0, false)
	b := nouveauBanc(t)
	b.o.AccepteePar = "essai"
	if r := b.charger(flux); r.Constats[annuaire.DRefOrpheline.String()] != 0 {
		t.Errorf("références orphelines : %v", r.Constats)
	}
	v := b.d.Vue()
	for k, want := range f {
		if k == rass.ProSanteConnect {
			continue
		}
		l, err := rass.NewLecteur(strings.NewReader(want), k)
		if err != nil {
			t.Fatal(err)
		}
		for l.Next() {
		}
		var w bytes.Buffer
		if _, err := Exporter(context.Background(), v, k, rass.FormePubliee(), &w); err != nil {
			t.Fatal(err)
		}
		comparerLignes(t, k, normales(k, w.String(), f), normales(k, want, f))
	}
	v.Rendre()
}

// normales are the lines of a file, sorted and each once, without what a record does not
// hold: the day a card was last touched, and the structure of a personal mailbox where
// its holder does nothing.
func normales(k rass.Fichier, s string, f map[rass.Fichier]string) []string {
	l := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for i, x := range l {
		c := strings.Split(x, "|")
		switch {
		case k == rass.Porteurs:
			c[rass.POMaj] = ""
		case k == rass.MSSante && c[rass.MSTypeBAL] == "PER" && !exerceA(f[rass.PersonneActivite], c[rass.MSIDNat], c[rass.MSStructure]):
			for n := range c {
				if n == int(rass.MSTypeStructure) || n == int(rass.MSStructure) || n >= int(rass.MSRaisonSociale) {
					c[n] = ""
				}
			}
		}
		l[i] = strings.Join(c, "|")
	}
	slices.Sort(l)
	return slices.Compact(l)
}

func exerceA(pa, idNat, structure string) bool {
	for l := range strings.Lines(pa) {
		if strings.Contains(l, "|"+idNat+"|") && (strings.Contains(l, "|"+structure+"|") || strings.Contains(l, "|R"+structure)) {
			return true
		}
	}
	return false
}

func comparerLignes(t *testing.T, k rass.Fichier, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%v : %d lignes rendues, %d lues", k, len(got), len(want))
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%v ligne %d\nrendu %s\nlu    %s", k, i, got[i], want[i])
			return
		}
	}
}

func TestPaysDifferences(t *testing.T) {
	_, jour0 := pays(t, 800, 0, false)
	_, entier := pays(t, 800, 1, false)
	_, delta := pays(t, 800, 1, true)
	a, b := nouveauBanc(t), nouveauBanc(t)
	for _, x := range []*banc{a, b} {
		x.o.AccepteePar = "essai"
		x.charger(jour0)
		x.o.Maintenant = midi.AddDate(0, 0, 1)
	}
	a.charger(entier)
	b.charger(delta)
	memes(t, a.etat(), b.etat())
}

// A dirty country is loaded all the same: what is wrong is counted, and a day of
// differences still makes what its whole files make.
func TestPaysSale(t *testing.T) {
	r := local.Reglage{Graine: 5, Professionnels: 1200, Part: 0.02, Sales: true}
	_, jour0 := paysRegle(t, r, 0, false)
	_, entier := paysRegle(t, r, 1, false)
	_, delta := paysRegle(t, r, 1, true)
	a, b := nouveauBanc(t), nouveauBanc(t)
	var comptes []map[string]int64
	for _, x := range []*banc{a, b} {
		x.o.AccepteePar = "essai"
		rapport := x.charger(jour0)
		comptes = append(comptes, rapport.Constats)
		for _, c := range []annuaire.CodeConstat{annuaire.DRPPSCle, annuaire.DIDPrefixe, annuaire.DRefOrpheline, annuaire.DDate,
			annuaire.DCodeInconnu} {
			if rapport.Constats[c.String()] == 0 {
				t.Errorf("%v n'est jamais constaté : %v", c, rapport.Constats)
			}
		}
		x.o.Maintenant = midi.AddDate(0, 0, 1)
	}
	if !maps.Equal(comptes[0], comptes[1]) {
		t.Errorf("les mêmes fichiers sont comptés de deux façons : %v et %v", comptes[0], comptes[1])
	}
	a.charger(entier)
	b.charger(delta)
	memes(t, a.etat(), b.etat())
}
