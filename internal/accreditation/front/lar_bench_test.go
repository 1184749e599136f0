package front

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	accrstore "github.com/ecluse-sante/ecluse/internal/accreditation/store"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// tenues are lists in a database.
type tenues struct{ *accrstore.Parutions }

func (x tenues) Dernier(ctx context.Context, _ string) (int64, error) {
	n, _, err := x.Parution(ctx)
	return n, err
}

func (x tenues) Octets(ctx context.Context, _ string, n int64, f accreditation.Forme) ([]byte, error) {
	b, err := x.Parutions.Octets(ctx, n, f)
	if errors.Is(err, accreditation.ErrInconnue) {
		err = visiodroits.ErrNonParue
	}
	return b, err
}

func (x tenues) Taille(ctx context.Context, _ string, n int64, f accreditation.Forme) (int, error) {
	return x.Parutions.Taille(ctx, n, f)
}

// puits is a reader that keeps nothing.
type puits struct {
	h      http.Header
	statut int
	octets int
}

func (p *puits) Header() http.Header         { return p.h }
func (p *puits) WriteHeader(s int)           { p.statut = s }
func (p *puits) Write(b []byte) (int, error) { p.octets += len(b); return len(b), nil }

// BenchmarkLAR asks for a list of about a million revoked accreditations, kept in a
// database: by who has it, by who does not, and, beside them, what each request read
// before the list was held in memory.
func BenchmarkLAR(b *testing.B) {
	ctx := context.Background()
	base := bddtest.Ouvrir(b, accrstore.Migrations)
	numero, err := sante.ParseNumeroAMC("99000001")
	if err != nil {
		b.Fatal(err)
	}
	x := tenues{accrstore.NewParutions(base, "amc:99000001", numero)}
	liste := make([]byte, 21<<20)
	rand.Read(liste)
	for n := range int64(2) {
		if err := x.Publier(ctx, &accreditation.Publication{Numero: n + 1, Emission: time.Now(), Complete: liste, Delta: liste[:200<<10]}); err != nil {
			b.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	RoutesLAR(mux, "/v1", x, time.Now)
	demander := func(methode, quoi, tenue string) *puits {
		r := httptest.NewRequest(methode, "/v1/lar/99000001/"+quoi, nil)
		if tenue != "" {
			r.Header.Set("If-None-Match", tenue)
		}
		w := &puits{h: http.Header{}, statut: 200}
		mux.ServeHTTP(w, r)
		return w
	}
	marque := demander("GET", "courante", "").h.Get("ETag")
	for _, c := range []struct {
		nom, methode, quoi, tenue string
		statut, octets            int
	}{
		{"courante-tenue", "GET", "courante", marque, 304, 0},
		{"courante-HEAD", "HEAD", "courante", "", 200, 0},
		{"courante-entiere", "GET", "courante", "", 200, len(liste)},
		{"ancienne-HEAD", "HEAD", "1", "", 200, 0},
		{"ancienne-entiere", "GET", "1", "", 200, len(liste)},
	} {
		b.Run(c.nom, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := demander(c.methode, c.quoi, c.tenue)
				if w.statut != c.statut || w.octets != c.octets || c.methode == "HEAD" && w.h.Get("Content-Length") != strconv.Itoa(len(liste)) {
					b.Fatalf("%d, %d octets, %v", w.statut, w.octets, w.h)
				}
			}
		})
	}
	b.Run("avant-une-lecture", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l, _, err := x.Derniere(ctx)
			if err != nil || visiodroits.MarqueDe(l) == "" {
				b.Fatal(err)
			}
		}
	})
}
