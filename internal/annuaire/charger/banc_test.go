package charger

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// surDisque writes a world of so many professionals as files, and gives its feeds.
func surDisque(t testing.TB, dossier string, praticiens int) []Flux {
	t.Helper()
	ecrits := map[rass.Fichier]*bufio.Writer{}
	var l []Flux
	m := &monde{r: rand.New(rand.NewPCG(1, 5)), w: func(f rass.Fichier, s string) {
		w := ecrits[f]
		if w == nil {
			nom := filepath.Join(dossier, f.String()+".txt")
			g, err := os.Create(nom)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { g.Close() })
			w = bufio.NewWriterSize(g, 1<<20)
			ecrits[f] = w
			w.WriteString(fichiers{}.contenu(f))
			l = append(l, Flux{Fichier: f, Ouvrir: func(context.Context) (io.ReadCloser, error) { return os.Open(nom) }})
		}
		w.WriteString(s + "\n")
	}}
	m.tout(praticiens)
	for _, w := range ecrits {
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	return l
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

// BenchmarkCharger loads a world, 20,000 professionals unless ECLUSE_PRATICIENS says
// otherwise: without, then with the image that it makes.
func BenchmarkCharger(b *testing.B) {
	praticiens := 20_000
	if n, err := strconv.Atoi(os.Getenv("ECLUSE_PRATICIENS")); err == nil {
		praticiens = n
	}
	flux := surDisque(b, b.TempDir(), praticiens)
	donnees, err := annuaire.Charger(nil)
	if err != nil {
		b.Fatal(err)
	}
	o := Options{Repertoire: filepath.Join(b.TempDir(), "travail"), Maintenant: midi, Donnees: donnees}
	mesurer := func(b *testing.B, f func() *Rapport) {
		arreter := anonyme()
		debut := time.Now()
		var lignes int64
		for b.Loop() {
			lignes += f().Lignes()
		}
		b.ReportMetric(float64(lignes)/time.Since(debut).Seconds(), "lignes/s")
		b.ReportMetric(float64(arreter())/1024, "Mio-anonymes")
		b.ReportMetric(float64(lignes), "lignes")
	}
	b.Run("seul", func(b *testing.B) {
		mesurer(b, func() *Rapport {
			r, err := Construire(context.Background(), flux, nil, rien{}, o)
			if err != nil {
				b.Fatal(err)
			}
			return r
		})
	})
	b.Run("image", func(b *testing.B) {
		mesurer(b, func() *Rapport {
			d, err := image.Ouvrir(b.TempDir(), image.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer d.Fermer()
			r, err := Charger(context.Background(), flux, d, o)
			if err != nil {
				b.Fatal(err)
			}
			return r
		})
	})
}
