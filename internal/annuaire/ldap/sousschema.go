package ldap

import "strings"

// classe is an object class of the schema.
type classe struct {
	nom, oid, sup, sorte string
	doit, peut           []Attribut
	dit                  string
}

// classes are those of our entries. ref: RFC 4519, RFC 2798, RASS §10
var classes = []classe{
	{nom: "top", oid: "2.5.6.0", sorte: "ABSTRACT", doit: []Attribut{ObjectClass}},
	{nom: "country", oid: "2.5.6.2", sup: "top", sorte: "STRUCTURAL", doit: []Attribut{C}, peut: []Attribut{Description}},
	{nom: "organization", oid: "2.5.6.4", sup: "top", sorte: "STRUCTURAL", doit: []Attribut{O}, peut: []Attribut{Description, L, PostalAddress, PostalCode}},
	{nom: "organizationalUnit", oid: "2.5.6.5", sup: "top", sorte: "STRUCTURAL", doit: []Attribut{OU}, peut: []Attribut{Description, L, PostalAddress, PostalCode}},
	{nom: "person", oid: "2.5.6.6", sup: "top", sorte: "STRUCTURAL", doit: []Attribut{SN, CN}, peut: []Attribut{Description}},
	{nom: "organizationalPerson", oid: "2.5.6.7", sup: "person", sorte: "STRUCTURAL", peut: []Attribut{Title, OU, L, PostalAddress, PostalCode}},
	{nom: "inetOrgPerson", oid: "2.16.840.1.113730.3.2.2", sup: "organizationalPerson", sorte: "STRUCTURAL", peut: []Attribut{DisplayName, GivenName, LabeledURI, Mail, O, UID, UserCertificate}},
	{nom: "x-annuairePS", oid: nous + ".2.1", sup: "top", sorte: "AUXILIARY", dit: "Professionnel dans une profession", doit: []Attribut{XFiche, XActif},
		peut: []Attribut{XRPPS, XProfession, XCategorie, XSavoirFaire, XCodeSavoirFaire, XCarte}},
	{nom: "x-annuaireStructure", oid: nous + ".2.2", sup: "top", sorte: "AUXILIARY", dit: "Structure : site, entité juridique ou réseau", doit: []Attribut{XFiche, XActif},
		peut: []Attribut{CN, XIDNatStruct, XFINESS, XFINESSJuridique, XSIRET, XSIREN, XSecteur, XCategorie, Mail, UserCertificate}},
	{nom: "x-annuaireBAL", oid: nous + ".2.3", sup: "top", sorte: "STRUCTURAL", dit: "Boîte aux lettres de messagerie de santé", doit: []Attribut{Mail, XPorteur},
		peut: []Attribut{CN, XTypeBAL, XDomaine, Description, OU}},
	{nom: "x-annuaireAMC", oid: nous + ".2.4", sup: "top", sorte: "STRUCTURAL", dit: "Point d'accès à un service d'une AMC", doit: []Attribut{XFiche, XNumeroAMC, XService},
		peut: []Attribut{O, XConvention, XCSR, XDomaineAMC, LabeledURI, XDu, XAu, XEtat, XEmpreinte}},
	{nom: "subschema", oid: "2.5.20.1", sup: "top", sorte: "AUXILIARY", peut: []Attribut{AttributeTypes, ObjectClasses, LDAPSyntaxes, MatchingRules}},
}

// declares are attributes that clients ask for by habit, and no entry has: the schema
// knows them, or clients that hold themselves to it would not ask. ref: RFC 4512 §3.4, §4.2
var declares = []string{
	"( 2.5.18.1 NAME 'createTimestamp' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
	"( 2.5.18.3 NAME 'creatorsName' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
	"( 2.5.18.4 NAME 'modifiersName' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )",
	"( 2.5.21.1 NAME 'dITStructureRules' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 USAGE directoryOperation )",
	"( 2.5.21.2 NAME 'dITContentRules' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 USAGE directoryOperation )",
	"( 2.5.21.7 NAME 'nameForms' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 USAGE directoryOperation )",
	"( 2.5.21.8 NAME 'matchingRuleUse' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 USAGE directoryOperation )",
	"( 1.3.6.1.4.1.1466.101.120.6 NAME 'altServer' SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 USAGE dSAOperation )",
}

// syntaxe is what a rule says of an attribute in the schema. ref: RFC 4517
type syntaxe struct{ oid, egalite, ordre, sous string }

func syntaxeDe(a Attribut) syntaxe {
	switch {
	case a == ObjectClass:
		return syntaxe{oid: "1.3.6.1.4.1.1466.115.121.1.38", egalite: "objectIdentifierMatch"}
	case a == UserCertificate:
		return syntaxe{oid: "1.3.6.1.4.1.1466.115.121.1.8"}
	case a == EntryDN || a == SubschemaSubentry || a == NamingContexts:
		return syntaxe{oid: "1.3.6.1.4.1.1466.115.121.1.12", egalite: "distinguishedNameMatch"}
	case a == Mail:
		return syntaxe{oid: "1.3.6.1.4.1.1466.115.121.1.26", egalite: "caseIgnoreIA5Match", sous: "caseIgnoreIA5SubstringsMatch"}
	case a == XActif || a == HasSubordinates:
		return syntaxe{oid: "1.3.6.1.4.1.1466.115.121.1.7", egalite: "booleanMatch"}
	case definitions[a].regle == regleInstant:
		return syntaxe{oid: "1.3.6.1.4.1.1466.115.121.1.24", egalite: "generalizedTimeMatch", ordre: "generalizedTimeOrderingMatch"}
	case definitions[a].regle == regleOctets:
		return syntaxe{oid: "1.3.6.1.4.1.1466.115.121.1.15"}
	}
	return syntaxe{oid: "1.3.6.1.4.1.1466.115.121.1.15", egalite: "caseIgnoreMatch", sous: "caseIgnoreSubstringsMatch"}
}

// sousSchema is the entry of the schema. ref: RFC 4512 §4.2
func sousSchema(e *Entree) {
	e.nom = append(e.nom, nomSousSchema...)
	e.Ajouter(ObjectClass, "top")
	e.Ajouter(ObjectClass, "subschema")
	e.Ajouter(CN, "subschema")
	for a := range nombreAttributs {
		e.Ajouter(AttributeTypes, decrireAttribut(a))
	}
	for _, d := range declares {
		e.Ajouter(AttributeTypes, d)
	}
	for i := range classes {
		e.Ajouter(ObjectClasses, classes[i].decrire())
	}
	for _, s := range []string{
		"7 DESC 'Boolean'", "8 DESC 'Certificate'", "12 DESC 'DN'", "15 DESC 'Directory String'", "24 DESC 'Generalized Time'",
		"26 DESC 'IA5 String'", "38 DESC 'OID'", "58 DESC 'Substring Assertion'",
	} {
		e.Ajouter(LDAPSyntaxes, "( 1.3.6.1.4.1.1466.115.121.1."+s+" )")
	}
	for _, s := range []string{
		"2 NAME 'caseIgnoreIA5Match' SYNTAX 1.3.6.1.4.1.1466.115.121.1.26", "3 NAME 'caseIgnoreIA5SubstringsMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.58",
	} {
		e.Ajouter(MatchingRules, "( 1.3.6.1.4.1.1466.109.114."+s+" )")
	}
	for _, s := range []string{
		"0 NAME 'objectIdentifierMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.38", "1 NAME 'distinguishedNameMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.12",
		"2 NAME 'caseIgnoreMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15", "4 NAME 'caseIgnoreSubstringsMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.58",
		"13 NAME 'booleanMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.7", "27 NAME 'generalizedTimeMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.24",
		"28 NAME 'generalizedTimeOrderingMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.24",
	} {
		e.Ajouter(MatchingRules, "( 2.5.13."+s+" )")
	}
	e.Ajouter(StructuralObjectClass, "subschema")
	e.Ajouter(SubschemaSubentry, nomSousSchema)
}

func decrireAttribut(a Attribut) string {
	d, s := definitions[a], syntaxeDe(a)
	var b strings.Builder
	b.WriteString("( " + d.oid + " NAME ")
	if d.alias == "" {
		b.WriteString("'" + d.nom + "'")
	} else {
		b.WriteString("( '" + d.nom + "' '" + d.alias + "' )")
	}
	if d.dit != "" {
		b.WriteString(" DESC '" + strings.ReplaceAll(d.dit, "'", `\27`) + "'")
	}
	for _, x := range []struct{ mot, v string }{{" EQUALITY ", s.egalite}, {" ORDERING ", s.ordre}, {" SUBSTR ", s.sous}, {" SYNTAX ", s.oid}} {
		if x.v != "" {
			b.WriteString(x.mot + x.v)
		}
	}
	if d.unique {
		b.WriteString(" SINGLE-VALUE")
	}
	if a >= premierOperationnel {
		b.WriteString(" NO-USER-MODIFICATION USAGE directoryOperation")
	}
	b.WriteString(" )")
	return b.String()
}

func (k *classe) decrire() string {
	b := "( " + k.oid + " NAME '" + k.nom + "'"
	if k.dit != "" {
		b += " DESC '" + strings.ReplaceAll(k.dit, "'", `\27`) + "'"
	}
	if k.sup != "" {
		b += " SUP " + k.sup
	}
	return b + " " + k.sorte + listeDe(" MUST ", k.doit) + listeDe(" MAY ", k.peut) + " )"
}

func listeDe(mot string, l []Attribut) string {
	if len(l) == 0 {
		return ""
	}
	noms := make([]string, len(l))
	for i, a := range l {
		noms[i] = definitions[a].nom
	}
	return mot + "( " + strings.Join(noms, " $ ") + " )"
}
