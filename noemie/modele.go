package noemie

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/noemie/zone"
	"github.com/ecluse-sante/ecluse/sante"
)

// Entete is the header of a file. Texts are those of the file: capitals
// without accents.
type Entete struct {
	TypeEmetteur     string // as "OC" for a complementary insurer, "CP" for a caisse
	Emetteur         string
	TypeDestinataire string // as "TE" for a hospital
	Destinataire     string
	Application      string
	Fichier          string // identification given by the emitter, 6 characters
	Creation         sante.Jour
	Reference        string // as 578R (payments) or 908R (rejections)
	Flux             string // "", "R" real, "T" test
	Message          string
}

// Rejets tells whether the file announces rejections, whose amounts are not paid.
func (e *Entete) Rejets() bool {
	return strings.HasPrefix(e.Reference, "900") || strings.HasPrefix(e.Reference, "908")
}

// Journee is an accounting day; with the references of a transfer when the
// file gives them.
type Journee struct {
	Date          sante.Jour
	Virement      string // label of the transfer
	VirementSuite string
	Payeur        string
}

// virement tells whether it is written with its references (071).
func (j *Journee) virement() bool {
	return j.Virement != "" || j.VirementSuite != "" || j.Payeur != ""
}

// Lot is a batch of invoices. Its zero value is "no batch".
type Lot struct {
	Date   sante.Jour
	Numero int
}

// Contexte is what stands above an invoice in the file.
type Contexte struct {
	Mandataire   string
	Destinataire string // who is paid
	Journee      Journee
	Lot          Lot
}

// Origine is what the long form of an invoice (entity 102) recalls of it.
type Origine struct {
	Forme      string // as "D" for a DRE, "B" for B2
	Date       sante.Jour
	Lot        Lot
	Traitement string
	Nature     string // nature d'assurance
}

// Personne is the insured person or the patient. NIR has its key; Naissance is
// the six digits of the file, whose century is not said.
type Personne struct {
	NIR         string
	NatureNom   string // "P" birth name, "M" marital, "U" usage
	Nom, Prenom string
	Naissance   string
	Rang        string // rank among twins
}

// Ligne is one act or one hospital service. Amounts are negative in an
// annulment, all together; the unit price never is.
type Ligne struct {
	Numero         int
	Frais          bool // hospital charges (220) rather than an act
	Nature         string
	Complement     string
	Exoneration    string
	ModeTraitement string
	Discipline     string
	Prescription   sante.Jour
	Debut, Fin     sante.Jour
	Quantite       int
	Coefficient    int // hundredths
	Denombrement   int
	PrixUnitaire   sante.Montant
	Depense        sante.Montant
	Base           sante.Montant
	Taux           int           // percent
	Rembourse      sante.Montant // what the emitter pays on the compulsory part; zero from an AMC
	TauxLocal      int
	PartLocale     sante.Montant
	TauxAMC        int
	PartAMC        sante.Montant // complementary part paid
	BaseAMC        sante.Montant
	Qualificatif   string
	Executant      string
	Prescripteur   string
}

// Total is what the line pays, or would have paid in a file of rejections.
func (l *Ligne) Total() sante.Montant { return l.Rembourse + l.PartLocale + l.PartAMC }

// Mouvement is a financial movement: a debt withheld, an advance.
type Mouvement struct {
	Ligne     int
	Reference string
	Date      sante.Jour
	Nature    string // as IND, an undue payment
	Operation string // as RPR, withheld on the payment
	Montant   sante.Montant
	Solde     sante.Montant
}

// Rejet is a rejection or a remark. With a Portee it is the detailed form (294).
type Rejet struct {
	Ligne      int // 0: the whole invoice
	Code       string
	Libelle    string
	Portee     string // "F" invoice, "L" line, "A" refined code
	Part       string // "O" compulsory, "C" complementary
	Prestation string
	Date       sante.Jour
	Executant  string
	Rang       int
	Complement string
}

// Facture is one invoice of a return file, with what stands above it.
type Facture struct {
	Contexte
	Numero     string // up to 9 digits, or 15 characters in the long form
	Origine    Origine
	Titre      string // number of the hospital's titre de recette
	Organisme  string // complementary insurer
	Assure     Personne
	Malade     Personne
	Nature     string // nature d'assurance
	Archivage  string
	Lignes     []Ligne
	Mouvements []Mouvement
	Rejets     []Rejet
	Montant    sante.Montant // total of the control entity
	Position   Position
}

// Position is where an invoice begins in the file; it is not written.
type Position struct{ Ligne, Entite int }

// Copie is the invoice with its own lists, to be kept after the next one is read.
func (f *Facture) Copie() *Facture {
	c := *f
	c.Lignes, c.Mouvements, c.Rejets = slices.Clone(f.Lignes), slices.Clone(f.Mouvements), slices.Clone(f.Rejets)
	return &c
}

// Total is the sum of the lines and of the movements; an invoice without any,
// as a rejection may be, only has its Montant. hyp: NOEMIE-CUMUL
func (f *Facture) Total() (t sante.Montant, ok bool) {
	for i := range f.Lignes {
		t += f.Lignes[i].Total()
	}
	for i := range f.Mouvements {
		t += f.Mouvements[i].Montant
	}
	return t, len(f.Lignes)+len(f.Mouvements) > 0
}

// Formules names the texts of the invoice that a spreadsheet would run as
// formulas: an export to CSV or XLSX neutralises them. nil when there is none.
func (f *Facture) Formules() []string {
	var l []string
	dire := func(nom, s string) {
		if zone.Formule(s) {
			l = append(l, nom)
		}
	}
	dire("numéro de facture", f.Numero)
	dire("titre", f.Titre)
	dire("virement", f.Journee.Virement)
	dire("suite du virement", f.Journee.VirementSuite)
	dire("payeur", f.Journee.Payeur)
	dire("organisme", f.Organisme)
	dire("archivage", f.Archivage)
	for i, p := range []*Personne{&f.Assure, &f.Malade} {
		qui := [2]string{"assuré", "malade"}[i]
		dire("nom ("+qui+")", p.Nom)
		dire("prénom ("+qui+")", p.Prenom)
		dire("immatriculation ("+qui+")", p.NIR)
		dire("naissance ("+qui+")", p.Naissance)
	}
	for i := range f.Lignes {
		x, n := &f.Lignes[i], " (ligne "+strconv.Itoa(i+1)+")"
		dire("nature"+n, x.Nature)
		dire("complément"+n, x.Complement)
		dire("qualificatif"+n, x.Qualificatif)
	}
	for i := range f.Mouvements {
		dire("référence de la dette ("+strconv.Itoa(i+1)+")", f.Mouvements[i].Reference)
	}
	for i := range f.Rejets {
		x, n := &f.Rejets[i], " (rejet "+strconv.Itoa(i+1)+")"
		dire("code"+n, x.Code)
		dire("libellé"+n, x.Libelle)
		dire("complément"+n, x.Complement)
	}
	return l
}

// vider readies an invoice for the next one, keeping the memory of its lists.
func (f *Facture) vider(c *Contexte) {
	*f = Facture{Contexte: *c, Lignes: f.Lignes[:0], Mouvements: f.Mouvements[:0], Rejets: f.Rejets[:0]}
}
