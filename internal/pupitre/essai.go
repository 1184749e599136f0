package pupitre

import (
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Choix is what the form of a trial offers.
type Choix struct {
	Etablissements []ChoixEtablissement
	Patients       []ChoixPatient
	Aujourdhui     sante.Jour // the day that the form proposes
	// Exemples are forms already filled, by name; the first is the one proposed.
	Exemples []Exemple
	// Moteur writes the lines of a passage at their tariff.
	Moteur calcul.Moteur
}

// ChoixEtablissement is a hospital that may ask, with a test certificate.
type ChoixEtablissement struct {
	Cle             string // unique, in the form
	Nom             string
	FinessJuridique sante.FINESS
	FinessGeo       sante.FINESS
	Categorie       roc.Categorie
}

// ChoixPatient is a fictitious patient and his insurance.
type ChoixPatient struct {
	Cle          string
	Nom          string // shown in the list
	Detail       string // "contrat responsable, mutuelle A, ALD"
	Beneficiaire roc.Beneficiaire
	Carte        roc.Carte
	AMO          roc.AMO
}

// Exemple is a form already filled.
type Exemple struct {
	Cle, Nom   string
	Formulaire Formulaire
}

// Formulaire is the form of a trial, as it was typed.
type Formulaire struct {
	Etablissement, Patient string // keys of the Choix
	Face                   string // SOAP or REST
	Service                string // IDB, SIM or CLC
	Passage                string // ACE or SEJOUR
	Date                   string // of care, or of entry: 2026-03-02

	// What replaces the data of the patient; empty fields replace nothing.
	NumeroAMC, NumeroAdherent, NomNaissance, Prenom, Naissance string

	Nature, ExoTM string // of the compulsory insurance; the patient's when empty
	IDReponseIDB  string // of a former IDB; asked first when empty

	Actes [ActesFormulaire]ActeSaisi // outpatient

	Sortie, Discipline, Tarif, Chambre string // stay: exit, field, tariff, price of a single room by day

	// Brut, when said, replaces all the above but Etablissement and Face: a whole
	// message, sealed by the visitor, or to be sealed by us.
	Brut    string
	Sceller bool
}

// ActesFormulaire is how many acts the form can hold.
const ActesFormulaire = 4

// ActeSaisi is an act as it was typed; a line without an amount is not there.
type ActeSaisi struct {
	Famille, Code, Base, Depense string
}

// Essai is a form that was checked: the question that a visitor wants to ask.
// One of IDB, Calcul and Brut is there.
type Essai struct {
	Etablissement ChoixEtablissement
	Face          sceau.Face
	Service       roc.Service
	IDB           *roc.DemandeIDB
	Calcul        *roc.DemandeCalcul // of SIM or CLC
	Brut          []byte             // to be sent as it is, or sealed first by Sceller
	ASceller      bool
}

// Erreur is what is wrong with a field of the form.
type Erreur struct {
	Champ   string // name of the field in the form
	Message string // French, tells what to do
}

// Preparer checks a form and writes its question. The errors are in the order of
// the form, and nil when there is none.
func Preparer(f *Formulaire, c *Choix) (*Essai, []Erreur) {
	s := &saisie{f: f, c: c, essai: &Essai{Face: sceau.Face(f.Face), Service: roc.Service(f.Service)}}
	s.partenaires()
	if f.Brut != "" {
		s.brut()
	} else {
		s.question()
	}
	if len(s.erreurs) > 0 {
		return nil, s.erreurs
	}
	return s.essai, nil
}

// BrutMax bounds a pasted message, in bytes.
const BrutMax = 256 << 10

func (s *saisie) brut() {
	if len(s.f.Brut) > BrutMax {
		s.erreur("brut", "Message trop long : 256 Kio au plus.")
		return
	}
	s.essai.Brut, s.essai.ASceller = []byte(s.f.Brut), s.f.Sceller
	p, err := decoder(aSceller(s.essai.Brut), nil, nil)
	switch {
	case err == nil:
		s.essai.Service = p.enveloppe().Service
	case s.f.Sceller:
		s.erreur("brut", "Ce message ne peut pas être scellé : "+err.Error()+".")
	}
}
