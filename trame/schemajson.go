package trame

import "strings"

// SchemaJSON describes the messages and all their types in JSON Schema 2020-12,
// as the components/schemas of an OpenAPI 3.1 document: the key of a message is
// the name of its Go type (see NomSchema). It says all that DecodeJSON checks
// except the keys of identifiers, the calendar, the characters that XML forbids
// and the writing of an integer (1.0 is an integer there).
func SchemaJSON(elements []Element) map[string]any {
	inv := inventorier(elements)
	m := map[string]any{}
	for _, s := range inv.structures {
		m[s.nom] = inv.objet(s)
	}
	for _, t := range inv.textes {
		if t.genre != genreBool {
			m[t.nom] = t.schema()
		}
	}
	return m
}

// NomSchema is the name of the type of a message in XSD and in SchemaJSON.
func NomSchema(p Forme) string { return p.forme().nom }

func (inv *inventaire) objet(s *structure) map[string]any {
	proprietes, requis := map[string]any{}, []string{}
	for i := range s.champs {
		c := &s.champs[i]
		proprietes[c.nom] = inv.propriete(c)
		if c.requis() {
			requis = append(requis, c.nom)
		}
	}
	m := map[string]any{"type": "object", "additionalProperties": false, "properties": proprietes}
	if len(requis) > 0 {
		m["required"] = requis
	}
	if s.doc != "" {
		m["description"] = s.doc
	}
	var choix []any
	for i := range s.champs {
		if premier(s, i) {
			choix = append(choix, map[string]any{"oneOf": s.branches(s.champs[i].choix)})
		}
	}
	switch len(choix) {
	case 0:
	case 1:
		m["oneOf"] = s.branches(s.premierChoix())
	default:
		m["allOf"] = choix
	}
	return m
}

func (s *structure) premierChoix() string {
	for i := range s.champs {
		if premier(s, i) {
			return s.champs[i].choix
		}
	}
	return ""
}

func (s *structure) branches(choix string) (branches []any) {
	for _, c := range s.groupe[choix] {
		branches = append(branches, map[string]any{"required": []string{c.nom}})
	}
	return branches
}

func (inv *inventaire) propriete(c *champ) map[string]any {
	m := inv.valeur(c.nature)
	if c.liste {
		m = map[string]any{"type": "array", "items": m, "maxItems": c.max}
		if c.min > 0 {
			m["minItems"] = c.min
		}
	}
	if c.doc != "" {
		m["description"] = c.doc
	}
	return m
}

func (inv *inventaire) valeur(n *nature) map[string]any {
	switch {
	case n.genre == genreEntier:
		return map[string]any{"type": "integer", "minimum": n.min, "maximum": n.max}
	case n.genre == genreBool:
		return map[string]any{"type": "boolean"}
	case n.nomSchema() == "":
		return map[string]any{"type": "string", "minLength": n.min, "maxLength": n.max}
	}
	m := map[string]any{"$ref": "#/components/schemas/" + n.nomSchema()}
	if n.genre != genreStruct && inv.plusLache(n) {
		m["type"], m["minLength"], m["maxLength"] = "string", n.min, n.max
	}
	return m
}

// schema describes a type that several fields share.
func (t *texteNomme) schema() map[string]any {
	switch t.genre {
	case genreExtension:
		return map[string]any{"type": "object", "description": "Contenu scellé hors du schéma, 16 Kio au plus."}
	case genreOpaque:
		return map[string]any{"type": "object", "description": "Contenu non lu."}
	case genreInstant:
		return map[string]any{"type": "string", "format": "date-time", "pattern": ancrer(motifInstant)}
	}
	m := map[string]any{"type": "string"}
	if t.motif != "" {
		m["pattern"] = ancrer(t.motif)
	}
	if t.mesure {
		m["minLength"], m["maxLength"] = t.min, t.max
	}
	if t.typ == typeJour {
		m["format"] = "date"
	}
	if t.codes != nil {
		m["enum"] = t.codes
		if d := t.legende(); d != "" {
			m["description"] = d
		}
	}
	return m
}

func ancrer(motif string) string { return "^(?:" + motif + ")$" }

// legende lists the codes with their labels.
func (t *texteNomme) legende() string {
	var lignes []string
	for _, code := range t.codes {
		if l := t.libelles[code]; l != "" {
			lignes = append(lignes, code+" : "+l)
		}
	}
	return strings.Join(lignes, " ; ")
}
