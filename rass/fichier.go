package rass

// Fichier is one of the files of the directory.
type Fichier uint8

// The files. ref: RASS §5, §9
const (
	PersonneActivite Fichier = 1 + iota // one line per activity of a professional
	SavoirFaire
	Diplomes        // diplomas and authorisations to practise
	MSSante         // mailboxes
	ProSanteConnect // restricted: with the birth of the person
	Structures      // legal entities and sites, with coordinates
	Activites       // activities of care and social services of the sites
	Equipements     // heavy equipment
	Porteurs        // cards of the IGC
	Certificats     // certificates of the IGC
	Reseaux         // networks of care
	Membres         // who belongs to the networks
)

// Fichiers are all of them.
var Fichiers = [...]Fichier{PersonneActivite, SavoirFaire, Diplomes, MSSante, ProSanteConnect, Structures, Activites,
	Equipements, Porteurs, Certificats, Reseaux, Membres}

// noms are the names of the files, as published for the first four and for the cards,
// ours for the others, and the header of each. hyp: RASS-NOMS
var noms = [...]struct{ fichier, entete string }{
	PersonneActivite: {"PS_LibreAcces_Personne_activite", "personne_activite"},
	SavoirFaire:      {"PS_LibreAcces_SavoirFaire", "savoir_faire"},
	Diplomes:         {"PS_LibreAcces_Dipl_AutExerc", "diplomes"},
	MSSante:          {"Extraction_Correspondance_MSSante", "mssante"},
	ProSanteConnect:  {"Extraction_ProSanteConnect_Personne_activite", "prosanteconnect"},
	Structures:       {"Annuaire_Structures", "structures"},
	Activites:        {"Annuaire_Activites", "activites"},
	Equipements:      {"Annuaire_Equipements", "equipements"},
	Porteurs:         {"Porteurs_CPS_CPF", "porteurs"},
	Certificats:      {"Annuaire_Certificats", "certificats"},
	Reseaux:          {"Annuaire_Reseaux", "reseaux"},
	Membres:          {"Annuaire_Membres_Reseaux", "membres"},
}

func (f Fichier) connu() Fichier {
	if int(f) < len(noms) {
		return f
	}
	return 0
}

// String is the name of the file without its stamp, as PS_LibreAcces_Personne_activite.
func (f Fichier) String() string { return noms[f.connu()].fichier }

// Officiel tells whether the header is the one that is published; the others are ours.
func (f Fichier) Officiel() bool { return f >= PersonneActivite && f <= MSSante }

// Colonne is the rank of a column in the published order of its file.
type Colonne uint8

// Operation is what a line of a file of differences does. The zero value is that of a
// whole file, whose lines all stand. A line that changes is taken away as it was, then
// added as it is. hyp: RASS-DELTA
type Operation byte

// The operations.
const (
	Ajout   Operation = 'A' // the line stands from now on
	Retrait Operation = 'R' // the line stands no more
)

// colonneOperation is the name of the column that makes a file one of differences.
const colonneOperation = "Opération"
