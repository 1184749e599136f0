package roc

import "github.com/ecluse-sante/ecluse/sante"

// Ligne is one billed or forecast prestation. ref: ROC §9.1
type Ligne struct {
	Rang           int            `fil:"rang,min=1,max=200" doc:"Rang, unique et croissant"`
	Famille        Famille        `fil:"familleprestation" doc:"Famille de prestation"`
	CodePrestation string         `fil:"codePrestation,min=1,max=5" doc:"Code de prestation"`
	CodeActe       string         `fil:"codeActe,opt,max=13" doc:"Code d'acte, seulement si le contrat en a besoin"`
	DateDebut      sante.Jour     `fil:"dateDebut" doc:"Premier jour"`
	DateFin        sante.Jour     `fil:"dateFin" doc:"Dernier jour"`
	Quantite       int            `fil:"quantite,min=1,max=9999" doc:"Quantité"`
	Coefficient    *sante.Taux    `fil:"coefficient,opt" doc:"Coefficient"`
	PrixUnitaire   sante.Montant  `fil:"prixUnitaire" doc:"Prix unitaire"`
	MontantDepense sante.Montant  `fil:"montantDepense" doc:"Dépense"`
	BaseAMO        sante.Montant  `fil:"baseAMO" doc:"Base de remboursement de l'assurance obligatoire"`
	TauxAMO        sante.Taux     `fil:"tauxAMO" doc:"Taux de l'assurance obligatoire"`
	MontantAMO     sante.Montant  `fil:"montantAMO" doc:"Part de l'assurance obligatoire"`
	BaseTM         *sante.Montant `fil:"baseTM,opt" doc:"Base du ticket modérateur, si elle diffère"`
	MontantTM      *sante.Montant `fil:"montantTM,opt" doc:"Ticket modérateur"`
	AutrePayeur    sante.Montant  `fil:"montantAutrePayeur,opt" doc:"Part du régime local d'Alsace-Moselle ou de l'État"`
	QualifDepense  string         `fil:"qualifDepense,opt,max=1" doc:"Qualificatif de la dépense"`
	Executant      *Executant     `fil:"executant,opt" doc:"Qui a fait l'acte, quand la part peut en dépendre"`
	ActeLourd      bool           `fil:"acteLourd,opt" doc:"Acte soumis à la participation forfaitaire"`
}

// Executant is who performed an act. ref: ROC §9.1
type Executant struct {
	RPPS       sante.RPPS `fil:"rpps,opt" doc:"Numéro RPPS"`
	Specialite string     `fil:"specialite,opt,max=4" doc:"Spécialité"`
	Secteur    Secteur    `fil:"secteur,opt" doc:"Secteur d'honoraires, quand il y a dépassement"`
	Profession Profession `fil:"profession,opt" doc:"Profession ; médecin si rien n'est dit"`
}

// Totaux are the totals of the lines. ref: ROC §9.1
type Totaux struct {
	Depense         sante.Montant `fil:"depense" doc:"Dépense"`
	AMO             sante.Montant `fil:"amo" doc:"Part de l'assurance obligatoire"`
	BaseAMC         sante.Montant `fil:"baseAMC" doc:"Ce qui reste avant cette AMC"`
	PatientAvantAMC sante.Montant `fil:"patientAvantAMC" doc:"Part du patient avant toute AMC"`
}

// RangInferieur is what an insurer of lower rank pays. ref: ROC §13.8
type RangInferieur struct {
	Rang      int              `fil:"rang,min=1,max=3" doc:"Rang"`
	NumeroAMC sante.NumeroAMC  `fil:"numeroAMC" doc:"AMC"`
	Montants  []MontantDeLigne `fil:"montants,n=1..200" doc:"Part de chaque ligne"`
}

// MontantDeLigne is an amount for a line.
type MontantDeLigne struct {
	Rang    int           `fil:"rang,min=1,max=200" doc:"Rang de la ligne"`
	Montant sante.Montant `fil:"montant" doc:"Montant"`
}

// Situation is what changes the shares of a patient; only what is needed is
// said. ref: ROC §9.1
type Situation struct {
	MaternitePresumee sante.Jour `fil:"maternitePresumee,opt" doc:"Date présumée d'accouchement"`
	AlsaceMoselle     bool       `fil:"alsaceMoselle,opt" doc:"Régime local d'Alsace-Moselle"`
	ALD               bool       `fil:"ald,opt" doc:"Soins en rapport avec une ALD"`
	CSS               bool       `fil:"css,opt" doc:"Complémentaire santé solidaire"`
	AME               bool       `fil:"ame,opt" doc:"Aide médicale d'État"`
	ATMP              bool       `fil:"atmp,opt" doc:"Accident du travail ou maladie professionnelle"`
}

// Sejour is what a stay adds to the header. ref: ROC §9.1
type Sejour struct {
	ModeEntree      string     `fil:"modeEntree,opt,max=1" doc:"Mode d'entrée"`
	ModeSortie      ModeSortie `fil:"modeSortie,opt" doc:"Mode de sortie ; absent d'une période intermédiaire"`
	DateEntree      sante.Jour `fil:"dateEntree" doc:"Date d'entrée"`
	DateSortie      sante.Jour `fil:"dateSortie" doc:"Date de sortie, ou fin de la période"`
	NbNuitees       int        `fil:"nbNuitees,min=0,max=3660" doc:"Nombre de nuits, égal à la différence des dates"`
	JoursAnterieurs int        `fil:"joursAnterieursHospitalisation,min=0,max=3660" doc:"Jours d'hospitalisation contigus avant ce séjour"`
	TypeHospi       TypeHospi  `fil:"typeHospitalisation,opt" doc:"Type d'hospitalisation"`
}

// DemandeCalcul is the body of SIM and of CLC: the header of the IDB, the
// passage and its lines. ref: ROC §8, §9.1
type DemandeCalcul struct {
	Entete
	IDReponseIDB    string          `fil:"idReponseIDB,opt,min=12,max=30" doc:"Référence de l'IDB ; obligatoire pour CLC"`
	NumeroFactureES string          `fil:"numeroFactureES,opt,max=20" doc:"Numéro de facture de l'établissement"`
	TypeFacture     TypeFacture     `fil:"typeFacture" doc:"Nature du passage"`
	TauxAMO         *sante.Taux     `fil:"tauxAMO,opt" doc:"Taux de l'assurance obligatoire ; obligatoire pour CLC"`
	CodePecFJ       CodePecFJ       `fil:"codePecFJ,opt" doc:"Prise en charge du forfait journalier ; obligatoire pour CLC d'un séjour"`
	ParcoursSoins   string          `fil:"parcoursSoins,opt,max=1" doc:"Parcours de soins : T, D, U, H, S"`
	Situation       *Situation      `fil:"situation,opt" doc:"Situation du patient"`
	Sejour          *Sejour         `fil:"sejour,opt" doc:"Données du séjour"`
	Lignes          []Ligne         `fil:"lignes,n=0..200" doc:"Lignes ; au moins une pour CLC"`
	RangsInferieurs []RangInferieur `fil:"rangsInferieurs,opt,n=0..2" doc:"Parts des AMC de rang inférieur"`
	Totaux          *Totaux         `fil:"totaux,opt" doc:"Totaux ; obligatoires pour CLC"`
}

// EstSejour tells whether the passage is a stay.
func (d *DemandeCalcul) EstSejour() bool {
	return d.TypeFacture == FactureSejour || d.TypeFacture == FactureIntermediaire || d.TypeFacture == FactureHAD
}

// DernierJour is the last day of care that the passage takes: the last day of a
// billing period that ends before the exit is the first of the next one, to which it
// belongs. hyp: PERIODE-INTERMEDIAIRE
func (d *DemandeCalcul) DernierJour() sante.Jour {
	if d.TypeFacture == FactureIntermediaire && d.PeriodeFin > d.PeriodeDebut {
		return d.PeriodeFin - 1
	}
	return d.PeriodeFin
}

// Caractere tells an estimate from a commitment. ref: ROC §8
type Caractere string

// The two characters.
const (
	Indicatif  Caractere = "INDICATIF"
	Engagement Caractere = "ENGAGEMENT"
)

// Codes is the closed list of characters.
func (Caractere) Codes() []string { return []string{"INDICATIF", "ENGAGEMENT"} }

// Garantie is how far an insurer commits itself. ref: ROC §9.2
type Garantie string

// The extents.
const (
	GarantieTotale    Garantie = "TOTALE"
	GarantiePartielle Garantie = "PARTIELLE"
	GarantieAucune    Garantie = "AUCUNE"
)

// Codes is the closed list of extents.
func (Garantie) Codes() []string { return []string{"TOTALE", "PARTIELLE", "AUCUNE"} }

// LigneRepondue is what the insurer pays of a line. ref: ROC §9.2
type LigneRepondue struct {
	Rang           int            `fil:"rang,min=1,max=200" doc:"Rang de la ligne"`
	MontantAMC     sante.Montant  `fil:"montantAMC" doc:"Part de l'AMC"`
	MontantPatient *sante.Montant `fil:"montantPatient,opt" doc:"Part du patient"`
	Regle          string         `fil:"regle,opt,max=60" doc:"Formule utilisée"`
	Motif          Code           `fil:"motif,opt" doc:"Pourquoi la part est réduite ou nulle"`
	Explication    string         `fil:"explication,opt,max=500" doc:"Phrase qu'on peut lire au patient"`
}

// PlafondConsomme is a counter that the calculation used. ref: ROC §9.2
type PlafondConsomme struct {
	Garantie string `fil:"garantie,min=1,max=60" doc:"Garantie plafonnée"`
	Consomme string `fil:"consomme,max=20" doc:"Ce qui est consommé, en euros ou en unités"`
	Restant  string `fil:"restant,max=20" doc:"Ce qui reste"`
}

// ReponseCalcul is the body of the answer to SIM and to CLC. ref: ROC §8, §9.2
type ReponseCalcul struct {
	Retour
	Caractere         Caractere         `fil:"caractere,opt" doc:"INDICATIF (SIM) ou ENGAGEMENT (CLC)"`
	IDSimulation      string            `fil:"idSimulation,opt,min=12,max=30" doc:"Référence de la simulation, pour affichage"`
	DateFinIndicative sante.Jour        `fil:"dateFinIndicative,opt" doc:"Fin de validité de la simulation"`
	NumeroEngagement  NumeroEngagement  `fil:"numeroEngagement,opt" doc:"Numéro à citer dans la facture"`
	EngagementDebut   sante.Jour        `fil:"engagementDebut,opt" doc:"Premier jour de l'engagement"`
	EngagementFin     sante.Jour        `fil:"engagementFin,opt" doc:"Dernier jour pour facturer"`
	Lignes            []LigneRepondue   `fil:"lignes,opt,n=0..200" doc:"Part de chaque ligne"`
	TotalDepense      *sante.Montant    `fil:"totalDepense,opt" doc:"Dépense"`
	TotalAMO          *sante.Montant    `fil:"totalAMO,opt" doc:"Part de l'assurance obligatoire"`
	TotalRangs        *sante.Montant    `fil:"totalRangsInferieurs,opt" doc:"Parts des AMC de rang inférieur"`
	TotalAutrePayeur  *sante.Montant    `fil:"totalAutrePayeur,opt" doc:"Part du régime local d'Alsace-Moselle ou de l'État"`
	TotalAMC          *sante.Montant    `fil:"totalAMC,opt" doc:"Part de cette AMC"`
	TotalPatient      *sante.Montant    `fil:"totalPatient,opt" doc:"Part du patient"`
	PlafondsConsommes []PlafondConsomme `fil:"plafondsConsommes,opt,n=0..60" doc:"Plafonds utilisés"`
	Garantie          Garantie          `fil:"garantie,opt" doc:"Étendue de l'engagement"`
	Hypotheses        []string          `fil:"hypotheses,opt,n=0..60,max=250" doc:"Ce que la simulation a supposé"`
}

// LEngagement is the number under which the exchange is kept.
func (r *ReponseCalcul) LEngagement() string { return r.NumeroEngagement.String() }

// MotifAnnulation is why an engagement is cancelled. ref: ROC §10
type MotifAnnulation string

// The reasons.
const (
	ErreurSaisie     MotifAnnulation = "ERREUR_SAISIE"
	ChangementSejour MotifAnnulation = "CHANGEMENT_SEJOUR"
	ChangementAMC    MotifAnnulation = "CHANGEMENT_AMC"
	Deces            MotifAnnulation = "DECES"
	Doublon          MotifAnnulation = "DOUBLON"
	AutreMotif       MotifAnnulation = "AUTRE"
)

// Codes is the closed list of reasons.
func (MotifAnnulation) Codes() []string {
	return []string{"ERREUR_SAISIE", "CHANGEMENT_SEJOUR", "CHANGEMENT_AMC", "DECES", "DOUBLON", "AUTRE"}
}

// DemandeDEL cancels an engagement, or forgets a simulation. ref: ROC §10
type DemandeDEL struct {
	NumeroEngagement NumeroEngagement `fil:"numeroEngagement,opt,choix=objet" doc:"Engagement à annuler"`
	IDSimulation     string           `fil:"idSimulation,opt,min=12,max=30,choix=objet" doc:"Simulation à oublier"`
	Motif            MotifAnnulation  `fil:"motif" doc:"Motif"`
	NumeroFactureES  string           `fil:"numeroFactureES,opt,max=20" doc:"Numéro de facture de l'établissement"`
}

// LEngagement is the number under which the exchange is kept.
func (d *DemandeDEL) LEngagement() string { return d.NumeroEngagement.String() }

// EtatEngagement is the state of an engagement. ref: ROC §10, DEC 26
type EtatEngagement string

// The states; ENGAGE and EXPIRE are ours.
const (
	EngagementEnCours   EtatEngagement = "ENGAGE"
	EtatAnnule          EtatEngagement = "ANNULE"
	EtatDejaAnnule      EtatEngagement = "DEJA_ANNULE"
	EtatDejaFacture     EtatEngagement = "DEJA_FACTURE"
	EtatDejaPaye        EtatEngagement = "DEJA_PAYE"
	EtatExpire          EtatEngagement = "EXPIRE"
	EngagementPasTrouve EtatEngagement = "INCONNU"
)

// Codes is the closed list of states.
func (EtatEngagement) Codes() []string {
	return []string{"ENGAGE", "ANNULE", "DEJA_ANNULE", "DEJA_FACTURE", "DEJA_PAYE", "EXPIRE", "INCONNU"}
}

// ReponseDEL tells what became of the engagement. ref: ROC §10
type ReponseDEL struct {
	Retour
	DateAnnulation sante.Jour     `fil:"dateAnnulation,opt" doc:"Jour de l'annulation"`
	EtatEngagement EtatEngagement `fil:"etatEngagement" doc:"État de l'engagement"`
}

// DemandeEngagement consults an engagement. ref: ROC §4
type DemandeEngagement struct {
	NumeroEngagement NumeroEngagement `fil:"numeroEngagement" doc:"Engagement consulté"`
}

// LEngagement is the number under which the exchange is kept.
func (d *DemandeEngagement) LEngagement() string { return d.NumeroEngagement.String() }

// ReponseEngagement is the trace of a guarantee. ref: ROC §4
type ReponseEngagement struct {
	Retour
	EtatEngagement  EtatEngagement  `fil:"etatEngagement" doc:"État de l'engagement"`
	IDDossier       string          `fil:"idDossier,opt,max=20" doc:"Dossier de l'établissement"`
	EngagementDebut sante.Jour      `fil:"engagementDebut,opt" doc:"Premier jour"`
	EngagementFin   sante.Jour      `fil:"engagementFin,opt" doc:"Dernier jour pour facturer"`
	DateAnnulation  sante.Jour      `fil:"dateAnnulation,opt" doc:"Jour de l'annulation"`
	TotalAMC        *sante.Montant  `fil:"totalAMC,opt" doc:"Montant engagé"`
	Lignes          []LigneRepondue `fil:"lignes,opt,n=0..200" doc:"Part engagée de chaque ligne"`
}
