package ressource

import "github.com/ecluse-sante/ecluse/internal/annuaire"

type practitioner struct {
	commun
	Name []struct {
		Family string   `json:"family"`
		Given  []string `json:"given"`
		Prefix []string `json:"prefix"`
		Suffix []string `json:"suffix"`
	} `json:"name"`
	Telecom       []contactPoint `json:"telecom"`
	Address       []address      `json:"address"`
	Gender        string         `json:"gender"`
	BirthDate     string         `json:"birthDate"`
	Qualification []struct {
		Code concept `json:"code"`
	} `json:"qualification"`
	Communication []concept `json:"communication"`
}

func lirePraticien(b []byte) (annuaire.Changement, error) {
	var r practitioner
	e, err := decoder(b, &r, &r.commun)
	if err != nil {
		return annuaire.Changement{}, err
	}
	p := &annuaire.Praticien{Entete: e, IDNat: r.de(annuaire.SystemeIDNatPS, "")}
	if p.Numero = r.de(annuaire.SystemeRPPS, ""); p.Numero != "" {
		p.TypeID = "8"
	} else if p.Numero = r.de(SystemeADELI, ""); p.Numero != "" {
		p.TypeID = "0"
	} else if len(p.IDNat) > 1 { // type then number. ref: RASS §3.1
		p.TypeID, p.Numero = p.IDNat[:1], p.IDNat[1:]
	}
	if len(r.Name) > 0 {
		n := &r.Name[0]
		p.Nom, p.Prenom = n.Family, premierTexte(n.Given)
		p.Civilite.Code, p.CiviliteExercice.Code = premierTexte(n.Prefix), premierTexte(n.Suffix)
	}
	p.BAL = joindre(r.Telecom, &p.Contact)
	if len(r.Address) > 0 {
		r.Address[0].vers(&p.Contact)
	}
	p.EtatCivil.Naissance = jourDe(r.BirthDate)
	switch r.Gender {
	case "male":
		p.EtatCivil.Sexe = "M"
	case "female":
		p.EtatCivil.Sexe = "F"
	}
	r.extensions(func(nom string, x *extension) { x.dePraticien(nom, p) })
	for i := range r.Qualification {
		r.Qualification[i].Code.qualifier(p)
	}
	for i := range r.Communication {
		p.Langues = append(p.Langues, r.Communication[i].premier())
	}
	return annuaire.Changement{Praticien: p}, nil
}

// qualifier puts a qualification in its place, which its nomenclatures tell.
func (c *concept) qualifier(p *annuaire.Praticien) {
	if k := c.du(TREAttribution); !k.IsZero() {
		p.Attributions = append(p.Attributions, k)
		return
	}
	if k := c.du(TREProfession); !k.IsZero() {
		p.Profession = k
	}
	if k := c.du(TRECategorie); !k.IsZero() {
		p.Categorie = k
	}
	var q annuaire.Qualification
	var d annuaire.Diplome
	for i := range c.Coding {
		switch k := &c.Coding[i]; {
		case k.System == TRETypeSavoir:
			q.Type = k.code()
		case EstSavoir(k.System):
			q.Savoir = k.code()
		case k.System == TRETypeDiplome:
			d.Type = k.code()
		case EstDiplome(k.System):
			d.Diplome = k.code()
		}
	}
	if q != (annuaire.Qualification{}) {
		p.SavoirFaire = append(p.SavoirFaire, q)
	}
	if d != (annuaire.Diplome{}) {
		p.Diplomes = append(p.Diplomes, d)
	}
}

func (x *extension) dePraticien(nom string, p *annuaire.Praticien) {
	switch nom {
	case "as-ext-smartcard":
		du := x.sous("period").Period
		p.Cartes = append(p.Cartes, annuaire.Carte{Type: x.sous("type").Concept.premier(), Numero: x.sous("number").String,
			Du: jourDe(du.Start), Au: jourDe(du.End), OpposeeLe: jourDe(x.sous("oppositionDate").DateTime)})
	case "as-ext-registration":
		du := x.sous("period").Period
		p.Inscriptions = append(p.Inscriptions, annuaire.Inscription{Autorite: x.sous("registeringOrganization").Concept.premier(), Statut: x.sous("status").Concept.premier(),
			Departement: x.sous("hostingDepartment").Concept.premier(), Premiere: x.sous("isFirst").Boolean, Du: jourDe(du.Start), Au: jourDe(du.End)})
	case "as-ext-practitioner-authorization", "as-ext-frpractitioner-authorization":
		p.Diplomes = append(p.Diplomes, annuaire.Diplome{TypeAutorisation: x.sous("type").Concept.premier(), Discipline: x.sous("field").Concept.premier()})
	case "as-ext-digital-certificate":
		p.Certificats = append(p.Certificats, x.certificat())
	}
}

func (x *extension) certificat() annuaire.Certificat {
	du := x.sous("validity").Period
	return annuaire.Certificat{Serie: x.sous("serialNumber").String, Emetteur: x.sous("issuer").String, Sujet: x.sous("subject").String, Du: jourDe(du.Start), Au: jourDe(du.End),
		Domaine: x.sous("domain").String, Usage: x.sous("keyUsage").String, DER: x.sous("value").Piece.Data}
}

type practitionerRole struct {
	commun
	Period       period         `json:"period"`
	Practitioner reference      `json:"practitioner"`
	Organization reference      `json:"organization"`
	Code         []concept      `json:"code"`
	Specialty    []concept      `json:"specialty"`
	Telecom      []contactPoint `json:"telecom"`
}

func lireSituation(b []byte) (annuaire.Changement, error) {
	var r practitionerRole
	e, err := decoder(b, &r, &r.commun)
	if err != nil {
		return annuaire.Changement{}, err
	}
	e.Du, e.Au = jourDe(r.Period.Start), jourDe(r.Period.End)
	s := &annuaire.Situation{Entete: e, Praticien: r.Practitioner.idDe(annuaire.Praticiens), Structure: r.Organization.idDe(annuaire.Structures),
		Mode: parmi(r.Code, TREMode), Genre: parmi(r.Code, TREGenre), Fonction: parmi(r.Code, TREFonction), SectionPharmacien: parmi(r.Code, TRESection),
		TypeLiberal: parmi(r.Code, TRELiberal), StatutSSA: parmi(r.Code, TRESSA), StatutHospitalier: parmi(r.Code, TREHospitalier), MetierPharmacien: parmi(r.Code, TREPharmacien)}
	s.SavoirFaire.Type = parmi(r.Specialty, TRETypeSavoir)
	s.SavoirFaire.Savoir = parmi(r.Specialty, TRESavoir(s.SavoirFaire.Type.Code))
	var aucune annuaire.Coordonnees
	s.BAL = joindre(r.Telecom, &aucune)
	r.extensions(func(nom string, x *extension) {
		switch nom {
		case "as-ext-practitionerrole-contracted":
			s.Convention = x.Concept.premier()
		case "as-ext-practitionerrole-vitale-accepted":
			if s.CarteVitale = "N"; x.Boolean {
				s.CarteVitale = "O"
			}
		}
	})
	return annuaire.Changement{Situation: s}, nil
}
