package calcul

import "testing"

func BenchmarkSejour(b *testing.B) {
	m := moteur(b)
	s := sejourOrdinaire()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Sejour(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCalculer(b *testing.B) {
	m := moteur(b)
	f, _, err := m.FactureSejour(DossierSejour{Sejour: sejourOrdinaire(), Confort: []Confort{{Famille: FamilleCP, Debut: jour("2025-06-01"), Fin: jour("2025-06-10"), Prix: 7000}}})
	if err != nil {
		b.Fatal(err)
	}
	c := Responsable100()
	c.Garanties = append(c.Garanties, Garantie{Code: "CP", Famille: FamilleCP, Formule: Simple(Regle{Numero: F08, M: 5000, N: 8, Fenetre: ParAnnee})})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Calculer(c, f, nil); err != nil {
			b.Fatal(err)
		}
	}
}
