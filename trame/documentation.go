package trame

import (
	"fmt"
	"strings"
)

// Documentation describes the messages in Markdown, in French: a table for each
// type (element, type, cardinality, meaning), then the closed lists and the forms.
func Documentation(elements []Element) []byte {
	inv := inventorier(elements)
	var b strings.Builder
	b.WriteString("| message | type | sens |\n| --- | --- | --- |\n")
	for _, e := range elements {
		s := e.Plan.forme()
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Nom, lien(s.nom), cellule(documentation(e.Doc, s.doc)))
	}
	for _, s := range inv.structures {
		inv.decrire(&b, s)
	}
	for _, t := range inv.textes {
		t.decrire(&b)
	}
	return []byte(b.String())
}

func (inv *inventaire) decrire(b *strings.Builder, s *structure) {
	titre(b, s.nom, s.doc)
	b.WriteString("| élément | type | card. | sens |\n| --- | --- | --- | --- |\n")
	for i := range s.champs {
		c := &s.champs[i]
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", c.nom, c.nature.enClair(), c.cardinalite(), cellule(c.doc))
	}
}

func (t *texteNomme) decrire(b *strings.Builder) {
	switch {
	case t.codes != nil:
		titre(b, t.nom, "")
		b.WriteString("| code | libellé |\n| --- | --- |\n")
		for _, code := range t.codes {
			fmt.Fprintf(b, "| `%s` | %s |\n", code, cellule(t.libelles[code]))
		}
	case t.genre == genreExtension:
		titre(b, t.nom, "Contenu scellé hors du schéma : éléments XML d'un autre espace de noms, ou objet JSON ; 16 Kio au plus.")
	case t.motif != "":
		titre(b, t.nom, "")
		fmt.Fprintf(b, "Texte de la forme `%s`.\n", t.motif)
	}
}

func titre(b *strings.Builder, nom, doc string) {
	fmt.Fprintf(b, "\n### %s\n\n", nom)
	if doc != "" {
		b.WriteString(doc + "\n\n")
	}
}

// enClair names the type of a value for a reader.
func (n *nature) enClair() string {
	switch {
	case n.genre == genreBool:
		return "booléen"
	case n.genre == genreInstant:
		return "instant RFC 3339"
	case n.genre == genreOpaque:
		return "contenu non lu"
	case n.genre == genreEntier && (n.min == -maxEntier || n.max == maxEntier):
		return "entier"
	case n.genre == genreEntier:
		return fmt.Sprintf("entier %d..%d", n.min, n.max)
	case n.nomSchema() != "":
		return lien(n.nomSchema())
	}
	return fmt.Sprintf("texte %d..%d", n.min, n.max)
}

func (c *champ) cardinalite() string {
	switch {
	case c.choix != "":
		return "choix " + c.choix
	case c.liste && c.opt && c.min > 0:
		return fmt.Sprintf("0 ou %d..%d", c.min, c.max)
	case c.liste:
		return fmt.Sprintf("%d..%d", c.min, c.max)
	case c.requis():
		return "1"
	}
	return "0..1"
}

func lien(nom string) string { return "[" + nom + "](#" + strings.ToLower(nom) + ")" }

func cellule(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
