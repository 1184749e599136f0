package liquidation

import (
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// ErrRetourIllisible: what is asked would be told by a return that no hospital can
// read. Nothing is written.
var ErrRetourIllisible = errors.New("liquidation: aucun établissement ne saurait lire le retour")

// relire reads a return as its hospital will: what it would refuse never leaves, and
// what it would have told is not done.
func relire(d *roc.DemandeRET) error {
	lu := new(roc.DemandeRET)
	err := roc.EchangeRET.CorpsDemande.DecodeJSON(roc.EchangeRET.CorpsDemande.AppendJSON(nil, d), lu)
	if err == nil {
		err = lu.Verifier()
	}
	if err != nil {
		return fmt.Errorf("%w : %w", ErrRetourIllisible, err)
	}
	return nil
}

// aPoster is a return and its hospital.
type aPoster struct {
	finess sante.FINESS
	roc.DemandeRET
}

// former makes the returns of what was said, each read again.
func (r *retours) former(instant time.Time) (l []aPoster, err error) {
	for _, c := range r.ordre {
		a := r.par[c]
		a.Date = sante.JourA(instant, sante.Paris())
		reste := a.Factures
		for _, numero := range a.numeros {
			n := len(reste)
			if a.Nature != roc.RetourPaiement {
				n = min(n, retourMax)
			}
			un := a.DemandeRET
			un.Numero, un.Factures, reste = numero, reste[:n], reste[n:]
			if err := relire(&un); err != nil {
				return nil, err
			}
			l = append(l, aPoster{c.finess, un})
		}
	}
	return l, nil
}
