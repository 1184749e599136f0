package fhir

import "testing"

func BenchmarkParse(b *testing.B) {
	tb, q := table(b), Query{}
	for name, s := range map[string]string{
		"identifiant": "identifier=https%3A%2F%2Frpps.esante.gouv.fr%7C99900112204",
		"chaine":      "practitioner.name:contains=l%C3%A9ger&organization.partof.name=blois&active=true&_lastUpdated=ge2026-11-01&_include=PractitionerRole:practitioner&_count=50&_sort=-_lastUpdated",
	} {
		resource := "PractitionerRole"
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := tb.Parse(&q, resource, Input{Query: s}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// write writes a resource of about 1.5 kB.
func write(w *Writer) {
	o := w.Object("")
	w.String("resourceType", "Practitioner")
	w.String("id", "p0123456789abcdef")
	m := w.Object("meta")
	w.Instant("lastUpdated", 1795000000123)
	w.String("source", "https://annuaire.example/fhir")
	a := w.Array("profile")
	w.Item("https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-dp-practitioner")
	w.End(a)
	w.End(m)
	a = w.Array("identifier")
	for range 2 {
		x := w.Object("")
		w.String("use", "official")
		y := w.Object("type")
		c := w.Array("coding")
		w.Coding("", "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203", "RPPS", "N° RPPS")
		w.End(c)
		w.End(y)
		w.String("system", "https://rpps.esante.gouv.fr")
		w.String("value", "99900112204")
		w.End(x)
	}
	w.End(a)
	w.Bool("active", true)
	a = w.Array("name")
	x := w.Object("")
	w.String("family", "LÉGER-DUPONT")
	g := w.Array("given")
	w.Item("Zoé")
	w.End(g)
	w.End(x)
	w.End(a)
	a = w.Array("qualification")
	for range 3 {
		x := w.Object("")
		y := w.Object("code")
		c := w.Array("coding")
		w.Coding("", "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante", "10", "Médecin")
		w.Coding("", "https://mos.esante.gouv.fr/NOS/TRE_R09-CategorieProfessionnelle/FHIR/TRE-R09-CategorieProfessionnelle", "C", "Civil")
		w.End(c)
		w.End(y)
		w.End(x)
	}
	w.End(a)
	w.End(o)
}

func BenchmarkWriter(b *testing.B) {
	b.ReportAllocs()
	var w Writer
	for b.Loop() {
		w.B = w.B[:0]
		write(&w)
	}
	b.ReportMetric(float64(len(w.B)), "bytes")
}

func BenchmarkAppendXML(b *testing.B) {
	b.ReportAllocs()
	var w Writer
	write(&w)
	var x []byte
	var err error
	for b.Loop() {
		if x, err = AppendXML(x[:0], w.B); err != nil {
			b.Fatal(err)
		}
	}
}
