package national

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// errRessource is a resource that is none of the directory, or that lacks what makes
// it one.
var errRessource = errors.New("annuaire national: ressource illisible")

// ressourceMax bounds one resource: the largest known has 20 KiB.
const ressourceMax = 1 << 20

// natures are the resources of the directory, by their names.
var natures = map[string]annuaire.Nature{"Practitioner": annuaire.Praticiens, "PractitionerRole": annuaire.Situations,
	"Organization": annuaire.Structures, "HealthcareService": annuaire.Activites, "Device": annuaire.Equipements}

// identifiantDe is our identifier of a resource: drawn from that of the source, or the
// same when the source is one of ours, which has such identifiers. ref: RASS §7.2
// hyp: NATIONAL-ID
func identifiantDe(n annuaire.Nature, id string) string {
	if id == "" {
		return ""
	}
	if len(id) == 17 && id[0] == " psoae"[n] && strings.Trim(id[1:], "0123456789abcdefghjkmnpqrstvwxyz") == "" {
		return id
	}
	return annuaire.NouvelID(n, "fhir|"+id)
}

// Lire makes a record of a resource written in JSON.
func Lire(b []byte) (annuaire.Changement, error) {
	var r ressource
	if len(b) > ressourceMax || json.Unmarshal(b, &r) != nil {
		return annuaire.Changement{}, errRessource
	}
	n := natures[r.ResourceType]
	if n == 0 || r.ID == "" || len(r.ID) > 64 {
		return annuaire.Changement{}, errRessource
	}
	e := r.entete(n)
	switch n {
	case annuaire.Praticiens:
		return annuaire.Changement{Praticien: r.praticien(e)}, nil
	case annuaire.Situations:
		return annuaire.Changement{Situation: r.situation(e)}, nil
	case annuaire.Structures:
		return annuaire.Changement{Structure: r.structure(e)}, nil
	case annuaire.Activites:
		return annuaire.Changement{Activite: r.activite(e)}, nil
	}
	return annuaire.Changement{Equipement: r.equipement(e)}, nil
}

// systemeFHIR is the system of the records whose source says none.
const systemeFHIR = "FHIR"

// entete reads what all resources carry. ref: RASS §6.5
func (r *ressource) entete(n annuaire.Nature) annuaire.Entete {
	e := annuaire.Entete{ID: identifiantDe(n, r.ID), Actif: r.Active == nil || *r.Active}
	e.Trace.Systeme = systemeFHIR
	for i := range r.Meta.Extension {
		x := &r.Meta.Extension[i]
		if x.nom() != "as-ext-data-trace" {
			continue
		}
		autorite, systeme, maj := x.fille("autorite-enregistrement"), x.fille("systeme-information"), x.fille("date-maj-ae")
		e.Trace.Autorite, e.Trace.MajLe = autorite.code(), maj.jour()
		if c := systeme.code().Code; c != "" {
			e.Trace.Systeme = c
		}
	}
	return e
}

// numero is the value of an identifier of a system, and of one of these types when a
// system has several.
func (r *ressource) numero(systeme string, types ...string) string {
	for _, x := range r.Identifier {
		if x.System != systeme {
			continue
		}
		if len(types) == 0 {
			return x.Value
		}
		for _, c := range x.Type.Coding {
			for _, t := range types {
				if c.Code == t {
					return x.Value
				}
			}
		}
	}
	return ""
}

// praticien reads a Practitioner. ref: RASS §6.1
func (r *ressource) praticien(e annuaire.Entete) *annuaire.Praticien {
	p := &annuaire.Praticien{Entete: e, IDNat: r.numero(annuaire.SystemeIDNatPS)}
	if rpps := r.numero(annuaire.SystemeRPPS); rpps != "" {
		p.TypeID, p.Numero = "8", rpps
		if p.IDNat == "" {
			p.IDNat = "8" + rpps
		}
	} else if len(p.IDNat) > 1 {
		p.TypeID, p.Numero = p.IDNat[:1], p.IDNat[1:]
	}
	r.nommer(p)
	for _, q := range r.Qualification {
		qualifier(p, q.Code)
	}
	for i := range r.Extension {
		r.etendre(p, &r.Extension[i])
	}
	for _, c := range r.Communication {
		p.Langues = append(p.Langues, premier([]concept{c}))
	}
	p.BAL, p.Contact = telecoms(r.Telecom)
	if len(r.Address) > 0 {
		tenir := p.Contact
		p.Contact = r.Address[0].coordonnees()
		p.Contact.Telephone, p.Contact.Telephone2, p.Contact.Telecopie, p.Contact.Courriel = tenir.Telephone, tenir.Telephone2, tenir.Telecopie, tenir.Courriel
	}
	if r.BirthDate != "" || r.Gender != "" {
		p.EtatCivil.Naissance = jour(r.BirthDate)
		p.EtatCivil.Sexe = map[string]string{"male": "M", "female": "F"}[r.Gender]
	}
	return p
}

// nommer reads the name in practice.
func (r *ressource) nommer(p *annuaire.Praticien) {
	var noms []struct {
		Family string   `json:"family"`
		Given  []string `json:"given"`
		Prefix []string `json:"prefix"`
		Suffix []string `json:"suffix"`
	}
	if json.Unmarshal(r.Name, &noms) != nil || len(noms) == 0 {
		return
	}
	n := noms[0]
	p.Nom, p.Prenom = n.Family, strings.Join(n.Given, " ")
	p.Civilite.Code, p.CiviliteExercice.Code = strings.Join(n.Prefix, " "), strings.Join(n.Suffix, " ")
}

// tablesSavoir are the nomenclatures of savoir-faire.
var tablesSavoir = []string{"R38", "R39", "R40", "R42", "R43", "R44", "R45", "R97", "G13"}

// qualifier reads a qualification by the tables of its codes: profession and category,
// savoir-faire with its type, attribution, and else a diploma. hyp: NATIONAL-TABLES
func qualifier(p *annuaire.Praticien, c concept) {
	profession, savoir, attribution := c.de("G15"), c.de(tablesSavoir...), c.de("R03")
	switch {
	case !profession.IsZero():
		p.Profession, p.Categorie = profession, c.de("R09")
	case !savoir.IsZero():
		p.SavoirFaire = append(p.SavoirFaire, annuaire.Qualification{Type: c.de("R04"), Savoir: savoir})
	case !attribution.IsZero():
		p.Attributions = append(p.Attributions, attribution)
	case len(c.Coding) > 0:
		d := annuaire.Diplome{Type: c.de("R14")}
		for _, x := range c.Coding {
			if x.table() != "R14" {
				d.Diplome = x.code()
				break
			}
		}
		p.Diplomes = append(p.Diplomes, d)
	}
}

// etendre reads an extension of a Practitioner.
func (r *ressource) etendre(p *annuaire.Praticien, x *extension) {
	filles := func(nom string) *extension { f := x.fille(nom); return &f }
	du, au := jour(filles("period").ValuePeriod.Start), jour(filles("period").ValuePeriod.End)
	switch x.nom() {
	case "as-ext-practitioner-authorization":
		p.Diplomes = append(p.Diplomes, annuaire.Diplome{TypeAutorisation: filles("type").code(), Discipline: filles("field").code()})
	case "as-ext-smartcard":
		p.Cartes = append(p.Cartes, annuaire.Carte{Type: filles("type").code(), Numero: filles("number").ValueString, Du: du, Au: au,
			OpposeeLe: filles("oppositionDate").jour()})
	case "as-ext-registration":
		premiere := filles("isFirst").ValueBoolean
		p.Inscriptions = append(p.Inscriptions, annuaire.Inscription{Autorite: filles("registeringOrganization").code(), Statut: filles("status").code(),
			Departement: filles("hostingDepartment").code(), Premiere: premiere != nil && *premiere, Du: du, Au: au})
	case "as-ext-digital-certificate":
		p.Certificats = append(p.Certificats, certificat(x))
	}
}

func certificat(x *extension) annuaire.Certificat {
	v := x.fille("validity").ValuePeriod
	c := annuaire.Certificat{Serie: x.fille("serialNumber").ValueString, Emetteur: x.fille("issuer").ValueString, Sujet: x.fille("subject").ValueString,
		Du: jour(v.Start), Au: jour(v.End), Domaine: x.fille("domain").ValueString, Usage: x.fille("keyUsage").ValueString}
	if b, err := base64.StdEncoding.DecodeString(x.fille("value").ValueAttachment.Data); err == nil && len(b) > 0 {
		c.DER = b
	}
	return c
}

// telecoms reads the mailboxes, and the other means to reach. ref: MSS §9
func telecoms(l []telecom) (b []annuaire.BAL, c annuaire.Coordonnees) {
	for i := range l {
		t := &l[i]
		if x, ok := t.boite(); ok {
			b = append(b, x)
			continue
		}
		switch {
		case t.System == "phone" && c.Telephone == "":
			c.Telephone = t.Value
		case t.System == "phone" && c.Telephone2 == "":
			c.Telephone2 = t.Value
		case t.System == "fax":
			c.Telecopie = t.Value
		case t.System == "email":
			c.Courriel = t.Value
		}
	}
	return b, c
}

// boite reads a mailbox: by its metadata, or by the type that says it is one.
func (t *telecom) boite() (b annuaire.BAL, ok bool) {
	b = annuaire.BAL{Adresse: t.Value, Rang: t.Rank}
	for i := range t.Extension {
		x := &t.Extension[i]
		switch x.nom() {
		case "fr-core-contact-point-email-type":
			ok = ok || x.code().Code == "MSSANTE"
		case "as-ext-mailbox-mss-metadata":
			ok = true
			filles := func(nom string) *extension { f := x.fille(nom); return &f }
			b.Type = annuaire.TypeBAL(filles("type").code().Code)
			b.Description, b.Service = filles("description").ValueString, filles("service").ValueString
			b.Responsable = filles("responsible").ValueString + filles("responsable").ValueString
			rouge := filles("listeRouge").ValueBoolean
			b.ListeRouge = rouge != nil && *rouge
		}
	}
	return b, ok && t.System == "email" && t.Value != ""
}

// situation reads a PractitionerRole. ref: RASS §6.2
func (r *ressource) situation(e annuaire.Entete) *annuaire.Situation {
	s := &annuaire.Situation{Entete: e, Praticien: identifiantDe(annuaire.Praticiens, r.Practitioner.cible()),
		Structure: identifiantDe(annuaire.Structures, r.Organization.cible())}
	s.Du, s.Au = jour(r.Period.Start), jour(r.Period.End)
	for _, c := range r.Code {
		for _, x := range c.Coding {
			if d := destination(s, x.table()); d != nil {
				*d = x.code()
			}
		}
	}
	for _, c := range r.Specialty {
		if savoir := c.de(tablesSavoir...); !savoir.IsZero() {
			s.SavoirFaire = annuaire.Qualification{Type: c.de("R04"), Savoir: savoir}
		}
	}
	for i := range r.Extension {
		switch x := &r.Extension[i]; x.nom() {
		case "as-ext-practitionerrole-contracted":
			s.Convention = x.code()
		case "as-ext-practitionerrole-vitale-accepted":
			if x.ValueBoolean != nil {
				s.CarteVitale = map[bool]string{true: "O", false: "N"}[*x.ValueBoolean]
			}
		}
	}
	s.BAL, _ = telecoms(r.Telecom)
	return s
}

// destination is where a code of a table goes. hyp: NATIONAL-TABLES
func destination(s *annuaire.Situation, table string) *annuaire.Code {
	switch table {
	case "R22":
		return &s.Genre
	case "R23":
		return &s.Mode
	case "R21":
		return &s.Fonction
	case "R24":
		return &s.TypeLiberal
	case "R34":
		return &s.StatutSSA
	case "R32":
		return &s.StatutHospitalier
	case "G05":
		return &s.MetierPharmacien
	case "R06":
		return &s.SectionPharmacien
	}
	return nil
}

// activite reads a HealthcareService. ref: RASS §6.4
func (r *ressource) activite(e annuaire.Entete) *annuaire.Activite {
	a := &annuaire.Activite{Entete: e, Structure: identifiantDe(annuaire.Structures, r.ProvidedBy.cible()), Modalite: premier(r.Category),
		Type: premier(r.types()), Forme: premier(r.Characteristic)}
	a.Numero = r.numero(annuaire.SystemeARHGOS)
	if len(r.Eligibility) > 0 {
		a.Public = premier([]concept{r.Eligibility[0].Code})
	}
	for i := range r.Extension {
		if x := &r.Extension[i]; x.nom() == "as-ext-supported-capacity" {
			a.Sociale = true
			a.Autorisees, a.Installees = places(x.fille("capacityAvailable").ValueInteger), places(x.fille("installedCapacity").ValueInteger)
		}
	}
	a.Sociale = a.Sociale || len(r.Eligibility) > 0 || strings.Contains(typeSysteme(r.types()), "j379")
	return a
}

func typeSysteme(l []concept) string {
	if len(l) == 0 || len(l[0].Coding) == 0 {
		return ""
	}
	return strings.ToLower(l[0].Coding[0].System)
}

func places(n int64) int32 { return int32(max(0, min(n, 1<<31-1))) }

// types reads a type that is one concept or several.
func (r *ressource) types() []concept {
	var l []concept
	if json.Unmarshal(r.Type, &l) == nil {
		return l
	}
	var c concept
	if json.Unmarshal(r.Type, &c) == nil && len(c.Coding) > 0 {
		return []concept{c}
	}
	return nil
}

// equipement reads a Device. ref: RASS §6.4
func (r *ressource) equipement(e annuaire.Entete) *annuaire.Equipement {
	e.Actif = r.Status != "inactive" && r.Status != "entered-in-error"
	return &annuaire.Equipement{Entete: e, Numero: r.numero(annuaire.SystemeARHGOS), Structure: identifiantDe(annuaire.Structures, r.Owner.cible()),
		Type: premier(r.types()), Fabricant: r.Manufacturer, Modele: r.ModelNumber, Serie: r.SerialNumber, Statut: r.Status}
}

// degres reads decimal degrees in millionths.
func degres(n json.Number) (int32, bool) {
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil || f > 180 || f < -180 {
		return 0, false
	}
	if f < 0 {
		return int32(f*1e6 - 0.5), true
	}
	return int32(f*1e6 + 0.5), true
}
