package calcul

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
)

// TypeContrat is the kind of a complementary contract. ref: ROC §7.2
type TypeContrat string

// Kinds of contract; the empty text is an individual one.
const (
	ContratIndividuel TypeContrat = "INDIV"
	ContratCollectif  TypeContrat = "COLLECTIF"
	ContratCSS        TypeContrat = "CSS"
	ContratCSSPartici TypeContrat = "CSS_PARTICIP"
)

var listeTypeContrat = []entree{
	{"INDIV", "individuel"},
	{"COLLECTIF", "collectif"},
	{"CSS", "complémentaire santé solidaire"},
	{"CSS_PARTICIP", "complémentaire santé solidaire avec participation"},
}

// Codes is the closed list.
func (TypeContrat) Codes() []string { return codesDe(listeTypeContrat) }

// Libelle is the meaning of the code, in French.
func (t TypeContrat) Libelle() string { return libelleDe(listeTypeContrat, string(t)) }

func (TypeContrat) liste() []entree { return listeTypeContrat }

// Garantie is what a contract pays on a family of lines. It is what an IDB answer
// carries for a local calculation. ref: ROC §12, DEC 24
type Garantie struct {
	Code           string        `json:"code" fil:"code,max=20" doc:"Nom de la garantie et de ses compteurs ; plusieurs familles peuvent partager un nom et un plafond."`
	Famille        Famille       `json:"famille" fil:"famille" doc:"Famille de prestations couverte."`
	Codes          []string      `json:"codes,omitempty" fil:"codePrestation,n=0..50,max=13" doc:"Codes de prestation couverts ; tous si absent."`
	Debut          sante.Jour    `json:"debut,omitzero" fil:"debut,opt" doc:"Premier jour de la garantie."`
	Fin            sante.Jour    `json:"fin,omitzero" fil:"fin,opt" doc:"Dernier jour de la garantie."`
	Formule        Formule       `json:"formule" fil:"formule" doc:"Règle de calcul."`
	HorsOptam      *Formule      `json:"horsOptam,omitempty" fil:"horsOptam,opt" doc:"Règle pour un praticien hors OPTAM."`
	PlafondLigne   sante.Montant `json:"plafondLigne,omitzero" fil:"plafondLigne,opt" doc:"Montant maximal sur une ligne."`
	PlafondPeriode sante.Montant `json:"plafondPeriode,omitzero" fil:"plafondPeriode,opt" doc:"Montant maximal dans la période."`
	Fenetre        Fenetre       `json:"fenetre,omitzero" fil:"fenetre,opt" doc:"Période du plafond."`
}

// Exclusion is what a contract never pays. ref: ROC §12
type Exclusion struct {
	Famille Famille     `json:"famille" fil:"famille" doc:"Famille de prestations exclue."`
	Code    string      `json:"code,omitzero" fil:"code,opt,max=13" doc:"Code de prestation ; tous si absent."`
	TauxAMO *sante.Taux `json:"tauxAMO,omitempty" fil:"tauxAMO,opt" doc:"Taux AMO des lignes exclues, par exemple 15 ; tous si absent."`
}

// Contrat is what a complementary insurer promised to a beneficiary.
type Contrat struct {
	Reference   string      `json:"reference,omitzero" fil:"reference,opt,max=40" doc:"Référence libre, rendue dans les règles."`
	Type        TypeContrat `json:"type,omitzero" fil:"type,opt" doc:"Type de contrat."`
	Responsable bool        `json:"responsable" fil:"responsable" doc:"Contrat responsable."`
	Debut       sante.Jour  `json:"debut,omitzero" fil:"debut,opt" doc:"Ouverture des droits."`
	Fin         sante.Jour  `json:"fin,omitzero" fil:"fin,opt" doc:"Fin des droits."`
	Garanties   []Garantie  `json:"garanties" fil:"garantie,n=0..200" doc:"Garanties par famille."`
	Exclusions  []Exclusion `json:"exclusions,omitempty" fil:"exclusion,n=0..50" doc:"Exclusions."`
}

// Responsable100 is the contract of the worked examples: responsible, 100 % of
// the TM, FJ, PAS and FPU, no ceiling. ref: ROC §19
func Responsable100() Contrat {
	return Contrat{Responsable: true, Type: ContratIndividuel, Garanties: garantiesTM()}
}

// CSS is the complémentaire santé solidaire: everything owed at the official
// tariff, nothing above. ref: ROC §13.9
func CSS() Contrat {
	return Contrat{Reference: "CSS", Responsable: true, Type: ContratCSS, Garanties: garantiesTM()}
}

func garantiesTM() (g []Garantie) {
	for _, f := range []Famille{FamilleSEJ, FamilleFJ, FamillePAS, FamilleFPU, FamilleACTE, FamilleCONS, FamilleBIO, FamilleMED, FamilleDMI, FamilleTRSP} {
		g = append(g, Garantie{Code: string(f), Famille: f, Formule: Simple(Regle{Numero: F01})})
	}
	return g
}

func dansPeriode(j, debut, fin sante.Jour) bool {
	return (debut.IsZero() || j >= debut) && (fin.IsZero() || j <= fin)
}

// Garantie finds what covers a line: a guarantee that names its code before one
// that covers the family.
func (c Contrat) Garantie(l Ligne) (Garantie, bool) {
	var large *Garantie
	for i, g := range c.Garanties {
		if g.Famille != l.Famille || !dansPeriode(l.DateDebut, g.Debut, g.Fin) {
			continue
		}
		if slices.Contains(g.Codes, l.CodePrestation) {
			return g, true
		}
		if len(g.Codes) == 0 && large == nil {
			large = &c.Garanties[i]
		}
	}
	if large == nil {
		return Garantie{}, false
	}
	return *large, true
}

func (c Contrat) exclut(l Ligne) bool {
	for _, e := range c.Exclusions {
		if e.Famille == l.Famille && (e.Code == "" || e.Code == l.CodePrestation) && (e.TauxAMO == nil || *e.TauxAMO == l.TauxAMO) {
			return true
		}
	}
	return false
}

// Verifier tells everything that is wrong in a contract: formulas without their
// parameters, guarantees that overlap, names used twice, and a responsible
// contract that limits what it must cover. ref: ROC §13.10
func (c Contrat) Verifier() error {
	var fautes []error
	dire := func(format string, a ...any) { fautes = append(fautes, fmt.Errorf(format, a...)) }
	if err := c.borner(); err != nil {
		return err // comparing every pair of guarantees would be long
	}
	if !c.Debut.IsZero() && !c.Fin.IsZero() && c.Fin < c.Debut {
		dire("contrat : la fin précède le début")
	}
	if c.Type != "" && !connu(c.Type) {
		dire("contrat : type inconnu")
	}
	for i, g := range c.Garanties {
		if err := g.verifier(c.Responsable); err != nil {
			dire("garantie « %.20s » : %w", g.Code, err)
		}
		for _, h := range c.Garanties[:i] {
			if g.seConfond(h) {
				dire("garantie « %.20s » : se confond avec « %.20s »", g.Code, h.Code)
			}
		}
	}
	for _, e := range c.Exclusions {
		if !connu(e.Famille) {
			dire("exclusion : famille inconnue")
		}
	}
	return errors.Join(fautes...)
}

const (
	garantiesMax = 200
	codesMax     = 50
)

func (c Contrat) borner() error {
	if len(c.Garanties) > garantiesMax || len(c.Exclusions) > codesMax {
		return fmt.Errorf("contrat : plus de %d garanties ou de %d exclusions", garantiesMax, codesMax)
	}
	for _, g := range c.Garanties {
		if len(g.Codes) > codesMax {
			return fmt.Errorf("garantie « %.20s » : plus de %d codes", g.Code, codesMax)
		}
	}
	return nil
}

func (g Garantie) verifier(responsable bool) error {
	if !connu(g.Famille) {
		return errors.New("famille inconnue")
	}
	if g.Code == "" {
		return errors.New("nom attendu")
	}
	if !g.Debut.IsZero() && !g.Fin.IsZero() && g.Fin < g.Debut {
		return errors.New("la fin précède le début")
	}
	if g.PlafondLigne < 0 || g.PlafondPeriode < 0 {
		return errors.New("plafond négatif")
	}
	if (g.PlafondPeriode > 0) != (g.Fenetre != "") || g.Fenetre != "" && !connu(g.Fenetre) {
		return errors.New("plafondPeriode et fenetre (SEJOUR ou ANNEE) vont ensemble")
	}
	if g.HorsOptam != nil {
		if err := g.HorsOptam.Verifier(); err != nil {
			return err
		}
	}
	if responsable && g.Famille.forfait() && (g.PlafondLigne > 0 || g.PlafondPeriode > 0 || g.Formule.Numero != F01 && g.Formule.Numero != F05) {
		return errors.New("un contrat responsable couvre le FJ, la PAS et le FPU sans limite")
	}
	return g.Formule.Verifier()
}

// seConfond tells whether two guarantees claim the same line the same day, or
// share a name, so a counter, with different ceilings. Guarantees of several
// families may share a name and one ceiling.
func (g Garantie) seConfond(h Garantie) bool {
	memeTemps := (g.Fin.IsZero() || h.Debut.IsZero() || h.Debut <= g.Fin) && (h.Fin.IsZero() || g.Debut.IsZero() || g.Debut <= h.Fin)
	if !memeTemps {
		return false
	}
	if g.Famille == h.Famille && len(g.Codes) == 0 && len(h.Codes) == 0 {
		return true
	}
	communs := slices.ContainsFunc(g.Codes, func(c string) bool { return slices.Contains(h.Codes, c) })
	return g.Famille == h.Famille && communs || g.Code == h.Code && (g.PlafondPeriode != h.PlafondPeriode || g.Fenetre != h.Fenetre)
}
