package roc

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/trame"
)

//go:embed page.html
var pageHTML string

var page = template.Must(template.New("page").Parse(pageHTML))

// typePage is a type of the messages, as the page shows it.
type typePage struct {
	Nom, Sens string
	Champs    []champPage
}

type champPage struct{ Nom, Type, Lien, Sens, Requis, Forme string }

// Page browses the description of the REST face: services, messages, types and
// codes. It needs no script.
func (d *Description) Page(base string) []byte {
	schemas := trame.SchemaJSON(d.elements())
	var types []typePage
	for nom, s := range schemas {
		if m, ok := s.(map[string]any); ok {
			types = append(types, lireType(nom, m))
		}
	}
	slices.SortFunc(types, func(a, b typePage) int { return strings.Compare(a.Nom, b.Nom) })
	type service struct{ Code, Chemin, Resume, Garantie, Demande, Reponse string }
	var services []service
	for _, o := range d.Operations {
		services = append(services, service{string(o.service), d.Norme.Chemin(o.service), o.resume, o.garantie,
			trame.NomSchema(o.demande.Plan), trame.NomSchema(o.reponse.Plan)})
	}
	var b strings.Builder
	err := page.Execute(&b, map[string]any{"Base": base, "Profil": d.Norme.Profil, "Titre": d.Titre, "Texte": d.Texte, "Racine": d.Norme.Racine, "XSD": d.nomXSD(),
		"Services": services, "Types": types, "Codes": d.Codes, "SOAP": d.Norme.CheminSOAP()})
	if err != nil {
		panic("roc: " + err.Error()) // a template of ours on values of ours
	}
	return []byte(b.String())
}

func lireType(nom string, m map[string]any) typePage {
	t := typePage{Nom: nom, Sens: texte(m["description"])}
	requis, _ := m["required"].([]string)
	champs, _ := m["properties"].(map[string]any)
	for c, v := range champs {
		p, _ := v.(map[string]any)
		x := champPage{Nom: c, Sens: texte(p["description"]), Requis: "non"}
		if slices.Contains(requis, c) {
			x.Requis = "oui"
		}
		x.Type, x.Lien, x.Forme = lireSchema(p)
		t.Champs = append(t.Champs, x)
	}
	slices.SortFunc(t.Champs, func(a, b champPage) int { return strings.Compare(a.Nom, b.Nom) })
	if len(champs) == 0 {
		t.Champs = append(t.Champs, champPage{Type: texte(m["type"]), Forme: formeDe(m)})
	}
	return t
}

// lireSchema names the type of a field, and where it is described.
func lireSchema(p map[string]any) (nom, lien, forme string) {
	if ref := texte(p["$ref"]); ref != "" {
		nom = ref[strings.LastIndexByte(ref, '/')+1:]
		return nom, nom, ""
	}
	if items, ok := p["items"].(map[string]any); ok {
		nom, lien, forme = lireSchema(items)
		return "liste de " + nom, lien, forme
	}
	return texte(p["type"]), "", formeDe(p)
}

// formeDe tells what a text may be.
func formeDe(p map[string]any) string {
	var l []string
	if e, ok := p["enum"].([]string); ok {
		l = append(l, strings.Join(e, ", "))
	}
	for _, k := range []string{"pattern", "minLength", "maxLength", "minimum", "maximum", "format"} {
		if v, ok := p[k]; ok {
			l = append(l, k+" "+texte(v))
		}
	}
	return strings.Join(l, " ; ")
}

func texte(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
