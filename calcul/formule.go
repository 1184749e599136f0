package calcul

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
)

// NumeroFormule is a rule of calculation of an insurer. ref: ROC §12
type NumeroFormule string

// Rules of calculation.
const (
	F00 NumeroFormule = "F00" // nothing
	F01 NumeroFormule = "F01" // 100 % of the ticket modérateur
	F02 NumeroFormule = "F02" // p % of the ticket modérateur
	F03 NumeroFormule = "F03" // p % of the base, AMO included
	F04 NumeroFormule = "F04" // p % of the base, beside the AMO
	F05 NumeroFormule = "F05" // what is left
	F06 NumeroFormule = "F06" // p % of the expense, minus the AMO
	F07 NumeroFormule = "F07" // m € a unit
	F08 NumeroFormule = "F08" // m € a unit, n units at most in the period
	F09 NumeroFormule = "F09" // F03, m € an act at most
	F10 NumeroFormule = "F10" // p % of the PMSS in the year
	F11 NumeroFormule = "F11" // tariff of a care network
	F12 NumeroFormule = "F12" // the greater or the lesser of two rules
)

var listeNumeroFormule = []entree{
	{"F00", "aucune prise en charge"},
	{"F01", "100 % du ticket modérateur"},
	{"F02", "un pourcentage du ticket modérateur"},
	{"F03", "un pourcentage de la base, remboursement AMO compris"},
	{"F04", "un pourcentage de la base, en plus de l'AMO"},
	{"F05", "frais réels"},
	{"F06", "un pourcentage des frais réels, moins l'AMO"},
	{"F07", "un montant par unité ou par jour"},
	{"F08", "un montant par unité, nombre d'unités limité"},
	{"F09", "un pourcentage de la base, AMO comprise, plafonné par acte"},
	{"F10", "un pourcentage du plafond mensuel de la sécurité sociale par an"},
	{"F11", "tarif d'un réseau de soins"},
	{"F12", "la plus haute ou la plus basse de deux règles"},
}

// Codes is the closed list.
func (NumeroFormule) Codes() []string { return codesDe(listeNumeroFormule) }

// Libelle is the meaning of the rule, in French.
func (n NumeroFormule) Libelle() string { return libelleDe(listeNumeroFormule, string(n)) }

// forfaits are the families that have no ticket modérateur: what a rule on it takes
// is the lump sum itself. ref: ROC §13.4, §13.6, §13.7
var forfaits = map[Famille]string{
	FamilleFJ: "forfait journalier", FamillePAS: "montant de la participation forfaitaire", FamilleFPU: "forfait patient urgences",
}

// LibellePour is the meaning of the rule for a family, in French.
func (n NumeroFormule) LibellePour(f Famille) string {
	forfait := forfaits[f]
	switch {
	case forfait != "" && n == F01:
		return "le " + forfait + " en entier"
	case forfait != "" && n == F02:
		return "un pourcentage du " + forfait
	}
	return n.Libelle()
}

func (NumeroFormule) liste() []entree { return listeNumeroFormule }

// Fenetre is the time over which a limit counts.
type Fenetre string

// Windows of limits.
const (
	ParSejour Fenetre = "SEJOUR"
	ParAnnee  Fenetre = "ANNEE"
)

var listeFenetre = []entree{
	{"SEJOUR", "par séjour"},
	{"ANNEE", "par année civile"},
}

// Codes is the closed list.
func (Fenetre) Codes() []string { return codesDe(listeFenetre) }

// Libelle is the meaning of the code, in French.
func (f Fenetre) Libelle() string { return libelleDe(listeFenetre, string(f)) }

func (Fenetre) liste() []entree { return listeFenetre }

// Operation chooses between two rules.
type Operation string

// Operations of F12.
const (
	Max Operation = "MAX"
	Min Operation = "MIN"
)

var listeOperation = []entree{
	{"MAX", "la plus favorable"},
	{"MIN", "la moins favorable"},
}

// Codes is the closed list.
func (Operation) Codes() []string { return codesDe(listeOperation) }

// Libelle is the meaning of the code, in French.
func (o Operation) Libelle() string { return libelleDe(listeOperation, string(o)) }

func (Operation) liste() []entree { return listeOperation }

// TarifConvenu is the price of an act in a care network.
type TarifConvenu struct {
	Code    string        `json:"code" fil:"code,max=13" doc:"Code de l'acte ou de la prestation."`
	Montant sante.Montant `json:"montant" fil:"montant" doc:"Prix convenu, par unité."`
}

// Regle is a rule with its parameters, any but F12.
type Regle struct {
	Numero  NumeroFormule  `json:"numero" fil:"numero" doc:"Numéro de la formule, F00 à F12."`
	P       sante.Taux     `json:"p,omitzero" fil:"p,opt" doc:"Pourcentage (F02, F03, F04, F06, F09, F10)."`
	M       sante.Montant  `json:"m,omitzero" fil:"m,opt" doc:"Montant par unité ou par acte (F07, F08, F09)."`
	N       int            `json:"n,omitzero" fil:"n,opt,min=0,max=9999" doc:"Nombre maximal d'unités (F08)."`
	Fenetre Fenetre        `json:"fenetre,omitzero" fil:"fenetre,opt" doc:"Période de la limite (F08)."`
	Reseau  string         `json:"reseau,omitzero" fil:"reseau,opt,max=20" doc:"Réseau de soins (F11)."`
	Tarifs  []TarifConvenu `json:"tarifs,omitempty" fil:"tarif,n=0..200" doc:"Prix convenus (F11)."`
}

// Formule is a rule as an IDB answer gives it. F and G are the two rules that F12
// compares.
type Formule struct {
	Regle
	Op Operation `json:"op,omitzero" fil:"op,opt" doc:"MAX ou MIN (F12)."`
	F  *Regle    `json:"f,omitempty" fil:"f,opt" doc:"Première règle comparée (F12)."`
	G  *Regle    `json:"g,omitempty" fil:"g,opt" doc:"Seconde règle comparée (F12)."`
}

// Simple makes a formula from a rule without comparison.
func Simple(r Regle) Formule { return Formule{Regle: r} }

// Verifier tells what is missing in a formula.
func (f Formule) Verifier() error {
	if f.Numero != F12 {
		if f.F != nil || f.G != nil || f.Op != "" {
			return fmt.Errorf("formule %s : f, g et op sont propres à F12", f.Numero)
		}
		return f.Regle.verifier()
	}
	if !connu(f.Op) || f.F == nil || f.G == nil {
		return fmt.Errorf("formule F12 : op (MAX ou MIN), f et g attendus")
	}
	for _, r := range []*Regle{f.F, f.G} {
		if r.Numero == F12 {
			return fmt.Errorf("formule F12 : elle ne compare pas une autre F12")
		}
		if err := r.verifier(); err != nil {
			return err
		}
	}
	return nil
}

func (r Regle) verifier() error {
	if !connu(r.Numero) {
		return fmt.Errorf("formule inconnue : « %.8s »", r.Numero)
	}
	manque := ""
	switch r.Numero {
	case F02, F04, F06, F10:
		if r.P <= 0 {
			manque = "p"
		}
	case F03, F09:
		if r.P < sante.Pourcent(100) {
			manque = "p d'au moins 100"
		}
		if r.Numero == F09 && r.M <= 0 {
			manque = "m"
		}
	case F07:
		if r.M <= 0 {
			manque = "m"
		}
	case F08:
		if r.M <= 0 || r.N <= 0 || !connu(r.Fenetre) {
			manque = "m, n et fenetre"
		}
	case F11:
		if r.Reseau == "" || len(r.Tarifs) == 0 {
			manque = "reseau et tarifs"
		}
	}
	if manque != "" {
		return fmt.Errorf("formule %s : paramètre %s attendu", r.Numero, manque)
	}
	if r.M < 0 || r.N < 0 || r.P < 0 {
		return fmt.Errorf("formule %s : paramètre négatif", r.Numero)
	}
	return nil
}

// assiette is what a rule is applied to.
type assiette struct {
	depense, br, amo, tm, reste sante.Montant
	unites                      Quantite
	code, codeActe              string
	pmss                        sante.Montant
	consomme                    sante.Montant // in the year, for F10
	dejaPris                    Quantite      // units in the window, for F08
}

// part is an amount and the units it took from a limit.
type part struct {
	montant sante.Montant
	unites  Quantite
}

// appliquer gives the amount of a formula, rounded half-up, between zero and what
// is left. ref: ROC §12
func (f Formule) appliquer(a assiette) part {
	if f.Numero != F12 {
		return f.Regle.appliquer(a)
	}
	x, y := f.F.appliquer(a), f.G.appliquer(a)
	if (f.Op == Max) == (x.montant >= y.montant) {
		return x
	}
	return y
}

func (r Regle) appliquer(a assiette) (p part) {
	switch r.Numero {
	case F01:
		p.montant = a.tm
	case F02:
		p.montant = a.tm.Part(r.P)
	case F03:
		p.montant = a.br.Part(r.P) - a.amo
	case F04:
		p.montant = a.br.Part(r.P)
	case F05:
		p.montant = a.reste
	case F06:
		p.montant = a.depense.Part(r.P) - a.amo
	case F07:
		p.montant = a.unites.de(r.M)
	case F08:
		p.unites = max(0, min(a.unites, Unites(r.N)-a.dejaPris))
		p.montant = p.unites.de(r.M)
	case F09:
		p.montant = min(a.br.Part(r.P)-a.amo, a.unites.de(r.M))
	case F10:
		p.montant = a.pmss.Part(r.P) - a.consomme
	case F11:
		p.montant = r.tarif(a) - a.amo
	}
	p.montant = max(0, min(p.montant, a.reste))
	if p.montant == 0 {
		p.unites = 0
	}
	return p
}

// tarif is the price of the network for the act, zero when it has none.
func (r Regle) tarif(a assiette) sante.Montant {
	for _, t := range r.Tarifs {
		if t.Code == a.codeActe && a.codeActe != "" || t.Code == a.code {
			return a.unites.de(t.Montant)
		}
	}
	return 0
}

// plafonne tells whether a rule is a ceiling by nature: what it leaves is a
// ceiling reached rather than outside the guarantee.
func (r Regle) plafonne() bool {
	switch r.Numero {
	case F07, F08, F09, F10, F11:
		return true
	}
	return false
}
