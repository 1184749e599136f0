package monde

import (
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// AMC is a complementary insurer.
type AMC struct {
	Structure
	Numero         sante.NumeroAMC
	AnciensNumeros []sante.NumeroAMC // of those it replaced, still on some cards
	TypeConvention string            // of its cards
	CSR            string            // of its cards. ref: ROC §15.6
	MotifCSR       string            // what the directory matches it with
	Operateur      string            // Cle of who answers and seals for it, or "" when it does
	Depanneur      string            // Cle of the operator that carries the questions of pharmacies to it, and answers when it is silent, or ""
	Simulation     string            // fermee, facultative or obligatoire
	CalculLocal    bool
	Contrats       []Contrat
}

// Contrat finds a contract of the insurer by its number, or nil.
func (a *AMC) Contrat(numero string) *Contrat {
	for i := range a.Contrats {
		if a.Contrats[i].Numero == numero {
			return &a.Contrats[i]
		}
	}
	return nil
}

// Reglages is the text of the insurer's settings, in TOML.
func (a *AMC) Reglages() []byte {
	var b strings.Builder
	dire := func(nom, format string, v any) { fmt.Fprintf(&b, "%s = "+format+"\n", nom, v) }
	b.WriteString("# Réglages d'une AMC fictive du laboratoire.\n")
	dire("numero", "%q", a.Numero.String())
	dire("libelle", "%q", a.Nom)
	if len(a.AnciensNumeros) > 0 {
		var l []string
		for _, n := range a.AnciensNumeros {
			l = append(l, fmt.Sprintf("%q", n.String()))
		}
		dire("anciens_numeros", "[%s]", strings.Join(l, ", "))
	}
	dire("simulation", "%q", a.Simulation)
	dire("calcul_local", "%t", a.CalculLocal)
	return []byte(b.String())
}

// assureurs makes the four insurers: a mutuelle, a prévoyance reached through an
// operator, an insurer that also manages the CSS, and a mutuelle that lets the
// hospital compute.
func (m *Monde) assureurs(a *atelier) {
	m.AMC = []AMC{
		{
			Structure: a.structure(CleMoulin, "MUTUELLE DU MOULIN-AUX-BRUMES (fictive)", RoleAMC, "999100803", "99000101"),
			Numero:    a.amc("99000101"), AnciensNumeros: []sante.NumeroAMC{a.amc("99000109")}, Depanneur: CleOperateur, TypeConvention: "CM", CSR: "990000101",
			MotifCSR: "99???????", Simulation: "facultative", Contrats: a.contratsMoulin(),
		},
		{
			Structure: a.structure(CleMarees, "PRÉVOYANCE DES MARÉES-LENTES (fictive)", RoleAMC, "999100902", "99000202"),
			Numero:    a.amc("99000202"), TypeConvention: "AC", CSR: "99202", MotifCSR: "99202", Operateur: CleOperateur,
			Simulation: "obligatoire", Contrats: a.contratsMarees(),
		},
		{
			Structure: a.structure(ClePhare, "ASSURANCES DU PHARE-ENDORMI (fictives)", RoleAMC, "999101108", "99000303"),
			Numero:    a.amc("99000303"), TypeConvention: "CM", CSR: "993031234", MotifCSR: "99303????", Simulation: "facultative", Contrats: a.contratsPhare(),
		},
		{
			Structure: a.structure(CleVerger, "MUTUELLE DU VERGER-D'AUTOMNE (fictive)", RoleAMC, "999101207", "99000404"),
			Numero:    a.amc("99000404"), TypeConvention: "RO", Simulation: "fermee", CalculLocal: true, Contrats: a.contratsVerger(),
		},
	}
}
