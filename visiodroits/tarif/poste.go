package tarif

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
)

// Poste is the pharmacy's workstation, which alone knows both the patient and what is
// delivered. It needs the key of the third party, from the list of services.
type Poste struct{ Tiers Destinataire }

// Tarification is a delivery asked to be priced; its answer is read with Lire.
type Tarification struct {
	Demande *DemandeTarification
	Lignes  []Ligne
}

// Preparer encrypts a delivery. The lines are checked first, so that what the third
// party would refuse never leaves.
func (p Poste) Preparer(dossier NumeroDossier, jour sante.Jour, s Sens, lignes []Ligne) (*Tarification, error) {
	if err := ControlerLignes(lignes); err != nil {
		return nil, err
	}
	x := Delivrance{NumeroDossier: dossier, DateDelivrance: jour, Sens: s, Lignes: lignes}
	if err := planDelivrance.Verify(&x); err != nil {
		return nil, fmt.Errorf("tarif: délivrance: %w", err)
	}
	c, err := p.Tiers.Chiffrer(planDelivrance.AppendJSON(nil, &x))
	if err != nil {
		return nil, err
	}
	return &Tarification{&DemandeTarification{NumeroDossier: dossier, DateDelivrance: jour, Sens: s, Lignes: c}, lignes}, nil
}

// Prix is what the answer says, once its sums were checked.
type Prix struct {
	Partage
	Parts    []LigneTarifee
	Familles []MontantFamille   // what the invoice says of each family
	Numero   NumeroTarification // what the invoice quotes; zero for an estimate
}

// Lire checks an answer against what was asked: one share a line, sums exact to the
// cent, a number for a commitment and none for an estimate. An answer that does not
// accept is a *Refuse.
func (t *Tarification) Lire(r *ReponseTarification) (*Prix, error) {
	if !r.Accord() {
		return nil, &Refuse{r.Retour}
	}
	p, err := Partager(t.Lignes, r.Lignes)
	if err != nil {
		return nil, err
	}
	switch {
	case r.TotalAMC == nil || r.TotalPatient == nil || *r.TotalAMC != p.AMC || *r.TotalPatient != p.Patient:
		return nil, &Incoherence{0, "les totaux de la réponse ne sont pas la somme de ses lignes"}
	case (t.Demande.Sens == Engagement) == r.NumeroTarification.IsZero():
		return nil, &Incoherence{0, "un engagement porte un numéro de tarification, un devis n'en porte pas"}
	case r.Validite.IsZero():
		return nil, &Incoherence{0, "la réponse ne dit pas jusqu'à quand elle vaut"}
	}
	return &Prix{p, r.Lignes, ParFamille(t.Lignes, r.Lignes), r.NumeroTarification}, nil
}

// Refuse is an answer that does not accept.
type Refuse struct{ Retour Retour }

// Error tells the code, what it means and what to do.
func (e *Refuse) Error() string {
	s := string(e.Retour.CodeRetour) + " " + e.Retour.Libelle
	if e.Retour.Precision != "" {
		s += " : " + e.Retour.Precision
	}
	if e.Retour.Reessai != "" {
		s += " (réessayer " + e.Retour.Reessai + ")"
	}
	return s
}
