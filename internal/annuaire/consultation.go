package annuaire

import (
	"context"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Consultation is the trace of a reading through a view that asks for a purpose. It says
// which records were asked for and by whom, never what they hold. ref: RASS §8
type Consultation struct {
	Numero  string // of the trace
	Instant time.Time
	Lecteur string // who read
	Famille string
	Regard  string // as X-Vue says it: "V5/1"
	Motif   string
	Porte   string // fhir, ldap, export…
	Objet   string // what was asked, without the values
	Nombre  int64  // records shown
	// Fiches are the records shown, at most FichesMax: an export says how many alone.
	Fiches []FicheLue
}

// FicheLue is a record that a reading showed.
type FicheLue struct {
	Nature Nature
	ID     string
}

// FichesMax is how many records one trace names.
const FichesMax = 1000

// Traceur keeps the traces of readings.
type Traceur interface {
	// Tracer returns once the traces are durable: what could not be traced is not answered.
	Tracer(ctx context.Context, l ...Consultation) error
}

// objetMax bounds what a trace says of a question.
const objetMax = 200

// Consultation is the trace of a reading of so many records, of which it names the first;
// false when the view asks for none.
func (v *Vision) Consultation(porte, objet string, nombre int, fiches []FicheLue, le time.Time) (Consultation, bool, error) {
	if !v.regard.Tracee {
		return Consultation{}, false, nil
	}
	numero, err := sante.TirerNumero("C", nil)
	if err != nil {
		return Consultation{}, true, err
	}
	return Consultation{Numero: numero, Instant: le, Lecteur: v.acteur.ID, Famille: v.acteur.Famille, Regard: v.regard.entete,
		Motif: tronquer(v.acteur.Motif, preuveMax), Porte: porte, Objet: tronquer(objet, objetMax), Nombre: int64(nombre),
		Fiches: fiches[:min(len(fiches), FichesMax)]}, true, nil
}

// tronquer keeps the first runes of a text.
func tronquer(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}
