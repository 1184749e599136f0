package pupitre

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Noeud is a field of a decoded message: a value, or fields inside it.
type Noeud struct {
	Nom     string  `json:"nom"`               // on the wire
	Chemin  string  `json:"chemin"`            // from the root: corps.lignes[2].montantAMC
	Sens    string  `json:"sens,omitempty"`    // the documentation of the field, in French
	Valeur  string  `json:"valeur,omitempty"`  // as on the wire
	Lisible string  `json:"lisible,omitempty"` // for a person, when it differs
	Enfants []Noeud `json:"enfants,omitempty"`
}

// Feuilles lists the values under the node, in the order of the message.
func (n *Noeud) Feuilles() []Noeud {
	if len(n.Enfants) == 0 {
		return []Noeud{*n}
	}
	var l []Noeud
	for i := range n.Enfants {
		l = append(l, n.Enfants[i].Feuilles()...)
	}
	return l
}

// Arbre tells a wire value field by field, by its tags: what is not said is left
// out. v is a struct of the shelf, or a pointer to one.
func Arbre(v any) []Noeud {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	if r.Kind() != reflect.Struct {
		return nil
	}
	return champs(r, "")
}

func champs(v reflect.Value, prefixe string) (l []Noeud) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		tag, dit := f.Tag.Lookup("fil")
		switch {
		case !dit && f.Anonymous && f.Type.Kind() == reflect.Struct:
			l = append(l, champs(v.Field(i), prefixe)...)
		case !dit || tag == "-" || !f.IsExported():
		default:
			nom, options, _ := strings.Cut(tag, ",")
			if absent(v.Field(i), options) {
				continue
			}
			l = append(l, noeuds(v.Field(i), Noeud{Nom: nom, Chemin: prefixe + nom, Sens: f.Tag.Get("doc")})...)
		}
	}
	return l
}

// absent tells whether a field is not on the wire: the rule of package trame.
func absent(v reflect.Value, options string) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil()
	case reflect.Slice:
		return v.Len() == 0
	}
	facultatif := false
	for o := range strings.SplitSeq(options, ",") {
		facultatif = facultatif || o == "opt" || strings.HasPrefix(o, "choix=")
	}
	return facultatif && v.IsZero()
}

// noeuds makes the node of a value, one for each element of a list.
func noeuds(v reflect.Value, n Noeud) []Noeud {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if texte, ok := texteDe(v); ok {
		n.Valeur, n.Lisible = texte, lisible(v, texte)
		return []Noeud{n}
	}
	switch v.Kind() {
	case reflect.Struct:
		n.Enfants = champs(v, n.Chemin+".")
		return []Noeud{n}
	case reflect.Slice:
		l := make([]Noeud, 0, v.Len())
		for i := range v.Len() {
			x := n
			x.Chemin = fmt.Sprintf("%s[%d]", n.Chemin, i+1)
			l = append(l, noeuds(v.Index(i), x)...)
		}
		return l
	}
	return nil
}

// texteDe is a value as the wire writes it, false for what holds others.
func texteDe(v reflect.Value) (string, bool) {
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC().Format("2006-01-02T15:04:05.000Z"), true
	case trame.Extension:
		if s, ok := x.XML(); ok {
			return s, true
		}
		s, _ := x.JSON()
		return s, true
	case encoding.TextMarshaler:
		b, err := x.MarshalText()
		return string(b), err == nil
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), true
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true
	}
	return "", false
}

// lisible is a value as a person reads it, "" when the wire's is clear.
func lisible(v reflect.Value, texte string) string {
	switch x := v.Interface().(type) {
	case sante.Montant:
		return x.Euros()
	case sante.Jour:
		return x.Francais()
	case sante.Taux:
		return strings.Replace(x.String(), ".", ",", 1) + " %"
	case time.Time:
		return Heure(x)
	case bool:
		if x {
			return "oui"
		}
		return "non"
	case interface{ Libelle() string }:
		if l := x.Libelle(); l != texte {
			return l
		}
	}
	return ""
}

// Heure writes an instant in Paris, for a person.
func Heure(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(sante.Paris()).Format("02/01/2006 15:04:05")
}
