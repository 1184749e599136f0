package config

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// Ecrire writes a configuration as a commented file: what is not the default,
// each with its meaning.
func Ecrire(w io.Writer, entete string, c *Config) error {
	var b strings.Builder
	for l := range strings.Lines(entete) {
		b.WriteString("# " + strings.TrimRight(l, "\n") + "\n")
	}
	b.WriteString("# La liste de tout ce qui se règle : ecluse config describe\n\n")
	ecrire(&b, reflect.ValueOf(c).Elem(), "")
	_, err := io.WriteString(w, b.String())
	return err
}

func ecrire(b *strings.Builder, v reflect.Value, prefixe string) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if estTable(f.Type) || v.Field(i).IsZero() || f.Type.Kind() != reflect.Pointer && texteDe(v.Field(i)) == valeur(f) {
			continue
		}
		fmt.Fprintf(b, "# %s\n%s = %s\n", f.Tag.Get("doc"), f.Tag.Get("toml"), texteDe(v.Field(i)))
	}
	for i := range t.NumField() {
		f, x := t.Field(i), v.Field(i)
		if !estTable(f.Type) || x.IsZero() {
			continue
		}
		nom := prefixe + f.Tag.Get("toml")
		switch x.Kind() {
		case reflect.Slice:
			for j := range x.Len() {
				fmt.Fprintf(b, "\n# %s\n[[%s]]\n", f.Tag.Get("doc"), nom)
				ecrire(b, x.Index(j), nom+".")
			}
		case reflect.Pointer:
			fmt.Fprintf(b, "\n# %s\n[%s]\n", f.Tag.Get("doc"), nom)
			ecrire(b, x.Elem(), nom+".")
		default:
			fmt.Fprintf(b, "\n# %s\n[%s]\n", f.Tag.Get("doc"), nom)
			ecrire(b, x, nom+".")
		}
	}
}

// texteDe writes a value in TOML.
func texteDe(v reflect.Value) string {
	switch x := reflect.Indirect(v).Interface().(type) {
	case string:
		return strconv.Quote(x)
	case Duree:
		return strconv.Quote(x.Duration().String())
	case []string:
		l := make([]string, len(x))
		for i, s := range x {
			l[i] = strconv.Quote(s)
		}
		return "[" + strings.Join(l, ", ") + "]"
	}
	return fmt.Sprint(reflect.Indirect(v).Interface())
}
