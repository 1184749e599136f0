package roc

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"github.com/ecluse-sante/ecluse/trame"
)

// operation is one service as the descriptions tell it.
type operation struct {
	service  Service
	demande  trame.Element
	reponse  trame.Element
	resume   string
	garantie string
}

func decrire[Q, R any](e *Echange[Q, R], resume, garantie string) operation {
	return operation{e.Service,
		trame.Element{Nom: e.NomDemande, Plan: e.Demande, Doc: "Question : " + resume},
		trame.Element{Nom: e.NomReponse, Plan: e.Reponse, Doc: "Réponse : " + resume}, resume, garantie}
}

// operations lists the services, in the order of the reference. ref: ROC §4
func operations() []operation {
	return []operation{
		decrire(EchangeAnnuaire, "adresses et capacités d'une AMC pour une date", ""),
		decrire(EchangeIDB, "droits d'un bénéficiaire", "sans garantie, sauf calcul local"),
		decrire(EchangeSIM, "estimation de la part de l'AMC", "jamais de garantie"),
		decrire(EchangeCLC, "part exacte de l'AMC et engagement de payer", "garantie de paiement"),
		decrire(EchangeDEL, "annulation d'un engagement", "lève la garantie"),
		decrire(EchangeDRE, "lot de factures d'un établissement", "demande le paiement de ce qui est garanti"),
		decrire(EchangeRET, "retour de l'AMC sur des factures : contrôle, liquidation, paiement ou rejet", ""),
		decrire(EchangeEngagement, "consultation d'un engagement (service propre à Écluse)", ""),
		decrire(EchangeEtat, "état signé d'un partenaire (service propre à Écluse)", ""),
	}
}

func elements() []trame.Element {
	var l []trame.Element
	for _, o := range operations() {
		l = append(l, o.demande, o.reponse)
	}
	return append(l,
		trame.Element{Nom: NomRefus, Plan: PlanRefus, Doc: "Refus technique ou de sécurité, dans le détail d'une faute SOAP"},
		trame.Element{Nom: NomChaine, Plan: PlanChaine, Doc: "Relais traversés : en-tête SOAP, hors du sceau"})
}

// XSD is the schema of every message on the SOAP face.
func XSD() []byte { return trame.XSD(Espace, elements()) }

// DocumentationMessages describes every message in Markdown.
func DocumentationMessages() []byte { return trame.Documentation(elements()) }

// WSDL describes the SOAP face of a server whose base address is base, schema
// included. ref: WSDL 1.1, SOAP 1.2 binding
func WSDL(base string) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="Roc" targetNamespace="` + Espace + `" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:tns="` + Espace + `">
<wsdl:documentation>Profil ` + Profil + ` d'Écluse : le nôtre, dans l'esprit de ROC ; il ne prétend pas être HospiAMC. Chaque message est scellé par WS-Security 1.1 (jeton X.509) sur le Body et le Timestamp.</wsdl:documentation>
<wsdl:types>
`)
	b.WriteString(strings.TrimPrefix(string(XSD()), `<?xml version="1.0" encoding="UTF-8"?>`))
	b.WriteString("</wsdl:types>\n")
	message := func(nom string) {
		fmt.Fprintf(&b, "<wsdl:message name=%q><wsdl:part name=\"message\" element=\"tns:%s\"/></wsdl:message>\n", nom, nom)
	}
	ops := operations()
	for _, o := range ops {
		message(o.demande.Nom)
		message(o.reponse.Nom)
	}
	message(NomRefus)
	b.WriteString("<wsdl:portType name=\"Roc\">\n")
	for _, o := range ops {
		fmt.Fprintf(&b, "<wsdl:operation name=%q><wsdl:documentation>%s</wsdl:documentation><wsdl:input message=\"tns:%s\"/><wsdl:output message=\"tns:%s\"/><wsdl:fault name=\"Refus\" message=\"tns:Refus\"/></wsdl:operation>\n",
			o.service, html.EscapeString(o.resume), o.demande.Nom, o.reponse.Nom)
	}
	b.WriteString("</wsdl:portType>\n<wsdl:binding name=\"RocSOAP12\" type=\"tns:Roc\">\n<soap12:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n")
	for _, o := range ops {
		fmt.Fprintf(&b, "<wsdl:operation name=%q><soap12:operation soapAction=\"%s:%s\" style=\"document\"/><wsdl:input><soap12:body use=\"literal\"/></wsdl:input><wsdl:output><soap12:body use=\"literal\"/></wsdl:output><wsdl:fault name=\"Refus\"><soap12:fault name=\"Refus\" use=\"literal\"/></wsdl:fault></wsdl:operation>\n",
			o.service, Espace, o.service)
	}
	fmt.Fprintf(&b, "</wsdl:binding>\n<wsdl:service name=\"Roc\"><wsdl:port name=\"Roc\" binding=\"tns:RocSOAP12\"><soap12:address location=\"%s\"/></wsdl:port></wsdl:service>\n</wsdl:definitions>\n",
		html.EscapeString(strings.TrimSuffix(base, "/")+CheminSOAP))
	return []byte(b.String())
}

// OpenAPI describes the REST face of a server whose base address is base.
func OpenAPI(base string) []byte {
	chemins := map[string]any{}
	for _, o := range operations() {
		chemins[o.service.Chemin()] = map[string]any{"post": operationREST(o)}
	}
	doc := map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{"title": "Écluse — échange ROC (profil " + Profil + ")", "version": "1",
			"description": "Profil propre à Écluse, dans l'esprit de ROC ; il ne prétend pas être HospiAMC. TLS mutuel par certificat d'authentification. Chaque message porte son sceau : JWS détaché (en-têtes JAdES B) sur le JSON canonique (RFC 8785) du membre « message »."},
		"servers": []any{map[string]any{"url": base}},
		"paths":   chemins,
		"components": map[string]any{
			"schemas":         trame.SchemaJSON(elements()),
			"securitySchemes": map[string]any{"tls": map[string]any{"type": "mutualTLS"}},
		},
		"security": []any{map[string]any{"tls": []any{}}},
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic("roc: " + err.Error()) // maps of strings: a bug of ours
	}
	return append(b, '\n')
}

func operationREST(o operation) map[string]any {
	reponses := map[string]any{"200": contenu(o.reponse.Plan, "Réponse scellée ; le code de retour peut être un refus métier")}
	for _, s := range []string{"400", "403", "409", "429", "500", "502", "503", "504"} {
		reponses[s] = contenu(PlanRefus, "Refus technique (T) ou de sécurité (S), scellé")
	}
	description := o.resume
	if o.garantie != "" {
		description += " — " + o.garantie
	}
	return map[string]any{
		"operationId": string(o.service), "summary": o.resume, "description": description,
		"requestBody": func() any {
			m := contenu(o.demande.Plan, "Question scellée")
			m["required"] = true
			return m
		}(),
		"responses": reponses,
	}
}

// contenu is the sealed wrapping of a message. ref: DEC 9
func contenu(p trame.Forme, description string) map[string]any {
	return map[string]any{"description": description, "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{
		"type": "object", "additionalProperties": false, "required": []string{"message", "scellement"},
		"properties": map[string]any{
			"chaine":     map[string]any{"$ref": "#/components/schemas/" + trame.NomSchema(PlanChaine), "description": "Relais traversés, hors du sceau"},
			"message":    map[string]any{"$ref": "#/components/schemas/" + trame.NomSchema(p)},
			"scellement": map[string]any{"type": "string", "description": "JWS détaché sur le JSON canonique de « message »"},
		},
	}}}}
}

// Publication serves the descriptions of the exchange.
type Publication struct{}

// Document gives a description by name: "" for the page to browse, wsdl, roc.xsd, openapi.json or
// messages.md, for a server whose base address is base.
func (Publication) Document(nom, base string) (octets []byte, genre string, ok bool) {
	switch nom {
	case "":
		return Page(base), "text/html; charset=utf-8", true
	case "wsdl":
		return WSDL(base), "text/xml; charset=utf-8", true
	case "roc.xsd":
		return XSD(), "text/xml; charset=utf-8", true
	case "openapi.json":
		return OpenAPI(base), "application/json", true
	case "messages.md":
		return DocumentationMessages(), "text/markdown; charset=utf-8", true
	}
	return nil, "", false
}
