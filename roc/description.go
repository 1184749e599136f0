package roc

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"github.com/ecluse-sante/ecluse/trame"
)

// Operation is one service as the descriptions tell it.
type Operation struct {
	service  Service
	demande  trame.Element
	reponse  trame.Element
	resume   string
	garantie string
}

// Decrire tells a service: what it is for, and what it guarantees, in French.
func Decrire[Q, R any](e *Echange[Q, R], resume, garantie string) Operation {
	return Operation{e.Service,
		trame.Element{Nom: e.NomDemande, Plan: e.Demande, Doc: "Question : " + resume},
		trame.Element{Nom: e.NomReponse, Plan: e.Reponse, Doc: "Réponse : " + resume}, resume, garantie}
}

// Description publishes a profile: its WSDL with the schemas, its OpenAPI document, the
// page to browse it and the list of its messages.
type Description struct {
	Norme      *Norme
	Nom        string // of the WSDL and of the schema's file
	Titre      string // French
	Texte      string // what the profile is and how its messages are proved, French
	Operations []Operation
	Codes      []Signification
}

// Publication describes the exchange of the hospitals.
var Publication = &Description{
	Norme: ROC, Nom: "Roc", Titre: "échange ROC",
	Texte: "Profil propre à Écluse, dans l'esprit de ROC ; il ne prétend pas être HospiAMC. TLS mutuel par certificat d'authentification. " +
		"Chaque message est scellé : en SOAP par WS-Security 1.1 (jeton X.509) sur le Body et le Timestamp, en REST par un JWS détaché (en-têtes JAdES B) sur le JSON canonique (RFC 8785) du membre « message ».",
	// ref: ROC §4
	Operations: []Operation{
		Decrire(EchangeAnnuaire, "adresses et capacités d'une AMC pour une date", ""),
		Decrire(EchangeIDB, "droits d'un bénéficiaire", "sans garantie, sauf calcul local"),
		Decrire(EchangeSIM, "estimation de la part de l'AMC", "jamais de garantie"),
		Decrire(EchangeCLC, "part exacte de l'AMC et engagement de payer", "garantie de paiement"),
		Decrire(EchangeDEL, "annulation d'un engagement", "lève la garantie"),
		Decrire(EchangeDRE, "lot de factures d'un établissement", "demande le paiement de ce qui est garanti"),
		Decrire(EchangeRET, "retour de l'AMC sur des factures : contrôle, liquidation, paiement ou rejet", ""),
		Decrire(EchangeEngagement, "consultation d'un engagement (service propre à Écluse)", ""),
		Decrire(EchangeEtat, "état signé d'un partenaire (service propre à Écluse)", ""),
	},
	Codes: significations,
}

func (d *Description) messages() []trame.Element {
	var l []trame.Element
	for _, o := range d.Operations {
		l = append(l, o.demande, o.reponse)
	}
	return l
}

// communs are the elements that all the profiles share, in the namespace of ROC.
func communs() []trame.Element {
	return []trame.Element{
		{Nom: NomRefus, Plan: PlanRefus, Doc: "Refus technique ou de sécurité, dans le détail d'une faute SOAP"},
		{Nom: NomChaine, Plan: PlanChaine, Doc: "Relais traversés : en-tête SOAP, hors du sceau"},
	}
}

func (d *Description) elements() []trame.Element { return append(d.messages(), communs()...) }

// XSD is the schema of every message on the SOAP face.
func (d *Description) XSD() []byte {
	if d.Norme.Espace == Espace {
		return trame.XSD(Espace, d.elements())
	}
	return trame.XSD(d.Norme.Espace, d.messages())
}

// schemas are those that a WSDL holds: that of the profile, and that of the refusals
// when it is another.
func (d *Description) schemas() string {
	nu := func(b []byte) string {
		return strings.TrimPrefix(string(b), `<?xml version="1.0" encoding="UTF-8"?>`)
	}
	if d.Norme.Espace == Espace {
		return nu(d.XSD())
	}
	return nu(d.XSD()) + nu(trame.XSD(Espace, communs()))
}

// Messages describes every message in Markdown.
func (d *Description) Messages() []byte { return trame.Documentation(d.elements()) }

// WSDL describes the SOAP face of a server whose base address is base, schemas
// included. ref: WSDL 1.1, SOAP 1.2 binding
func (d *Description) WSDL(base string) []byte {
	var b strings.Builder
	nom, espace := d.Nom, d.Norme.Espace
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="` + nom + `" targetNamespace="` + espace + `" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:tns="` + espace + `" xmlns:commun="` + Espace + `">
<wsdl:documentation>` + html.EscapeString(d.Norme.Profil+" : "+d.Texte) + `</wsdl:documentation>
<wsdl:types>
`)
	b.WriteString(d.schemas())
	b.WriteString("</wsdl:types>\n")
	message := func(espace, nom string) {
		fmt.Fprintf(&b, "<wsdl:message name=%q><wsdl:part name=\"message\" element=\"%s:%s\"/></wsdl:message>\n", nom, espace, nom)
	}
	for _, o := range d.Operations {
		message("tns", o.demande.Nom)
		message("tns", o.reponse.Nom)
	}
	message("commun", NomRefus)
	b.WriteString("<wsdl:portType name=\"" + nom + "\">\n")
	for _, o := range d.Operations {
		fmt.Fprintf(&b, "<wsdl:operation name=%q><wsdl:documentation>%s</wsdl:documentation><wsdl:input message=\"tns:%s\"/><wsdl:output message=\"tns:%s\"/><wsdl:fault name=\"Refus\" message=\"tns:Refus\"/></wsdl:operation>\n",
			o.service, html.EscapeString(o.resume), o.demande.Nom, o.reponse.Nom)
	}
	b.WriteString("</wsdl:portType>\n<wsdl:binding name=\"" + nom + "SOAP12\" type=\"tns:" + nom + "\">\n<soap12:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n")
	for _, o := range d.Operations {
		fmt.Fprintf(&b, "<wsdl:operation name=%q><soap12:operation soapAction=\"%s:%s\" style=\"document\"/><wsdl:input><soap12:body use=\"literal\"/></wsdl:input><wsdl:output><soap12:body use=\"literal\"/></wsdl:output><wsdl:fault name=\"Refus\"><soap12:fault name=\"Refus\" use=\"literal\"/></wsdl:fault></wsdl:operation>\n",
			o.service, espace, o.service)
	}
	fmt.Fprintf(&b, "</wsdl:binding>\n<wsdl:service name=\"%s\"><wsdl:port name=\"%s\" binding=\"tns:%sSOAP12\"><soap12:address location=\"%s\"/></wsdl:port></wsdl:service>\n</wsdl:definitions>\n",
		nom, nom, nom, html.EscapeString(strings.TrimSuffix(base, "/")+d.Norme.CheminSOAP()))
	return []byte(b.String())
}

// OpenAPI describes the REST face of a server whose base address is base.
func (d *Description) OpenAPI(base string) []byte {
	chemins := map[string]any{}
	for _, o := range d.Operations {
		chemins[d.Norme.Chemin(o.service)] = map[string]any{"post": d.operationREST(o)}
	}
	doc := map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "Écluse — " + d.Titre + " (profil " + d.Norme.Profil + ")", "version": "1", "description": d.Texte},
		"servers": []any{map[string]any{"url": base}},
		"paths":   chemins,
		"components": map[string]any{
			"schemas":         trame.SchemaJSON(d.elements()),
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

func (d *Description) operationREST(o Operation) map[string]any {
	reponses := map[string]any{"200": contenu(o.reponse.Plan, "Réponse scellée ; le code de retour peut être un refus métier", false)}
	for _, s := range []string{"400", "403", "409", "429", "500", "502", "503", "504"} {
		reponses[s] = contenu(PlanRefus, "Refus technique (T) ou de sécurité (S), scellé", false)
	}
	description := o.resume
	if o.garantie != "" {
		description += " — " + o.garantie
	}
	ouverte := d.Norme.Ouvert(o.service)
	op := map[string]any{
		"operationId": string(o.service), "summary": o.resume, "description": description,
		"requestBody": func() any {
			sens := "Question scellée"
			if ouverte {
				sens = "Question, scellée ou non"
			}
			m := contenu(o.demande.Plan, sens, ouverte)
			m["required"] = true
			return m
		}(),
		"responses": reponses,
	}
	if ouverte {
		op["security"] = []any{map[string]any{}, map[string]any{"tls": []any{}}}
	}
	return op
}

// contenu is the wrapping of a message, sealed or not. ref: DEC 9
func contenu(p trame.Forme, description string, nu bool) map[string]any {
	requis := []string{"message", "scellement"}
	if nu {
		requis = requis[:1]
	}
	return map[string]any{"description": description, "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{
		"type": "object", "additionalProperties": false, "required": requis,
		"properties": map[string]any{
			"chaine":     map[string]any{"$ref": "#/components/schemas/" + trame.NomSchema(PlanChaine), "description": "Relais traversés, hors du sceau"},
			"message":    map[string]any{"$ref": "#/components/schemas/" + trame.NomSchema(p)},
			"scellement": map[string]any{"type": "string", "description": "JWS détaché sur le JSON canonique de « message »"},
		},
	}}}}
}

func (d *Description) nomXSD() string { return strings.ToLower(d.Nom) + ".xsd" }

// Documents names the descriptions that are files under the root of the profile.
func (d *Description) Documents() []string {
	return []string{"openapi.json", d.nomXSD(), "messages.md"}
}

// Document gives a description by name: "" for the page to browse, wsdl, or one of
// Documents, for a server whose base address is base.
func (d *Description) Document(nom, base string) (octets []byte, genre string, ok bool) {
	switch nom {
	case "":
		return d.Page(base), "text/html; charset=utf-8", true
	case "wsdl":
		return d.WSDL(base), "text/xml; charset=utf-8", true
	case d.nomXSD():
		return d.XSD(), "text/xml; charset=utf-8", true
	case "openapi.json":
		return d.OpenAPI(base), "application/json", true
	case "messages.md":
		return d.Messages(), "text/markdown; charset=utf-8", true
	}
	return nil, "", false
}
