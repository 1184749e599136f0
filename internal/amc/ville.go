package amc

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// QuestionVille is what a professional outside the hospital says of a person. Names may
// be left out. ref: VISIO §5.1
type QuestionVille struct {
	Demandeur    string // counted by the guessing rules
	NumeroAMC    sante.NumeroAMC
	Beneficiaire roc.Beneficiaire
	Domaine      string // of the perimeter: PHAR, LABO…
	Jour         sante.Jour
}

// DroitsEnVille is what is known of the rights of a person in a domain at a day.
type DroitsEnVille struct {
	Beneficiaire string // the insurer's own reference of the person, never sent
	Contrat      *Contrat
	Debut, Fin   sante.Jour // certainty, both included
}

// DroitsEnVille identifies a person and tells whether he is covered outside the
// hospital. The code is Accepte, A001, I101 to I104 or D201 to D207.
// ref: VISIO §5, DEC 23
func (s *Service) DroitsEnVille(ctx context.Context, q *QuestionVille) (*DroitsEnVille, roc.Code, error) {
	if !s.reglages.repond(q.NumeroAMC) {
		return nil, roc.AMCInconnue, nil
	}
	e := roc.Entete{Beneficiaire: q.Beneficiaire, DateReference: q.Jour}
	b, _, code, err := s.identifierLe(ctx, &Essai{Scelleur: q.Demandeur, Pour: PourVille}, &e)
	if err != nil || code != roc.Accepte {
		return nil, code, err
	}
	d := droitsAu(b.Adhesions, q.Jour, 0, s.reglages.Certitude)
	if d.code != roc.Accepte {
		return nil, d.code, nil
	}
	c, err := s.Contrats.Contrat(ctx, d.version.Empreinte)
	if err != nil {
		return nil, "", fmt.Errorf("droits en ville: lire le contrat: %w", err)
	}
	switch {
	case c.CSSParLaCaisse:
		return nil, roc.CSSParLaCaisse, nil
	case c.SansTiersPayant || !c.couvre(q.Domaine):
		return nil, roc.TiersPayantRefuse, nil
	}
	return &DroitsEnVille{Beneficiaire: b.Reference, Contrat: c, Debut: d.debut, Fin: d.fin}, roc.Accepte, nil
}
