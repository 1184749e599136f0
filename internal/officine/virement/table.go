package virement

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"

	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/sante"
)

// Ligne is an order of a run, with the account of its professional: of the file that has it,
// else the one that is known now; none when nobody said it.
type Ligne struct {
	officine.Ordre
	Titulaire string
	IBAN      sante.IBAN
}

// colonnes of the table.
var colonnes = []string{"reglement", "reference", "ps", "titulaire", "iban", "montant", "factures", "etat", "remise", "paye_le", "rendu_le", "motif"}

func (l *Ligne) champs() []string {
	remise := ""
	if l.Remise > 0 {
		remise = fmt.Sprint(l.Remise)
	}
	return []string{l.Reglement.String(), l.Reference, l.PS.String(), l.Titulaire, l.IBAN.String(), l.Montant.String(), fmt.Sprint(l.Nombre), string(l.Etat), remise,
		l.PayeLe.String(), l.RenduLe.String(), l.Motif}
}

// CSV writes the table of a run for a spreadsheet: semicolons, a dot before the cents.
func CSV(w io.Writer, l []Ligne) error {
	x := csv.NewWriter(w)
	x.Comma = ';'
	if err := x.Write(colonnes); err != nil {
		return err
	}
	for i := range l {
		champs := l[i].champs()
		for k, c := range champs {
			if zone.Formule(c) {
				champs[k] = "'" + c
			}
		}
		if err := x.Write(champs); err != nil {
			return err
		}
	}
	x.Flush()
	return x.Error()
}

// JSON writes the same as one document; amounts are texts, to the cent.
func JSON(w io.Writer, l []Ligne) error {
	tous := make([]map[string]string, len(l))
	for i := range l {
		tous[i] = make(map[string]string, len(colonnes))
		for k, c := range l[i].champs() {
			tous[i][colonnes[k]] = c
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{"virements": tous})
}
