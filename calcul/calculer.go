package calcul

import (
	"fmt"
	"strconv"

	"github.com/ecluse-sante/ecluse/sante"
)

// Couverture says how much of what was left the AMC pays. ref: ROC §9.2
type Couverture string

// Extents of the guarantee of payment.
const (
	Totale    Couverture = "TOTALE"
	Partielle Couverture = "PARTIELLE"
	Aucune    Couverture = "AUCUNE"
)

var listeCouverture = []entree{
	{"TOTALE", "totale"},
	{"PARTIELLE", "partielle"},
	{"AUCUNE", "aucune"},
}

// Codes is the closed list.
func (Couverture) Codes() []string { return codesDe(listeCouverture) }

// Libelle is the meaning of the code, in French.
func (c Couverture) Libelle() string { return libelleDe(listeCouverture, string(c)) }

func (Couverture) liste() []entree { return listeCouverture }

// LigneCalculee is the share of the AMC on a line.
type LigneCalculee struct {
	Rang       int           `json:"rang" doc:"Rang de la ligne."`
	MontantAMC sante.Montant `json:"montantAMC" doc:"Part de l'AMC interrogée."`
	Patient    sante.Montant `json:"patient" doc:"Ce qui reste après elle."`
	Regle      string        `json:"regle,omitzero" doc:"Formule appliquée."`
	Motif      Code          `json:"motif,omitzero" doc:"Pourquoi la part est réduite ou refusée."`
	Etape      Etape         `json:"explication" doc:"Règle, source et phrase pour le patient."`
}

// Resultat is the answer of the calculation for one AMC. ref: ROC §9.2
type Resultat struct {
	Lignes              []LigneCalculee `json:"lignes" doc:"Une par ligne de la question."`
	TotalDepense        sante.Montant   `json:"totalDepense" doc:"Somme des dépenses."`
	TotalAMO            sante.Montant   `json:"totalAMO" doc:"Somme des parts AMO."`
	TotalAutrePayeur    sante.Montant   `json:"totalAutrePayeur,omitzero" doc:"Somme du régime local ou de l'État."`
	TotalRangsInferieur sante.Montant   `json:"totalRangsInferieurs,omitzero" doc:"Somme des AMC de rang inférieur."`
	TotalAMC            sante.Montant   `json:"totalAMC" doc:"Somme de l'AMC interrogée."`
	TotalPatient        sante.Montant   `json:"totalPatient" doc:"Ce qui reste au patient et aux rangs suivants."`
	Garantie            Couverture      `json:"garantie" doc:"TOTALE, PARTIELLE ou AUCUNE."`
	Consommations       []Consommation  `json:"consommations,omitempty" doc:"Ce que le calcul prend aux compteurs."`
	Compteurs           Compteurs       `json:"-"` // after the calculation; CLC keeps them, SIM does not
	Hypotheses          []Hypothese     `json:"hypotheses,omitempty" doc:"Ce qui a été supposé."`
}

// calculateur holds one calculation: the counters move from line to line.
type calculateur struct {
	Moteur
	c         Contrat
	f         Facture
	compteurs Compteurs
	conso     Compteurs
	limites   []limite
}

// limite remembers which counters were used, to tell what is left of them.
type limite struct {
	garantie, periode string
	montant           sante.Montant
	unites            Quantite
}

// Calculer gives the share of an AMC on each line. It refuses an incoherent
// invoice with a *Rejet and a contract that does not hold together with another
// error. The counters given are not changed: the new ones are in the result.
// ref: ROC §§9, 12
func (m Moteur) Calculer(c Contrat, f Facture, k Compteurs) (Resultat, error) {
	if r := m.Controler(f); len(r) > 0 {
		return Resultat{}, r[0]
	}
	if err := c.Verifier(); err != nil {
		return Resultat{}, fmt.Errorf("contrat : %w", err)
	}
	calc := &calculateur{Moteur: m, c: c, f: f, compteurs: k}
	var r Resultat
	for _, l := range f.Lignes {
		x, err := calc.ligne(l)
		if err != nil {
			return Resultat{}, surLigne(l.Rang, enRejet(err))
		}
		r.Lignes = append(r.Lignes, x)
		r.TotalDepense += l.MontantDepense
		r.TotalAMO += l.MontantAMO
		r.TotalAutrePayeur += l.AutrePayeur
		r.TotalRangsInferieur += l.inferieurs()
		r.TotalAMC += x.MontantAMC
		r.TotalPatient += x.Patient
	}
	r.Garantie = couverture(r)
	r.Compteurs = calc.compteurs.Plus()
	r.Consommations = calc.consommations()
	return r, nil
}

// couverture is what the guarantee of payment covers. hyp: GARANTIE-ETENDUE
func couverture(r Resultat) Couverture {
	switch {
	case r.TotalAMC == 0:
		return Aucune
	case r.TotalPatient == 0:
		return Totale
	}
	return Partielle
}

// CalculerRangs serves several AMC in their order: each sees what the ones before
// have paid. Contracts and counters go together. ref: ROC §13.8
func (m Moteur) CalculerRangs(contrats []Contrat, f Facture, k []Compteurs) ([]Resultat, error) {
	if len(contrats) == 0 || len(contrats) > 3 {
		return nil, rejeter(CodeRang, "1 à 3 AMC attendues")
	}
	f.Lignes = append([]Ligne(nil), f.Lignes...)
	var resultats []Resultat
	for i, c := range contrats {
		f.RangAMC = i + 1
		var compteurs Compteurs
		if i < len(k) {
			compteurs = k[i]
		}
		r, err := m.Calculer(c, f, compteurs)
		if err != nil {
			return nil, err
		}
		resultats = append(resultats, r)
		for j := range f.Lignes {
			bas := f.Lignes[j].RangsInferieurs
			f.Lignes[j].RangsInferieurs = append(bas[:len(bas):len(bas)], PartRang{Rang: i + 1, Montant: r.Lignes[j].MontantAMC})
		}
	}
	return resultats, nil
}

// ligne follows the order of the text: eligibility, exclusions, formula, cap of
// the line, counter of the period, what is left. ref: ROC §12
func (k *calculateur) ligne(l Ligne) (LigneCalculee, error) {
	if motif, regle := k.ecarte(l); motif != "" {
		return k.refus(l, motif, regle), nil
	}
	g, couvert := k.c.Garantie(l)
	if !couvert {
		return k.refus(l, CodeHorsGarante, "hors garantie"), nil
	}
	a, surcharge, err := k.assiette(l)
	if err != nil {
		return LigneCalculee{}, err
	}
	formule, plafondOptam := k.formuleApplicable(g, l, a)
	if err := k.compter(&a, g, formule, l); err != nil {
		return LigneCalculee{}, err
	}
	p := formule.appliquer(a)
	limite := p.montant
	if g.PlafondLigne > 0 {
		limite = min(limite, g.PlafondLigne)
	}
	if g.PlafondPeriode > 0 {
		limite = min(limite, max(0, g.PlafondPeriode-k.compteurs.At(g.Code, k.periode(g.Fenetre, l)).Montant))
	}
	limite = min(limite, plafondOptam, a.reste)
	k.consommer(g, formule, l, limite, p.unites)
	x := LigneCalculee{Rang: l.Rang, MontantAMC: limite, Patient: l.reste() - limite, Regle: string(formule.Numero)}
	x.Motif = motifDe(x, limite < p.montant || limite < a.reste && formule.plafonne(), surcharge)
	x.Etape = k.expliquer(l, g, formule, x, a)
	return x, nil
}

// ecarte tells why a line is not eligible. ref: ROC §§9.3, 13.10
func (k *calculateur) ecarte(l Ligne) (Code, string) {
	switch {
	case !dansPeriode(l.DateDebut, k.c.Debut, k.c.Fin):
		return CodeHorsPeriode, "droits fermés à la date des soins"
	case k.c.Responsable && retenue(l):
		return CodeNonCouvrable, "participation ou franchise retenue par la caisse : jamais remboursable"
	case k.c.exclut(l):
		return CodeHorsGarante, "exclu par le contrat"
	}
	return "", ""
}

// retenue recognises a line that bills what the caisse withholds. ref: ROC §13.10
// hyp: CODES-PRESTATION
func retenue(l Ligne) bool {
	switch l.CodePrestation {
	case "PF", "FRA", "FRM":
		return l.Famille == FamilleDIV || l.Famille == FamilleCONS
	}
	return false
}

func (k *calculateur) refus(l Ligne, motif Code, regle string) LigneCalculee {
	x := LigneCalculee{Rang: l.Rang, Patient: l.reste(), Regle: string(F00), Motif: motif}
	phrase := fmt.Sprintf("%s : votre complémentaire ne paie rien (%s) ; il reste %s.", titre(l.Famille), regle, x.Patient.Euros())
	if x.Patient == 0 {
		phrase = fmt.Sprintf("%s : il ne reste rien à payer.", titre(l.Famille))
		x.Motif = ""
	}
	x.Etape = Etape{Objet: titre(l.Famille), Regle: regle, Source: "ROC §12, §18", Phrase: phrase}
	return x
}

// motifDe is the official reason of what is left. ref: ROC §18
func motifDe(x LigneCalculee, plafond bool, surcharge sante.Montant) Code {
	switch {
	case x.Patient == 0:
		return ""
	case plafond:
		return CodePlafond
	case surcharge > 0:
		return CodeNonCouvrable
	}
	return CodeHorsGarante
}

// periode names the window of a counter; a line counts in the year of its first
// day. hyp: COMPTEUR-DATE
func (k *calculateur) periode(f Fenetre, l Ligne) string {
	if f == ParAnnee {
		return strconv.Itoa(l.DateDebut.Annee())
	}
	debut := k.f.DateEntree
	if debut.IsZero() {
		debut = k.f.PeriodeDebut
	}
	return "SEJOUR " + debut.String()
}
