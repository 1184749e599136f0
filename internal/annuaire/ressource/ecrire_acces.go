package ressource

import "github.com/ecluse-sante/ecluse/internal/annuaire"

// Acces writes an Endpoint: one way of routing to an insurer, with each of its services.
// The element address is that of the first one, since FHIR has one address. ref: RASS §11
// hyp: FHIR-ACCES
func (e *Ecriture) Acces(a *annuaire.PointAcces) {
	w := e.W
	o := w.Object("")
	e.tete(annuaire.Acces, annuaire.Acces, &a.Entete)
	l := w.Array("extension")
	for i := range a.Services {
		e.service(&a.Services[i])
	}
	e.mandat(&a.Mandat)
	w.End(l)
	l = w.Array("identifier")
	e.identifiant("", e.Profils.point, a.Numero)
	e.identifiant("", e.Profils.amc, a.NumeroAMC)
	w.End(l)
	if a.Actif {
		w.String("status", "active")
	} else {
		w.String("status", "off")
	}
	if len(a.Services) > 0 && len(a.Services[0].Normes) > 0 {
		w.Coding("connectionType", e.Profils.norme, a.Services[0].Normes[0], "")
	}
	w.String("name", a.Libelle)
	e.vers("managingOrganization", annuaire.Structures, a.Organisme)
	e.periode("period", a.Du, a.Au)
	l = w.Array("payloadType")
	for i := range a.Services {
		e.concept("", e.Profils.service, annuaire.Code{Code: a.Services[i].Service})
	}
	w.End(l)
	if len(a.Services) > 0 {
		w.String("address", a.Services[0].Adresse)
	}
	w.End(o)
}

// service writes one service of an access point.
func (e *Ecriture) service(s *annuaire.ServiceAcces) {
	w := e.W
	m := w.Object("")
	w.String("url", e.Profils.serviceAcces)
	l := w.Array("extension")
	e.extension("service", "valueCode", s.Service)
	e.extension("adresse", "valueUrl", s.Adresse)
	for _, n := range s.Normes {
		e.extension("norme", "valueCode", n)
	}
	e.extensionPeriode("periode", s.Du, s.Au)
	for _, x := range s.Empreintes {
		e.extension("empreinte", "valueString", x)
	}
	w.End(l)
	w.End(m)
}

// mandat writes who answers for the insurer.
func (e *Ecriture) mandat(a *annuaire.Mandat) {
	if a.ID == "" && a.Structure == "" {
		return
	}
	w := e.W
	m := w.Object("")
	w.String("url", e.Profils.mandat)
	l := w.Array("extension")
	e.extension("id", "valueString", a.ID)
	e.extension("libelle", "valueString", a.Libelle)
	e.extension("structure", "valueString", a.Structure)
	e.extensionPeriode("periode", a.Du, a.Au)
	w.End(l)
	w.End(m)
}
