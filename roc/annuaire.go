package roc

import "github.com/ecluse-sante/ecluse/sante"

// Domaine is a domain of care that an insurer may open. ref: ROC §6.1
type Domaine string

// The domains that the hospital exchange uses; others belong to visiodroits.
const (
	HospitalACE    Domaine = "HOSP-ACE"
	HospitalSejour Domaine = "HOSP-SEJ"
	Pharmacie      Domaine = "PHAR"
	Laboratoire    Domaine = "LABO"
)

// Codes is the closed list of domains.
func (Domaine) Codes() []string { return []string{"HOSP-ACE", "HOSP-SEJ", "PHAR", "LABO"} }

// DemandeAnnuaire asks where the services of an insurer are. ref: ROC §6.1
type DemandeAnnuaire struct {
	NumeroAMC      sante.NumeroAMC `fil:"numeroAMC" doc:"Numéro d'AMC de la carte"`
	TypeConvention string          `fil:"typeConvention,opt,max=2" doc:"Type de convention de la carte"`
	CSR            string          `fil:"csr,opt,max=15" doc:"Critère secondaire de routage de la carte"`
	DateReference  sante.Jour      `fil:"dateReference" doc:"Date des soins, ou de l'admission"`
	Domaine        Domaine         `fil:"domaine" doc:"Domaine de prestation"`
	Services       []Service       `fil:"services,opt,n=0..10" doc:"Services cherchés ; tous si rien n'est dit"`
}

// ReponseAnnuaire gives the addresses of an insurer. ref: ROC §6.2
type ReponseAnnuaire struct {
	Retour
	NumeroAMCCible            sante.NumeroAMC `fil:"numeroAMCCible,opt" doc:"AMC qui répond, ou qui remplace celle de la question"`
	LibelleAMC                string          `fil:"libelleAMC,opt,max=60" doc:"Nom de l'AMC"`
	NumeroOrganismeSignataire string          `fil:"numeroOrganismeSignataire,opt,max=20" doc:"Signataire de la convention"`
	Operateur                 *Operateur      `fil:"operateur,opt" doc:"Opérateur mandaté, qui répond et scelle pour l'AMC"`
	Structure                 string          `fil:"structure,opt,max=20" doc:"Structure dont le cachet scelle les réponses de l'AMC"`
	Points                    []Point         `fil:"points,opt,n=0..20" doc:"Un point d'accès par service"`
	CodeRoutage               string          `fil:"codeRoutage,opt,max=20" doc:"Code de routage"`
	IdentifiantHote           string          `fil:"identifiantHote,opt,max=40" doc:"Identifiant d'hôte"`
	NomDomaine                string          `fil:"nomDomaine,opt,max=100" doc:"Nom de domaine"`
	CodeAiguillageSTS         string          `fil:"codeAiguillageSTS,opt,max=10" doc:"Code d'aiguillage STS"`
	CalculLocalAutorise       *bool           `fil:"calculLocalAutorise,opt" doc:"L'AMC accepte le calcul local à partir de l'IDB"`
	DureeValiditeReponse      int             `fil:"dureeValiditeReponse,opt,min=0,max=31536000" doc:"Durée de garde de cette réponse, en secondes"`
	NbJoursTolerance          *int            `fil:"nbJoursTolerance,opt,min=0,max=365" doc:"Jours de tolérance du mode dégradé"`
}

// Operateur is the operator mandated by an insurer. ref: ROC §6.2, DEC 14
type Operateur struct {
	ID          string     `fil:"id,min=1,max=20" doc:"Identifiant de l'opérateur"`
	Libelle     string     `fil:"libelle,max=60" doc:"Nom de l'opérateur"`
	Structure   string     `fil:"structure,max=20" doc:"Structure de son certificat de cachet"`
	MandatDebut sante.Jour `fil:"mandatDebut" doc:"Premier jour du mandat"`
	MandatFin   sante.Jour `fil:"mandatFin,opt" doc:"Dernier jour du mandat"`
}

// Point is where one service of an insurer is. ref: ROC §6.2
type Point struct {
	Service             Service    `fil:"service" doc:"Service rendu"`
	Adresse             string     `fil:"adresse,min=1,max=250" doc:"Adresse https de base ; boîte ou file pour DRE"`
	NormesAcceptees     []string   `fil:"normesAcceptees,opt,n=0..10,max=30" doc:"Versions du profil acceptées"`
	OuvertureDebut      sante.Jour `fil:"ouvertureDebut" doc:"Premier jour d'ouverture"`
	OuvertureFin        sante.Jour `fil:"ouvertureFin,opt" doc:"Dernier jour d'ouverture"`
	CertificatEmpreinte []string   `fil:"certificatEmpreinte,opt,n=0..2,min=64,max=64" doc:"SHA-256 en hexadécimal du certificat de serveur, courant et suivant"`
	CleConfidentialite  string     `fil:"cleConfidentialite,opt,max=4000" doc:"Certificat de confidentialité du destinataire (DER en base64) : le corps est chiffré pour lui quand un relais est traversé"`
}

// Le returns the point of a service, or nil.
func (r *ReponseAnnuaire) Le(s Service) *Point {
	for i := range r.Points {
		if r.Points[i].Service == s {
			return &r.Points[i]
		}
	}
	return nil
}

// voisins are the services beside which one of ours is asked, when the directory does not
// list it. hyp: SERVICES-PROPRES
var voisins = map[Service][]Service{ENG: {CLC, IDB}, ETAT: {CLC, IDB}, STA: {DLD}}

// Acces is where to ask a service, nil when the directory does not say. Services of ours,
// which it may not list, are where the insurer answers the others.
func (r *ReponseAnnuaire) Acces(s Service) *Point {
	p := r.Le(s)
	for _, autre := range voisins[s] {
		if p == nil {
			p = r.Le(autre)
		}
	}
	return p
}

// DemandeEtat asks the state of a partner. ref: ROC §5.3
type DemandeEtat struct {
	Services []Service `fil:"services,opt,n=0..10" doc:"Services dont l'état est demandé ; tous si rien n'est dit"`
}

// Etat is the state of a service. ref: ROC §5.3
type Etat string

// The states.
const (
	Operationnel Etat = "OPERATIONNEL"
	Degrade      Etat = "DEGRADE"
	EtatFerme    Etat = "FERME"
)

// Codes is the closed list of states.
func (Etat) Codes() []string { return []string{"OPERATIONNEL", "DEGRADE", "FERME"} }

// ReponseEtat is the signed state of a partner. ref: ROC §5.3
type ReponseEtat struct {
	Retour
	Etat     Etat          `fil:"etat,opt" doc:"État d'ensemble"`
	Services []EtatService `fil:"services,opt,n=0..10" doc:"État de chaque service"`
}

// EtatService is the state of one service.
type EtatService struct {
	Service            Service `fil:"service" doc:"Service"`
	Etat               Etat    `fil:"etat" doc:"État"`
	ProchaineOuverture string  `fil:"prochaineOuverture,opt,max=30" doc:"Prochaine ouverture d'un service fermé, RFC 3339"`
}
