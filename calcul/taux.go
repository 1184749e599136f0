package calcul

import (
	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// Moteur computes with a set of tables. It never changes; it may be shared.
type Moteur struct {
	Tables *bareme.Tables
}

// New makes an engine from tables, or from the built-in ones when nil.
func New(t *bareme.Tables) (Moteur, error) {
	if t == nil {
		var err error
		if t, err = bareme.Defaut(); err != nil {
			return Moteur{}, err
		}
	}
	return Moteur{Tables: t}, nil
}

// Classe is what an exemption and a nature make of the rate of the AMO.
type Classe byte

// Classes of rates.
const (
	ClasseCommune  Classe = iota + 1 // the rate of the tables
	ClasseFSV                        // 90 %
	ClasseExoneree                   // 100 %
)

// Classer derives the class of rate by the rule of ATIH; without exoTM or nature
// it refuses with P412. ref: ROC §§13.3, 19.1
func Classer(exo ExoTM, nature NatureAssurance) (Classe, error) {
	switch {
	case exo == "" || exo == ExoSansObjet:
		return 0, rejeter(CodeTauxInconnu, "taux AMO indéterminé : justification d'exonération (exoTM) absente")
	case nature == "" || nature == NatureNonApplicable:
		return 0, rejeter(CodeTauxInconnu, "taux AMO indéterminé : nature d'assurance absente")
	case !connu(exo):
		return 0, rejeter(CodeTauxInconnu, "taux AMO indéterminé : exoTM hors de la liste")
	case !connu(nature):
		return 0, rejeter(CodeTauxInconnu, "taux AMO indéterminé : nature d'assurance hors de la liste")
	case exo == ExoAucune || exo == ExoTrenteJours:
		if nature == NatureMaladie || nature == NatureLocal {
			return ClasseCommune, nil
		}
		return ClasseExoneree, nil
	case exo == ExoFSV && nature == NatureMaladie:
		return ClasseFSV, nil
	}
	return ClasseExoneree, nil
}

// TauxSejour is the rate of the AMO for a stay. ref: ROC §19.1
func (m Moteur) TauxSejour(exo ExoTM, nature NatureAssurance, j sante.Jour) (sante.Taux, error) {
	c, err := Classer(exo, nature)
	if err != nil {
		return 0, err
	}
	return m.tauxDeClasse(c, bareme.AMOSEJ, j)
}

func (m Moteur) tauxDeClasse(c Classe, cle string, j sante.Jour) (sante.Taux, error) {
	switch c {
	case ClasseExoneree:
		return sante.Pourcent(100), nil
	case ClasseFSV:
		cle = bareme.AMOFSV
	}
	v, err := m.Tables.At(cle, j)
	return v.Taux(), enRejet(err)
}

// cleActe is the table key of an ambulatory line: the most precise that exists
// of family.profession.HORS, family.profession and family.
func (m Moteur) cleActe(f Famille, detail string, hors bool, j sante.Jour) (string, error) {
	base := bareme.AMO + string(f)
	precise := base + "." + detail
	for _, c := range []struct {
		cle    string
		permis bool
	}{{precise + ".HORS", hors}, {precise, detail != ""}, {base, true}} {
		if c.permis && m.Tables.Has(c.cle, j) {
			return c.cle, nil
		}
	}
	if j.IsZero() {
		return "", rejeter(CodeDates, "date des soins absente : le taux AMO dépend du jour")
	}
	return "", rejeter(CodeTauxInconnu, "taux AMO indéterminé : aucun taux « %s » au %s", f, j.Francais())
}

// horsParcours tells what a code of the care path means. ref: ROC §13.1
func (m Moteur) horsParcours(code string, j sante.Jour) (bool, error) {
	if code == "" {
		return false, nil
	}
	v, err := m.Tables.At(bareme.Parcours+code, j)
	if err != nil {
		return false, rejeter(CodeForme, "code de parcours de soins inconnu : « %.8s »", code)
	}
	return v.Texte() == bareme.Hors, nil
}
