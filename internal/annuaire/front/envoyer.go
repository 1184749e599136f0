package front

import (
	"net/http"
	"strconv"

	"github.com/ecluse-sante/ecluse/fhir"
)

var (
	sansGarde = []string{"no-store"}
	courte    = []string{"private, max-age=0"}
	typeJSON  = []string{fhir.JSON.MediaType()}
	typeXML   = []string{fhir.XML.MediaType()}
	selon     = []string{"Accept, Authorization"}
)

// envoyer sends a resource, in the form that was asked.
func (p *Porte) envoyer(w http.ResponseWriter, f fhir.Format, status int, json []byte) {
	h := w.Header()
	if f == fhir.XML {
		x, err := fhir.AppendXML(make([]byte, 0, 2*len(json)), json)
		if err != nil { // what we write is a resource
			status, f, json = http.StatusInternalServerError, fhir.JSON, fhir.AppendOutcome(nil, fhir.Issue{Severity: fhir.Fatal, Code: fhir.CodeException, Diagnostics: "la réponse ne s'écrit pas en XML : la demander en JSON, et prévenir l'exploitant"})
		} else {
			json = x
		}
	}
	if f == fhir.XML {
		h["Content-Type"] = typeXML
	} else {
		h["Content-Type"] = typeJSON
	}
	h["Content-Length"] = []string{strconv.Itoa(len(json))}
	w.WriteHeader(status)
	_, _ = w.Write(json) // a client that left is no concern of ours
}

// declarer writes the CapabilityStatement. ref: RASS §7
func (p *Porte) declarer() []byte {
	c := &fhir.Capability{ID: "annuaire", URL: p.o.Base + "/metadata", Version: p.o.Version, Name: "AnnuaireEcluse", Title: "Annuaire national, servi par " + p.o.Logiciel,
		Date: p.o.Horloge().UnixMilli(), Publisher: p.o.Logiciel, Software: p.o.Logiciel, SoftwareVersion: p.o.Version,
		Description: "Professionnels, situations d'exercice, structures, activités et équipements, chacun selon la vue de qui demande (en-tête X-Vue).",
		Security:    "Vue publique sans identification ; les autres par certificat ou par jeton, selon la politique de l'exploitant.",
		Guides:      []string{"https://interop.esante.gouv.fr/ig/fhir/annuaire/ImplementationGuide/ans.fhir.fr.annuaire|" + p.o.Guide},
		History:     p.o.Historique != nil}
	if p.o.Exports != nil {
		c.Operations = []fhir.Operation{{Name: "export", Definition: "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"}}
	}
	return p.table.AppendCapability(nil, c)
}
