package annuaire

import (
	"errors"

	"github.com/ecluse-sante/ecluse/sante"
)

// Champ is what an image can search in the records of one nature. Its kind says
// which operators it takes.
type Champ uint8

// The searchable fields. A word field is folded (accents, case) and cut into words;
// a key field is compared whole and as folded by its builder.
const (
	ParID              Champ = 1 + iota // key: the record's ID
	ParIdentifiant                      // key: "system|value" and "value" (see CleIdentifiant)
	ParTypeIdentifiant                  // key: RPPS, ADELI, FINEG, FINEJ, SIREN, SIRET, IDNPS, IDNST…
	ParActif                            // key: "true", "false"
	ParSysteme                          // key: Trace.Systeme
	ParAutorite                         // key: Trace.Autorite.Code
	ParMaj                              // instant: Entete.Maj

	ParNom        // words: family name; name and enseigne of a structure
	ParPrenom     // words: given name
	ParMetier     // words: labels of the profession and of the savoir-faire
	ParProfession // key: profession code
	ParCategorie  // key: category code (professional, or of a structure)
	ParSavoir     // key: savoir-faire code
	ParDiplome    // key: diploma or authorisation code
	ParBAL        // key: address in lower case; takes Prefixe and Contient
	ParDomaineBAL // key: domain of an address
	ParTypeBAL    // key: PER, ORG…
	ParCarte      // key: card number
	ParTypeCarte  // key: card type code
	ParSerie      // key: serial of a certificate
	ParCommune    // words: commune (of the structure, of the places of a professional)
	ParVille      // words: commune and postal code, for questions in words
	ParINSEE      // key: INSEE code of the commune
	ParCodePostal // key; takes Prefixe
	ParVoie       // words: lines of the address
	ParSecteur    // key: secteur d'activité; type of an activity or of an equipment
	ParSorte      // key: "LEGAL-ENTITY", "GEOGRAPHICAL-ENTITY", "NETWORK"
	ParLicence    // key: pharmacy licence
	ParFonction   // key: role, mode, genre and other codes of a situation
	ParPraticien  // reference: ID of the professional of a situation
	ParStructure  // reference: ID of the structure of a situation, an activity, an equipment
	ParJuridique  // reference: ID of the legal entity of a site
	ParMembre     // reference: ID of a member of a network
	ParForme      // key: characteristic of an activity
	ParModalite   // key: service category of an activity
	ParFabricant  // words
	ParModele     // words
	ParStatut     // key: status of an equipment
	ParLieu       // place: coordinates of a structure
	ParAMC        // key: number of an insurer
	ParService    // key: service of an access point

	NombreChamps
)

// Operateur is how a [Critere] compares.
type Operateur uint8

// The operators.
const (
	Egal     Operateur = 1 + iota // the whole value of a key, one word of a word field
	Exact                         // the whole field as written (FHIR :exact)
	Prefixe                       // a value or a word begins so
	Contient                      // a value or a word holds it inside
	Present                       // the field has a value
	Entre                         // an instant in [De, A)
	Pres                          // within Rayon metres of a place
	Et                            // all of Fils
	Ou                            // one of Fils
	Non                           // not Fils[0]
	Vers                          // the record referred to by Champ satisfies Fils[0], of nature Nature
	Depuis                        // a record of nature Nature satisfies Fils[0] and refers to this one by Champ
)

// Critere is a node of what is asked. Leaves have Champ and Valeur; the value is as
// the asker wrote it, the image folds it as it folded the field.
type Critere struct {
	Op     Operateur
	Champ  Champ
	Valeur string
	De, A  int64 // milliseconds; A is 0 for no end
	// Latitude, Longitude in millionths of a degree, Rayon in metres, for Pres.
	Latitude, Longitude int32
	Rayon               int32
	Nature              Nature // of Fils[0], for Vers and Depuis
	Fils                []Critere
}

// Tri is the order of an answer.
type Tri uint8

// The orders. ParNomTri is that of the image: name, first name, ID for people, name for
// structures, ID for the rest. ref: RASS §7.2
const (
	ParNomTri    Tri = iota
	ParMajTri        // last visible change first when Inverse
	ParPrenomTri     // first name, then the order of the image; professionals alone
)

// Question is one search.
type Question struct {
	Nature  Nature
	Critere *Critere // nil for all
	Tri     Tri
	Inverse bool
	Nombre  int  // how many records at most
	Compter bool // say the exact total
	// Curseur is where to go on, from a [Page]; empty for the first page.
	Curseur []byte
	// Arriere goes back from the cursor.
	Arriere bool
}

// Errors of a search.
var (
	ErrInconnu   = errors.New("annuaire: aucune fiche de cet identifiant")
	ErrCurseur   = errors.New("annuaire: ce curseur n'est pas d'ici")
	ErrPerime    = errors.New("annuaire: ce curseur a expiré, reprendre la recherche au début")
	ErrTropLarge = errors.New("annuaire: cette recherche parcourrait tout l'annuaire, la préciser")
	ErrOperateur = errors.New("annuaire: ce champ ne se cherche pas ainsi")
)

// CleIdentifiant is the text under which an identifier is found with its system.
func CleIdentifiant(systeme, valeur string) string { return systeme + "|" + valeur }

// The systems of identifiers. ref: RASS §3.4
const (
	SystemeIDNatPS     = "urn:oid:1.2.250.1.71.4.2.1"
	SystemeRPPS        = "https://rpps.esante.gouv.fr"
	SystemeIDNatStruct = "urn:oid:1.2.250.1.71.4.2.2"
	SystemeFINESS      = "https://finess.esante.gouv.fr"
	SystemeRPPSRang    = "https://rppsrang.esante.gouv.fr"
	SystemeSIRENE      = "https://sirene.fr"
	SystemeARHGOS      = "https://arhgos.ars.sante.fr"
)

// Changement is one record of a difference: as it becomes, exactly one of the
// pointers being set.
type Changement struct {
	Praticien  *Praticien
	Situation  *Situation
	Structure  *Structure
	Activite   *Activite
	Equipement *Equipement
	Acces      *PointAcces
}

// Entete is the header of the record of a change.
func (c *Changement) Entete() (Nature, *Entete) {
	switch {
	case c.Praticien != nil:
		return Praticiens, &c.Praticien.Entete
	case c.Situation != nil:
		return Situations, &c.Situation.Entete
	case c.Structure != nil:
		return Structures, &c.Structure.Entete
	case c.Activite != nil:
		return Activites, &c.Activite.Entete
	case c.Equipement != nil:
		return Equipements, &c.Equipement.Entete
	case c.Acces != nil:
		return Acces, &c.Acces.Entete
	}
	return 0, nil
}

// EnVigueur tells whether a record is true on a day.
func (e *Entete) EnVigueur(le sante.Jour) bool {
	return (e.Du == 0 || e.Du <= le) && (e.Au == 0 || le <= e.Au)
}
