package ldap

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// etape is a part of the tree whose entries come from the records of one nature. A
// search goes through them in this order.
type etape uint8

const (
	etapePersonnes etape = iota
	etapeStructures
	etapeBALPraticiens
	etapeBALSituations
	etapeBALStructures
	etapeAMC
	nombreEtapes
)

// unite is a branch: the organizational units under the root. ref: RASS §10
type unite struct {
	nom    string // value of ou
	dn     string
	dit    string
	etapes []etape
}

var unites = [...]unite{
	{"personnes", "ou=personnes," + racine, "Professionnels de santé, un par profession exercée", []etape{etapePersonnes}},
	{"structures", "ou=structures," + racine, "Structures : sites, entités juridiques, réseaux", []etape{etapeStructures}},
	{"bal", "ou=bal," + racine, "Boîtes aux lettres de messagerie de santé", []etape{etapeBALPraticiens, etapeBALSituations, etapeBALStructures}},
	{"amc", "ou=amc," + racine, "Points d'accès aux services des AMC", []etape{etapeAMC}},
}

// natures of the records of each part.
var natures = [nombreEtapes]annuaire.Nature{annuaire.Praticiens, annuaire.Structures, annuaire.Praticiens, annuaire.Situations, annuaire.Structures, annuaire.Acces}

// lieu is where the base of a search is.
type lieu struct {
	genre genreLieu
	unite int   // of lieuUnite and lieuFiche
	rdn   []rdn // of lieuFiche
	connu string
}

type genreLieu uint8

const (
	lieuVide    genreLieu = iota // the empty name
	lieuRacine                   // o=annuaire,c=fr
	lieuUnite                    // ou=…
	lieuFiche                    // below a unit
	lieuInconnu                  // elsewhere; connu is the part that exists
)

// situer says where a name is in the tree.
func situer(b []rdn) lieu {
	n := len(b)
	if n == 0 {
		return lieu{genre: lieuVide}
	}
	if n < 2 || !est(b[n-1], C, "fr") || !est(b[n-2], O, "annuaire") || b[n-2].rang == b[n-1].rang {
		return lieu{genre: lieuInconnu}
	}
	if n == 2 {
		return lieu{genre: lieuRacine}
	}
	perdu := lieu{genre: lieuInconnu, connu: racine}
	if b[n-3].rang == b[n-2].rang {
		return lieu{genre: lieuInconnu}
	}
	for i := range unites {
		if !est(b[n-3], OU, unites[i].nom) {
			continue
		}
		switch {
		case n == 3:
			return lieu{genre: lieuUnite, unite: i}
		case b[n-3].rang == 1 && b[n-4].rang == 0:
			return lieu{genre: lieuFiche, unite: i, rdn: b[:n-3]}
		}
		perdu.connu = unites[i].dn
	}
	return perdu
}

func est(r rdn, a Attribut, v string) bool { return r.attr == a && memeCasse(r.valeur, v) }

var (
	toutesFixes  = [...]int{-1, 0, 1, 2, 3}
	toutesEtapes = [...]etape{etapePersonnes, etapeStructures, etapeBALPraticiens, etapeBALSituations, etapeBALStructures, etapeAMC}
)

// fixes are the entries above those of records, that a search from a place sees: the
// root (-1) and units, by number.
func (l *lieu) fixes(p Portee) []int {
	switch {
	case l.genre == lieuVide && p == Niveau:
		return toutesFixes[:1]
	case l.genre == lieuVide && p == Sous, l.genre == lieuRacine && p == Sous:
		return toutesFixes[:]
	case l.genre == lieuRacine && p == Base:
		return toutesFixes[:1]
	case l.genre == lieuRacine:
		return toutesFixes[1:]
	case l.genre == lieuUnite && p != Niveau:
		return toutesFixes[l.unite+1 : l.unite+2]
	}
	return nil
}

// etapes are the parts of the tree that a search from a place sees.
func (l *lieu) etapes(p Portee) []etape {
	switch {
	case p == Sous && (l.genre == lieuVide || l.genre == lieuRacine):
		return toutesEtapes[:]
	case p != Base && l.genre == lieuUnite:
		return unites[l.unite].etapes
	}
	return nil
}

// fixe writes the entry of the root or of a unit.
func fixe(e *Entree, i int) {
	if i < 0 {
		e.nom = append(e.nom[:0], racine...)
		e.Ajouter(ObjectClass, "top")
		e.Ajouter(ObjectClass, "organization")
		e.Ajouter(O, "annuaire")
		e.Ajouter(Description, "Annuaire national des acteurs de santé")
		e.Ajouter(StructuralObjectClass, "organization")
	} else {
		e.nom = append(e.nom[:0], unites[i].dn...)
		e.Ajouter(ObjectClass, "top")
		e.Ajouter(ObjectClass, "organizationalUnit")
		e.Ajouter(OU, unites[i].nom)
		e.Ajouter(Description, unites[i].dit)
		e.Ajouter(StructuralObjectClass, "organizationalUnit")
	}
	e.Ajouter(HasSubordinates, "TRUE")
	e.commun()
}

// commun are the operational attributes of every entry, once it has its name.
func (e *Entree) commun() {
	e.AjouterOctets(EntryDN, e.nom)
	e.Ajouter(SubschemaSubentry, nomSousSchema)
}
