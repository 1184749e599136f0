package ldap

// Attribut is an attribute of the schema, by its place in the table.
type Attribut uint8

// The attributes of entries, then those that an entry gives only when they are asked
// for (operational). ref: RASS §10, RFC 4519, RFC 4512
const (
	ObjectClass Attribut = iota
	CN
	SN
	GivenName
	DisplayName
	UID
	Mail
	Title
	O
	OU
	C
	L
	PostalCode
	PostalAddress
	Description
	LabeledURI
	UserCertificate
	XFiche
	XActif
	XRPPS
	XProfession
	XCategorie
	XSavoirFaire
	XCodeSavoirFaire
	XCarte
	XIDNatStruct
	XFINESS
	XFINESSJuridique
	XSIRET
	XSIREN
	XSecteur
	XTypeBAL
	XDomaine
	XPorteur
	XNumeroAMC
	XService
	XConvention
	XCSR
	XDomaineAMC
	XDu
	XAu
	XEtat
	XEmpreinte
	EntryDN
	StructuralObjectClass
	SubschemaSubentry
	ModifyTimestamp
	HasSubordinates
	NamingContexts
	SupportedLDAPVersion
	SupportedControl
	SupportedExtension
	SupportedFeatures
	SupportedSASLMechanisms
	VendorName
	VendorVersion
	AttributeTypes
	ObjectClasses
	LDAPSyntaxes
	MatchingRules

	nombreAttributs
	premierOperationnel = EntryDN
	aucunAttribut       = Attribut(255)
)

// regle is how the values of an attribute compare.
type regle uint8

const (
	regleTexte   regle = iota // case, accents, blanks and punctuation aside: names
	regleCasse                // case and blanks aside: addresses, codes, identifiers
	regleInstant              // generalized time: has an order
	regleOID                  // as regleCasse, and has no pieces: classes
	regleOctets               // never compared: certificates, texts of the schema
)

// definition is a line of the schema.
type definition struct {
	nom, oid string
	regle    regle
	unique   bool   // SINGLE-VALUE
	alias    string // another name of the same attribute
	dit      string // DESC
}

// nous is our arc: attributes under .1, classes under .2.
// hyp: ANNUAIRE-LDAP-SCHEMA
const nous = "2.25.147695134044769894827544469114087717139"

var definitions = [nombreAttributs]definition{
	ObjectClass:      {nom: "objectClass", oid: "2.5.4.0", regle: regleOID},
	CN:               {nom: "cn", oid: "2.5.4.3", alias: "commonName"},
	SN:               {nom: "sn", oid: "2.5.4.4", alias: "surname"},
	GivenName:        {nom: "givenName", oid: "2.5.4.42", alias: "gn"},
	DisplayName:      {nom: "displayName", oid: "2.16.840.1.113730.3.1.241", unique: true},
	UID:              {nom: "uid", oid: "0.9.2342.19200300.100.1.1", regle: regleCasse, alias: "userid"},
	Mail:             {nom: "mail", oid: "0.9.2342.19200300.100.1.3", regle: regleCasse, alias: "rfc822Mailbox"},
	Title:            {nom: "title", oid: "2.5.4.12"},
	O:                {nom: "o", oid: "2.5.4.10", alias: "organizationName"},
	OU:               {nom: "ou", oid: "2.5.4.11", alias: "organizationalUnitName"},
	C:                {nom: "c", oid: "2.5.4.6", regle: regleCasse, unique: true, alias: "countryName"},
	L:                {nom: "l", oid: "2.5.4.7", alias: "localityName"},
	PostalCode:       {nom: "postalCode", oid: "2.5.4.17", regle: regleCasse},
	PostalAddress:    {nom: "postalAddress", oid: "2.5.4.16"},
	Description:      {nom: "description", oid: "2.5.4.13"},
	LabeledURI:       {nom: "labeledURI", oid: "1.3.6.1.4.1.250.1.57", regle: regleCasse},
	UserCertificate:  {nom: "userCertificate", oid: "2.5.4.36", regle: regleOctets},
	XFiche:           {nom: "x-fiche", oid: nous + ".1.1", regle: regleCasse, unique: true, dit: "Identifiant stable de la fiche"},
	XActif:           {nom: "x-actif", oid: nous + ".1.2", regle: regleCasse, unique: true, dit: "TRUE, ou FALSE pour une fiche close"},
	XRPPS:            {nom: "x-rpps", oid: nous + ".1.3", regle: regleCasse, unique: true, dit: "Numéro RPPS"},
	XProfession:      {nom: "x-profession", oid: nous + ".1.4", regle: regleCasse, unique: true, dit: "Code de la profession (TRE_G15)"},
	XCategorie:       {nom: "x-categorie", oid: nous + ".1.5", regle: regleCasse, unique: true, dit: "Code de la catégorie (TRE_R09, JDV_J129)"},
	XSavoirFaire:     {nom: "x-savoirFaire", oid: nous + ".1.6", dit: "Savoir-faire"},
	XCodeSavoirFaire: {nom: "x-codeSavoirFaire", oid: nous + ".1.7", regle: regleCasse, dit: "Code du savoir-faire (TRE_R38)"},
	XCarte:           {nom: "x-carte", oid: nous + ".1.8", regle: regleCasse, dit: "Numéro de carte"},
	XIDNatStruct:     {nom: "x-idNatStruct", oid: nous + ".1.9", regle: regleCasse, unique: true, dit: "Identifiant national de la structure"},
	XFINESS:          {nom: "x-finess", oid: nous + ".1.10", regle: regleCasse, unique: true, dit: "FINESS du site, ou de l'entité juridique pour elle-même"},
	XFINESSJuridique: {nom: "x-finessJuridique", oid: nous + ".1.11", regle: regleCasse, unique: true, dit: "FINESS de l'entité juridique"},
	XSIRET:           {nom: "x-siret", oid: nous + ".1.12", regle: regleCasse, unique: true, dit: "SIRET"},
	XSIREN:           {nom: "x-siren", oid: nous + ".1.13", regle: regleCasse, unique: true, dit: "SIREN"},
	XSecteur:         {nom: "x-secteur", oid: nous + ".1.14", regle: regleCasse, unique: true, dit: "Code du secteur d'activité (JDV_J101)"},
	XTypeBAL:         {nom: "x-typeBAL", oid: nous + ".1.15", regle: regleCasse, unique: true, dit: "Type de boîte aux lettres (PER, ORG, APP, CAB)"},
	XDomaine:         {nom: "x-domaine", oid: nous + ".1.16", regle: regleCasse, unique: true, dit: "Domaine de messagerie"},
	XPorteur:         {nom: "x-porteur", oid: nous + ".1.17", regle: regleCasse, unique: true, dit: "Identifiant de la fiche qui porte la boîte"},
	XNumeroAMC:       {nom: "x-numeroAMC", oid: nous + ".1.18", regle: regleCasse, unique: true, dit: "Numéro de l'AMC"},
	XService:         {nom: "x-service", oid: nous + ".1.19", regle: regleCasse, unique: true, dit: "Service de l'AMC (IDB, SIM, CLC, DEL, DRE…)"},
	XConvention:      {nom: "x-convention", oid: nous + ".1.20", regle: regleCasse, unique: true, dit: "Type de convention"},
	XCSR:             {nom: "x-csr", oid: nous + ".1.21", regle: regleCasse, unique: true, dit: "Critère secondaire de routage"},
	XDomaineAMC:      {nom: "x-domaineAMC", oid: nous + ".1.22", regle: regleCasse, dit: "Domaine de soins servi"},
	XDu:              {nom: "x-du", oid: nous + ".1.23", regle: regleCasse, unique: true, dit: "Premier jour de validité"},
	XAu:              {nom: "x-au", oid: nous + ".1.24", regle: regleCasse, unique: true, dit: "Dernier jour de validité"},
	XEtat:            {nom: "x-etat", oid: nous + ".1.25", regle: regleCasse, unique: true, dit: "État mesuré du service"},
	XEmpreinte:       {nom: "x-empreinte", oid: nous + ".1.26", regle: regleCasse, dit: "Empreinte SHA-256 du certificat attendu"},

	EntryDN:                 {nom: "entryDN", oid: "1.3.6.1.1.20", regle: regleCasse, unique: true},
	StructuralObjectClass:   {nom: "structuralObjectClass", oid: "2.5.21.9", regle: regleCasse, unique: true},
	SubschemaSubentry:       {nom: "subschemaSubentry", oid: "2.5.18.10", regle: regleCasse, unique: true},
	ModifyTimestamp:         {nom: "modifyTimestamp", oid: "2.5.18.2", regle: regleInstant, unique: true},
	HasSubordinates:         {nom: "hasSubordinates", oid: "2.5.18.9", regle: regleCasse, unique: true},
	NamingContexts:          {nom: "namingContexts", oid: "1.3.6.1.4.1.1466.101.120.5", regle: regleCasse},
	SupportedLDAPVersion:    {nom: "supportedLDAPVersion", oid: "1.3.6.1.4.1.1466.101.120.15", regle: regleCasse},
	SupportedControl:        {nom: "supportedControl", oid: "1.3.6.1.4.1.1466.101.120.13", regle: regleCasse},
	SupportedExtension:      {nom: "supportedExtension", oid: "1.3.6.1.4.1.1466.101.120.7", regle: regleCasse},
	SupportedFeatures:       {nom: "supportedFeatures", oid: "1.3.6.1.4.1.4203.1.3.5", regle: regleCasse},
	SupportedSASLMechanisms: {nom: "supportedSASLMechanisms", oid: "1.3.6.1.4.1.1466.101.120.14", regle: regleCasse},
	VendorName:              {nom: "vendorName", oid: "1.3.6.1.1.4", regle: regleCasse, unique: true},
	VendorVersion:           {nom: "vendorVersion", oid: "1.3.6.1.1.5", regle: regleCasse, unique: true},
	AttributeTypes:          {nom: "attributeTypes", oid: "2.5.21.5", regle: regleOctets},
	ObjectClasses:           {nom: "objectClasses", oid: "2.5.21.6", regle: regleOctets},
	LDAPSyntaxes:            {nom: "ldapSyntaxes", oid: "1.3.6.1.4.1.1466.101.120.16", regle: regleOctets},
	MatchingRules:           {nom: "matchingRules", oid: "2.5.21.4", regle: regleOctets},
}

// parNom finds an attribute by any of its names, in lower case.
var parNom = func() map[string]Attribut {
	m := make(map[string]Attribut, 3*len(definitions))
	for a, d := range definitions {
		m[minuscule(d.nom)] = Attribut(a)
		m[d.oid] = Attribut(a)
		if d.alias != "" {
			m[minuscule(d.alias)] = Attribut(a)
		}
	}
	return m
}()

func minuscule(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = bas(c)
	}
	return string(b)
}

func bas(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// attributDe reads an attribute description: a name or an OID, then options. Of
// options only ;binary is known, and only where a certificate stands. An unknown
// name is not an error in LDAP, it matches nothing. ref: RFC 4512 §2.5
func attributDe(b []byte) Attribut {
	var t [64]byte
	n, options := 0, []byte(nil)
	for i, c := range b {
		if c == ';' {
			options = b[i+1:]
			break
		}
		if n == len(t) {
			return aucunAttribut
		}
		t[n] = bas(c)
		n++
	}
	a, ok := parNom[string(t[:n])]
	if !ok || options != nil && (a != UserCertificate || !memeCasse(options, "binary")) {
		return aucunAttribut
	}
	return a
}

// memeCasse compares with a word in lower case.
func memeCasse(b []byte, mot string) bool {
	if len(b) != len(mot) {
		return false
	}
	for i, c := range b {
		if bas(c) != mot[i] {
			return false
		}
	}
	return true
}

// surLeFil is the name that an answer gives to an attribute. ref: RFC 4522 §5
func (a Attribut) surLeFil() string {
	if a == UserCertificate {
		return "userCertificate;binary"
	}
	return definitions[a].nom
}
