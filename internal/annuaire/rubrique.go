package annuaire

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sante"
)

// Rubrique is a field that a request may change, by the name that requests use:
// "contact.telephone", or "bal.liste-rouge" of the mailbox whose address is the key.
type Rubrique struct {
	Nom    string
	Groupe Groupe // who decides
	Chemin Chemin // what one must see to ask
	Cle    bool   // one element of a list, by its key
	Liste  Liste  // of its codes, 0 for none

	lire   func(c *Changement, cle string) string
	ecrire func(c *Changement, cle, valeur string, e *ecriture) error
}

// ecriture is what it takes to write a value: the lists, and the day for the labels.
type ecriture struct {
	listes *Listes
	jour   sante.Jour
}

// Errors of values.
var (
	ErrRubrique = errors.New("annuaire: cette rubrique n'existe pas dans cette nature de fiche")
	ErrValeur   = errors.New("annuaire: cette valeur ne convient pas à la rubrique")
	ErrElement  = errors.New("annuaire: aucun élément de cette clé dans la fiche : l'ajouter d'abord")
)

func invalide(r, quoi string) error { return fmt.Errorf("%w : %s, %s", ErrValeur, r, quoi) }

// Rubrique finds a field of a nature by its name.
func (n Nature) Rubrique(nom string) (*Rubrique, error) {
	if n < NombreNatures {
		for i := range rubriques[n] {
			if rubriques[n][i].Nom == nom {
				return &rubriques[n][i], nil
			}
		}
	}
	return nil, fmt.Errorf("%w (%s)", ErrRubrique, n)
}

// Rubriques are the names of what may be asked to change in a nature.
func (n Nature) Rubriques() (l []string) {
	if n < NombreNatures {
		for i := range rubriques[n] {
			l = append(l, rubriques[n][i].Nom)
		}
	}
	return l
}

// Lire is the value of a field as requests write it, "" when it is not said.
func (r *Rubrique) Lire(c *Changement, cle string) string { return r.lire(c, cle) }

const (
	texteMax  = 255
	clesMax   = 320 // an address of mail. ref: RFC 5321 §4.5.3.1
	listesMax = 20_000
)

// texteLisible refuses what no field of the directory holds.
func texteLisible(nom, v string, max int) error {
	switch {
	case !utf8.ValidString(v) || strings.ContainsFunc(v, func(c rune) bool { return !unicode.IsPrint(c) }):
		return invalide(nom, "des caractères imprimables sont attendus")
	case utf8.RuneCountInString(v) > max:
		return invalide(nom, fmt.Sprintf("%d caractères au plus", max))
	case v != strings.TrimSpace(v):
		return invalide(nom, "sans espace au début ni à la fin")
	case strings.ContainsRune(v, '|'):
		return invalide(nom, "sans le caractère |, qui sépare les champs des extractions")
	case sante.ContientNIR(v):
		return sante.ErrTexteNIR
	}
	return nil
}

// texte is a field of text.
func texte(nom string, g Groupe, ch Chemin, f func(*Changement) *string) Rubrique {
	return Rubrique{Nom: nom, Groupe: g, Chemin: ch,
		lire: func(c *Changement, _ string) string { return *f(c) },
		ecrire: func(c *Changement, _, v string, _ *ecriture) error {
			if err := texteLisible(nom, v, texteMax); err != nil {
				return err
			}
			*f(c) = v
			return nil
		}}
}

// parmi is a field of text with few values.
func parmi(nom string, g Groupe, ch Chemin, valeurs []string, f func(*Changement) *string) Rubrique {
	r := texte(nom, g, ch, f)
	r.ecrire = func(c *Changement, _, v string, _ *ecriture) error {
		if v != "" && !slices.Contains(valeurs, v) {
			return invalide(nom, "une valeur de "+strings.Join(valeurs, ", "))
		}
		*f(c) = v
		return nil
	}
	return r
}

// code is a field of a list of codes; a new value is in force on the day.
func code(nom string, g Groupe, ch Chemin, l Liste, f func(*Changement) *Code) Rubrique {
	return Rubrique{Nom: nom, Groupe: g, Chemin: ch, Liste: l,
		lire: func(c *Changement, _ string) string { return f(c).Code },
		ecrire: func(c *Changement, _, v string, e *ecriture) (err error) {
			*f(c), err = e.code(nom, l, v)
			return err
		}}
}

func (e *ecriture) code(nom string, l Liste, v string) (Code, error) {
	if v == "" {
		return Code{}, nil
	}
	if err := texteLisible(nom, v, 40); err != nil {
		return Code{}, err
	}
	if l == 0 {
		return Code{Code: v}, nil
	}
	libelle, ok := e.listes.Libelle(l, v, e.jour)
	if !ok && e.listes.Entiere(l) {
		return Code{}, invalide(nom, "un code en vigueur de la nomenclature "+l.String())
	}
	return Code{v, libelle}, nil
}

// jour is a field that holds a day.
func jour(nom string, g Groupe, ch Chemin, f func(*Changement) *sante.Jour) Rubrique {
	return Rubrique{Nom: nom, Groupe: g, Chemin: ch,
		lire:   func(c *Changement, _ string) string { return f(c).String() },
		ecrire: func(c *Changement, _, v string, _ *ecriture) error { return ecrireJour(nom, f(c), v) }}
}

func ecrireJour(nom string, j *sante.Jour, v string) error {
	x, err := jourOuRien(v)
	if err != nil {
		return invalide(nom, "un jour comme 2026-03-01")
	}
	*j = x
	return nil
}

// ouiNon is a field that is true or false.
func ouiNon(nom string, g Groupe, ch Chemin, f func(*Changement) *bool) Rubrique {
	return Rubrique{Nom: nom, Groupe: g, Chemin: ch,
		lire:   func(c *Changement, _ string) string { return direOui(*f(c)) },
		ecrire: func(c *Changement, _, v string, _ *ecriture) error { return ecrireOui(nom, f(c), v) }}
}

func direOui(b bool) string {
	if b {
		return "oui"
	}
	return "non"
}

func ecrireOui(nom string, b *bool, v string) error {
	if v != "oui" && v != "non" {
		return invalide(nom, "« oui » ou « non »")
	}
	*b = v == "oui"
	return nil
}

// nombre is a field that holds a whole number.
func nombre(nom string, g Groupe, ch Chemin, f func(*Changement) *int32) Rubrique {
	return Rubrique{Nom: nom, Groupe: g, Chemin: ch,
		lire: func(c *Changement, _ string) string { return strconv.Itoa(int(*f(c))) },
		ecrire: func(c *Changement, _, v string, _ *ecriture) error {
			n, err := strconv.ParseInt(v, 10, 32)
			if err != nil || n < 0 {
				return invalide(nom, "un nombre entier")
			}
			*f(c) = int32(n)
			return nil
		}}
}

// element is a field of one element of a list, by its key; the field whose name is that
// of the list makes the element, with its first value, and "" removes it.
func element[T any](nom string, g Groupe, ch Chemin, l func(*Changement) *[]T, cle func(*T) string,
	lire func(*T) string, ecrire func(x *T, v string, e *ecriture) error, creer func(cle string) (T, error)) Rubrique {
	trouver := func(c *Changement, k string) int {
		return slices.IndexFunc(*l(c), func(x T) bool { return strings.EqualFold(cle(&x), k) })
	}
	return Rubrique{Nom: nom, Groupe: g, Chemin: ch, Cle: true,
		lire: func(c *Changement, k string) string {
			if i := trouver(c, k); i >= 0 {
				return lire(&(*l(c))[i])
			}
			return ""
		},
		ecrire: func(c *Changement, k, v string, e *ecriture) error {
			i := trouver(c, k)
			switch {
			case i < 0 && creer == nil:
				return ErrElement
			case i >= 0 && creer != nil && v == "":
				*l(c) = slices.Delete(*l(c), i, i+1)
				return nil
			case i < 0:
				if v == "" || len(*l(c)) >= listesMax {
					return invalide(nom, "une valeur, dans une liste qui n'est pas pleine")
				}
				x, err := creer(k)
				if err == nil {
					err = ecrire(&x, v, e)
				}
				if err == nil {
					*l(c) = append(*l(c), x)
				}
				return err
			}
			return ecrire(&(*l(c))[i], v, e)
		}}
}
