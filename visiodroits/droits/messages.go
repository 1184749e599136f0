package droits

import (
	"crypto/sha256"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// EchangeDroits is « Demande / Fournit les droits ». ref: VISIO §5
var EchangeDroits = roc.NouvelEchange[DemandeDroits, FournitDroits](Norme, roc.DLD, "Droits")

// Categorie is the trade of a health professional.
type Categorie = visiodroits.Categorie

// The trades.
const (
	Pharmacie   = visiodroits.Pharmacie
	Laboratoire = visiodroits.Laboratoire
	Opticien    = visiodroits.Opticien
	Audio       = visiodroits.Audio
	Auxiliaire  = visiodroits.Auxiliaire
	AutreMetier = visiodroits.AutreMetier
)

// Niveau is a level of service. ref: VISIO §1
type Niveau string

// The levels.
const (
	Base         Niveau = "BASE"
	Valorisation Niveau = "VALORISATION"
)

// Codes is the closed list of levels.
func (Niveau) Codes() []string { return []string{"BASE", "VALORISATION"} }

// Professionnel is who asks. Nothing proves it at the base level. ref: VISIO §5.1
type Professionnel struct {
	NumeroFacturation sante.NumeroFacturation `fil:"numeroFacturation" doc:"Numéro de facturation"`
	RPPS              sante.RPPS              `fil:"rpps,opt" doc:"Numéro RPPS"`
	Specialite        string                  `fil:"specialite,opt,max=3" doc:"Spécialité"`
	Categorie         Categorie               `fil:"categorie" doc:"Catégorie de professionnel"`
	IdentifiantCPS    string                  `fil:"identifiantCPS,opt,max=30" doc:"Identifiant national, quand une session de carte est ouverte"`
}

// Patient is whose rights are asked: identity only, nothing of what is dispensed.
// ref: VISIO §5.1, §10
type Patient struct {
	NumeroAdherent sante.NumeroAdherent `fil:"numeroAdherent" doc:"Numéro d'adhérent de la carte"`
	NIR            sante.NIR            `fil:"nir,opt" doc:"NIR, avec sa clé"`
	DateNaissance  sante.DateNaissance  `fil:"dateNaissance" doc:"Date de naissance AAAAMMJJ, éventuellement lunaire"`
	RangGemellaire int                  `fil:"rangGemellaire,min=1,max=9" doc:"Rang de naissance"`
	Nom            string               `fil:"nom,opt,max=80" doc:"Nom"`
	Prenom         string               `fil:"prenom,opt,max=60" doc:"Prénom"`
}

// Carte is what the insurer's card shows. ref: VISIO §5.1
type Carte struct {
	NumeroAMC      sante.NumeroAMC `fil:"numeroAMC" doc:"Numéro d'AMC"`
	TypeConvention string          `fil:"typeConvention,opt,max=2" doc:"Type de convention"`
	CSR            string          `fil:"csr,opt,max=15" doc:"Critère secondaire de routage"`
}

// Connus are the rights that the workstation holds already: an answer may say that
// nothing moved. ref: VISIO §5.1
type Connus struct {
	NumeroAccreditation NumeroAccreditation `fil:"numeroAccreditation" doc:"Accréditation détenue"`
	DateMAJ             time.Time           `fil:"dateMAJ" doc:"Instant de mise à jour de ces droits"`
}

// DemandeDroits asks the digital rights of a patient. ref: VISIO §5.1
type DemandeDroits struct {
	PS                     Professionnel `fil:"ps" doc:"Professionnel qui demande"`
	Patient                Patient       `fil:"patient" doc:"Patient"`
	Carte                  Carte         `fil:"carte" doc:"Carte de l'AMC"`
	DateReference          sante.Jour    `fil:"dateReference" doc:"Date de la délivrance"`
	DroitsConnus           *Connus       `fil:"droitsConnus,opt" doc:"Droits déjà détenus"`
	NiveauService          Niveau        `fil:"niveauService" doc:"Niveau de service demandé"`
	PrestationsSpecifiques bool          `fil:"prestationsSpecifiques" doc:"Demande de quoi ouvrir un dossier de tarification"`
}

// Sujet names of whom a question is, for the pseudonyms of a journal: it is only ever
// digested.
func (d *DemandeDroits) Sujet() string {
	return d.Carte.NumeroAMC.String() + "|" + d.Patient.NumeroAdherent.String() + "|" + d.Patient.DateNaissance.String()
}

// Etat is the state of the rights. ref: VISIO §5.2
type Etat string

// The states. ServiceNonOuvert means that this insurer does not offer the service, and
// nothing else. ref: VISIO §5.2, §14
const (
	Ouvert           Etat = "OUVERT"
	Ferme            Etat = "FERME"
	Inconnu          Etat = "INCONNU"
	NonModifie       Etat = "NON_MODIFIE"
	ServiceNonOuvert Etat = "SERVICE_NON_OUVERT"
	Indisponible     Etat = "INDISPONIBLE" // ours: a service that is open and does not answer is neither of the others
)

// Codes is the closed list of states.
func (Etat) Codes() []string {
	return []string{"OUVERT", "FERME", "INCONNU", "NON_MODIFIE", "SERVICE_NON_OUVERT", "INDISPONIBLE"}
}

// FournitDroits gives the rights of a patient, and the accreditation that guarantees
// payment. ref: VISIO §5.2
type FournitDroits struct {
	visiodroits.Retour
	Etat              Etat      `fil:"etat" doc:"État des droits"`
	Accreditation     string    `fil:"accreditation,opt,max=4000" doc:"Accréditation signée par son émetteur, vérifiable hors ligne"`
	DateMAJ           time.Time `fil:"dateMAJ,opt" doc:"Instant de mise à jour de ces droits"`
	Etendue           *Etendue  `fil:"etendue,opt" doc:"Étendue des droits, dont l'accréditation porte l'empreinte"`
	JetonDossier      string    `fil:"jetonDossier,opt,max=4000" doc:"Jeton chiffré pour le tiers de confiance, qui donne en échange un numéro de dossier"`
	DureeConservation int       `fil:"dureeConservation,opt,min=1,max=3660" doc:"Jours pendant lesquels le poste peut garder ces droits"`
}

// Etendue is the extent of digital rights: what the share of the insurer is computed
// from. ref: VISIO §5.2
type Etendue struct {
	Debut       sante.Jour         `fil:"droitsDebut" doc:"Premier jour des droits"`
	Fin         sante.Jour         `fil:"droitsFin" doc:"Dernier jour des droits"`
	NumeroAMC   sante.NumeroAMC    `fil:"numeroAMC" doc:"AMC qui paie"`
	Operateur   string             `fil:"operateur,opt,max=20" doc:"Opérateur de tiers payant"`
	Convention  string             `fil:"convention,opt,max=20" doc:"Convention"`
	Type        roc.TypeContrat    `fil:"typeContrat" doc:"Type de contrat"`
	Responsable bool               `fil:"responsable" doc:"Contrat responsable"`
	Garanties   []calcul.Garantie  `fil:"garanties,n=1..60" doc:"Règles de calcul par famille de prestations"`
	Exclusions  []calcul.Exclusion `fil:"refusTP,opt,n=0..50" doc:"Prestations exclues du tiers payant"`
	// Specifiques are the codes whose price is asked on line. ref: VISIO §5.2, §11
	Specifiques []string `fil:"prestationsSpecifiquesPerimetre,opt,n=0..50,max=13" doc:"Codes de prestation à tarifer en ligne"`
}

var planEtendue = trame.Pour[Etendue](Norme.Espace)

// Empreinte is the digest that an accreditation carries of the extent it guarantees:
// SHA-256 of its canonical JSON.
func (e *Etendue) Empreinte() [sha256.Size]byte { return sha256.Sum256(e.JSON()) }

// JSON is the canonical form of the extent.
func (e *Etendue) JSON() []byte { return planEtendue.AppendJSON(nil, e) }

// LireEtendue reads what JSON wrote.
func LireEtendue(b []byte) (*Etendue, error) {
	e := new(Etendue)
	if err := planEtendue.DecodeJSON(b, e); err != nil {
		return nil, err
	}
	return e, nil
}

// Contrat is the extent as the engine computes from it.
func (e *Etendue) Contrat() calcul.Contrat {
	return calcul.Contrat{Type: calcul.TypeContrat(e.Type), Responsable: e.Responsable, Debut: e.Debut, Fin: e.Fin,
		Garanties: e.Garanties, Exclusions: e.Exclusions}
}
