package front

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// BenchmarkEcrire reads and writes the records of fiches, each once.
func BenchmarkEcrire(b *testing.B) {
	d := depot(b, fiches())
	v := d.Vue()
	defer v.Rendre()
	p := porte(b, d)
	a := p.prendre(pro, v)
	for _, n := range annuaire.Natures {
		b.Run(ressources[n], func(b *testing.B) {
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
