package etablissement

import (
	"errors"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
)

// rejet gives the refusals of the engine the form of this room.
func rejet(err error) error {
	var r *calcul.Rejet
	if !errors.As(err, &r) {
		return err
	}
	detail := r.Detail
	if r.Ligne > 0 {
		detail = "Ligne " + strconv.Itoa(r.Ligne) + " : " + detail
	}
	return &Erreur{Sorte: ErrDonnees, Code: roc.Code(r.Code), Detail: detail, Cause: err}
}

// controler checks a question as the insurer will, before it is sent.
func controler(m calcul.Moteur, d *roc.DemandeCalcul) error {
	f, err := d.Facture()
	if err != nil {
		return rejet(err)
	}
	rejets := m.Controler(f)
	if len(rejets) == 0 {
		return nil
	}
	var details []string
	for _, r := range rejets[:min(len(rejets), 10)] {
		details = append(details, r.Error())
	}
	return &Erreur{Sorte: ErrDonnees, Code: roc.Code(rejets[0].Code), Detail: strings.Join(details, " ; "), Cause: rejets[0]}
}

// totaliser sums the lines as the engine does.
func totaliser(d *roc.DemandeCalcul) (*roc.Totaux, error) {
	f, err := d.Facture()
	if err != nil {
		return nil, rejet(err)
	}
	t := calcul.Totaliser(f.Lignes)
	return &roc.Totaux{Depense: t.Depense, AMO: t.AMO, BaseAMC: t.BaseAMC, PatientAvantAMC: t.PatientAvantAMC}, nil
}

// repartir computes the share of an insurer from its answer on rights, or from a convention. The
// counters that it keeps are not known here: what it answered on rights is all
// that it opposes to a local calculation. hyp: LOCAL-COMPTEURS
func repartir(m calcul.Moteur, d *roc.DemandeCalcul, c calcul.Contrat) (*roc.ReponseCalcul, error) {
	k, _, err := roc.Repartir(m, c, d, nil)
	if err != nil {
		return nil, rejet(err)
	}
	return k, nil
}
