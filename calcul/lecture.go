package calcul

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// lireStrict decodes one JSON value into a struct by exact names: an unknown
// name, a name given twice or a value of the wrong kind is refused with its path.
// A null is an absence.
func lireStrict(b []byte, cible any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	var brut json.RawMessage
	if err := d.Decode(&brut); err != nil {
		return rejeter(CodeForme, "objet JSON illisible")
	}
	if len(bytes.TrimSpace(b[d.InputOffset():])) > 0 {
		return rejeter(CodeForme, "texte après l'objet JSON")
	}
	return lireValeur(brut, reflect.ValueOf(cible).Elem(), "")
}

func lireValeur(brut json.RawMessage, v reflect.Value, chemin string) error {
	if bytes.Equal(brut, []byte("null")) {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return lireValeur(brut, v.Elem(), chemin)
	}
	_, texte := v.Addr().Interface().(encoding.TextUnmarshaler)
	if nombreAdmis(brut, v) {
		brut = append(append([]byte{'"'}, brut...), '"')
	}
	_, propre := v.Addr().Interface().(json.Unmarshaler)
	switch {
	case texte || propre:
	case v.Kind() == reflect.Struct:
		return lireObjet(brut, v, chemin)
	case v.Kind() == reflect.Slice:
		return lireListe(brut, v, chemin)
	}
	if err := json.Unmarshal(brut, v.Addr().Interface()); err != nil {
		if r, ok := err.(*Rejet); ok { // from a value that reads itself
			return rejeter(r.Code, "« %s » : %s", chemin, r.Detail)
		}
		return rejeter(CodeForme, "« %s » : %s", chemin, attendu(v, err, texte))
	}
	return nil
}

// nombreAdmis tells whether a rate or a quantity is written as a JSON number: it
// is read by its digits, exactly. An amount is always a text. ref: ROC §5.1
func nombreAdmis(brut json.RawMessage, v reflect.Value) bool {
	switch v.Addr().Interface().(type) {
	case *sante.Taux, *Quantite:
		return len(brut) > 0 && brut[0] >= '0' && brut[0] <= '9'
	}
	return false
}

// attendu says what a leaf expects, never what was there.
func attendu(v reflect.Value, err error, texte bool) string {
	if texte {
		if _, mauvaisGenre := err.(*json.UnmarshalTypeError); mauvaisGenre {
			return "un texte entre guillemets attendu"
		}
		return err.Error()
	}
	switch v.Kind() {
	case reflect.String:
		return "un texte entre guillemets attendu"
	case reflect.Bool:
		return "true ou false attendu"
	case reflect.Int:
		return "un nombre entier attendu"
	}
	return "valeur illisible"
}

const elementsMax = 1000

func lireListe(brut json.RawMessage, v reflect.Value, chemin string) error {
	var elements []json.RawMessage
	if err := json.Unmarshal(brut, &elements); err != nil {
		return rejeter(CodeForme, "« %s » : une liste attendue", chemin)
	}
	if len(elements) > elementsMax {
		return rejeter(CodeForme, "« %s » : plus de %d éléments", chemin, elementsMax)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
	for i, e := range elements {
		if err := lireValeur(e, v.Index(i), fmt.Sprintf("%s[%d]", chemin, i)); err != nil {
			return err
		}
	}
	return nil
}

func lireObjet(brut json.RawMessage, v reflect.Value, chemin string) error {
	d := json.NewDecoder(bytes.NewReader(brut))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return rejeter(CodeForme, "« %s » : un objet attendu", ouSinon(chemin, "ligne"))
	}
	vus := map[string]bool{}
	champs := champsDe(v)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return rejeter(CodeForme, "objet JSON illisible")
		}
		nom, _ := t.(string)
		ici := strings.TrimPrefix(chemin+"."+nom, ".")
		champ, ok := champs[nom]
		var valeur json.RawMessage
		switch err := d.Decode(&valeur); {
		case err != nil:
			return rejeter(CodeForme, "objet JSON illisible")
		case !ok:
			return rejeter(CodeForme, "champ inconnu : « %.60s »", ici)
		case vus[nom]:
			return rejeter(CodeForme, "champ donné deux fois : « %s »", ici)
		}
		vus[nom] = true
		if err := lireValeur(valeur, champ, ici); err != nil {
			return err
		}
	}
	return nil
}

// champsDe maps the JSON names of a struct to its fields, embedded ones included.
func champsDe(v reflect.Value) map[string]reflect.Value {
	m := map[string]reflect.Value{}
	for i := range v.NumField() {
		c := v.Type().Field(i)
		if c.Anonymous && c.Tag.Get("json") == "" {
			for nom, f := range champsDe(v.Field(i)) {
				m[nom] = f
			}
			continue
		}
		if nom, _, _ := strings.Cut(c.Tag.Get("json"), ","); nom != "" && nom != "-" {
			m[nom] = v.Field(i)
		}
	}
	return m
}
