package front

import (
	stdjson "encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/trame"
)

// OpenAPI describes the interface, from its routes and the forms that it reads
// and writes.
func OpenAPI() ([]byte, error) {
	elements := []trame.Element{{Nom: "Probleme", Plan: planProbleme}}
	chemins := map[string]map[string]any{}
	for _, r := range Routes() {
		for _, p := range []trame.Forme{r.Corps, r.Reponse} {
			if p != nil {
				elements = append(elements, trame.Element{Nom: trame.NomSchema(p), Plan: p})
			}
		}
		if chemins[r.Chemin] == nil {
			chemins[r.Chemin] = map[string]any{}
		}
		chemins[r.Chemin][strings.ToLower(r.Methode)] = r.operation()
	}
	return stdjson.MarshalIndent(map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{"title": "Écluse, interface locale de l'établissement", "version": "1",
			"description": "Pour le logiciel de facturation de l'établissement. Les refus suivent la RFC 9457."},
		"servers":  []any{map[string]any{"url": "http://" + AdresseParDefaut}},
		"security": []any{map[string]any{"jeton": []string{}}},
		"paths":    chemins,
		"components": map[string]any{
			"schemas":         trame.SchemaJSON(elements),
			"securitySchemes": map[string]any{"jeton": map[string]any{"type": "http", "scheme": "bearer"}},
		},
	}, "", "  ")
}

func schema(p trame.Forme) map[string]any {
	return map[string]any{"$ref": "#/components/schemas/" + trame.NomSchema(p)}
}

func (r Route) operation() map[string]any {
	op := map[string]any{"summary": r.Doc, "operationId": r.nom(), "parameters": r.parametres(), "responses": map[string]any{
		strconv.Itoa(r.Statut): r.succes(),
		"default": map[string]any{"description": "Refus, avec le code, qui doit agir et ce qu'il faut faire",
			"content": map[string]any{"application/problem+json": map[string]any{"schema": schema(planProbleme)}}},
	}}
	if r.Libre {
		op["security"] = []any{}
	}
	switch {
	case r.Fusion: // a merge patch is any part of the form
		op["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/merge-patch+json": map[string]any{
			"schema": map[string]any{"type": "object", "description": "Partie à changer de " + trame.NomSchema(r.Corps)}}}}
	case r.Corps != nil:
		op["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": schema(r.Corps)}}}
	}
	return op
}

func (r Route) succes() map[string]any {
	m := map[string]any{"description": "Fait"}
	switch {
	case r.Reponse != nil:
		m["content"] = map[string]any{"application/json": map[string]any{"schema": schema(r.Reponse)}}
	case strings.HasSuffix(r.Chemin, "/recu"):
		m["content"] = map[string]any{"text/html": map[string]any{}, "text/plain": map[string]any{}, "application/pdf": map[string]any{}}
	}
	return m
}

var accolades = regexp.MustCompile(`\{([a-z]+)\}`)

func (r Route) nom() string {
	mots := strings.FieldsFunc(strings.TrimPrefix(r.Chemin, "/v1"), func(c rune) bool { return strings.ContainsRune("/{}.", c) })
	return strings.ToLower(r.Methode) + "_" + strings.Join(mots, "_")
}

func (r Route) parametres() []any {
	l := []any{}
	ajouter := func(nom, ou, doc string, requis bool) {
		l = append(l, map[string]any{"name": nom, "in": ou, "description": doc, "required": requis, "schema": map[string]any{"type": "string"}})
	}
	for _, m := range accolades.FindAllStringSubmatch(r.Chemin, -1) {
		ajouter(m[1], "path", map[string]string{"id": "Identifiant opaque de la venue", "rang": "Rang, de 1 à 3", "jour": "Jour, comme 2026-11-22, ou aujourdhui",
			"cle": "Clé d'une réserve, comme la liste la montre ; sans son rang, tout le retour", "numero": "Numéro de facture ou de lot"}[m[1]], true)
	}
	switch {
	case r.Methode == "POST":
		ajouter("Idempotency-Key", "header", "Clé choisie par l'appelant : la même requête renvoyée sous la même clé n'est servie qu'une fois", false)
		ajouter("If-Match", "header", "ETag de la venue lue", false)
	case r.Methode == "PATCH" || r.Methode == "PUT":
		ajouter("If-Match", "header", "ETag de la venue lue", true)
	case strings.HasSuffix(r.Chemin, "/recu"):
		ajouter("format", "query", "html, texte ou pdf ; sinon selon Accept", false)
	case strings.HasPrefix(r.Chemin, "/v1/clotures/") && strings.HasSuffix(r.Chemin, "/factures"):
		ajouter("amc", "query", "Numéro de l'AMC", true)
		ajouter("chiffre", "query", "Chiffre à ouvrir, comme ENGAGE, PAYE, RETARD ou A_CORRIGER", true)
		ajouter("motif", "query", "Code du rejet", false)
		ajouter("sens", "query", "STOCK : à la fin du jour (par défaut) ; FLUX : entré dans la journée", false)
		ajouter("apres", "query", "« suite » de la page d'avant", false)
		ajouter("max", "query", "Factures d'une page, 500 au plus", false)
	case r.Chemin == "/v1/reserves":
		ajouter("facture", "query", "Numéro d'une facture", false)
		ajouter("levees", "query", "oui : celles qui sont levées aussi", false)
		ajouter("apres", "query", "« suite » de la page d'avant", false)
		ajouter("max", "query", "Réserves d'une page, 500 au plus", false)
	case r.Chemin == "/v1/venues":
		ajouter("dossier", "query", "Numéro de dossier", false)
		ajouter("etat", "query", "État de l'une des couvertures", false)
		ajouter("avant", "query", "Ouvertes avant cet instant : la page suivante", false)
	}
	if r.Corps != nil {
		ajouter("Ecluse-Agent", "header", "Pseudonyme de l'agent, pour l'historique", false)
	}
	return l
}
