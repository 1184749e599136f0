package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	off "github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
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

// emetteursSignes believes accreditations by the published keys and mandates of those who
// sign them, and by their lists of revoked ones.
type emetteursSignes struct {
	cles    func() *droits.Cles
	lar     func(emetteur sante.NumeroAMC) *droits.LAR // nil when none is held
	horloge sante.Horloge
}

// Verifier implements officine.Emetteurs.
func (x emetteursSignes) Verifier(_ context.Context, jeton string) (droits.Accreditee, off.Revocation, error) {
	a, err := droits.VerifierAccreditation(jeton, x.cles(), x.horloge())
	if err != nil {
		return a, nil, errors.Join(off.ErrInconnue, err)
	}
	n := a.Accreditation().Numero
	return a, revocationListee{x.lar(n.Emetteur()), n}, nil
}

// revocationListee is what a list tells of an accreditation.
type revocationListee struct {
	liste  *droits.LAR
	numero droits.NumeroAccreditation
}

// Opposable implements officine.Revocation. A list that is not held opposes nothing: the
// professional could not read it better. ref: VISIO §6, §7
func (r revocationListee) Opposable(soins sante.Jour) bool {
	if r.liste == nil {
		return false
	}
	motif, err := r.liste.Revoquee(r.numero, soins)
	return err == nil && motif != ""
}

// tiersDeConfiance asks the third party about an invoice, under the seal of who pays. The
// question has what the invoice quotes and no person: the two sides meet here, and pass no
// more than this. ref: VISIO §13 (F708), DEC 32
type tiersDeConfiance struct {
	client *roc.Client
	cible  func() *roc.Cible
}

// Controler implements officine.Tarifications. A number, a link or amounts that cannot be
// ones of a pricing are a no; whatever else keeps from an answer is a silence.
func (x tiersDeConfiance) Controler(ctx context.Context, c *off.ControleTarification) (bool, error) {
	d := &tarif.DemandeControle{}
	var err1, err2, err3 error
	d.NumeroTarification, err1 = tarif.ParseNumeroTarification(c.Numero)
	d.Lien, err2 = tarif.ParseLien(c.Lien)
	d.Facture, err3 = tarif.ParseEmpreinteFacture(c.Facture)
	for _, m := range c.Montants {
		d.Montants = append(d.Montants, tarif.MontantFamille{Famille: m.Famille, Depense: m.Depense, AMO: m.AMO, AMC: m.AMC})
	}
	if errors.Join(err1, err2, err3, tarif.EchangeControle.CorpsDemande.Verify(d)) != nil {
		return false, nil
	}
	r, err := roc.Envoyer(ctx, x.client, tarif.EchangeControle, x.cible(), "CTL", d, roc.Suivi{})
	switch {
	case err != nil:
		return false, errors.Join(off.ErrMuet, err)
	case !r.Corps.Accord():
		return false, fmt.Errorf("%w : code %s", off.ErrMuet, r.Corps.CodeRetour)
	}
	return r.Corps.Conforme == tarif.Oui, nil
}
