package trame

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// genre is what a value is on the wire. The zero value is "not said".
type genre uint8

const (
	genreStruct    genre = iota + 1
	genreChaine          // string kind
	genreTexte           // UnmarshalText and AppendText
	genreBool            // bool
	genreEntier          // int, int64
	genreInstant         // time.Time
	genreExtension       // Extension
	genreOpaque          // Opaque
)

// nature is what the value of a field, or an element of a list, must be.
type nature struct {
	genre     genre
	typ       reflect.Type
	structure *structure // genreStruct
	min, max  int64      // characters of a text, bounds of an integer
	codes     []string   // closed list, in the order of its type
	ensemble  map[string]string
	libelles  map[string]string
	motif     string // form of a text, without anchors
	regle     *regexp.Regexp
	forme     [2]int64 // least and most characters of the form; -1: no bound
	mesure    bool     // the bounds of length say more than the form or the codes
	espace    string   // namespace that an Extension must not use
}

// Abilities found on the zero value of a type.
type (
	avecMotif   interface{ Motif() string }
	avecCodes   interface{ Codes() []string }
	avecLibelle interface{ Libelle() string }
	avecNom     interface{ NomSchema() string } // structs too
)

var (
	typeInstant   = reflect.TypeFor[time.Time]()
	typeJour      = reflect.TypeFor[sante.Jour]()
	typeExtension = reflect.TypeFor[Extension]()
	typeOpaque    = reflect.TypeFor[Opaque]()
	typeEcrit     = reflect.TypeFor[encoding.TextAppender]()
	typeLit       = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func estTexte(t reflect.Type) bool {
	return t.Implements(typeEcrit) && reflect.PointerTo(t).Implements(typeLit)
}

// nature compiles the type of a value with the options of its field.
func (c *compilateur) nature(t reflect.Type, e *etiquette) (n *nature, err error) {
	n = &nature{typ: t}
	switch {
	case t == typeInstant:
		n.genre = genreInstant
	case t == typeExtension:
		n.genre, n.espace = genreExtension, c.ns
	case t == typeOpaque:
		n.genre = genreOpaque
	case estTexte(t):
		n.genre = genreTexte
	case t.Kind() == reflect.String:
		n.genre = genreChaine
	case t.Kind() == reflect.Bool:
		n.genre = genreBool
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		n.genre = genreEntier
		n.min, n.max, err = e.bornesEntier(t.Kind())
		return n, err
	case t.Kind() == reflect.Struct:
		n.genre = genreStruct
		n.structure, err = c.structure(t)
	default:
		return nil, fmt.Errorf("type %s non pris en charge", t)
	}
	if n.genre == genreTexte || n.genre == genreChaine {
		return c.texte(n, e)
	}
	if err == nil && (e.min != nil || e.max != nil) {
		err = errors.New("min= ou max= sans objet")
	}
	return n, err
}

// texte compiles what a text must be: what its type says, once, and the lengths
// that the field says.
func (c *compilateur) texte(n *nature, e *etiquette) (*nature, error) {
	if deja := c.textes[n.typ]; deja != nil {
		copie := *deja
		n = &copie
	} else if err := n.texte(); err != nil {
		return nil, err
	} else {
		copie := *n
		c.textes[n.typ] = &copie
	}
	if n.codes != nil && (e.min != nil || e.max != nil) {
		return nil, errors.New("min= ou max= sur une liste de codes")
	}
	var err error
	if n.min, n.max, err = e.bornes(1, maxTexte, 0, TailleMax); err != nil {
		return nil, err
	}
	n.mesure = n.codes == nil && (n.motif == "" || n.forme[0] < n.min || n.forme[1] < 0 || n.forme[1] > n.max)
	return n, nil
}

// texte compiles the form and the codes of a text type.
func (n *nature) texte() (err error) {
	zero := reflect.Zero(n.typ).Interface()
	if m, ok := zero.(avecMotif); ok {
		n.motif = m.Motif()
		if n.forme[0], n.forme[1], err = longueursForme(n.motif); err != nil {
			return fmt.Errorf("motif de %s : %w", n.typ, err)
		}
		if n.genre == genreChaine { // otherwise UnmarshalText judges
			n.regle = regexp.MustCompile(`^(?:` + n.motif + `)$`)
		}
	}
	if m, ok := zero.(avecCodes); ok {
		return n.lister(m.Codes())
	}
	return nil
}

// lister compiles a closed list, with its labels when the type has them.
func (n *nature) lister(codes []string) error {
	if len(codes) == 0 {
		return fmt.Errorf("%s : liste de codes vide", n.typ)
	}
	n.codes, n.ensemble, n.libelles = codes, map[string]string{}, map[string]string{}
	for _, code := range codes {
		if _, double := n.ensemble[code]; double || code == "" {
			return fmt.Errorf("%s : code %q vide ou en double", n.typ, code)
		}
		n.ensemble[code] = code
		v := reflect.New(n.typ)
		if n.genre == genreChaine {
			v.Elem().SetString(code)
		} else if err := v.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(code)); err != nil {
			return fmt.Errorf("%s : code %q : %w", n.typ, code, err)
		}
		if l, ok := v.Interface().(avecLibelle); ok {
			n.libelles[code] = l.Libelle()
		}
	}
	return nil
}

// zeroAbsent tells whether the zero value is never the reading of a text.
func (n *nature) zeroAbsent() bool {
	switch n.genre {
	case genreInstant, genreExtension:
		return true
	case genreChaine, genreTexte:
		k := n.typ.Kind()
		return n.min > 0 && (k == reflect.String || k == reflect.Struct)
	}
	return false
}

// serre tells whether XSD strips the white space around the value.
func (n *nature) serre() bool {
	return n.genre == genreBool || n.genre == genreEntier || n.genre == genreInstant || n.typ == typeJour
}
