package certificat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
)

// pointDeDistribution is a Source that tests stop or turn back.
type pointDeDistribution map[string][]byte

func (p pointDeDistribution) CRL(_ context.Context, adresse, _ string) ([]byte, string, error) {
	if der, ok := p[adresse]; ok {
		return der, "", nil
	}
	return nil, "", errors.New("point de distribution muet")
}

// confiance is a trust directory of a hierarchy, without any list.
func confiance(t *testing.T, g *igc.IGC) string {
	t.Helper()
	dir := t.TempDir()
	for nom, ders := range map[string][][]byte{"racines": g.Racines(), "intermediaires": g.Intermediaires()} {
		if err := os.Mkdir(filepath.Join(dir, nom), 0o755); err != nil {
			t.Fatal(err)
		}
		for i, der := range ders {
			if err := os.WriteFile(filepath.Join(dir, nom, fmt.Sprintf("%d.cer", i)), der, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// demarrer is a process that starts: it knows what the directory holds.
func demarrer(t *testing.T, dir string, s certificat.Source) *certificat.Actualiseur {
	t.Helper()
	m := certificat.NouveauMagasin(certificat.Options{})
	if r, err := m.ChargerRepertoire(dir); err != nil || len(r.Refus) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	return &certificat.Actualiseur{Magasin: m, Source: s, Repertoire: dir, Periode: time.Minute}
}

// suivre makes one round at an instant, of the addresses of a distribution point.
func suivre(x *certificat.Actualiseur, a time.Time, adresses ...string) []certificat.ResultatCRL {
	x.Adresses = adresses
	l := x.ActualiserCRL(ctx, a)
	return slices.DeleteFunc(l, func(r certificat.ResultatCRL) bool { return !slices.Contains(adresses, r.Adresse) })
}

func publier(t *testing.T, g *igc.IGC, ac string) []byte {
	t.Helper()
	l, err := g.Publier(ctx, ac, lundi)
	if err != nil {
		t.Fatal(err)
	}
	return l.DER
}

func fichiersCRL(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	l, err := os.ReadDir(filepath.Join(dir, "crl"))
	if err != nil {
		t.Fatal(err)
	}
	f := map[string][]byte{}
	for _, e := range l {
		if f[e.Name()], err = os.ReadFile(filepath.Join(dir, "crl", e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// TestRevocationGardee: a revocation read over HTTP is known after a restart,
// whatever the distribution point has become. ref: PKI §6.4 (4)
func TestRevocationGardee(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	dir := confiance(t, g)
	e := igctest.Emettre(t, g, igc.ProfilOrgSign, igctest.Structure())
	var listes [][]byte // n° 1 to 4 do not revoke, n° 5 does
	for range 4 {
		listes = append(listes, publier(t, g, e.Fiche.AC))
	}
	if err := g.Revoquer(ctx, e.Fiche.AC, e.Fiche.Serie, certificat.RaisonCleCompromise, time.Time{}, "essai"); err != nil {
		t.Fatal(err)
	}
	listes = append(listes, publier(t, g, e.Fiche.AC))
	p := pointDeDistribution{"racine": publier(t, g, "ACR-EL"), "ac": listes[3]}
	juger := func(x *certificat.Actualiseur) certificat.Motif {
		_, err := x.Magasin.Juger(e.Certificat.Raw, nil, certificat.UsageCachet, lundi)
		return motif(err)
	}
	x := demarrer(t, dir, p)
	suivre(x, lundi, "racine", "ac")
	if m := juger(x); m != 0 {
		t.Fatalf("avant la révocation : %v", m)
	}
	p["ac"] = listes[4]
	for _, r := range suivre(x, lundi.Add(time.Minute), "racine", "ac") {
		if r.Erreur != nil || r.Ecriture != nil || r.Liste == nil {
			t.Fatalf("%+v", r)
		}
	}
	for etat, p := range map[string]pointDeDistribution{
		"muet": {}, "qui rejoue le n° 4": {"ac": listes[3]}, "qui rejoue le n° 1": {"ac": listes[0]},
	} {
		x := demarrer(t, dir, p)
		if m := juger(x); m != certificat.MotifRevoque {
			t.Errorf("point %s, au démarrage : %v, want révoqué", etat, m)
		}
		for _, r := range suivre(x, lundi, "ac") {
			if r.Erreur == nil || p["ac"] != nil && motif(r.Erreur) != certificat.MotifListeAncienne {
				t.Errorf("point %s : %+v", etat, r)
			}
		}
		if m := juger(x); m != certificat.MotifRevoque {
			t.Errorf("point %s, après lecture : %v, want révoqué", etat, m)
		}
	}
	n := 0
	for nom, b := range fichiersCRL(t, dir) {
		if bytes.Equal(b, listes[4]) {
			n++
		}
		if strings.HasPrefix(nom, ".") || bytes.Equal(b, listes[3]) {
			t.Errorf("%s est resté", nom)
		}
	}
	if n != 1 {
		t.Errorf("la liste n° 5 est dans %d fichiers", n)
	}
}

// TestGarderCRL: what a file already holds decides whether it is replaced.
func TestGarderCRL(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	ac := g.ACs()[len(g.ACs())-1].Nom
	l1, l2 := publier(t, g, ac), publier(t, g, ac)
	etrangere := igctest.Nouvelle(t, fixe) // same names, other keys
	for range 4 {
		publier(t, etrangere, ac)
	}
	fausse := publier(t, etrangere, ac)
	for nom, c := range map[string]struct{ avant, liste, want []byte }{
		"rien":                            {nil, l1, l1},
		"la même":                         {l1, l1, l1},
		"une plus ancienne":               {l1, l2, l2},
		"une plus récente":                {l2, l1, l2},
		"des octets":                      {[]byte("bonjour"), l1, l1},
		"une plus haute, mais mal signée": {fausse, l1, l1},
	} {
		t.Run(nom, func(t *testing.T) {
			dir := confiance(t, g)
			x := demarrer(t, dir, pointDeDistribution{"ac": c.liste})
			if r := suivre(x, lundi, "ac"); len(r) != 1 || r[0].Liste == nil || r[0].Ecriture != nil {
				t.Fatalf("%+v", r)
			}
			for nom := range fichiersCRL(t, dir) {
				if c.avant == nil {
					break
				}
				if err := os.WriteFile(filepath.Join(dir, "crl", nom), c.avant, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, r := range suivre(x, lundi.Add(time.Second), "ac") {
				t.Errorf("écriture : %+v", r)
			}
			f := fichiersCRL(t, dir)
			for nom, b := range f {
				if !bytes.Equal(b, c.want) {
					t.Errorf("%s : une autre liste est restée", nom)
				}
			}
			if len(f) != 1 {
				t.Errorf("%d fichiers", len(f))
			}
		})
	}
}

// TestGarderRefusees: what the store refused is never written, and a list that no
// store accepted cannot be.
func TestGarderRefusees(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	ac := g.ACs()[0].Nom
	fausse := publier(t, igctest.Nouvelle(t, fixe), ac)
	dir := confiance(t, g)
	x := demarrer(t, dir, pointDeDistribution{"fausse": fausse, "octets": []byte("bonjour")})
	if r := suivre(x, lundi, "fausse", "octets"); len(r) != 2 || r[0].Erreur == nil || r[1].Erreur == nil {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(filepath.Join(dir, "crl")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("crl/ : %v", err)
	}
	if err := x.Magasin.GarderCRL(dir, new(certificat.Liste)); err == nil {
		t.Error("une liste que personne n'a acceptée est gardée")
	}
}

// TestGarderEchoue: a list that cannot be written serves all the same, and is
// written as soon as it can be, without being read again.
func TestGarderEchoue(t *testing.T) {
	g := igctest.Nouvelle(t, fixe)
	dir := confiance(t, g)
	ac := g.ACs()[0].Nom
	p := pointDeDistribution{"ac": publier(t, g, ac)}
	x := demarrer(t, dir, p)
	obstacle := filepath.Join(dir, "crl")
	if err := os.WriteFile(obstacle, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		r := suivre(x, lundi.Add(time.Duration(i)*time.Second), "ac")
		if len(r) != 1 || r[0].Erreur != nil || r[0].Ecriture == nil || (r[0].Liste != nil) != (i == 0) {
			t.Fatalf("passage %d : %+v", i+1, r)
		}
	}
	if !slices.ContainsFunc(x.Magasin.Listes(), func(e certificat.EtatCRL) bool { return e.Numero == "1" }) {
		t.Error("la liste ne sert pas")
	}
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	if r := suivre(x, lundi.Add(2*time.Second), "ac"); len(r) != 0 {
		t.Errorf("%+v", r)
	}
	for _, b := range fichiersCRL(t, dir) {
		if bytes.Equal(b, p["ac"]) {
			return
		}
	}
	t.Error("la liste n'a pas été écrite, l'obstacle levé")
}
