package trame

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	mesure    bool   // the bounds of length say more than the form or the codes
	espace    string // namespace that an Extension must not use
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
		return n, n.texte(e)
	}
	if err == nil && (e.min != nil || e.max != nil) {
		err = errors.New("min= ou max= sans objet")
	}
	return n, err
}

// texte compiles what a text must be.
func (n *nature) texte(e *etiquette) (err error) {
	if n.min, n.max, err = e.bornes(1, maxTexte, 0, TailleMax); err != nil {
		return err
	}
	n.mesure = true
	zero := reflect.Zero(n.typ)
	if m, ok := zero.Interface().(avecMotif); ok {
		n.motif = m.Motif()
		bas, haut, err := longueursForme(n.motif)
		if err != nil {
			return fmt.Errorf("motif de %s : %w", n.typ, err)
		}
		if n.genre == genreChaine { // otherwise UnmarshalText judges
			n.regle = regexp.MustCompile(`^(?:` + n.motif + `)$`)
		}
		n.mesure = bas < n.min || haut < 0 || haut > n.max
	}
	if m, ok := zero.Interface().(avecCodes); ok {
		if n.mesure = false; e.min != nil || e.max != nil {
			return errors.New("min= ou max= sur une liste de codes")
		}
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

// ecrire appends the text of a scalar, without the escapes of a face.
func (n *nature) ecrire(dst []byte, v reflect.Value) []byte {
	switch n.genre {
	case genreChaine:
		return append(dst, v.String()...)
	case genreTexte:
		d, err := v.Addr().Interface().(encoding.TextAppender).AppendText(dst)
		if err != nil {
			return dst
		}
		return d
	case genreBool:
		return strconv.AppendBool(dst, v.Bool())
	case genreEntier:
		return strconv.AppendInt(dst, v.Int(), 10)
	case genreInstant:
		return appendInstant(dst, instantDe(v))
	}
	return dst
}

func instantDe(v reflect.Value) time.Time { return *v.Addr().Interface().(*time.Time) }

// lire sets a scalar from its text, which both faces have unescaped. The error
// has no position yet.
func (n *nature) lire(b []byte, v reflect.Value) *Erreur {
	switch n.genre {
	case genreBool:
		vrai := string(b) == "true"
		if !vrai && string(b) != "false" {
			return refus(-1, "true ou false attendu")
		}
		v.SetBool(vrai)
		return nil
	case genreEntier:
		return n.lireEntier(b, v)
	case genreInstant:
		t, ok := parseInstant(b)
		if !ok {
			return refus(-1, "instant attendu, comme 2026-03-01T08:15:00.000Z")
		}
		*v.Addr().Interface().(*time.Time) = t
		return nil
	}
	return n.lireTexte(b, v)
}

func (n *nature) lireEntier(b []byte, v reflect.Value) *Erreur {
	i, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || !entierCanonique(b) {
		return refus(-1, "nombre entier attendu")
	}
	if i < n.min || i > n.max {
		return refus(-1, fmt.Sprintf("nombre entier de %d à %d attendu", n.min, n.max))
	}
	v.SetInt(i)
	return nil
}

// entierCanonique accepts one writing of each integer: 0|-?[1-9][0-9]*.
func entierCanonique(b []byte) bool {
	if len(b) > 1 && b[0] == '-' {
		return b[1] != '0'
	}
	return len(b) > 0 && b[0] != '+' && (b[0] != '0' || len(b) == 1)
}

func (n *nature) lireTexte(b []byte, v reflect.Value) *Erreur {
	s, code := n.ensemble[string(b)]
	switch {
	case n.ensemble != nil && !code:
		return refus(-1, n.motifCodes())
	case len(b) == 0 && n.min > 0:
		return refus(-1, "valeur vide")
	case !n.longueur(b):
		return refus(-1, n.motifLongueur())
	}
	if n.genre == genreTexte {
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(b); err != nil {
			return refusDuType(b, err)
		}
		return nil
	}
	if n.regle != nil && !code && !n.regle.Match(b) {
		return refus(-1, "forme attendue : "+n.motif)
	}
	if !code {
		s = string(b)
	}
	v.SetString(s)
	return nil
}

// refusDuType keeps the words of the type, unless they quote what was read.
func refusDuType(b []byte, err error) *Erreur {
	if len(b) > 3 && strings.Contains(err.Error(), string(b)) {
		return refus(-1, "valeur refusée")
	}
	return &Erreur{Motif: err.Error(), position: -1, cause: err}
}

// longueur checks the number of characters, counting them only when the number
// of bytes does not tell.
func (n *nature) longueur(b []byte) bool {
	octets := int64(len(b))
	if octets <= n.max && octets >= 4*n.min {
		return true
	}
	c := int64(utf8.RuneCount(b))
	return c >= n.min && c <= n.max
}

func (n *nature) motifLongueur() string {
	if n.min == n.max {
		return fmt.Sprintf("texte de %d caractères attendu", n.min)
	}
	return fmt.Sprintf("texte de %d à %d caractères attendu", n.min, n.max)
}

func (n *nature) motifCodes() string {
	if len(n.codes) > 12 {
		return "code hors de la liste"
	}
	return "code attendu : " + strings.Join(n.codes, ", ")
}
