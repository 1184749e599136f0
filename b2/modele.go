package b2

import "github.com/ecluse-sante/ecluse/sante"

// Fichier is the header of a file. Texts are folded to ASCII capitals when
// they are written.
type Fichier struct {
	TypeEmetteur     string // "" is written TE, a hospital
	Emetteur         string // FINESS
	TypeDestinataire string // as "OC"
	Destinataire     string
	Application      string
	Identification   string // given by the emitter, 6 characters
	Creation         sante.Jour
	Message          string
}

// Lot is the header of a batch.
type Lot struct {
	Etablissement string // FINESS; that of its invoices too
	Origine       string
	Organisme     string // three digits
	Numero        int
	Categorie     string
	Statut        string
	ModeTarif     string
	RaisonSociale string
	Creation      sante.Jour
	Version       string // of the norm that the receiver asks for; Écluse claims none
	RegimePivot   string
	CaissePivot   string
}

// Facture is one invoice. Amounts are not negative: NatureOperation tells an
// annulment.
type Facture struct {
	NIR             string // 13 characters and the key, "" when it is not given
	Rang            string // rank of the beneficiary
	Numero          string // up to 9 digits
	NatureOperation string
	Entree          string // number of the stay
	Regime          string
	Caisse          string
	Centre          string
	Piece           string // kind of proof of the rights
	NatureAssurance string
	Exoneration     string
	Accident        string // number, or date on the left
	Naissance       string // six digits, whose century is not said
	RangNaissance   string
	DateEntree      sante.Jour
	DateSortie      sante.Jour
	HeureSortie     string
	TypeContrat     string
	AMC             string
	Suite           *Suite // record 2S, nil for none
	Prestations     []Prestation
	Actes           []Acte
}

// Suite is what follows the header of an invoice (2S).
type Suite struct {
	ComplementTitre string // of the titre de recette
	Reglement       string // who is paid
	NIRIndividuel   string
}

// Prestation is a hospital service (3).
type Prestation struct {
	ModeTraitement string
	Discipline     string
	Debut, Fin     sante.Jour
	Code           string // 4 characters and one
	Quantite       int
	Exoneration    string
	Coefficient    int    // hundredths
	PecFJ          string // who pays the forfait journalier
	CoefficientMCO int    // ten-thousandths
	PrixUnitaire   sante.Montant
	Base           sante.Montant
	Taux           int // percent
	MontantAMO     sante.Montant
	Depense        sante.Montant
	GHS            string
	Qualificatif   string
	MontantAMC     sante.Montant
	Prescription   *Prescription // record 3S, nil for none
	Articles       []Article     // records 3F
	Medicaments    []Medicament  // records 3H
}

// Prescription is who asked for a service (3S).
type Prescription struct {
	Prescripteur string
	Specialite   string
	Date         sante.Jour
	Accord       string // code of the prior agreement
	DateAccord   sante.Jour
	Lieu         string // where it is done, or where the patient comes from
	FinSejour    string // nature of the interruption or of the end
}

// Article is a medical device (3F).
type Article struct {
	Code         string // LPP
	SIRET        string
	Quantite     int
	PrixUnitaire sante.Montant
	Montant      sante.Montant
}

// Medicament is a medicine billed beside the stay (3H) or handed over (4H).
type Medicament struct {
	Code        string // UCD
	CodeTaux    string
	Coefficient int // ten-thousandths, 3H only
	PrixAchat   sante.Montant
	Ecart       sante.Montant // per unit (3H), or the margin (4H)
	Unitaire    sante.Montant // whole difference (3H), or the price billed (4H)
	Quantite    int
	Montant     sante.Montant
}

// Acte is an act (4).
type Acte struct {
	ModeTraitement string
	Discipline     string
	Prescripteur   string
	Exoneration    string
	SpecPrescr     string // speciality of the prescriber
	Executant      string
	ZoneTarif      string
	Specialite     string
	Date           sante.Jour
	Code           string
	Quantite       int
	Coefficient    int // hundredths
	Denombrement   int
	PrixUnitaire   sante.Montant
	Base           sante.Montant
	Taux           int
	MontantAMO     sante.Montant
	Honoraires     sante.Montant
	Qualificatif   string
	MontantAMC     sante.Montant
	CCAM           []CCAM       // records 4M
	Medicaments    []Medicament // records 4H
}

// CCAM is the code of an act in the classification (4M).
type CCAM struct {
	Code          string
	Extension     string
	Activite      string
	Phase         string
	Modificateurs string // up to 4
	Association   string
	Exception     string // reimbursed under condition
	Seance        sante.Jour
	Dents         string // up to 16 numbers of two digits, one after the other
}

// Totaux is what records 5 and 6 say. The whole is the sum of services and acts.
type Totaux struct {
	Lignes                       int
	BasePH, AMOPH, AMCPH, TotPH  sante.Montant // hospital services
	Honoraires, AMOHono, AMCHono sante.Montant // acts
}

// Depense is what is billed in all.
func (t *Totaux) Depense() sante.Montant { return t.TotPH + t.Honoraires }

// AMO is the compulsory part in all.
func (t *Totaux) AMO() sante.Montant { return t.AMOPH + t.AMOHono }

// AMC is the complementary part in all.
func (t *Totaux) AMC() sante.Montant { return t.AMCPH + t.AMCHono }

// Totaux adds up the lines. Details (3F, 3H, 4M, 4H) explain a line and are
// not added to it. hyp: B2-DETAILS
func (f *Facture) Totaux() Totaux {
	t := Totaux{Lignes: len(f.Prestations) + len(f.Actes)}
	for i := range f.Prestations {
		p := &f.Prestations[i]
		t.BasePH += p.Base
		t.AMOPH += p.MontantAMO
		t.AMCPH += p.MontantAMC
		t.TotPH += p.Depense
	}
	for i := range f.Actes {
		a := &f.Actes[i]
		t.Honoraires += a.Honoraires
		t.AMOHono += a.MontantAMO
		t.AMCHono += a.MontantAMC
	}
	return t
}
