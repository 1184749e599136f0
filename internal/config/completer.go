package config

import (
	"reflect"
	"strconv"
	"strings"
)

// completer gives its default to each field that the file, read as dit, does not
// say. It tells the keys that the file says empty or zero where that means
// nothing; cle is the name of the table.
func completer(v reflect.Value, dit map[string]any, cle string) (vides []string) {
	for i := range v.NumField() {
		f, t := v.Field(i), v.Type().Field(i)
		nom := t.Tag.Get("toml")
		x, ecrit := chercher(dit, nom)
		if cle != "" {
			nom = cle + "." + nom
		}
		switch f.Kind() {
		case reflect.Struct:
			vides = append(vides, completer(f, table(x), nom)...)
		case reflect.Pointer:
			if !f.IsNil() && estTable(t.Type) { // a key that may be unsaid has no default
				vides = append(vides, completer(f.Elem(), table(x), nom)...)
			}
		case reflect.Slice:
			vides = append(vides, completerListe(f, x, nom)...)
		default:
			if !ecrit {
				poser(f, t.Tag.Get("defaut"))
			} else if nul(f) && t.Tag.Get("vide") == "" && !defautNul(t) {
				vides = append(vides, nom)
			}
		}
	}
	return vides
}

func completerListe(f reflect.Value, x any, cle string) (vides []string) {
	if f.Type().Elem().Kind() != reflect.Struct {
		return nil
	}
	l, _ := x.([]any)
	for j := range f.Len() {
		var dit map[string]any
		if j < len(l) {
			dit = table(l[j])
		}
		vides = append(vides, completer(f.Index(j), dit, cle+"["+strconv.Itoa(j+1)+"]")...)
	}
	return vides
}

// chercher finds a key as the decoder does: exactly, else whatever its case.
func chercher(dit map[string]any, nom string) (any, bool) {
	if x, ok := dit[nom]; ok {
		return x, true
	}
	for k, x := range dit {
		if strings.ToLower(k) == nom {
			return x, true
		}
	}
	return nil, false
}

func table(x any) map[string]any {
	t, _ := x.(map[string]any)
	return t
}

// nul tells whether a value says nothing; a number below zero says no more.
func nul(f reflect.Value) bool { return f.IsZero() || f.Kind() == reflect.Int && f.Int() < 0 }

func defautNul(t reflect.StructField) bool {
	d := reflect.New(t.Type).Elem()
	poser(d, t.Tag.Get("defaut"))
	return d.IsZero()
}

func poser(f reflect.Value, d string) {
	switch v := f.Addr().Interface().(type) {
	case *string:
		*v = d
	case *int:
		*v, _ = strconv.Atoi(d)
	case *bool:
		*v = d == "true"
	case *Duree:
		v.UnmarshalText([]byte(d))
	}
}
