package rass_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/rass"
)

// A file read then written has the same bytes, whatever its form and the order of its
// columns. What is read is compared to a plain cut by bars.
func TestAllerRetour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(rass.Fichiers[:]).Draw(t, "fichier")
		noms := strings.Split(entete(f), "|")
		delta := rapid.Bool().Draw(t, "delta")
		ordre := rapid.Permutation(noms).Draw(t, "ordre")
		if delta {
			ordre = append([]string{"Opération"}, ordre...)
		}
		fin := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "fin")
		barre := rapid.SampledFrom([]string{"", "|"}).Draw(t, "barre")
		src := rapid.SampledFrom([]string{"", "\ufeff"}).Draw(t, "marque") + strings.Join(ordre, "|") + barre + fin
		barre = rapid.SampledFrom([]string{"", "|"}).Draw(t, "barres")
		texte := rapid.StringOfN(rapid.RuneFrom([]rune("ABCé'’-. 0ÿœ€\U0001F3E5\t")), 0, 20, -1)
		var attendu []map[string]string
		for range rapid.IntRange(0, 6).Draw(t, "lignes") {
			m, l := map[string]string{}, []string{}
			for _, nom := range ordre {
				if v := texte.Draw(t, nom); nom != "Opération" {
					m[nom] = v
				} else {
					m[nom] = rapid.SampledFrom([]string{"A", "R"}).Draw(t, "op")
				}
				l = append(l, m[nom])
			}
			src += strings.Join(l, "|") + barre + fin
			attendu = append(attendu, m)
		}
		if len(attendu) > 0 && rapid.Bool().Draw(t, "sans fin") {
			src = strings.TrimSuffix(src, fin)
		}
		x := lire(rass.Reglage{}, strings.NewReader(src), f)
		if x.err != nil || len(x.lignes) != len(attendu) {
			t.Fatalf("%v : %d lignes, attendu %d (%v)", x.err, len(x.lignes), len(attendu), x.anomalies)
		}
		var b bytes.Buffer
		e := rass.NewEcrivain(&b, f, x.forme)
		for i, l := range x.lignes {
			for c, v := range l {
				if v != attendu[i][noms[c]] {
					t.Fatalf("ligne %d, %s : %q, attendu %q", i, noms[c], v, attendu[i][noms[c]])
				}
			}
			if err := ecrire(e, x.ops[i], l); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Close(); err != nil || b.String() != src {
			t.Fatalf("%v\n%q\n%q", err, b.String(), src)
		}
	})
}

// Columns that are not known are copied with the others.
func TestCopier(t *testing.T) {
	src := "Taille|" + entete(rass.SavoirFaire) + "|\r\n170|" + ligneSF + "|\r\n180|" + ligneSF + "|\r\n"
	l, err := rass.NewLecteur(strings.NewReader(src), rass.SavoirFaire)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	var e *rass.Ecrivain
	for l.Next() {
		if e == nil {
			e = rass.NewEcrivain(&b, rass.SavoirFaire, l.Forme())
		}
		if err := e.Copier(l.Ligne()); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(l.Err(), e.Close()); err != nil || b.String() != src || e.Lignes() != 3 {
		t.Errorf("%v\n%q\n%q", err, b.String(), src)
	}
	autre := rass.NewEcrivain(&b, rass.MSSante, rass.Forme{})
	if err := autre.Copier(l.Ligne()); motif(err) != rass.MotifEcriture {
		t.Errorf("ligne d'un autre fichier : %v", err)
	}
}

// The form of the public files, and what a file cannot carry.
func TestEcrivain(t *testing.T) {
	var b bytes.Buffer
	e := rass.NewEcrivain(&b, rass.Membres, rass.FormePubliee())
	bon := []string{"R1", "PP", "899900112204", "01", "Adhérent", "01/02/2026", ""}
	for cas, l := range map[string][]string{
		"barre":        {"R|1", "", "", "", "", "", ""},
		"fin de ligne": {"R\n1", "", "", "", "", "", ""},
		"retour":       {"R\r1", "", "", "", "", "", ""},
		"trop court":   {"R1"},
		"trop long":    {strings.Repeat("x", 70_000), "", "", "", "", "", ""},
	} {
		if err := ecrire(e, 0, l); motif(err) != rass.MotifEcriture {
			t.Errorf("%s : %v", cas, err)
		}
	}
	if err := ecrire(e, rass.Ajout, bon); motif(err) != rass.MotifEcriture {
		t.Errorf("opération dans un fichier entier : %v", err)
	}
	if err := errors.Join(ecrire(e, 0, bon), e.Close()); err != nil {
		t.Fatal(err)
	}
	if want := entete(rass.Membres) + "|\n" + strings.Join(bon, "|") + "|\n"; b.String() != want {
		t.Errorf("%q\n%q", b.String(), want)
	}
	b.Reset()
	e = rass.NewEcrivain(&b, rass.Membres, rass.Forme{Delta: true})
	if motif(ecrire(e, 0, bon)) != rass.MotifEcriture || motif(ecrire(e, 'Z', bon)) != rass.MotifEcriture {
		t.Error("un fichier de différences demande une opération")
	}
	if err := errors.Join(ecrire(e, rass.Retrait, bon), e.Close()); err != nil || !strings.HasSuffix(b.String(), "\nR|"+strings.Join(bon, "|")+"\n") {
		t.Errorf("%v %q", err, b.String())
	}
}

// plein takes n bytes.
type plein struct{ n int }

var errPlein = errors.New("disque plein")

func (p *plein) Write(b []byte) (int, error) {
	if p.n -= len(b); p.n < 0 {
		return 0, errPlein
	}
	return len(b), nil
}

func TestDisquePlein(t *testing.T) {
	e := rass.NewEcrivain(&plein{100_000}, rass.SavoirFaire, rass.Forme{})
	var err error
	for i := 0; i < 10_000 && err == nil; i++ {
		err = ecrire(e, 0, strings.Split(ligneSF, "|"))
	}
	if !errors.Is(err, errPlein) || !errors.Is(e.Close(), errPlein) {
		t.Errorf("%v", err)
	}
	e = rass.NewEcrivain(&plein{10}, rass.SavoirFaire, rass.Forme{})
	if err := e.Close(); !errors.Is(err, errPlein) {
		t.Errorf("%v", err)
	}
}
