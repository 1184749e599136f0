package charger

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// verifier checks a property on so few draws that it lasts seconds, each of them writing
// whole directories on disk; more with -rapid.checks.
func verifier(t *testing.T, f func(*rapid.T)) {
	if c := flag.Lookup("rapid.checks"); c.Value.String() == c.DefValue {
		flag.Set("rapid.checks", "12")
		t.Cleanup(func() { flag.Set("rapid.checks", c.DefValue) })
	}
	rapid.Check(t, f)
}

// Whatever the order of the lines, of the files, and how many drawers are open, the
// image is the same.
func TestOrdreSansEffet(t *testing.T) {
	f := nouveauMonde(3, 60)
	f[rass.PersonneActivite] = append(f[rass.PersonneActivite], f[rass.PersonneActivite][3]) // twice the same line
	b := nouveauBanc(t)
	b.charger(f.flux())
	attendu := b.etat()
	verifier(t, func(rt *rapid.T) {
		graine := rapid.Uint64().Draw(rt, "graine")
		r := rand.New(rand.NewPCG(graine, 1))
		g := f.copie()
		for _, k := range rass.Fichiers {
			l := g[k]
			r.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
		}
		flux := g.flux()
		r.Shuffle(len(flux), func(i, j int) { flux[i], flux[j] = flux[j], flux[i] })
		x := nouveauBanc(t)
		x.o.Ouvriers = 1 + r.IntN(4)
		x.charger(flux)
		memes(t, attendu, x.etat())
	})
}

// muter changes a part of the files as a day does.
func muter(f fichiers, graine uint64) fichiers {
	r := rand.New(rand.NewPCG(graine, 2))
	g := f.copie()
	for _, k := range rass.Fichiers {
		var l []string
		for i, x := range g[k] {
			switch c := strings.Split(x, "|"); {
			case r.IntN(30) == 0 && (k == rass.SavoirFaire || k == rass.Diplomes || k == rass.MSSante || k == rass.Porteurs || k == rass.Activites || k == rass.PersonneActivite):
			case r.IntN(30) == 0 && k == rass.PersonneActivite && c[rass.PACodeMode] != "":
				c[rass.PACodeMode], c[rass.PAMode] = "L", "Libéral"
				l = append(l, strings.Join(c, "|"))
			case r.IntN(30) == 0 && k == rass.MSSante:
				c[rass.MSAdresse] = fmt.Sprintf("neuve%d@neuf.mssante.example", i)
				l = append(l, strings.Join(c, "|"))
			case r.IntN(30) == 0 && k == rass.Structures:
				c[rass.STCodePostal], c[rass.STCodeCommune], c[rass.STCommune] = "18000", "18033", "BOURGES"
				l = append(l, strings.Join(c, "|"))
			default:
				l = append(l, x)
			}
		}
		g[k] = l
	}
	n := &monde{r: r, f: fichiers{}}
	n.personne(100000+int(graine%1000), 20)
	for _, k := range rass.Fichiers {
		g[k] = append(g[k], n.f[k]...)
	}
	return g
}

// delta is the file of differences between two files.
func delta(k rass.Fichier, avant, apres []string) string {
	var b strings.Builder
	b.WriteString("Opération")
	e := k.Entete()
	for c := range e.Len() {
		b.WriteString("|" + e.Nom(rass.Colonne(c)))
	}
	b.WriteByte('\n')
	reste := map[string]int{}
	for _, x := range apres {
		reste[x]++
	}
	for _, x := range avant {
		if reste[x] == 0 {
			b.WriteString("R|" + x + "\n")
			continue
		}
		reste[x]--
	}
	for _, x := range apres {
		if reste[x] > 0 {
			b.WriteString("A|" + x + "\n")
			reste[x]--
		}
	}
	return b.String()
}

// A day of differences makes what the whole files of that day make.
func TestDifferencesCommeEntier(t *testing.T) {
	verifier(t, func(rt *rapid.T) {
		graine := rapid.Uint64().Draw(rt, "graine")
		f := nouveauMonde(graine, 45)
		g := muter(f, graine)
		a, b := nouveauBanc(t), nouveauBanc(t)
		a.o.AccepteePar, b.o.AccepteePar = "essai", "essai"
		a.charger(f.flux())
		b.charger(f.flux())
		for _, x := range []*banc{a, b} {
			x.o.Maintenant = midi.AddDate(0, 0, 1)
		}
		a.charger(g.flux())
		var l []Flux
		for _, k := range rass.Fichiers {
			if len(f[k]) > 0 {
				l = append(l, fluxTexte(k, delta(k, f[k], g[k])))
			}
		}
		b.charger(l)
		memes(t, a.etat(), b.etat())
	})
}

// Each file alone, one after the other, makes what all of them at once make.
func TestFichierParFichier(t *testing.T) {
	f := nouveauMonde(7, 80)
	a, b := nouveauBanc(t), nouveauBanc(t)
	b.o.AccepteePar = "essai"
	a.charger(f.flux())
	flux := f.flux()
	// Structures and professionals first: what refers to them comes after.
	slices.SortStableFunc(flux, func(x, y Flux) int { return rang(x.Fichier) - rang(y.Fichier) })
	for _, x := range flux {
		b.charger([]Flux{x})
	}
	memes(t, a.etat(), b.etat())
}

func rang(f rass.Fichier) int {
	return slices.Index([]rass.Fichier{rass.Structures, rass.PersonneActivite}, f)*-1 + 10*boolInt(f != rass.Structures && f != rass.PersonneActivite)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// An image made anew over what stands is what stands.
func TestRefonte(t *testing.T) {
	f := nouveauMonde(9, 60)
	b := nouveauBanc(t)
	b.charger(f.flux())
	avant := b.etat()
	v := b.d.Vue()
	c := map[string]string{}
	_, err := Construire(context.Background(), []Flux{fluxTexte(rass.SavoirFaire, f.contenu(rass.SavoirFaire))}, v, collecte(c), b.o)
	v.Rendre()
	if err != nil {
		t.Fatal(err)
	}
	memes(t, avant, c)
}

type collecte map[string]string

func (c collecte) Ajouter(k *annuaire.Changement) error {
	_, e := k.Entete()
	maj, version := e.Maj, e.Version
	e.Maj, e.Version = 0, 0
	c[e.ID] = string(image.Encoder(nil, k))
	e.Maj, e.Version = maj, version
	return nil
}
