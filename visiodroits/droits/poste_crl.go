package droits

import (
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sceau"
)

// controlesCRL are the certificates that were looked for in a list of revoked ones, and
// those for which the list was fresh. ref: VISIO §15
type controlesCRL struct{ controles, fraiches int64 }

// jugeCompte is a judge whose controls are counted, for one question. hyp: VISIO-CRL
type jugeCompte struct {
	sceau.Juge
	n *controlesCRL
}

// Juger is sceau.Juge. A certificate that is refused before its list is opened is no
// control; one let through in spite of its list is a control without a fresh list.
func (j jugeCompte) Juger(feuille []byte, chaine [][]byte, usage certificat.Usage, a time.Time) (certificat.Verdict, error) {
	v, err := j.Juge.Juger(feuille, chaine, usage, a)
	var r *certificat.Refus
	switch {
	case err == nil && v.Souple == nil:
		j.n.controles, j.n.fraiches = j.n.controles+1, j.n.fraiches+1
	case err == nil:
		j.n.controles++
	case errors.As(err, &r):
		switch r.Motif {
		case certificat.MotifRevoque, certificat.MotifAutoriteRevoquee:
			j.n.controles, j.n.fraiches = j.n.controles+1, j.n.fraiches+1
		case certificat.MotifListeAbsente, certificat.MotifListePerimee, certificat.MotifListeFuture, certificat.MotifListeMalSignee,
			certificat.MotifListeAncienne, certificat.MotifListePartielle, certificat.MotifDeltaSansBase:
			j.n.controles++
		}
	}
	return v, err
}
