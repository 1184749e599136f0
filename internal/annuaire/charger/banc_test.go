//go:build unix

package charger

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/local"
)

// surDisque writes a fictitious directory of so many professionals, and its difference of
// the next day, of one record in a hundred.
func surDisque(t testing.TB, dossier string, praticiens int) (jour0, jour1 []Flux) {
	t.Helper()
	n, err := local.New(local.Reglage{Graine: 1, Professionnels: praticiens, Part: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	for jour, l := range []*[]Flux{&jour0, &jour1} {
		j, err := n.Journee(jour)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.EcrireDossier(context.Background(), dossier, jour == 1); err != nil {
			t.Fatal(err)
		}
		if *l, err = Dossier(dossier, jour == 1, time.UTC); err != nil {
			t.Fatal(err)
		}
	}
	return jour0, jour1
}

// anonyme samples the anonymous resident memory, and gives its peak when stopped.
func anonyme() (arreter func() int64) {
	fin, rendu := make(chan struct{}), make(chan int64)
	go func() {
		var pic int64
		for {
			b, _ := os.ReadFile("/proc/self/status")
			for _, x := range strings.Split(string(b), "\n") {
				if v, ok := strings.CutPrefix(x, "RssAnon:"); ok {
					n, _ := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
					pic = max(pic, n)
				}
			}
			select {
			case <-fin:
				rendu <- pic
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() int64 { close(fin); return <-rendu }
}

// rien takes records and keeps none: the loader alone is measured.
type rien struct{}

func (rien) Ajouter(*annuaire.Changement) error { return nil }

// BenchmarkCharger loads a directory, of 20,000 professionals unless ECLUSE_PRATICIENS
// says otherwise: without, then with the image that it makes; then the same files again,
// and a difference of one in a hundred. Each must run once: -benchtime 1x.
func BenchmarkCharger(b *testing.B) {
	praticiens := 20_000
	if n, err := strconv.Atoi(os.Getenv("ECLUSE_PRATICIENS")); err == nil {
		praticiens = n
	}
	jour0, jour1 := surDisque(b, b.TempDir(), praticiens)
	donnees, err := annuaire.Charger(nil)
	if err != nil {
		b.Fatal(err)
	}
	o := Options{Repertoire: filepath.Join(b.TempDir(), "travail"), Maintenant: midi, Donnees: donnees, AccepteePar: "banc"}
	mesurer := func(b *testing.B, f func() *Rapport) {
		arreter := anonyme()
		debut, cpu := time.Now(), processeur()
		var lignes int64
		for b.Loop() {
			lignes += f().Lignes()
		}
		b.ReportMetric(float64(lignes)/time.Since(debut).Seconds(), "lignes/s")
		b.ReportMetric((processeur()-cpu).Seconds()*1e6/float64(lignes), "µs-processeur/ligne")
		b.ReportMetric(float64(arreter())/1024, "Mio-anonymes")
		b.ReportMetric(float64(lignes), "lignes")
	}
	b.Run("seul", func(b *testing.B) {
		mesurer(b, func() *Rapport {
			r, err := Construire(context.Background(), jour0, nil, rien{}, o)
			if err != nil {
				b.Fatal(err)
			}
			return r
		})
	})
	d, err := image.Ouvrir(b.TempDir(), image.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Fermer()
	charger := func(flux []Flux) func(b *testing.B) {
		return func(b *testing.B) {
			mesurer(b, func() *Rapport {
				r, err := Charger(context.Background(), flux, d, o)
				if err != nil {
					b.Fatal(err)
				}
				return r
			})
		}
	}
	b.Run("image", charger(jour0))
	b.Run("meme", charger(jour0))
	b.Run("difference", func(b *testing.B) {
		v := d.Vue()
		var k *Difference
		mesurer(b, func() *Rapport {
			if k, err = Comparer(context.Background(), jour1, v, o); err != nil {
				b.Fatal(err)
			}
			return &k.Rapport
		})
		v.Rendre()
		debut := time.Now()
		if err := Appliquer(context.Background(), k, d); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(debut).Milliseconds()), "ms-appliquer")
		b.ReportMetric(float64(k.Nombre()), "fiches")
	})
}

// processeur is the processor time that this process has used.
func processeur() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
