package calcul

import (
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
)

// Code is a return code of the exchange. ref: ROC §18
type Code string

// Codes that the calculation gives.
const (
	CodeForme        Code = "T001" // unreadable, or a value outside its list
	CodeHorsPeriode  Code = "D201" // rights closed at the date
	CodeTotal        Code = "P401" // total ≠ sum of lines
	CodeDates        Code = "P402" // dates inconsistent
	CodeNuits        Code = "P403" // nights ≠ dates
	CodePrestation   Code = "P410" // unknown prestation code
	CodeDoublon      Code = "P411" // duplicate FJ or PAS
	CodeTauxInconnu  Code = "P412" // rate of the AMO cannot be determined
	CodeTaux         Code = "P413" // rate inconsistent with exo or nature
	CodeFJ           Code = "P414" // FJ inconsistent with code PEC
	CodePAS          Code = "P415" // PAS without heavy act, or with TM
	CodeHorsGarante  Code = "P420" // outside guarantee
	CodePlafond      Code = "P421" // ceiling reached
	CodeNonCouvrable Code = "P422" // franchise, PF or surcharge, never coverable
	CodeRang         Code = "P430" // rank error
)

// Rejet is a refusal with its official code. Ligne is the rank of the line, zero
// when it is the whole invoice. The detail is in French and holds no personal data.
type Rejet struct {
	Code   Code
	Ligne  int
	Detail string
}

// Error is the code and the detail.
func (r *Rejet) Error() string {
	if r.Ligne > 0 {
		return fmt.Sprintf("%s (ligne %d) : %s", r.Code, r.Ligne, r.Detail)
	}
	return fmt.Sprintf("%s : %s", r.Code, r.Detail)
}

// Is compares codes, so that errors.Is(err, &Rejet{Code: CodePAS}) tells a kind.
func (r *Rejet) Is(cible error) bool {
	autre, ok := cible.(*Rejet)
	return ok && autre.Code == r.Code
}

func rejeter(code Code, format string, a ...any) *Rejet {
	return &Rejet{Code: code, Detail: fmt.Sprintf(format, a...)}
}

// enRejet gives a refusal to what the tables do not know: a day that they do not
// cover is a date error, whatever the key.
func enRejet(err error) error {
	var absent *bareme.Absent
	if errors.As(err, &absent) {
		return rejeter(CodeDates, "%s", absent.Error())
	}
	return err
}

// surLigne puts the rank of a line in a refusal.
func surLigne(rang int, err error) error {
	var r *Rejet
	if !errors.As(err, &r) || r.Ligne != 0 {
		return err
	}
	c := *r
	c.Ligne = rang
	return &c
}
