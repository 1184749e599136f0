package tarif

import (
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Poste is the pharmacy's workstation, which alone knows both the patient and what is
// delivered. It keeps nothing, and sends nothing itself: it makes the body of a question of
// [EchangeTarification] and reads the body of its answer. [AccesDe] gives the key, from the
// signed lists; it is read again for each delivery, because keys change. ref: VISIO §10, §11
type Poste struct {
	Tiers Destinataire // the key of the third party, to encrypt to
}

// Tarification is a delivery asked to be priced. It is kept until the answer is read with
// Lire, which compares the two; it is not safe for concurrent use.
type Tarification struct {
	Demande *DemandeTarification // the body to send, sealed by the card
	Lignes  []Ligne              // as they were encrypted: not to be changed
}

// Preparer encrypts the lines of a delivery, asked as an estimate (Devis) or as a commitment
// (Engagement): 1 to 50 lines, ranks increasing, amounts in cents and rates in hundredths of
// a percent (sante.Pourcent), for the file that the third party opened and the day of
// delivery. The lines are checked first, so that what the third party would refuse never
// leaves. Each call encrypts anew: two calls are two questions.
//
// The error is an *Incoherence for lines that contradict themselves, ErrDestinataire for a
// Poste without a key that encrypts, and a schema error for a code, a quantity or a day out
// of its bounds: each is for the editor of the software to mend. ref: VISIO §11
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

// Prix is what the answer says, once its sums were checked. All amounts are in cents; in the
// whole as in each family, Depense = AMO + AMC + Patient. ref: VISIO §11
type Prix struct {
	Partage                     // of the whole delivery
	Parts    []LigneTarifee     // one a line, in the order of the question, with why
	Familles []MontantFamille   // one a family: what the invoice says, without product
	Numero   NumeroTarification // what the invoice quotes; zero for an estimate
	Validite time.Time          // until when the answer is worth something
}

// Lire checks an answer against what was asked: one share a line, in order, none negative or
// above what the compulsory insurance leaves; sums exact to the cent; a number for a
// commitment and none for an estimate. Nothing of an answer that fails is to be shown or
// billed. ref: VISIO §11
//
// The error is a *Refuse for an answer that does not accept, with its code, who must act and
// when to ask again: 200 and 300 are to be billed without pricing on line, 201 is asked again
// later (pricing has no degraded mode), T611 needs new rights then a new file, T630 the lists
// read again. It is an *Incoherence for an answer that contradicts itself or the question:
// the third party is at fault, and the delivery is not priced.
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
	return &Prix{p, r.Lignes, ParFamille(t.Lignes, r.Lignes), r.NumeroTarification, r.Validite}, nil
}

// Refuse is an answer that does not accept, of DOS or of TAR: an answer of the service, well
// sealed. What the exchange itself refuses (T and S codes) is a *roc.Refus.
type Refuse struct {
	Retour Retour // code, label, who acts, when to ask again: see visiodroits.Signification
}

// Error tells the code, what it means and what to do, in French.
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
