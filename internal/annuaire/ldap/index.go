package ldap

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// sorte says how the values of an attribute are found in the image.
type sorte uint8

const (
	sansIndex  sorte = iota
	indexCle         // whole values of a dictionary: equal, prefix
	indexExact       // whole values hashed: equal
	indexMots        // folded words
	indexBAL         // addresses in lower case: equal, prefix, inside
	indexMaj         // instants
)

// index is where an attribute is found in the records of a part of the tree.
type index struct {
	sorte   sorte
	champ   annuaire.Champ
	second  annuaire.Champ // words that may be in either field
	systeme string         // of an identifier
}

// partie of the tree: what its entries may have, what they always have, and where to
// find it.
type contenu struct {
	classes  []string
	toujours selection
	peut     selection
	index    map[Attribut]index
	petite   bool // few enough records to be read one by one
}

func ensemble(l ...Attribut) (s selection) {
	for _, a := range l {
		s |= 1 << a
	}
	return s
}

var operationnels = ensemble(EntryDN, StructuralObjectClass, SubschemaSubentry, ModifyTimestamp)

var balIndex = map[Attribut]index{
	Mail: {sorte: indexBAL, champ: annuaire.ParBAL}, XDomaine: {sorte: indexCle, champ: annuaire.ParDomaineBAL},
	XTypeBAL: {sorte: indexCle, champ: annuaire.ParTypeBAL}, XPorteur: {sorte: indexExact, champ: annuaire.ParID},
	ModifyTimestamp: {sorte: indexMaj, champ: annuaire.ParMaj},
}

// avec is an index with one attribute more.
func avec(m map[Attribut]index, a Attribut, i index) map[Attribut]index {
	n := map[Attribut]index{a: i}
	for a, i := range m {
		n[a] = i
	}
	return n
}

var classesBAL = []string{"top", "x-annuairebal"}

// contenus say it for each part. ref: RASS §10
var contenus = [nombreEtapes]contenu{
	etapePersonnes: {
		classes:  []string{"top", "person", "organizationalperson", "inetorgperson", "x-annuaireps"},
		toujours: ensemble(ObjectClass, XFiche, XActif, CN, SN),
		peut: operationnels | ensemble(ObjectClass, CN, SN, GivenName, DisplayName, UID, Mail, Title, L, PostalCode, UserCertificate, XFiche, XActif, XRPPS,
			XProfession, XCategorie, XSavoirFaire, XCodeSavoirFaire, XCarte),
		index: map[Attribut]index{
			XFiche: {sorte: indexExact, champ: annuaire.ParID}, UID: {sorte: indexExact, champ: annuaire.ParIdentifiant},
			XRPPS: {sorte: indexExact, champ: annuaire.ParIdentifiant, systeme: annuaire.SystemeRPPS},
			CN:    {sorte: indexMots, champ: annuaire.ParNom, second: annuaire.ParPrenom}, DisplayName: {sorte: indexMots, champ: annuaire.ParNom, second: annuaire.ParPrenom},
			SN: {sorte: indexMots, champ: annuaire.ParNom}, GivenName: {sorte: indexMots, champ: annuaire.ParPrenom},
			Mail: {sorte: indexBAL, champ: annuaire.ParBAL}, L: {sorte: indexMots, champ: annuaire.ParCommune}, PostalCode: {sorte: indexCle, champ: annuaire.ParCodePostal},
			XProfession: {sorte: indexCle, champ: annuaire.ParProfession}, XCategorie: {sorte: indexCle, champ: annuaire.ParCategorie},
			XCodeSavoirFaire: {sorte: indexCle, champ: annuaire.ParSavoir}, XCarte: {sorte: indexExact, champ: annuaire.ParCarte},
			ModifyTimestamp: {sorte: indexMaj, champ: annuaire.ParMaj},
		},
	},
	etapeStructures: {
		classes:  []string{"top", "organization", "x-annuairestructure"},
		toujours: ensemble(ObjectClass, XFiche, XActif, O, CN),
		peut: operationnels | ensemble(ObjectClass, CN, O, Description, Mail, L, PostalCode, PostalAddress, UserCertificate, XFiche, XActif, XIDNatStruct, XFINESS,
			XFINESSJuridique, XSIRET, XSIREN, XSecteur, XCategorie),
		index: map[Attribut]index{
			XFiche: {sorte: indexExact, champ: annuaire.ParID}, XIDNatStruct: {sorte: indexExact, champ: annuaire.ParIdentifiant, systeme: annuaire.SystemeIDNatStruct},
			XFINESS: {sorte: indexExact, champ: annuaire.ParIdentifiant, systeme: annuaire.SystemeFINESS},
			XSIRET:  {sorte: indexExact, champ: annuaire.ParIdentifiant, systeme: annuaire.SystemeSIRENE}, XSIREN: {sorte: indexExact, champ: annuaire.ParIdentifiant, systeme: annuaire.SystemeSIRENE},
			CN: {sorte: indexMots, champ: annuaire.ParNom}, O: {sorte: indexMots, champ: annuaire.ParNom}, Mail: {sorte: indexBAL, champ: annuaire.ParBAL},
			L: {sorte: indexMots, champ: annuaire.ParCommune}, PostalCode: {sorte: indexCle, champ: annuaire.ParCodePostal},
			XSecteur: {sorte: indexCle, champ: annuaire.ParSecteur}, XCategorie: {sorte: indexCle, champ: annuaire.ParCategorie},
			ModifyTimestamp: {sorte: indexMaj, champ: annuaire.ParMaj},
		},
	},
	etapeBALPraticiens: {classes: classesBAL, toujours: ensemble(ObjectClass, Mail, XPorteur),
		peut:  operationnels | ensemble(ObjectClass, CN, Mail, Description, OU, XTypeBAL, XDomaine, XPorteur),
		index: avec(balIndex, CN, index{sorte: indexMots, champ: annuaire.ParNom, second: annuaire.ParPrenom})},
	etapeBALSituations: {classes: classesBAL, toujours: ensemble(ObjectClass, Mail, XPorteur),
		peut: operationnels | ensemble(ObjectClass, Mail, Description, OU, XTypeBAL, XDomaine, XPorteur), index: balIndex},
	etapeBALStructures: {classes: classesBAL, toujours: ensemble(ObjectClass, Mail, XPorteur),
		peut:  operationnels | ensemble(ObjectClass, CN, Mail, Description, OU, XTypeBAL, XDomaine, XPorteur),
		index: avec(balIndex, CN, index{sorte: indexMots, champ: annuaire.ParNom})},
	etapeAMC: {
		classes:  []string{"top", "x-annuaireamc"},
		petite:   true,
		toujours: ensemble(ObjectClass, XFiche, XService),
		peut:     operationnels | ensemble(ObjectClass, XFiche, XNumeroAMC, O, XService, XConvention, XCSR, XDomaineAMC, LabeledURI, XDu, XAu, XEmpreinte),
		index: map[Attribut]index{XFiche: {sorte: indexExact, champ: annuaire.ParID}, XNumeroAMC: {sorte: indexCle, champ: annuaire.ParAMC},
			XService: {sorte: indexCle, champ: annuaire.ParService}, ModifyTimestamp: {sorte: indexMaj, champ: annuaire.ParMaj}},
	},
}
