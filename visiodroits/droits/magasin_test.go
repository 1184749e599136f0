package droits

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sante"
)

var cleMagasin = bytes.Repeat([]byte{7}, 32)

func ouvrir(t testing.TB, chemin string) *Magasin {
	t.Helper()
	m, err := OuvrirMagasin(chemin, OptionsMagasin{Cle: cleMagasin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Fermer() })
	return m
}

// ouvrirVite opens a store that does not wait for the disk.
func ouvrirVite(t testing.TB, chemin, repere string) *Magasin {
	t.Helper()
	m, err := OuvrirMagasin(chemin, OptionsMagasin{Cle: cleMagasin, Repere: repere, disque: disqueSansSync{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Fermer() })
	return m
}

func chemin(t testing.TB) string { return filepath.Join(t.TempDir(), "officine.ecluse") }

func assure(t testing.TB, i int) Personne {
	t.Helper()
	return personne(t, fmt.Sprintf("ADHERENT-%05d", i), "19850199", 1)
}

// desDroits are rights of about the size of real ones.
func desDroits(t testing.TB, i int) DroitsGardes {
	t.Helper()
	return DroitsGardes{AMC: amc(t, uneAMC), Numero: tirer(t, uneAMC, Normale), DroitsDebut: jour(t, "2026-11-01"), DroitsFin: jour(t, "2026-11-30"),
		DateMAJ: instant, Octets: bytes.Repeat([]byte{byte(i)}, 2_000)}
}

func verifier(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What is kept is there after the file is closed, and after it is made anew.
func TestMagasin(t *testing.T) {
	c := chemin(t)
	m := ouvrir(t, c)
	e := nouveauxEmetteurs(t)
	ed, o := editeur(t, e), e.options(t)
	d := desDroits(t, 1)
	verifier(t, m.GarderDroits(assure(t, 1), desDroits(t, 9)))
	verifier(t, m.GarderDroits(assure(t, 1), d))
	autre := desDroits(t, 2)
	autre.AMC = amc(t, "99000102")
	verifier(t, m.GarderDroits(assure(t, 1), autre))
	verifier(t, m.GarderListe("SERVICES", 3, []byte("liste 3")))
	verifier(t, m.GarderListe("SERVICES", 4, []byte("liste 4")))
	x, err := NouvelleTentative(instant, Hote{"amc.example"}, ErreurDelai, "201")
	verifier(t, err)
	id, err := m.NoterTentative(x)
	verifier(t, err)
	partie, err := m.NoterTentative(x)
	verifier(t, err)
	verifier(t, m.Compter(jour(t, "2026-11-22"), "DLD", 2))
	verifier(t, m.Ecrire(func(l *Lot) error {
		l.RetirerTentatives(partie, "inconnue")
		return errors.Join(l.Compter(jour(t, "2026-11-22"), "DLD", 1), l.Compter(jour(t, "2026-11-22"), "DLD", 4), l.Compter(jour(t, "2026-11-23"), "DEGRADE", -1))
	}))
	r := &Revocations{}
	revoque, nouveau := tirer(t, uneAMC, Normale), tirer(t, uneAMC, Normale)
	for i := range 3 {
		b, l := complete(t, ed, int64(2*i+1), instant, entree(t, revoque))
		_, err := m.AppliquerLAR(r, b, o)
		verifier(t, err)
		b, _, err = ed.Delta(l, instant, []EntreeLAR{entree(t, nouveau)}, nil)
		verifier(t, err)
		_, err = m.AppliquerLAR(r, b, o)
		verifier(t, err)
	}
	regarder := func(etape string) {
		t.Helper()
		got, err := m.Droits(assure(t, 1), amc(t, uneAMC))
		want := d
		want.GarderJusque = d.DroitsFin
		if err != nil || got == nil || !cmp.Equal(*got, want, cmp.AllowUnexported(DroitsGardes{}, NumeroAccreditation{}), cmp.Comparer(func(a, b sante.NumeroAMC) bool { return a == b })) {
			t.Errorf("%s : droits %+v, %v", etape, got, err)
		}
		if got, err := m.Droits(assure(t, 1), amc(t, "99000102")); err != nil || got == nil || got.Numero != autre.Numero {
			t.Errorf("%s : droits de l'autre AMC %+v, %v", etape, got, err)
		}
		if got, err := m.Droits(assure(t, 2), amc(t, uneAMC)); err != nil || got != nil {
			t.Errorf("%s : droits d'un inconnu %+v, %v", etape, got, err)
		}
		if b, n, err := m.Liste("SERVICES"); err != nil || string(b) != "liste 4" || n != 4 {
			t.Errorf("%s : liste %q, %d, %v", etape, b, n, err)
		}
		if b, n, err := m.Liste("CLES"); err != nil || b != nil || n != 0 {
			t.Errorf("%s : liste absente %q, %d, %v", etape, b, n, err)
		}
		if l, err := m.Tentatives(); err != nil || !slices.Equal(l, []TentativeGardee{{id, x}}) {
			t.Errorf("%s : tentatives %+v, %v", etape, l, err)
		}
		if c, err := m.Compteurs(jour(t, "2026-11-22")); err != nil || !maps.Equal(c, map[string]int64{"DLD": 7}) {
			t.Errorf("%s : compteurs %v, %v", etape, c, err)
		}
		relues, err := m.Revocations(e.cles, o.Maintenant)
		verifier(t, err)
		if l := relues.LAR(amc(t, uneAMC)); l == nil || l.entete.Numero != 6 || l.Nombre() != 2 || len(m.c.cles(deLAR)) != 2 {
			t.Errorf("%s : liste de révocation %+v, %d gardées", etape, l, len(m.c.cles(deLAR)))
		}
	}
	regarder("à l'écriture")
	verifier(t, m.Fermer())
	m = ouvrir(t, c)
	regarder("à la réouverture")
	verifier(t, m.c.compacter())
	regarder("après compaction")
	verifier(t, m.Compter(jour(t, "2026-11-24"), "X", 1))
	verifier(t, m.Fermer())
	m = ouvrir(t, c)
	regarder("après compaction et réouverture")
	if _, err := m.Revocations(nil, o.Maintenant); !errors.Is(err, ErrCleInconnue) {
		t.Errorf("listes sans clés : %v", err)
	}
	// The person is nowhere to be read, nor is the number of the accreditation.
	b, err := os.ReadFile(c)
	verifier(t, err)
	for _, s := range []string{"ADHERENT", "19850199", d.Numero.String(), "SERVICES", "amc.example"} {
		if bytes.Contains(b, []byte(s)) {
			t.Errorf("%s se lit dans le fichier", s)
		}
	}
	if info, err := os.Stat(c); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestMagasinRefuse(t *testing.T) {
	m := ouvrir(t, chemin(t))
	verifier(t, m.GarderListe("SERVICES", 4, []byte("quatre")))
	d := desDroits(t, 1)
	avec := func(f func(*DroitsGardes)) error {
		x := d
		f(&x)
		return m.GarderDroits(assure(t, 1), x)
	}
	grand := make([]byte, enregistrementMax)
	avant := m.Repere()
	for _, c := range []struct {
		cas       string
		err, want error
	}{
		{"liste plus ancienne", m.GarderListe("SERVICES", 3, []byte("trois")), ErrRetourArriere},
		{"même numéro, autre liste", m.GarderListe("SERVICES", 4, []byte("cinq")), ErrRetourArriere},
		{"même liste", m.GarderListe("SERVICES", 4, []byte("quatre")), nil},
		{"même numéro dans le même lot", m.Ecrire(func(l *Lot) error {
			return errors.Join(l.GarderListe("A", 1, []byte("a")), l.GarderListe("A", 1, []byte("b")))
		}), ErrRetourArriere},
		{"liste sans nom", m.GarderListe("", 1, []byte("a")), ErrListe},
		{"liste vide", m.GarderListe("A", 1, nil), ErrListe},
		{"liste sans numéro", m.GarderListe("A", 0, []byte("a")), ErrListe},
		{"droits vides", avec(func(d *DroitsGardes) { d.Octets = nil }), ErrDroits},
		{"droits sans AMC", avec(func(d *DroitsGardes) { d.AMC = sante.NumeroAMC{} }), ErrDroits},
		{"droits finis avant de commencer", avec(func(d *DroitsGardes) { d.DroitsFin = d.DroitsDebut - 1 }), ErrDroits},
		{"droits sans personne", m.GarderDroits(Personne{}, d), ErrDroits},
		{"tentative qui n'ouvre rien", func() error { _, err := m.NoterTentative(Tentative{}); return err }(), ErrTentative},
		{"compteur au nom de quelqu'un", m.Compter(unJour, "Dupont", 1), ErrCompteur},
		{"compteur d'un autre siècle", m.Compter(1, "DLD", 1), ErrCompteur},
		{"compteur sans jour", m.Compter(0, "DLD", 1), ErrCompteur},
		{"trop grand", m.GarderListe("A", 1, grand), ErrTropGrand},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s : %v, attendu %v", c.cas, c.err, c.want)
		}
	}
	if m.Repere() != avant {
		t.Error("un refus a écrit")
	}
	verifier(t, m.Fermer())
	if err := m.Compter(unJour, "DLD", 1); !errors.Is(err, ErrMagasinFerme) {
		t.Errorf("après la fermeture : %v", err)
	}
	if _, _, err := m.Liste("SERVICES"); !errors.Is(err, ErrMagasinFerme) {
		t.Errorf("lire après la fermeture : %v", err)
	}
}

func TestPurger(t *testing.T) {
	c := chemin(t)
	m := ouvrir(t, c)
	jourJ := jour(t, "2026-11-22")
	hier, longs := desDroits(t, 1), desDroits(t, 2)
	hier.DroitsFin, longs.DroitsFin, longs.GarderJusque = jourJ-1, jourJ-1, jourJ
	verifier(t, m.GarderDroits(assure(t, 1), hier))
	verifier(t, m.GarderDroits(assure(t, 2), longs))
	verifier(t, m.Compter(jourJ-400, "DLD", 1))
	verifier(t, m.Compter(jourJ-401, "DLD", 1))
	for _, jours := range []int{-400, -402} {
		x, err := NouvelleTentative(instant.AddDate(0, 0, jours), Hote{"a"}, ErreurNom, "204")
		verifier(t, err)
		_, err = m.NoterTentative(x)
		verifier(t, err)
	}
	// Two insurers, one of which has what was counted; then a day that it has, not so old.
	for _, j := range []sante.Jour{jourJ - 32, jourJ - 31} {
		verifier(t, m.Compter(j, uneAMC+"_CODE_000", 1))
		verifier(t, m.Compter(j, "99000999_CODE_000", 1))
		verifier(t, m.Ecrire(func(l *Lot) error { l.NoterEnvoi(j, amc(t, uneAMC), [32]byte{1}); return nil }))
	}
	if !m.Envoye(jourJ-32, amc(t, uneAMC), [32]byte{1}) || m.Envoye(jourJ-32, amc(t, uneAMC), [32]byte{2}) || m.Envoye(jourJ-33, amc(t, uneAMC), [32]byte{1}) {
		t.Error("ce qui est dit envoyé ne l'est pas")
	}
	if l, err := m.JoursComptes(); err != nil || !slices.Equal(l, []sante.Jour{jourJ - 401, jourJ - 400, jourJ - 32, jourJ - 31}) {
		t.Errorf("jours comptés %v, %v", l, err)
	}
	if n, err := m.Purger(jourJ); err != nil || n != 3+2 {
		t.Fatalf("%d entrées parties, %v", n, err)
	}
	if m.c.g.numero != 2 || m.c.rang != uint64(len(m.c.fiches)) {
		t.Errorf("génération %d : le fichier n'a pas été refait (%d enregistrements)", m.c.g.numero, m.c.rang)
	}
	if n, err := m.Purger(jourJ); err != nil || n != 0 || m.c.g.numero != 2 {
		t.Errorf("purger une seconde fois : %d, %v, génération %d", n, err, m.c.g.numero)
	}
	m.Fermer()
	m = ouvrir(t, c)
	if d, err := m.Droits(assure(t, 1), amc(t, uneAMC)); err != nil || d != nil {
		t.Errorf("finis : %+v, %v", d, err)
	}
	if d, err := m.Droits(assure(t, 2), amc(t, uneAMC)); err != nil || d == nil {
		t.Errorf("encore utiles : %v", err)
	}
	if l, err := m.Tentatives(); err != nil || len(l) != 1 {
		t.Errorf("tentatives %v, %v", l, err)
	}
}

// Dead records are won back, and the file never is much more than twice what lives.
func TestMagasinCompaction(t *testing.T) {
	m := ouvrirVite(t, chemin(t), "")
	plus := int64(0)
	for i := range 2_000 {
		d := desDroits(t, i)
		verifier(t, m.GarderDroits(assure(t, i%20), d))
		plus = max(plus, m.c.taille)
	}
	if m.c.g.numero < 3 || plus > 2*m.c.vivant+seuilMin+10_000 {
		t.Errorf("génération %d, jusqu'à %d octets pour %d vivants", m.c.g.numero, plus, m.c.vivant)
	}
	for i := range 20 {
		if d, err := m.Droits(assure(t, i), amc(t, uneAMC)); err != nil || d.Octets[0] != byte(1980+i) {
			t.Fatalf("%d : %v", i, err)
		}
	}
}

// The store says the same as plain maps, through closings, compactions and purges.
func TestMagasinModele(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		verifier(t, err)
		c := filepath.Join(dir, "m")
		m := ouvrirVite(t, c, "")
		droits, compteurs := map[int]DroitsGardes{}, map[string]int64{}
		j := jour(t, "2026-11-22")
		rt.Repeat(map[string]func(*rapid.T){
			"garder": func(rt *rapid.T) {
				i := rapid.IntRange(0, 5).Draw(rt, "personne")
				d := desDroits(t, i)
				d.Octets = rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(rt, "octets")
				d.DroitsFin = j + sante.Jour(rapid.IntRange(-5, 5).Draw(rt, "fin"))
				d.DroitsDebut = j - 10
				verifier(t, m.GarderDroits(assure(t, i), d))
				droits[i] = d
			},
			"retirer": func(rt *rapid.T) {
				i := rapid.IntRange(0, 5).Draw(rt, "personne")
				verifier(t, m.Ecrire(func(l *Lot) error { l.RetirerDroits(assure(t, i), amc(t, uneAMC)); return nil }))
				delete(droits, i)
			},
			"compter": func(rt *rapid.T) {
				nom, n := rapid.SampledFrom([]string{"A", "B"}).Draw(rt, "nom"), int64(rapid.IntRange(-3, 9).Draw(rt, "n"))
				verifier(t, m.Compter(j, nom, n))
				compteurs[nom] += n
			},
			"renoncer": func(rt *rapid.T) {
				err := m.Ecrire(func(l *Lot) error { return errors.Join(l.Compter(j, "A", 5), ErrListe) })
				if !errors.Is(err, ErrListe) {
					t.Fatal(err)
				}
			},
			"rouvrir": func(rt *rapid.T) {
				r := m.Repere()
				verifier(t, m.Fermer())
				m = ouvrirVite(t, c, r)
			},
			"compacter": func(rt *rapid.T) { verifier(t, m.c.compacter()) },
			"purger": func(rt *rapid.T) {
				a := j + sante.Jour(rapid.IntRange(-6, 6).Draw(rt, "jour"))
				_, err := m.Purger(a)
				verifier(t, err)
				maps.DeleteFunc(droits, func(_ int, d DroitsGardes) bool { return d.DroitsFin < a })
			},
			"": func(rt *rapid.T) {
				for i := range 6 {
					got, err := m.Droits(assure(t, i), amc(t, uneAMC))
					want, la := droits[i]
					if err != nil || (got != nil) != la || la && (!bytes.Equal(got.Octets, want.Octets) || got.Numero != want.Numero || got.DroitsFin != want.DroitsFin) {
						rt.Fatalf("%d : %+v, %v, attendu %+v", i, got, err, want)
					}
				}
				if got, err := m.Compteurs(j); err != nil || !maps.Equal(got, compteurs) {
					rt.Fatalf("%v, %v, attendu %v", got, err, compteurs)
				}
			},
		})
		m.Fermer()
	})
}

// Who reads and who writes at the same time do not see each other's halves.
func TestMagasinCourse(t *testing.T) {
	m := ouvrirVite(t, chemin(t), "")
	verifier(t, m.GarderDroits(assure(t, 0), desDroits(t, 0)))
	var tous sync.WaitGroup
	for i := range 4 {
		tous.Go(func() {
			for k := range 60 {
				d := desDroits(t, k)
				if err := m.GarderDroits(assure(t, 0), d); err != nil {
					t.Error(err)
				}
				lu, err := m.Droits(assure(t, 0), amc(t, uneAMC))
				if err != nil || lu == nil || len(bytes.Trim(lu.Octets, string(lu.Octets[:1]))) > 0 {
					t.Errorf("%d : %v", i, err)
				}
				if err := m.Compter(unJour, "N", 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	tous.Wait()
	if c, err := m.Compteurs(unJour); err != nil || c["N"] != 240 {
		t.Errorf("%v, %v", c, err)
	}
}

// A write costs what it writes: the same at ten patients as at ten thousand. It is
// compared to the bare writing of as many octets at the end of a file, synced.
func BenchmarkMagasinEcrire(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			vite := rempli(b, n)
			verifier(b, vite.Fermer())
			m := ouvrir(b, vite.c.chemin)
			verifier(b, m.c.f.Sync())
			nu, err := os.Create(chemin(b))
			verifier(b, err)
			defer nu.Close()
			d, i, fin := desDroits(b, 1), 0, int64(0)
			octets := make([]byte, 2_200)
			plancher, entier := alterner(b, 5, func() {
				if _, err := nu.WriteAt(octets, fin); err != nil {
					b.Fatal(err)
				}
				fin += int64(len(octets))
				verifier(b, nu.Sync())
			}, func() {
				i++
				verifier(b, m.GarderDroits(assure(b, i%n), d))
			})
			b.ReportMetric(entier/1e3, "µs/écriture")
			b.ReportMetric(entier/plancher, "×écriture-nue")
			b.ReportMetric(float64(m.c.taille)/float64(m.c.vivant), "×vivant")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// Without the wait for the disk, what remains is the processor's: sealing, the
// record, and the share of compactions.
func BenchmarkMagasinEcrireSansSync(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := rempli(b, n)
			d := desDroits(b, 1)
			i := 0
			for b.Loop() {
				i++
				if err := m.GarderDroits(assure(b, i%n), d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type sansSync struct{ fichier }

func (sansSync) Sync() error { return nil }

type disqueSansSync struct{ disqueReel }

func (d disqueSansSync) Ouvrir(nom string, drapeaux int) (fichier, error) {
	f, err := d.disqueReel.Ouvrir(nom, drapeaux)
	if err != nil {
		return nil, err
	}
	return sansSync{f}, nil
}

func (disqueSansSync) Renommer(de, vers string) error { return os.Rename(de, vers) }

// Opening the store of ten thousand patients, looking one up, and purging one.
func BenchmarkMagasinDixMille(b *testing.B) {
	m := rempli(b, 10_000)
	b.Run("ouvrir", func(b *testing.B) {
		for b.Loop() {
			x, err := OuvrirMagasin(m.c.chemin, OptionsMagasin{Cle: cleMagasin})
			if err != nil {
				b.Fatal(err)
			}
			x.Fermer()
		}
	})
	b.Run("lire", func(b *testing.B) {
		i := 0
		for b.Loop() {
			i++
			if d, err := m.Droits(assure(b, i%10_000), amc(b, uneAMC)); err != nil || d == nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("purger", func(b *testing.B) {
		d := desDroits(b, 1)
		d.DroitsFin = d.DroitsDebut
		for b.Loop() {
			verifier(b, m.GarderDroits(assure(b, 10_001), d))
			if n, err := m.Purger(d.DroitsFin + 1); err != nil || n != 1 {
				b.Fatal(n, err)
			}
		}
	})
}

// rempli is a store of n patients.
func rempli(b *testing.B, n int) *Magasin {
	b.Helper()
	m := ouvrirVite(b, chemin(b), "")
	for i := 0; i < n; i += 500 {
		verifier(b, m.Ecrire(func(l *Lot) error {
			for k := i; k < min(n, i+500); k++ {
				if err := l.GarderDroits(assure(b, k), desDroits(b, k)); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	verifier(b, m.c.compacter())
	return m
}

// The name of a workstation is that of its file, whatever is written and made anew, and of no
// other file, though the key were the same.
func TestMagasinPoste(t *testing.T) {
	c := chemin(t)
	m := ouvrir(t, c)
	un := m.Poste()
	verifier(t, m.Compter(unJour, "A", 1))
	verifier(t, m.c.compacter())
	verifier(t, m.Fermer())
	if x := ouvrir(t, c).Poste(); x != un || len(x) != 32 {
		t.Errorf("le même fichier : %s puis %s", un, x)
	}
	if autre := ouvrir(t, chemin(t)).Poste(); autre == un {
		t.Errorf("deux fichiers, un nom : %s", un)
	}
}
