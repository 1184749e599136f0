package monde

import (
	"fmt"
	"math/rand/v2"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Charge makes the questions of a load test about generated members. The k-th
// pair of questions is a pure function of the seed and of k; no two bodies are
// equal before each member was asked about on toursMax days. It is safe for
// concurrent use.
type Charge struct {
	g              *Generateur
	population     int
	pas, depart    int
	amc            *AMC
	etablissements []Etablissement
	moteur         calcul.Moteur
}

// NewCharge makes questions to an insurer about its population first members,
// from the hospitals given.
func NewCharge(graine uint64, population int, amc *AMC, etablissements []Etablissement, jour sante.Jour, m calcul.Moteur) (*Charge, error) {
	if population < 1 || len(etablissements) == 0 {
		return nil, fmt.Errorf("monde: au moins une personne et un établissement attendus")
	}
	c := &Charge{g: NewGenerateur(graine, amc, jour), population: population, amc: amc, etablissements: etablissements, moteur: m}
	c.depart = int(melanger(graine) % uint64(population))
	c.pas = int(melanger(graine+1)%uint64(population)) | 1
	for pgcd(c.pas, population) != 1 {
		c.pas += 2
	}
	return c, nil
}

func pgcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Question is what a hospital asks in a load test: rights, then a calculation that
// quotes the answer.
type Question struct {
	Numero        int
	Etablissement *Etablissement
	Dossier       string
	Assure        Assure
	Entete        roc.Entete
}

// toursMax is how many days of care there are to ask about.
const toursMax = 300

// Question is the k-th, from 0. Every member comes once before any comes twice, and then
// on another day of care.
func (c *Charge) Question(k int) Question {
	tour := k / c.population
	i := int((uint64(c.depart) + uint64(k%c.population)*uint64(c.pas)) % uint64(c.population))
	e := &c.etablissements[k%len(c.etablissements)]
	q := Question{Numero: k, Etablissement: e, Dossier: fmt.Sprintf("C%012d", k), Assure: c.g.Assure(i)}
	le := c.g.jour - sante.Jour(tour%toursMax)
	q.Entete = roc.Entete{
		Contexte: roc.ContexteACE, DateReference: le, PeriodeDebut: le, Etablissement: e.Roc(), Discipline: calcul.MCO, DMT: "900", MT: "07",
		Beneficiaire: q.Assure.beneficiaire(),
		Carte:        roc.Carte{NumeroAMC: c.amc.Numero, TypeConvention: c.amc.TypeConvention, CSR: c.amc.CSR, ModeAcquisition: roc.Datamatrix},
		RangAMC:      1, AMO: roc.AMO{Regime: "01", Caisse: "990", Centre: "9900", CodeGestion: "10", NatureAssurance: calcul.NatureMaladie, ExoTM: calcul.ExoAucune},
		ConsentementInformation: true,
	}
	return q
}

func (x *Assure) beneficiaire() roc.Beneficiaire {
	return roc.Beneficiaire{
		NumeroAdherent: x.NumeroAdherent, NIRAssure: x.NIRAssure, NIRBeneficiaire: x.NIR,
		NomNaissance: sante.Plier(x.NomNaissance), NomUsage: sante.Plier(x.NomUsage), Prenom: sante.Plier(x.Prenom),
		DateNaissance: x.DateNaissance, RangGemellaire: x.RangGemellaire,
	}
}

// IDB is the question on rights.
func (q *Question) IDB() *roc.DemandeIDB { return &roc.DemandeIDB{Entete: q.Entete} }

// Ouverte tells whether the insurer will grant the rights: what is asked of the
// others is refused, D201 to D203.
func (q *Question) Ouverte() bool { return q.Assure.Ouvert(q.Entete.DateReference) }

// CLC is the question of calculation of one to four outpatient lines, to which
// the reference of the answer on rights is to be added.
func (c *Charge) CLC(q *Question) (*roc.DemandeCalcul, error) {
	h := c.g.hasard(pourQuestion, uint64(q.Numero))
	d := calcul.DossierACE{ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, Parcours: "T"}
	for n := 1 + h.IntN(4); n > 0; n-- {
		a := acteAuSort(h)
		a.Date = q.Entete.DateReference
		d.Actes = append(d.Actes, a)
	}
	f, _, err := c.moteur.FactureACE(d)
	if err != nil {
		return nil, fmt.Errorf("monde: question %d : %w", q.Numero, err)
	}
	demande, err := roc.DemandeDe(q.Entete, f)
	if err != nil {
		return nil, fmt.Errorf("monde: question %d : %w", q.Numero, err)
	}
	demande.NumeroFactureES = fmt.Sprintf("F%012d", q.Numero)
	return demande, nil
}

// acteAuSort draws a consultation, an act below the threshold of the fixed
// participation, or a test; one in eight is charged above its base.
func acteAuSort(h *rand.Rand) calcul.Acte {
	a := calcul.Acte{Famille: calcul.FamilleCONS, CodePrestation: "CS", Base: sante.Montant(2300 + 50*h.IntN(60)), Executant: rppsSpecialiste}
	switch tire := h.IntN(10); {
	case tire < 3:
		a.Famille, a.CodePrestation, a.Base, a.Executant = calcul.FamilleACTE, "ATM", sante.Montant(1000+h.IntN(1900)), rppsChirurgien
	case tire < 5:
		a.Famille, a.CodePrestation, a.Base, a.Executant = calcul.FamilleBIO, "B", sante.Montant(270*(1+h.IntN(60))), ""
	}
	a.Depense = a.Base
	if a.Famille != calcul.FamilleBIO && h.IntN(8) == 0 {
		a.Depense, a.Secteur = a.Base+sante.Montant(100*(1+h.IntN(60))), calcul.Secteur2OPTAM
	}
	return a
}
