package comptable

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Parametres are the choices of a hospital. The zero value is a working default.
type Parametres struct {
	// DelaiPaiement is the promise of the insurers, in days from the
	// acknowledgement. Default: 12. ref: DEC 30
	DelaiPaiement int
	// Penalite is the yearly rate of what is paid late. Default: none. ref: DEC 30
	Penalite sante.Taux
	// Fenetre bounds the days between an announce and the line that may pay it,
	// when only their amounts speak. Default: 30. hyp: FENETRE-RAPPROCHEMENT
	Fenetre int
	// Proximite bounds the days within which the nearest of several announces of
	// the same amount is the one. Default: 3. hyp: FENETRE-RAPPROCHEMENT
	Proximite int
	// Ouverture is the first day of the accounts still open: nothing is dated
	// before. Zero: all are open.
	Ouverture sante.Jour
	// RefusMax is how many refused lines a bank file may have and be imported all
	// the same. Default: none.
	RefusMax int
	// LignesMax bounds the lines of a bank file. Default: 500 000.
	LignesMax int
	// OctetsMax bounds a bank file. Default: 256 MiB.
	OctetsMax int64
	// Comptes are the bank accounts of the hospital, without their spaces: a line of
	// another one is refused. Default: none, and any account is admitted.
	Comptes []string
	// Fuseau is the hospital's. Default: Europe/Paris. ref: DEC 5
	Fuseau *time.Location
}

func (p Parametres) avecDefauts() Parametres {
	for v, d := range map[*int]int{&p.DelaiPaiement: 12, &p.Fenetre: 30, &p.Proximite: 3, &p.LignesMax: 500_000} {
		if *v <= 0 {
			*v = d
		}
	}
	if p.OctetsMax <= 0 {
		p.OctetsMax = 256 << 20
	}
	if p.Fuseau == nil {
		p.Fuseau = sante.Paris()
	}
	return p
}

// ouvert moves a day into the accounts still open.
func (p Parametres) ouvert(j sante.Jour) sante.Jour { return max(j, p.Ouverture) }
