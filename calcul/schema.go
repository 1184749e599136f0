package calcul

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// Schema is the JSON Schema of the objects that Lignes reads and of the out of
// each kind, made from the structs themselves.
func Schema() ([]byte, error) {
	s := &schemas{defs: map[string]any{}}
	kinds := []struct {
		nom, titre string
		in, out    any
	}{
		{"sejour", "Séjour", EntreeSejour{}, SortieSejour{}},
		{"acte", "Acte ou ligne de soins externes", EntreeActe{}, SortieActe{}},
		{"ace", "Visite de soins externes de plusieurs actes", EntreeACE{}, SortieACE{}},
		{"facture", "Facture entière", EntreeFacture{}, SortieFacture{}},
	}
	var choix []any
	for _, k := range kinds {
		choix = append(choix, map[string]any{
			"title": k.titre, "type": "object", "additionalProperties": false, "required": []string{"id", "kind", "in"},
			"properties": map[string]any{
				"id":    map[string]any{"type": []string{"string", "number"}, "description": "Rendu tel quel dans la réponse."},
				"kind":  map[string]any{"const": k.nom},
				"in":    s.de(reflect.TypeOf(k.in)),
				"out":   map[string]any{"allOf": []any{s.de(reflect.TypeOf(k.out))}, "description": "Ignoré en entrée ; avec --verifier, les membres attendus. En sortie, le résultat."},
				"error": map[string]any{"type": "object", "description": "Avec --verifier, le code attendu : {\"code\": \"P412\"}."},
			},
		})
	}
	return json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "ecluse calcul : un objet par ligne",
		"oneOf":   choix, "$defs": s.defs,
	}, "", "  ")
}

type schemas struct{ defs map[string]any }

// de is the schema of a type; structs are kept once, under $defs.
func (s *schemas) de(t reflect.Type) map[string]any {
	if t.Kind() == reflect.Pointer {
		return s.de(t.Elem())
	}
	if t == reflect.TypeFor[regleLue]() {
		return map[string]any{"oneOf": []any{s.de(reflect.TypeFor[NumeroFormule]()), s.de(reflect.TypeFor[Regle]())}}
	}
	v := reflect.New(t)
	if t == reflect.TypeFor[sante.Taux]() || t == reflect.TypeFor[Quantite]() {
		return map[string]any{"type": []string{"string", "number"}, "minimum": 0} // see nombreAdmis
	}
	if m, ok := v.Interface().(interface{ Motif() string }); ok {
		return map[string]any{"type": "string", "pattern": "^(" + m.Motif() + ")$"}
	}
	if m, ok := v.Interface().(interface{ Codes() []string }); ok {
		return codesSchema(t, m.Codes())
	}
	if _, ok := v.Interface().(encoding.TextUnmarshaler); ok {
		return map[string]any{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Struct:
		return s.objet(t)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": s.de(t.Elem()), "maxItems": elementsMax}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	}
	return map[string]any{"type": "string"}
}

// codesSchema lists codes with their French labels when the type has them.
func codesSchema(t reflect.Type, codes []string) map[string]any {
	var lignes []string
	for _, c := range codes {
		v := reflect.New(t).Elem()
		v.SetString(c)
		if l, ok := v.Interface().(interface{ Libelle() string }); ok {
			lignes = append(lignes, c+" "+l.Libelle())
		}
	}
	return map[string]any{"type": "string", "enum": codes, "description": strings.Join(lignes, " ; ")}
}

func (s *schemas) objet(t reflect.Type) map[string]any {
	ref := map[string]any{"$ref": "#/$defs/" + t.Name()}
	if _, ok := s.defs[t.Name()]; ok {
		return ref
	}
	s.defs[t.Name()] = nil // a type may hold itself
	proprietes := map[string]any{}
	s.champs(t, proprietes)
	s.defs[t.Name()] = map[string]any{"type": "object", "additionalProperties": false, "properties": proprietes}
	return ref
}

func (s *schemas) champs(t reflect.Type, proprietes map[string]any) {
	for i := range t.NumField() {
		c := t.Field(i)
		nom, _, _ := strings.Cut(c.Tag.Get("json"), ",")
		switch {
		case c.Anonymous && nom == "":
			s.champs(c.Type, proprietes)
		case nom != "" && nom != "-":
			p := s.de(c.Type)
			if codes, ok := p["description"].(string); ok && codes != "" {
				p["description"] = c.Tag.Get("doc") + " Codes : " + codes + "."
			} else {
				p["description"] = c.Tag.Get("doc")
			}
			proprietes[nom] = p
		}
	}
}
