package calcul

import (
	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// Sejour is what the price of a stay depends on.
type Sejour struct {
	Entree, Sortie  sante.Jour
	ModeSortie      ModeSortie
	Discipline      Discipline          // MCO when not said
	Categorie       Categorie           // EPS when not said
	Hospitalisation TypeHospitalisation // complete when not said
	JoursAnterieurs int                 // days of the contiguous stays before this one
	JoursFactures   int                 // days of HAD or sessions; zero: the nights

	Tarif       *sante.Montant // GHS, GME, GHT; nil: the share of the AMO is not computed
	TNJP        *sante.Montant // daily base of the TM; nil: the illustrative grid
	TauxTM      *sante.Taux    // nil: what the AMO does not pay
	Coefficient *sante.Taux    // transition coefficient of the grid; nil: the tables

	ExoTM           ExoTM
	Nature          NatureAssurance
	PecFJ           PecFJ // not said: R for nature 30 or 41, L for 13, A otherwise
	ActeLourd       bool
	DateActeLourd   sante.Jour // zero: the entry
	CSS             bool       // the CSS pays the participation
	ExitDayCompared *bool      // nil: the switch fj.exitDayInComparison
	PASDeduite      *bool      // nil: the switch pas.deductedFromStayTariff
	AME             bool       // State medical aid, urgent care, detainees: nothing for the patient
}

// Payeur is who pays in the place of the patient side.
type Payeur string

// Payers other than the AMO and the AMC.
const (
	PayeurRegimeLocal Payeur = "REGIME_LOCAL"
	PayeurEtat        Payeur = "ETAT" // AME and assimilated
)

// PrixSejour is the price of a stay for each party. Participation is what the
// patient side owes, AMC included: TMFacture + FJFacture + PAS − AutrePayeur.
type PrixSejour struct {
	Nuits, JoursTM, JoursFJ int
	TauxAMO, TauxTM         sante.Taux
	BaseTM                  sante.Montant // TNJP × days, or the tariff in a private clinic
	TM                      sante.Montant // as computed, before imputation
	TMFacture               sante.Montant // zero when the daily charge exceeds it. ref: DEC 19
	FJDu                    sante.Montant // each day at its price, before imputation
	FJFacture               sante.Montant // what is billed beside the TM
	FJLignes                []FJPeriode   // FJFacture by run of days
	PAS                     sante.Montant
	Participation           sante.Montant
	AutrePayeur             sante.Montant
	Payeur                  Payeur
	PartAutre               sante.Taux    // share of the TM and of the PAS that Payeur pays; it pays the FJ whole
	AMO                     sante.Montant // meaningful when AMOConnue
	AMOConnue               bool
	CSS                     bool
	Lourd                   bool // the PAS stands for the TM
	Etapes                  []Etape
	Hypotheses              []Hypothese
}

// FJPeriode is a run of days with one daily charge.
type FJPeriode struct {
	Debut, Fin sante.Jour
	Prix       sante.Montant
}

// Jours is the number of days of the run.
func (p FJPeriode) Jours() int { return int(p.Fin-p.Debut) + 1 }

// Montant is the charge of the run.
func (p FJPeriode) Montant() sante.Montant { return p.Prix.Fois(p.Jours()) }

const nuitsMax = 36_600 // a century: beyond it a date is wrong

// Sejour prices a stay. Its errors are *Rejet. ref: ROC §§13.3 to 13.6
func (m Moteur) Sejour(s Sejour) (PrixSejour, error) {
	s, hyp, err := s.completer()
	if err != nil {
		return PrixSejour{}, err
	}
	c := &chiffrage{Moteur: m, s: s}
	c.p.Hypotheses = hyp
	c.p.Nuits = int(s.Sortie - s.Entree)
	c.p.CSS = s.CSS
	for _, etape := range []func() error{c.tauxAMO, c.ticket, c.forfait, c.pas, c.imputer, c.amo, c.substituer} {
		if err := etape(); err != nil {
			return PrixSejour{}, enRejet(err)
		}
	}
	c.conclure()
	return c.p, nil
}

// completer checks a stay and gives its defaults.
func (s Sejour) completer() (Sejour, []Hypothese, error) {
	s.Discipline, s.Categorie = ouDefaut(s.Discipline, MCO), ouDefaut(s.Categorie, EPS)
	s.Hospitalisation = ouDefaut(s.Hospitalisation, Complete)
	var hyp []Hypothese
	if s.ModeSortie == "" {
		s.ModeSortie = SortieDomicile
		hyp = append(hyp, Hypothese{"modeSortie", "8", "sortie à domicile, le cas ordinaire"})
	}
	if s.PecFJ == "" {
		s.PecFJ = pecParDefaut(s.Nature)
		hyp = append(hyp, Hypothese{"codePecFJ", string(s.PecFJ), "code attendu pour la nature d'assurance " + ouSinon(string(s.Nature), "10")})
	}
	if s.PecFJ == FJInconnu { // hyp: CODE-X
		hyp = append(hyp, Hypothese{"codePecFJ", "A", "code X, sans information : forfait journalier supposé à la charge de l'assuré"})
	}
	if s.DateActeLourd.IsZero() {
		s.DateActeLourd = s.Entree
	}
	return s, hyp, s.controler()
}

func pecParDefaut(n NatureAssurance) PecFJ {
	switch n {
	case NatureMaternite, NatureAccident: // ref: ROC §13.9
		return FJRegime
	case NatureLocal:
		return FJLocal
	}
	return FJAssure
}

func (s Sejour) controler() error {
	switch {
	case s.Entree.IsZero() || s.Sortie.IsZero():
		return rejeter(CodeDates, "dates d'entrée et de sortie attendues")
	case s.Sortie < s.Entree:
		return rejeter(CodeDates, "la sortie du %s précède l'entrée du %s", s.Sortie.Francais(), s.Entree.Francais())
	case s.Sortie-s.Entree > nuitsMax:
		return rejeter(CodeDates, "séjour de plus de %d nuits", nuitsMax)
	case s.JoursAnterieurs < 0 || s.JoursFactures < 0 || s.JoursFactures > nuitsMax:
		return rejeter(CodeDates, "nombre de jours négatif ou démesuré")
	case s.DateActeLourd < s.Entree || s.DateActeLourd > s.Sortie:
		return rejeter(CodeDates, "l'acte lourd est hors du séjour")
	case s.ModeSortie != "" && !s.ModeSortie.lisible():
		return rejeter(CodeForme, "mode de sortie : un chiffre attendu")
	case !connu(s.Discipline) || !connu(s.Categorie) || !connu(s.Hospitalisation) || !connu(s.PecFJ):
		return rejeter(CodeForme, "discipline, catégorie, type d'hospitalisation ou code de prise en charge hors de sa liste")
	}
	for _, x := range []*sante.Montant{s.Tarif, s.TNJP} {
		if x != nil && *x < 0 {
			return rejeter(CodeForme, "montant négatif")
		}
	}
	return nil
}

// jourMeme tells whether entry and exit are the same day.
func (s Sejour) jourMeme() bool { return s.Entree == s.Sortie }

// sansForfait tells whether no daily charge exists for the stay. ref: ROC §13.4
// hyp: FJ-PARTIELLE (the text says it of SMR; applied to every discipline)
func (s Sejour) sansForfait() bool {
	return s.Discipline == HAD || s.Hospitalisation.partielle() || s.jourMeme()
}

// forfaitExempte tells whether the insured owes no daily charge by its code. Code
// L alone leaves the TM to the insured; with nature 13 the local scheme pays
// both, and the charge is computed to be given to it. ref: ROC §§13.4, 13.5, V14
// hyp: CODE-L-SEUL
func (s Sejour) forfaitExempte() bool {
	return s.PecFJ == FJRegime || s.PecFJ == FJLocal && s.Nature != NatureLocal
}

// lourd tells whether the fixed participation replaces the ticket modérateur:
// a heavy act, unless the person is exempted for another reason. ref: ROC §§13.6, 13.9
func lourd(acte bool, exo ExoTM, n NatureAssurance) bool {
	if n != NatureMaladie && n != NatureLocal {
		return false
	}
	switch exo {
	case ExoActeAncien, ExoActeCCAM:
		return true
	case ExoAucune, ExoFSV: // hyp: PAS-FSV
		return acte
	}
	return false
}

// cleFJ is the table of the daily charge of a discipline.
func cleFJ(d Discipline) string {
	if d == PSY {
		return bareme.FJPSY
	}
	return bareme.FJMCO
}
