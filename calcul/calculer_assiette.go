package calcul

import (
	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// assiette is what the formula of a line is applied to, and the surcharge that a
// responsible contract cannot cover.
func (k *calculateur) assiette(l Ligne) (a assiette, surcharge sante.Montant, err error) {
	a = assiette{depense: l.MontantDepense, br: l.BaseAMO, amo: l.MontantAMO, reste: l.reste(), unites: l.Quantite, code: l.CodePrestation, codeActe: l.CodeActe}
	if a.unites == 0 {
		a.unites = Unites(1)
	}
	switch {
	case l.Famille.forfait():
		a.br, a.amo, a.tm = l.MontantDepense, 0, l.MontantDepense
	case l.MontantTM != nil && l.Famille == FamilleSEJ: // the base of the TM is not that of the AMO. ref: ROC §13.3 // hyp: BR-SEJOUR
		a.br, a.tm = l.MontantAMO+*l.MontantTM, *l.MontantTM
	default:
		if k.f.aPAS() && l.TauxAMO == sante.Pourcent(100) {
			a.amo = max(l.BaseAMO, l.MontantAMO) // the participation taken from the AMO is on its own line
		}
		a.tm = max(0, a.br-a.amo)
		if l.MontantTM != nil {
			a.tm = *l.MontantTM
		}
	}
	a.tm = max(0, a.tm-l.AutrePayeur)
	a.amo += l.AutrePayeur
	surcharge, err = k.surcharge(l)
	surcharge = min(surcharge, a.tm)
	a.tm, a.amo, a.reste = a.tm-surcharge, a.amo+surcharge, max(0, a.reste-surcharge)
	return a, surcharge, err
}

// surcharge is what the AMO would have paid in the care path and did not: a
// responsible contract leaves it to the patient. ref: ROC §13.10, V02
func (k *calculateur) surcharge(l Ligne) (sante.Montant, error) {
	if !k.c.Responsable || !l.Famille.medical() {
		return 0, nil
	}
	hors, err := k.horsParcours(k.f.ParcoursSoins, l.DateDebut)
	if err != nil || !hors {
		return 0, err
	}
	cle, err := k.cleActe(l.Famille, string(ouDefaut(l.Profession, Medecin)), false, l.DateDebut)
	if err != nil {
		return 0, err
	}
	v, err := k.Tables.At(cle, l.DateDebut)
	if err != nil || v.Taux() <= l.TauxAMO {
		return 0, err
	}
	return max(0, l.BaseAMO.Part(v.Taux())-l.MontantAMO), nil
}

// formuleApplicable is the formula of the guarantee, weakened for a practitioner
// outside OPTAM in a responsible contract: at least 20 points less, and no more
// than the TM and 100 % of the base. ref: ROC §13.10 // hyp: OPTAM-20-POINTS
func (k *calculateur) formuleApplicable(g Garantie, l Ligne, a assiette) (Formule, sante.Montant) {
	sansPlafond := a.reste
	if !l.Secteur.horsOptam() {
		return g.Formule, sansPlafond
	}
	f := g.Formule
	if g.HorsOptam != nil {
		f = *g.HorsOptam
	}
	if !k.c.Responsable || !l.Famille.medical() {
		return f, sansPlafond
	}
	base, err := k.Tables.At(bareme.HorsOptamBase, l.DateDebut)
	if err == nil {
		sansPlafond = a.tm + a.br.Part(base.Taux())
	}
	ecart, err := k.Tables.At(bareme.HorsOptamEcart, l.DateDebut)
	if g.HorsOptam == nil && err == nil {
		f.P = affaiblir(f.Regle, ecart.Taux())
	}
	return f, sansPlafond
}

// affaiblir lowers the percentage of a formula that covers an excess fee, never
// below the TM, which a responsible contract covers whole.
func affaiblir(r Regle, ecart sante.Taux) sante.Taux {
	switch r.Numero {
	case F03, F09:
		return max(sante.Pourcent(100), r.P-ecart)
	case F04:
		return max(0, r.P-ecart)
	}
	return r.P
}
