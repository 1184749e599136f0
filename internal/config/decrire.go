package config

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Decrire writes a whole configuration file, every field with its meaning and
// its default, commented out.
func Decrire(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Configuration d'Écluse. Chaque valeur montrée est celle par défaut.\n# Les chemins sont relatifs à ce fichier ; une clé inconnue est refusée.\n# Une valeur vide ou nulle qui est écrite vaut ce qu'elle dit, ou est refusée : le défaut est pour ce qui n'est pas écrit.\n\n")
	decrire(&b, reflect.TypeFor[Config](), "")
	_, err := io.WriteString(w, b.String())
	return err
}

func decrire(b *strings.Builder, t reflect.Type, prefixe string) {
	var tables []reflect.StructField
	for i := range t.NumField() {
		f := t.Field(i)
		if estTable(f.Type) {
			tables = append(tables, f)
			continue
		}
		fmt.Fprintf(b, "# %s\n# %s = %s\n", f.Tag.Get("doc"), f.Tag.Get("toml"), valeur(f))
	}
	for _, f := range tables {
		nom := prefixe + f.Tag.Get("toml")
		ouvre, ferme, ft := "[", "]", f.Type
		if ft.Kind() == reflect.Slice {
			ouvre, ferme, ft = "[[", "]]", ft.Elem()
		}
		if ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		fmt.Fprintf(b, "\n# %s\n# %s%s%s\n", f.Tag.Get("doc"), ouvre, nom, ferme)
		decrire(b, ft, nom+".")
	}
}

func estTable(t reflect.Type) bool {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

func valeur(f reflect.StructField) string {
	d := f.Tag.Get("defaut")
	switch f.Type.Kind() {
	case reflect.Int:
		return cmp.Or(d, "0")
	case reflect.Bool, reflect.Slice, reflect.Pointer:
		return d
	}
	return `"` + d + `"`
}
