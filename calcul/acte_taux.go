package calcul

import (
	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// acteLourd tells whether the PAS replaces the TM of a line taken alone.
// ref: ROC §13.6
func (m Moteur) acteLourd(a Acte) (bool, error) {
	if a.Famille != FamilleACTE && a.Famille != FamilleCONS || a.Radiologie {
		return false, nil
	}
	if a.Lourd != nil {
		return lourd(*a.Lourd, a.ExoTM, a.Nature), nil
	}
	if a.Famille != FamilleACTE || a.Taux != nil {
		return lourd(false, a.ExoTM, a.Nature), nil
	}
	seuil, err := m.seuilAtteint(a.Base, a.Coefficient, a.Date)
	return lourd(seuil, a.ExoTM, a.Nature), err
}

func (m Moteur) seuilAtteint(base sante.Montant, coefficient Quantite, j sante.Jour) (bool, error) {
	tarif, err := m.Tables.At(bareme.PASSeuil, j)
	if err != nil {
		return false, enRejet(err)
	}
	coef, err := m.Tables.At(bareme.PASCoefficient, j)
	return base >= tarif.Montant() || coefficient >= Unites(coef.Entier()), enRejet(err)
}

// tauxActe is the rate of a line: 100 % for a heavy act or an exemption, what the
// caller says, or the tables.
func (m Moteur) tauxActe(a Acte, heavy bool) (sante.Taux, []bareme.Valeur, error) {
	if heavy {
		return sante.Pourcent(100), nil, nil
	}
	if a.Famille.confort() || a.Famille == FamilleDIV {
		return 0, nil, nil
	}
	classe, err := Classer(a.ExoTM, a.Nature)
	if err != nil {
		return 0, nil, err
	}
	if a.Taux != nil {
		if classe == ClasseExoneree && *a.Taux != sante.Pourcent(100) {
			return 0, nil, rejeter(CodeTaux, "taux AMO de %s avec exoTM %s et nature %s, qui donnent 100 %%", pourcent(*a.Taux), a.ExoTM, a.Nature)
		}
		return *a.Taux, nil, nil
	}
	if classe == ClasseExoneree {
		return sante.Pourcent(100), nil, nil
	}
	hors, err := m.estHorsParcours(a)
	if err != nil {
		return 0, nil, err
	}
	cle, err := m.cleActe(a.Famille, a.detail(), hors, a.Date)
	if err != nil {
		return 0, nil, err
	}
	v, err := m.Tables.At(cle, a.Date)
	if err != nil || classe != ClasseFSV {
		return v.Taux(), []bareme.Valeur{v}, enRejet(err)
	}
	fsv, err := m.Tables.At(bareme.AMOFSV, a.Date)
	return max(v.Taux(), fsv.Taux()), []bareme.Valeur{v, fsv}, enRejet(err)
}

func (m Moteur) estHorsParcours(a Acte) (bool, error) {
	if a.HorsParcours {
		return true, nil
	}
	return m.horsParcours(a.Parcours, a.Date)
}

// surchargeActe is the part of the TM that being inside the path would have spared.
func (m Moteur) surchargeActe(a Acte, p PrixActe) (sante.Montant, error) {
	hors, err := m.estHorsParcours(a)
	if err != nil || !hors || !a.Famille.medical() || p.TM == 0 {
		return 0, err
	}
	cle, err := m.cleActe(a.Famille, a.detail(), false, a.Date)
	if err != nil {
		return 0, err
	}
	v, err := m.Tables.At(cle, a.Date)
	return max(0, p.Base.Part(v.Taux())-p.AMO), enRejet(err)
}
