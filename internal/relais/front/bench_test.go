package front_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/relais"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// BenchmarkRelais asks the same question directly and through one relay, in turn
// on the same machine, and prints what the relay adds. Three parties, three
// gates, one connection; the journals are fakes.
func BenchmarkRelais(b *testing.B) {
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		b.Run(string(face), func(b *testing.B) {
			x := nouveauBanc(b, face, relais.Reglages{})
			x.clair = true // the same content on both ways
			par := x.client.Relais
			var durees [2][]time.Duration
			for b.Loop() {
				for i, acces := range []*roc.AccesRelais{nil, par} {
					x.client.Relais = acces
					debut := time.Now()
					if _, err := x.client.Etat(context.Background(), dossier, routage(), &roc.DemandeEtat{}); err != nil {
						b.Fatal(err)
					}
					durees[i] = append(durees[i], time.Since(debut))
				}
			}
			direct, relaye := mediane(durees[0]), mediane(durees[1])
			b.ReportMetric(direct, "µs-direct")
			b.ReportMetric(relaye, "µs-relais")
			b.ReportMetric(relaye-direct, "µs-ajoutées")
			b.ReportMetric(relaye/direct, "rapport")
		})
	}
}

func mediane(d []time.Duration) float64 {
	slices.Sort(d)
	return float64(d[len(d)/2].Nanoseconds()) / 1e3
}
