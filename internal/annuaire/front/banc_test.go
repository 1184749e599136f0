package front

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// BenchmarkEcrire reads and writes the records of fiches, each once.
func BenchmarkEcrire(b *testing.B) {
	d := depot(b, fiches())
	v := d.Vue()
	defer v.Rendre()
	p := porte(b, d)
	a := p.prendre(vision(b, "V1"), v)
	for _, n := range ressource.Servies {
		b.Run(ressource.Nom(n), func(b *testing.B) {
			var refs []image.Ref
			for r := range v.Parcourir(n) {
				refs = append(refs, r)
			}
			b.ReportAllocs()
			for b.Loop() {
				a.w.B = a.w.B[:0]
				a.lire(v, refs[0])
				a.ecrire(n)
			}
			b.ReportMetric(float64(len(a.w.B)), "octets")
		})
	}
}

// muet is a client that keeps nothing.
type muet struct{ h http.Header }

func (m *muet) Header() http.Header         { return m.h }
func (m *muet) Write(b []byte) (int, error) { return len(b), nil }
func (m *muet) WriteHeader(int)             {}

// BenchmarkPorte is a lookup without the network.
func BenchmarkPorte(b *testing.B) {
	p := porte(b, depot(b, foule(1000)))
	for nom, adresse := range map[string]string{"identifiant": "/fhir/Practitioner?identifier=https%3A%2F%2Frpps.esante.gouv.fr%7C99910000500", "lecture": "/fhir/Practitioner/" + id(1, "f500"),
		"page": "/fhir/Practitioner?family=foule&_count=50"} {
		b.Run(nom, func(b *testing.B) {
			r := httptest.NewRequest("GET", adresse, nil)
			w := &muet{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.h)
				p.ServeHTTP(w, r)
			}
		})
	}
}

// BenchmarkExport is a whole export of twenty thousand professionals and their situations.
func BenchmarkExport(b *testing.B) {
	p := avecExports(b, foule(20000))
	b.ResetTimer()
	n := 0
	for b.Loop() {
		m, lieu := attendre(b, p, "V1", "/$export")
		for _, o := range m.Output {
			n += o.Count
		}
		demander(b, p, "V1", "DELETE "+lieu)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "ressources/s")
}

// BenchmarkPages compares the first page of a search with its thousandth.
func BenchmarkPages(b *testing.B) {
	p := porte(b, depot(b, foule(60000)))
	premiere := "/Practitioner?family=foule&_count=50"
	l := lireLot(b, demander(b, p, "", premiere))
	for range 999 {
		l = lireLot(b, demander(b, p, "", l.lien("next")))
	}
	for nom, adresse := range map[string]string{"1": "/fhir" + premiere, "1000": strings.TrimPrefix(l.lien("self"), "https://annuaire.example")} {
		b.Run(nom, func(b *testing.B) {
			r := httptest.NewRequest("GET", adresse, nil)
			w := &muet{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.h)
				p.ServeHTTP(w, r)
			}
		})
	}
}
