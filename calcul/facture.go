package calcul

import "github.com/ecluse-sante/ecluse/sante"

// PartRang is what an insurer of a lower rank pays on a line. ref: ROC §13.8
type PartRang struct {
	Rang    int           `json:"rang" doc:"Rang de l'AMC, à partir de 1."`
	Montant sante.Montant `json:"montant" doc:"Montant qu'elle paie sur la ligne."`
}

// Ligne is a line of the question of calculation. ref: ROC §9.1
type Ligne struct {
	Rang           int            `json:"rang" doc:"Rang de la ligne, croissant."`
	Famille        Famille        `json:"famille" doc:"Famille de prestations."`
	CodePrestation string         `json:"codePrestation" doc:"Code de prestation : GHS, FJ, PAS, FPU, lettre NGAP…"`
	CodeActe       string         `json:"codeActe,omitzero" doc:"Code CCAM, LPP ou UCD, seulement si le contrat en a besoin."`
	DateDebut      sante.Jour     `json:"dateDebut" doc:"Premier jour."`
	DateFin        sante.Jour     `json:"dateFin" doc:"Dernier jour."`
	Quantite       Quantite       `json:"quantite" doc:"Nombre d'unités ou de jours."`
	Coefficient    Quantite       `json:"coefficient,omitzero" doc:"Coefficient NGAP."`
	PrixUnitaire   sante.Montant  `json:"prixUnitaire" doc:"Prix d'une unité."`
	MontantDepense sante.Montant  `json:"montantDepense" doc:"Montant total facturé."`
	BaseAMO        sante.Montant  `json:"baseAMO" doc:"Base de remboursement de l'AMO."`
	TauxAMO        sante.Taux     `json:"tauxAMO" doc:"Taux de l'AMO."`
	MontantAMO     sante.Montant  `json:"montantAMO" doc:"Part de l'AMO."`
	BaseTM         *sante.Montant `json:"baseTM,omitempty" doc:"Base du ticket modérateur quand elle n'est pas celle de l'AMO."`
	MontantTM      *sante.Montant `json:"montantTM,omitempty" doc:"Ticket modérateur facturé."`
	Secteur        Secteur        `json:"secteur,omitzero" doc:"Secteur de l'exécutant : 1, 2O (OPTAM), 2, NC."`
	Profession     Profession     `json:"profession,omitzero" doc:"Profession de l'exécutant ; médecin si absente."`
	Executant      string         `json:"executant,omitzero" doc:"Identifiant de l'exécutant, pour le cumul des actes d'une consultation."`
	// AutrePayeur is what the local scheme or the State pays on the line.
	AutrePayeur     sante.Montant `json:"autrePayeur,omitzero" doc:"Part du régime local ou de l'État."`
	RangsInferieurs []PartRang    `json:"rangsInferieurs,omitempty" doc:"Parts des AMC de rang inférieur."`
}

// inferieurs is the sum of the lower ranks.
func (l Ligne) inferieurs() (t sante.Montant) {
	for _, p := range l.RangsInferieurs {
		t += p.Montant
	}
	return t
}

// reste is what is left to the AMC and the patient.
func (l Ligne) reste() sante.Montant {
	return l.MontantDepense - l.MontantAMO - l.AutrePayeur - l.inferieurs()
}

// opposable is what the patient side owes at the official tariff: the TM as said,
// or what the AMO leaves of its base, or the whole of a fixed participation.
func (l Ligne) opposable() sante.Montant {
	switch {
	case l.Famille.forfait():
		return l.MontantDepense
	case l.MontantTM != nil:
		return *l.MontantTM
	}
	return max(0, l.BaseAMO-l.MontantAMO)
}

// Totaux are the sums of an invoice. BaseAMC is what is owed at the official
// tariff before any AMC. ref: ROC §9.1 // hyp: BASE-AMC
type Totaux struct {
	Depense         sante.Montant `json:"depense" doc:"Somme des dépenses."`
	AMO             sante.Montant `json:"amo" doc:"Somme des parts AMO."`
	BaseAMC         sante.Montant `json:"baseAMC" doc:"Somme des tickets modérateurs et forfaits."`
	PatientAvantAMC sante.Montant `json:"patientAvantAMC" doc:"Dépense moins l'AMO et l'autre payeur."`
}

// Totaliser sums lines.
func Totaliser(lignes []Ligne) (t Totaux) {
	for _, l := range lignes {
		t.Depense += l.MontantDepense
		t.AMO += l.MontantAMO
		t.BaseAMC += l.opposable()
		t.PatientAvantAMC += l.MontantDepense - l.MontantAMO - l.AutrePayeur
	}
	return t
}

// Facture is the question of calculation: what CLC and SIM receive, and what the
// hospital computes from in local mode. ref: ROC §9.1
type Facture struct {
	Type            TypeFacture         `json:"type" doc:"ACE, SEJOUR, SEJOUR_INTERMEDIAIRE, HAD, URGENCES."`
	Categorie       Categorie           `json:"categorie,omitzero" doc:"Catégorie de l'établissement ; EPS si absente."`
	Discipline      Discipline          `json:"discipline,omitzero" doc:"Discipline ; MCO si absente."`
	Hospitalisation TypeHospitalisation `json:"typeHospitalisation,omitzero" doc:"1 complète, 2 jour, 3 nuit, 4 séances."`
	PeriodeDebut    sante.Jour          `json:"periodeDebut" doc:"Début de la période facturée."`
	PeriodeFin      sante.Jour          `json:"periodeFin" doc:"Fin de la période facturée."`
	DateEntree      sante.Jour          `json:"dateEntree,omitzero" doc:"Entrée, pour un séjour."`
	DateSortie      sante.Jour          `json:"dateSortie,omitzero" doc:"Sortie, pour un séjour."`
	ModeSortie      ModeSortie          `json:"modeSortie,omitzero" doc:"Mode de sortie."`
	NbNuitees       *int                `json:"nbNuitees,omitempty" doc:"Nombre de nuits, pour un séjour."`
	JoursAnterieurs *int                `json:"joursAnterieurs,omitempty" doc:"Jours des séjours contigus précédents."`
	Nature          NatureAssurance     `json:"natureAssurance" doc:"Nature d'assurance."`
	ExoTM           ExoTM               `json:"exoTM" doc:"Justification d'exonération."`
	TauxAMO         *sante.Taux         `json:"tauxAMO,omitempty" doc:"Taux AMO du séjour ou des actes."`
	PecFJ           PecFJ               `json:"codePecFJ,omitzero" doc:"Prise en charge du forfait journalier."`
	ParcoursSoins   string              `json:"parcoursSoins,omitzero" doc:"Code du parcours de soins."`
	RangAMC         int                 `json:"rangAMC,omitzero" doc:"Rang de l'AMC interrogée ; 1 si absent."`
	Lignes          []Ligne             `json:"lignes" doc:"Lignes, 1 à 200."`
	Totaux          *Totaux             `json:"totaux,omitempty" doc:"Totaux annoncés."`
}

// rang is the rank of the AMC that is asked.
func (f Facture) rang() int { return max(1, f.RangAMC) }

// aPAS tells whether a line holds the fixed participation of heavy acts.
func (f Facture) aPAS() bool {
	for _, l := range f.Lignes {
		if l.Famille == FamillePAS {
			return true
		}
	}
	return false
}

const lignesMax = 200 // ref: ROC §9.1
