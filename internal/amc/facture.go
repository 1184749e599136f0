package amc

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// DroitsDeFacture tells whether the person of an invoice that no guarantee covers is
// a member, covered from the first day to the last for what is invoiced, and by which
// contract. The code is Accepte, or I101 to I104, D201 to D207; S506, and nobody is
// looked for, when this adherent was tried too often. Who sealed the invoice is counted
// as it would be for a question, apart from its questions. ref: ROC §7.3, §18, DEC 23, 28 // hyp: VIGIE-FACTURE
func (s *Service) DroitsDeFacture(ctx context.Context, scelleur string, d *roc.DemandeCalcul) (roc.Code, calcul.Contrat, error) {
	b, _, code, err := s.identifierLe(ctx, &Essai{Scelleur: scelleur, Pour: PourFacture}, &d.Entete)
	var refus *roc.Refus
	if errors.As(err, &refus) && refus.Code == roc.Quota {
		return roc.Quota, calcul.Contrat{}, nil
	}
	if err != nil {
		return "", calcul.Contrat{}, err
	}
	if code != roc.Accepte {
		return code, calcul.Contrat{}, nil
	}
	premier, dernier := etendue(d)
	dr := droitsAu(b.Adhesions, d.DateReference, dernier, 0)
	switch {
	case dr.code != roc.Accepte:
		return dr.code, calcul.Contrat{}, nil
	case dr.debut > premier:
		return roc.DroitsFuturs, calcul.Contrat{}, nil
	case !couvre(dr.debut, dr.fin, dernier):
		return roc.DroitsFermes, calcul.Contrat{}, nil
	}
	k, err := s.Contrats.Contrat(ctx, dr.version.Empreinte)
	if err != nil {
		return "", calcul.Contrat{}, fmt.Errorf("facture: lire le contrat: %w", err)
	}
	if code := k.admettre(domaineFacture(d), &d.Entete, b.Rang); code != roc.Accepte {
		return code, calcul.Contrat{}, nil
	}
	x := k.Calcul()
	x.Debut, x.Fin = dr.debut, dernier
	return roc.Accepte, x, nil
}

// etendue is the first and the last day that an invoice speaks of: its reference, its
// period and its lines. ref: ROC §17.2 « period inside rights »
func etendue(d *roc.DemandeCalcul) (premier, dernier sante.Jour) {
	premier, dernier = d.DateReference, max(d.DateReference, d.PeriodeFin)
	plusLoin := func(jours ...sante.Jour) {
		for _, j := range jours {
			if !j.IsZero() {
				premier, dernier = min(premier, j), max(dernier, j)
			}
		}
	}
	plusLoin(d.PeriodeDebut)
	for i := range d.Lignes {
		plusLoin(d.Lignes[i].DateDebut, d.Lignes[i].DateFin)
	}
	return premier, dernier
}
