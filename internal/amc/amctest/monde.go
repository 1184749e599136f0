// Package amctest holds what tests of the insurer's room share: a small
// fictitious portfolio, questions about it, a bench that asks them sealed, and
// the suites that every store and every portfolio must pass.
package amctest

import (
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Instant is the present of the tests: an ordinary Monday.
var Instant = time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)

// The parties of the tests; none exists.
var (
	NumeroAMC = lire("775671993", sante.ParseNumeroAMC)
	AutreAMC  = lire("302976568", sante.ParseNumeroAMC)
	Hopital   = lire("990000127", sante.ParseFINESS)
	Clinique  = lire("990000135", sante.ParseFINESS)
)

func lire[T any](s string, parse func(string) (T, error)) T {
	v, err := parse(s)
	if err != nil {
		panic("amctest: " + s + ": " + err.Error())
	}
	return v
}

// Jour reads a day written in a test.
func Jour(s string) sante.Jour { return lire(s, sante.ParseJour) }

// Montant reads an amount written in a test.
func Montant(s string) sante.Montant { return lire(s, sante.ParseMontant) }

// NIR makes the NIR, key included, of a fictitious person of Ain in 1970.
func NIR(n int) sante.NIR {
	treize := fmt.Sprintf("17001%03d%05d", n/100000%1000, n%100000)
	return lire(treize+sante.CleNIR(treize), sante.ParseNIR)
}

// Reglages are the settings of the insurer of the tests.
func Reglages() amc.Reglages {
	return amc.Reglages{Numero: NumeroAMC, Libelle: "MUTUELLE DES ÉCLUSES (fictive)", CalculLocal: true}
}

func couvert(domaines ...string) (l []amc.Domaine) {
	for _, d := range domaines {
		l = append(l, amc.Domaine{Domaine: d, Couvert: true})
	}
	return l
}

// Contrats are the contracts of the tests.
func Contrats() []amc.Contrat {
	debut := Jour("2025-01-01")
	base := calcul.Responsable100().Garanties
	max := Montant("5000.00")
	jours := func(n int) calcul.Formule {
		return calcul.Simple(calcul.Regle{Numero: calcul.F08, M: Montant("50.00"), N: n, Fenetre: calcul.ParAnnee})
	}
	cp := calcul.Garantie{Code: "CP-JOURS", Famille: calcul.FamilleCP, Formule: jours(10)}
	acc := calcul.Garantie{Code: "ACC-AN", Famille: calcul.FamilleACC, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F05}),
		PlafondPeriode: Montant("300.00"), Fenetre: calcul.ParAnnee}
	return []amc.Contrat{
		{Numero: "ESSENTIEL", Debut: debut, Libelle: "Essentiel", Type: roc.ContratIndividuel, Responsable: true, ModeCalcul: roc.CalculLocalOuCLC,
			GarantieLocale: true, MontantMaxLocal: &max, Perimetre: couvert("ACE", "SEJOUR", "HAD"), Garanties: base},
		{Numero: "CONFORT", Debut: debut, Libelle: "Confort", Type: roc.ContratCollectif, Responsable: true, ModeCalcul: roc.CalculCLC,
			Perimetre: couvert("ACE", "SEJOUR", "CP", "ACCOMPAGNANT"), Garanties: append(append([]calcul.Garantie{}, base...), cp, acc)},
		{Numero: "ACE-SEUL", Debut: debut, Type: roc.ContratIndividuel, Responsable: false, ModeCalcul: roc.CalculCLC,
			Perimetre: []amc.Domaine{{Domaine: "ACE", Couvert: true}, {Domaine: "SEJOUR", Motif: "contrat de soins externes"}}, Garanties: base},
		{Numero: "CAISSE", Debut: debut, Type: roc.ContratCSS, Responsable: true, ModeCalcul: roc.CalculCLC, CSSParLaCaisse: true,
			Perimetre: couvert("ACE", "SEJOUR"), Garanties: base},
		{Numero: "SANS-TP", Debut: debut, Type: roc.ContratIndividuel, Responsable: true, ModeCalcul: roc.CalculCLC,
			EtablissementsExclus: []sante.FINESS{Hopital}, Perimetre: couvert("ACE", "SEJOUR"), Garanties: base},
		{Numero: "ANCIEN", Debut: debut, Fin: Jour("2025-12-31"), Type: roc.ContratIndividuel, Responsable: true, ModeCalcul: roc.CalculCLC,
			Perimetre: couvert("ACE", "SEJOUR"), Garanties: base},
	}
}

// Personne makes a person of the portfolio, alone under her number.
func Personne(reference, contrat string, n int) amc.Beneficiaire {
	return amc.Beneficiaire{
		Reference: reference, NumeroAdherent: lire(fmt.Sprintf("ADH%07d", n), sante.ParseNumeroAdherent), NIR: NIR(n), NIRAssure: NIR(n),
		NomNaissance: fmt.Sprintf("Fictif-Élu %s", lettres(n)), Prenom: "Camille", DateNaissance: lire("19700115", sante.ParseDateNaissance),
		RangGemellaire: 1, IdentiteSure: true, Adhesions: []amc.Adhesion{{Contrat: contrat, Debut: Jour("2025-01-01")}},
	}
}

// lettres writes a number with letters: folded names keep them apart.
func lettres(n int) string {
	s := ""
	for {
		s = string(rune('A'+n%26)) + s
		if n /= 26; n == 0 {
			return s
		}
	}
}

// Personnes is the portfolio of the tests, by situation.
func Personnes() []amc.Beneficiaire {
	l := []amc.Beneficiaire{
		Personne("essentiel", "ESSENTIEL", 1), Personne("confort", "CONFORT", 2), Personne("ace-seul", "ACE-SEUL", 3),
		Personne("caisse", "CAISSE", 4), Personne("sans-tp", "SANS-TP", 5), Personne("contrat-fini", "ANCIEN", 6),
	}
	ajouter := func(b amc.Beneficiaire, changer func(*amc.Beneficiaire)) {
		changer(&b)
		l = append(l, b)
	}
	ajouter(Personne("radie", "ESSENTIEL", 10), func(b *amc.Beneficiaire) { b.Adhesions[0].Fin = Jour("2026-05-03") })
	ajouter(Personne("futur", "ESSENTIEL", 11), func(b *amc.Beneficiaire) { b.Adhesions[0].Debut = Jour("2026-06-01") })
	ajouter(Personne("suspendu", "ESSENTIEL", 12), func(b *amc.Beneficiaire) { b.Adhesions[0].SuspenduDebut = Jour("2026-04-01") })
	ajouter(Personne("bientot-radie", "ESSENTIEL", 13), func(b *amc.Beneficiaire) { b.Adhesions[0].Fin = Jour("2026-05-10") })
	ajouter(Personne("second-rang", "CONFORT", 14), func(b *amc.Beneficiaire) {
		b.Rang, b.Autres = 2, []amc.Autre{{NumeroAMC: AutreAMC, Rang: 1}}
	})
	ajouter(Personne("lunaire", "ESSENTIEL", 15), func(b *amc.Beneficiaire) { b.DateNaissance = lire("19721901", sante.ParseDateNaissance) })
	ajouter(Personne("change-de-contrat", "ESSENTIEL", 16), func(b *amc.Beneficiaire) {
		b.Adhesions = []amc.Adhesion{{Contrat: "ESSENTIEL", Debut: Jour("2025-01-01"), Fin: Jour("2026-04-30")}, {Contrat: "CONFORT", Debut: Jour("2026-05-01")}}
	})
	// A family under one number: twins, and their father.
	pere := Personne("pere", "ESSENTIEL", 20)
	l = append(l, pere)
	for i, prenom := range []string{"Alix", "Noa"} {
		ajouter(pere, func(b *amc.Beneficiaire) {
			b.Reference, b.Prenom, b.NIR, b.RangGemellaire = fmt.Sprintf("jumeau-%d", i+1), prenom, NIR(21+i), i+1
			b.DateNaissance = lire("20150601", sante.ParseDateNaissance)
		})
	}
	// One person enrolled twice under one number.
	ajouter(Personne("double-1", "ESSENTIEL", 30), func(*amc.Beneficiaire) {})
	ajouter(Personne("double-1", "ESSENTIEL", 30), func(b *amc.Beneficiaire) { b.Reference = "double-2" })
	return l
}

// Situation finds a person of the portfolio of the tests.
func Situation(reference string) amc.Beneficiaire {
	for _, b := range Personnes() {
		if b.Reference == reference {
			return b
		}
	}
	panic("amctest: situation inconnue : " + reference)
}
