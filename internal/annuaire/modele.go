package annuaire

import (
	"crypto/sha256"
	"encoding/base32"

	"github.com/ecluse-sante/ecluse/sante"
)

// Nature is the kind of a record.
type Nature uint8

// The natures, with the resource of FHIR each becomes. ref: RASS §4
const (
	Praticiens  Nature = 1 + iota // Practitioner
	Situations                    // PractitionerRole
	Structures                    // Organization
	Activites                     // HealthcareService
	Equipements                   // Device
	Acces                         // Endpoint: where the services of an insurer are

	NombreNatures
)

// Natures are all of them, in the order of their numbers.
var Natures = [...]Nature{Praticiens, Situations, Structures, Activites, Equipements, Acces}

// String is the word that commands and files use.
func (n Nature) String() string {
	if n >= Praticiens && n < NombreNatures {
		return [...]string{"praticien", "situation", "structure", "activite", "equipement", "acces"}[n-1]
	}
	return "inconnue"
}

// Code is a value of a terminology with the label that came with it: a code that no
// table knows is kept as it came. ref: RASS §12
type Code struct{ Code, Libelle string }

// IsZero tells whether the code was not said.
func (c Code) IsZero() bool { return c.Code == "" && c.Libelle == "" }

// Trace says who keeps a record and from where it came. ref: RASS §6.5
type Trace struct {
	Autorite Code       // authority of registration, JDV_J83
	Systeme  string     // RPPS, FINESS, CG, MSS, IGC, or the name of a feed of ours
	MajLe    sante.Jour // day of the last update at the authority, 0 when not said
}

// Provenance says where a group of fields came from, when it is not the [Trace] of
// the record: another feed, or an owner's request.
type Provenance struct {
	Groupe  Groupe
	Systeme string     // as Trace.Systeme
	Demande string     // number of the owner's request, empty for a feed
	Le      sante.Jour // day from which it holds
}

// Groupe is a set of fields that one owner keeps. ref: RASS §9
type Groupe uint8

// The groups of fields.
const (
	Identite     Groupe = 1 + iota // names, profession, registration: the authority (ordre, ARS, SSA)
	Qualites                       // diplomas, savoir-faire, authorisations: the authority
	Contact                        // the professional's own address: himself
	Messagerie                     // mailboxes: their operator
	Cartes                         // cards and certificates: the IGC
	Lieu                           // structure: FINESS, INSEE, its director
	Exercice                       // a situation: its structure and the authority
	Localisation                   // coordinates on the ground: FINESS
	Raccordement                   // access points: the insurer
)

// Entete is what each record carries.
type Entete struct {
	ID          string // stable, from NouvelID
	Actif       bool
	Trace       Trace
	Du, Au      sante.Jour // days from which and until which (included) the record is true, 0 when not said
	Maj         int64      // instant of the last visible change, in milliseconds
	Version     uint32     // 1 for the first, grows by one with each change
	Provenances []Provenance
}

// Praticien is a person in one profession. ref: RASS §§4, 6.1
type Praticien struct {
	Entete
	TypeID           string // TRE_G08: 0, 1, 3, 4, 5, 6, 8
	Numero           string // RPPS, ADELI…
	IDNat            string // type then number, as it came
	Civilite         Code
	CiviliteExercice Code
	Nom, Prenom      string // in practice
	Profession       Code   // TRE_G15
	Categorie        Code   // TRE_R09
	SavoirFaire      []Qualification
	Diplomes         []Diplome
	Attributions     []Code // JDV_J90
	Langues          []Code // JDV_J82
	BAL              []BAL
	Cartes           []Carte
	Certificats      []Certificat
	Inscriptions     []Inscription
	EtatCivil        EtatCivil
	Contact          Coordonnees // his own
	Exerce           []LieuExercice
}

// LieuExercice is drawn from the situations of a professional that are in force, so
// that he is found by the place where he works and by what he does there.
type LieuExercice struct{ CodeCommune, Commune, CodePostal string }

// Qualification is a savoir-faire: its type (JDV_J91) and itself (JDV_J107).
type Qualification struct{ Type, Savoir Code }

// Diplome is a diploma (J81, J105) or an authorisation to practise (J75, J76).
type Diplome struct{ Type, Diplome, TypeAutorisation, Discipline Code }

// Inscription is a registration at an authority; restricted.
type Inscription struct {
	Autorite, Statut, Departement Code
	Premiere                      bool
	Du, Au                        sante.Jour
}

// EtatCivil is the person behind the professional; restricted.
type EtatCivil struct {
	Nom, Prenoms, Sexe     string
	Naissance              sante.Jour
	Commune, LieuNaissance string
	PaysNaissance          Code
	Deces                  sante.Jour
}

// IsZero tells whether nothing is known.
func (e EtatCivil) IsZero() bool { return e == EtatCivil{} }

// Coordonnees are an address and the means to reach. ref: RASS §5.1 columns 27–44
type Coordonnees struct {
	Destinataire, PointGeographique            string
	NumeroVoie, Indice                         string
	TypeVoie                                   Code
	LibelleVoie, Mention, BureauCedex          string
	CodePostal                                 string
	Commune, Pays                              Code // INSEE code and name
	Telephone, Telephone2, Telecopie, Courriel string
	Departement                                Code
}

// IsZero tells whether nothing is said.
func (c Coordonnees) IsZero() bool { return c == Coordonnees{} }

// TypeBAL is the type of a mailbox. ref: MSS §3.1
type TypeBAL string

// The types of mailboxes.
const (
	BALPersonnelle  TypeBAL = "PER"
	BALOrganisation TypeBAL = "ORG"
	BALApplicative  TypeBAL = "APP"
	BALCabinet      TypeBAL = "CAB"
)

// BAL is a mailbox, held by a professional, a situation or a structure.
type BAL struct {
	Adresse       string // as published; compared in lower case
	Type          TypeBAL
	ListeRouge    bool
	Rang          uint8 // 1 for the preferred one, 0 when not said
	Description   string
	Service       string // service de rattachement
	Responsable   string // restricted
	Dematerialise string // as it came: the holder accepts letters without paper
}

// Carte is a card of the IGC. ref: RASS §6.1
type Carte struct {
	Type      Code // JDV_J128
	Numero    string
	Du, Au    sante.Jour
	OpposeeLe sante.Jour // restricted
}

// Certificat is a certificate of a person or a structure; restricted.
type Certificat struct {
	Serie, Emetteur, Sujet string // names as RFC 4514 writes them
	Du, Au                 sante.Jour
	Domaine, Usage         string
	DER                    []byte
}

// Situation is what a professional does in a structure. ref: RASS §6.2
type Situation struct {
	Entete
	Praticien         string        // ID of the professional
	Structure         string        // ID of the structure, empty when there is none
	SavoirFaire       Qualification // the one of this activity's line
	Mode              Code          // JDV_J95
	Genre             Code          // JDV_J94
	Fonction          Code          // JDV_J108, "rôle" in the files
	SectionPharmacien Code
	TypeLiberal       Code   // JDV_J96
	StatutSSA         Code   // JDV_J97
	StatutHospitalier Code   // JDV_J98
	MetierPharmacien  Code   // JDV_J73
	Convention        Code   // JDV_J130; restricted
	CarteVitale       string // "O", "N" or not said; restricted
	BAL               []BAL
}

// Structure is a legal entity, a site or a network of care. ref: RASS §6.3
type Structure struct {
	Entete
	IDTechnique             string // as the files have it
	IDNat                   string // TRE_G07: type then number
	FINESS                  string // of the site
	FINESSJuridique         string
	SIRET, SIREN            string
	RPPSRang                string
	AncienID                string
	RaisonSociale, Enseigne string
	Sorte                   Sorte
	Juridique               string // ID of the legal entity of a site
	Secteur                 Code   // JDV_J101
	Categorie               Code   // JDV_J129
	StatutJuridique         Code   // JDV_J100
	SPH                     Code   // JDV_J162
	Licence                 string // of a pharmacy
	TypeFermeture           Code
	Adresse                 Coordonnees
	// Latitude and Longitude are in millionths of a degree; Situee tells whether they
	// were said.
	Latitude, Longitude int32
	Situee              bool
	Membres             []Adhesion // of a network: who belongs to it
	BAL                 []BAL
	Certificats         []Certificat
}

// Sorte tells a legal entity from a site and from a network.
type Sorte uint8

// The kinds of structures.
const (
	SiteGeographique Sorte = 1 + iota
	EntiteJuridique
	ReseauDeSante
	OrganismeComplementaire // an insurer (AMC)
	OperateurTiers          // who answers for insurers, or carries their messages
)

// Adhesion is the membership of a professional or a structure in a network.
type Adhesion struct {
	Nature Nature // Praticiens or Structures
	ID     string
	Role   Code
	Du, Au sante.Jour
}

// Activite is an activity of care or a social service of a structure. ref: RASS §6.4
type Activite struct {
	Entete
	Numero                 string // at ARHGOS or FINESS
	Structure              string // ID
	Sociale                bool
	Modalite               Code  // JDV_J132
	Type                   Code  // JDV_J133, or J379 when social
	Forme                  Code  // JDV_J134, or J138 when social
	Public                 Code  // JDV_J376
	Installees, Autorisees int32 // places
}

// Equipement is a heavy equipment of a structure. ref: RASS §6.4
type Equipement struct {
	Entete
	Numero                   string // ARHGOS
	Structure                string // ID
	Type                     Code   // JDV_J135
	Fabricant, Modele, Serie string
	Statut                   string // active, inactive
}

// PointAcces is what the directory says of an insurer for one way of routing: the
// addresses of its services, or those of who answers for it. ref: RASS §11, ROC §6
type PointAcces struct {
	Entete
	Numero      string // chosen by who publishes
	NumeroAMC   string
	Organisme   string // ID of the insurer's structure
	Convention  string
	CSR         string // ? is one character
	Domaines    []string
	Remplacante string // number of the insurer that replaced this one
	Libelle     string
	Signataire  string
	Structure   string // whose seal answers
	Mandat      Mandat
	Services    []ServiceAcces
	CalculLocal bool
	Validite    int32 // seconds an answer may be kept
	Tolerance   int32 // days
	Routage     string
	Hote        string
	Domaine     string
	Aiguillage  string
}

// Mandat lets an operator seal for an insurer, for a time.
type Mandat struct {
	ID, Libelle, Structure string
	Du, Au                 sante.Jour
}

// ServiceAcces is where one service is.
type ServiceAcces struct {
	Service      string
	Adresse      string
	Normes       []string
	Du, Au       sante.Jour
	Empreintes   []string // SHA-256 of the server's certificate, current and next
	Confidentiel string   // certificate of confidentiality, base64 DER
}

var base32ID = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NouvelID is the stable identifier of a record: drawn from its nature and its key
// in its source, so that the same record has the same one in every file, on every
// node and after every load. 80 bits of SHA-256. ref: RASS §7.2
func NouvelID(n Nature, cle string) string {
	e := sha256.New()
	e.Write([]byte{'E', 'C', 'L', byte(n)})
	e.Write([]byte(cle))
	var h [sha256.Size]byte
	e.Sum(h[:0])
	var t [17]byte
	t[0] = " psoaeb"[n]
	base32ID.Encode(t[1:], h[:10])
	return string(t[:])
}
