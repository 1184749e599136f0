package monde

import (
	"fmt"
	"strconv"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Personne is who someone is, as the civil register writes it.
type Personne struct {
	NomNaissance   string
	NomUsage       string
	Prenom         string
	Sexe           byte // 1 or 2, the first digit of the NIR
	DateNaissance  sante.DateNaissance
	RangGemellaire int
	NIR            sante.NIR
	NIRAssure      sante.NIR // of the opener of rights; his own when he is
	Qualite        string    // 0 insured, 1 ascendant, 2 spouse, 6 child. ref: ROC §7.1
}

// Patient is a person whom the hospitals of the world know.
type Patient struct {
	Personne
	Cle         string // short name, stable
	Note        string // why this patient is here, in French
	IPP         string
	AMO         roc.AMO
	Situation   *roc.Situation
	PecFJ       calcul.PecFJ // of a stay
	Couvertures []Couverture // by rank; none when the patient has no insurer
	Passe       []Passage
}

// Couverture is a card of a patient and what the insurer knows of him.
type Couverture struct {
	Rang           int
	AMC            string // Cle
	Reference      string // in the portfolio of the insurer
	NumeroAdherent sante.NumeroAdherent
	ValiditeDebut  sante.Jour // printed on the card
	ValiditeFin    sante.Jour
	IdentiteSure   bool
	Adhesions      []Adhesion
	Consomme       calcul.Compteurs // of the ceilings, before the stories
}

// Adhesion is a period during which a contract covers a person.
type Adhesion struct {
	Contrat       string     `json:"contrat"`
	Debut         sante.Jour `json:"debut"`
	Fin           sante.Jour `json:"fin,omitzero"`
	SuspenduDebut sante.Jour `json:"suspenduDebut,omitzero"`
	SuspenduFin   sante.Jour `json:"suspenduFin,omitzero"`
}

// Ouverte tells whether rights are open a day.
func (x *Adhesion) Ouverte(j sante.Jour) bool {
	dans := func(debut, fin sante.Jour) bool { return j >= debut && (fin.IsZero() || j <= fin) }
	return dans(x.Debut, x.Fin) && (x.SuspenduDebut.IsZero() || !dans(x.SuspenduDebut, x.SuspenduFin))
}

// Passage is a past visit, with a hospital that remembers it.
type Passage struct {
	Etablissement string // Cle
	Discipline    roc.Discipline
	Debut, Fin    sante.Jour // the same day for an outpatient visit
	Objet         string     // in French, without any medical detail
	Total         sante.Montant
	AMC           sante.Montant // paid by the insurers
}

// Nuits is the length of a past stay.
func (p *Passage) Nuits() int { return int(p.Fin - p.Debut) }

// Beneficiaire is the patient in the words of a question.
func (p *Patient) Beneficiaire(c *Couverture) roc.Beneficiaire {
	return roc.Beneficiaire{
		NumeroAdherent: c.NumeroAdherent, NIRAssure: p.NIRAssure, NIRBeneficiaire: p.NIR,
		NomNaissance: sante.Plier(p.NomNaissance), NomUsage: sante.Plier(p.NomUsage), Prenom: sante.Plier(p.Prenom), // ref: ROC §7.1
		DateNaissance: p.DateNaissance, RangGemellaire: p.RangGemellaire, Qualite: p.Qualite,
	}
}

// Couverture gives the coverage of a rank, or nil.
func (p *Patient) Couverture(rang int) *Couverture {
	for i := range p.Couvertures {
		if p.Couvertures[i].Rang == rang {
			return &p.Couvertures[i]
		}
	}
	return nil
}

// Carte is what the hospital reads on the card of a coverage.
func (m *Monde) Carte(c *Couverture) roc.Carte {
	a := m.Assureur(c.AMC)
	if a == nil {
		return roc.Carte{}
	}
	return roc.Carte{NumeroAMC: a.Numero, TypeConvention: a.TypeConvention, CSR: a.CSR,
		ValiditeDebut: c.ValiditeDebut, ValiditeFin: c.ValiditeFin, ModeAcquisition: roc.Datamatrix}
}

// Places of birth that exist nowhere: municipality codes above any in use.
// hyp: NIR-INVENTE
const (
	communesGenerees = 950 // 950 to 979, for the generator
	communesMonde    = 980 // 980 to 989, for the patients
	ordresParCommune = 999
)

// treize writes the thirteen first characters of a NIR. The place is the
// département and the municipality, five characters. ref: fiche INS §2.2
func treize(sexe byte, an, mois int, lieu string, ordre int) []byte {
	b := make([]byte, 0, 15)
	b = append(b, '0'+sexe, byte('0'+an/10%10), byte('0'+an%10), byte('0'+mois/10), byte('0'+mois%10))
	b = append(b, lieu...)
	return append(b, byte('0'+ordre/100%10), byte('0'+ordre/10%10), byte('0'+ordre%10))
}

// cle completes a NIR made of digits only.
func cle(treize []byte) (sante.NIR, error) {
	n, err := strconv.ParseInt(string(treize), 10, 64)
	if err != nil {
		return sante.NIR{}, fmt.Errorf("monde: NIR inventé: %w", err)
	}
	k := 97 - n%97
	return sante.ParseNIR(string(append(treize, byte('0'+k/10), byte('0'+k%10))))
}
