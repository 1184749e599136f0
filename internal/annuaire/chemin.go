package annuaire

// Chemin is a group of fields that views give or keep back as one. Natures share them:
// the name of a professional and that of a structure are the same path.
type Chemin uint8

// The paths. What each holds of a record is said by the projections (projeter.go).
const (
	CheminID           Chemin = iota
	CheminActif               // Entete.Actif
	CheminTrace               // Entete.Trace
	CheminMaj                 // Entete.Maj and Version
	CheminPeriode             // Entete.Du and Au; restricted
	CheminProvenance          // Entete.Provenances; restricted
	CheminHistorique          // the versions that were: an operation, not a field
	CheminIdentifiant         // numbers of a person, a structure, an activity, an equipment
	CheminNom                 // names and civility; name and enseigne of a structure
	CheminProfession          // profession and category
	CheminSavoirFaire         // of a professional
	CheminDiplome             // diplomas and authorisations
	CheminAttribution         // restricted
	CheminLangue              // restricted
	CheminBAL                 // mailboxes, but those of the red list
	CheminListeRouge          // mailboxes of the red list
	CheminResponsable         // who answers for a mailbox
	CheminCarte               // type, number and dates of a card
	CheminOpposition          // day of opposition of a card; restricted
	CheminCertificat          // restricted
	CheminInscription         // restricted
	CheminEtatCivil           // restricted
	CheminContact             // the professional's own
	CheminExerce              // communes where he works
	CheminPraticien           // reference of a situation
	CheminStructure           // reference of a situation, an activity, an equipment
	CheminRole                // mode, genre, fonction and other codes of a situation
	CheminSpecialite          // savoir-faire of a situation; restricted
	CheminConvention          // restricted
	CheminCarteVitale         // restricted
	CheminRattachement        // legal entity of a site, kind of a structure
	CheminType                // codes of a structure
	CheminLicence             // of a pharmacy
	CheminAdresse             // postal address of a structure
	CheminTelecom             // telephones and mail of a structure
	CheminPosition            // coordinates on the ground
	CheminMembre              // of a network
	CheminActivite            // codes of an activity
	CheminCapacite            // places of a social service
	CheminEquipement          // codes and marks of an equipment
	CheminAcces               // where the services of an insurer are
	nombreChemins
)

var nomsChemins = [nombreChemins]string{"id", "actif", "trace", "maj", "periode", "provenance", "historique", "identifiant", "nom", "profession",
	"savoir-faire", "diplome", "attribution", "langue", "bal", "bal-liste-rouge", "bal-responsable", "carte", "carte-opposition", "certificat",
	"inscription", "etat-civil", "contact", "exerce", "praticien", "structure", "role", "specialite", "convention", "carte-vitale", "rattachement",
	"type", "licence", "adresse", "telecom", "position", "membre", "activite", "capacite", "equipement", "acces"}

// String is the word that the tables and the commands use.
func (c Chemin) String() string {
	if c < nombreChemins {
		return nomsChemins[c]
	}
	return "inconnu"
}

// ParseChemin reads the word of a path.
func ParseChemin(s string) (Chemin, bool) {
	for c := range nombreChemins {
		if nomsChemins[c] == s {
			return c, true
		}
	}
	return 0, false
}

// Chemins is a set of paths: a reader's rights on a record are one word of 64 bits.
type Chemins uint64

// Voit tells whether the set holds a path.
func (b Chemins) Voit(c Chemin) bool { return b>>c&1 != 0 }

// Avec is the set with a path more.
func (b Chemins) Avec(c Chemin) Chemins { return b | 1<<c }

// Liste are the paths of the set, in their order.
func (b Chemins) Liste() (l []Chemin) {
	for c := range nombreChemins {
		if b.Voit(c) {
			l = append(l, c)
		}
	}
	return l
}

// Chemins are the paths that a nature has.
func (n Nature) Chemins() Chemins {
	if n >= NombreNatures {
		return 0
	}
	return cheminsDe[n]
}

const communs = 1<<CheminID | 1<<CheminActif | 1<<CheminTrace | 1<<CheminMaj | 1<<CheminPeriode | 1<<CheminProvenance | 1<<CheminHistorique

const boite = 1<<CheminBAL | 1<<CheminListeRouge | 1<<CheminResponsable

// cheminsDe are the paths of each nature.
var cheminsDe = [NombreNatures]Chemins{
	Praticiens: communs | boite | 1<<CheminIdentifiant | 1<<CheminNom | 1<<CheminProfession | 1<<CheminSavoirFaire | 1<<CheminDiplome | 1<<CheminAttribution |
		1<<CheminLangue | 1<<CheminCarte | 1<<CheminOpposition | 1<<CheminCertificat | 1<<CheminInscription | 1<<CheminEtatCivil | 1<<CheminContact | 1<<CheminExerce,
	Situations: communs | boite | 1<<CheminPraticien | 1<<CheminStructure | 1<<CheminRole | 1<<CheminSpecialite | 1<<CheminConvention | 1<<CheminCarteVitale,
	Structures: communs | boite | 1<<CheminIdentifiant | 1<<CheminNom | 1<<CheminRattachement | 1<<CheminType | 1<<CheminLicence | 1<<CheminAdresse |
		1<<CheminTelecom | 1<<CheminPosition | 1<<CheminMembre | 1<<CheminCertificat,
	Activites:   communs | 1<<CheminIdentifiant | 1<<CheminStructure | 1<<CheminActivite | 1<<CheminCapacite,
	Equipements: communs | 1<<CheminIdentifiant | 1<<CheminStructure | 1<<CheminEquipement,
	Acces:       communs | 1<<CheminIdentifiant | 1<<CheminAcces,
}

// ParseNature reads the word of a nature, as String writes it.
func ParseNature(s string) (Nature, bool) {
	for _, n := range Natures {
		if n.String() == s {
			return n, true
		}
	}
	return 0, false
}
