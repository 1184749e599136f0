package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// registreOfficine is the register of accreditations as the controls of an invoice ask it.
type registreOfficine struct{ accreditation.Registre }

// Accreditation implements officine.Accreditations. It gives what was promised: the
// portfolio is not asked. ref: VISIO §13
func (r registreOfficine) Accreditation(ctx context.Context, n droits.NumeroAccreditation) (*off.Accreditation, error) {
	e, err := r.Emise(ctx, n)
	if errors.Is(err, accreditation.ErrInconnue) {
		return nil, off.ErrInconnue
	}
	if err != nil {
		return nil, err
	}
	etendue, err := droits.LireEtendue(e.Conditions)
	if err != nil {
		return nil, fmt.Errorf("étendue d'une accréditation : %w", err)
	}
	etendue.Debut, etendue.Fin = e.Debut, e.Fin
	a := &off.Accreditation{Numero: e.Numero, AMC: etendue.NumeroAMC, Contrat: e.Beneficiaire, Personne: e.Personne,
		Categorie: e.Categorie, Convention: e.Convention, Etendue: *etendue, Lien: e.Lien}
	if e.Revocation != nil {
		a.Revocation = e.Revocation
	}
	return a, nil
}
