package ressource

import (
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

type organization struct {
	commun
	Type    []concept      `json:"type"`
	Name    string         `json:"name"`
	Alias   []string       `json:"alias"`
	Telecom []contactPoint `json:"telecom"`
	Address []address      `json:"address"`
	PartOf  reference      `json:"partOf"`
}

func lireStructure(b []byte) (annuaire.Changement, error) {
	var r organization
	e, err := decoder(b, &r, &r.commun)
	if err != nil {
		return annuaire.Changement{}, err
	}
	s := &annuaire.Structure{Entete: e, IDNat: r.de(annuaire.SystemeIDNatStruct, ""), FINESS: r.de(annuaire.SystemeFINESS, "FINEG"),
		FINESSJuridique: r.de(annuaire.SystemeFINESS, "FINEJ"), SIRET: r.de(annuaire.SystemeSIRENE, "SIRET"), SIREN: r.de(annuaire.SystemeSIRENE, "SIREN"),
		RPPSRang: r.de(annuaire.SystemeRPPSRang, ""), RaisonSociale: r.Name, Enseigne: premierTexte(r.Alias), Juridique: r.PartOf.idDe(annuaire.Structures),
		Sorte: lireSorte(parmi(r.Type, TypesOrganisation).Code), Secteur: parmi(r.Type, TRESecteur), Categorie: parmi(r.Type, TREEtablissement),
		StatutJuridique: parmi(r.Type, TREStatutJuridique), SPH: parmi(r.Type, TRESPH)}
	for _, x := range r.Identifier {
		if strings.HasSuffix(x.System, "/numero-amc") || strings.HasSuffix(x.System, "/numero-operateur") {
			s.IDTechnique = x.Value
		}
	}
	s.BAL = joindre(r.Telecom, &s.Adresse)
	if len(r.Address) > 0 {
		s.Latitude, s.Longitude, s.Situee = r.Address[0].vers(&s.Adresse)
	}
	r.extensions(func(nom string, x *extension) { x.deStructure(nom, s) })
	return annuaire.Changement{Structure: s}, nil
}

func lireSorte(code string) annuaire.Sorte {
	for s := annuaire.SiteGeographique; s <= annuaire.OperateurTiers; s++ {
		if sorteDe(s) == code {
			return s
		}
	}
	return 0
}

func (x *extension) deStructure(nom string, s *annuaire.Structure) {
	switch nom {
	case "as-ext-organization-pharmacy-licence":
		s.Licence = x.String
	case "as-ext-organization-closing-type":
		s.TypeFermeture = x.Concept.premier()
	case "organization-period":
		s.Du, s.Au = jourDe(x.Period.Start), jourDe(x.Period.End)
	case "as-ext-digital-certificate":
		s.Certificats = append(s.Certificats, x.certificat())
	case "reseau-membre":
		r, du := x.sous("membre").Reference, x.sous("periode").Period
		for _, n := range [...]annuaire.Nature{annuaire.Praticiens, annuaire.Structures} {
			if id := r.idDe(n); id != "" {
				s.Membres = append(s.Membres, annuaire.Adhesion{Nature: n, ID: id, Role: x.sous("role").Concept.premier(), Du: jourDe(du.Start), Au: jourDe(du.End)})
			}
		}
	}
}

type healthcareService struct {
	commun
	ProvidedBy  reference `json:"providedBy"`
	Category    []concept `json:"category"`
	Type        []concept `json:"type"`
	Eligibility []struct {
		Code concept `json:"code"`
	} `json:"eligibility"`
	Characteristic []concept `json:"characteristic"`
}

func lireActivite(b []byte) (annuaire.Changement, error) {
	var r healthcareService
	e, err := decoder(b, &r, &r.commun)
	if err != nil {
		return annuaire.Changement{}, err
	}
	a := &annuaire.Activite{Entete: e, Structure: r.ProvidedBy.idDe(annuaire.Structures)}
	for _, s := range r.Meta.Profile {
		a.Sociale = a.Sociale || strings.Contains(s, "-social-equipment")
	}
	for _, s := range [...]string{annuaire.SystemeARHGOS, annuaire.SystemeARHGOS + "/"} {
		if v := r.de(s, ""); v != "" {
			a.Numero = v
		}
	}
	premier := func(l []concept) annuaire.Code {
		if len(l) == 0 {
			return annuaire.Code{}
		}
		return l[0].premier()
	}
	a.Modalite, a.Type, a.Forme = premier(r.Category), premier(r.Type), premier(r.Characteristic)
	if len(r.Eligibility) > 0 {
		a.Public = r.Eligibility[0].Code.premier()
	}
	r.extensions(func(nom string, x *extension) {
		if nom == "as-ext-supported-capacity" {
			a.Autorisees, a.Installees = x.sous("capacityAvailable").Integer, x.sous("installedCapacity").Integer
		}
	})
	return annuaire.Changement{Activite: a}, nil
}

type device struct {
	commun
	Status       string    `json:"status"`
	Manufacturer string    `json:"manufacturer"`
	SerialNumber string    `json:"serialNumber"`
	ModelNumber  string    `json:"modelNumber"`
	Type         concept   `json:"type"`
	Owner        reference `json:"owner"`
}

func lireEquipement(b []byte) (annuaire.Changement, error) {
	var r device
	e, err := decoder(b, &r, &r.commun)
	if err != nil {
		return annuaire.Changement{}, err
	}
	e.Actif = r.Status != "inactive" && r.Status != "entered-in-error"
	return annuaire.Changement{Equipement: &annuaire.Equipement{Entete: e, Numero: r.de(annuaire.SystemeARHGOS, ""), Structure: r.Owner.idDe(annuaire.Structures),
		Type: r.Type.premier(), Fabricant: r.Manufacturer, Modele: r.ModelNumber, Serie: r.SerialNumber, Statut: r.Status}}, nil
}

type endpoint struct {
	commun
	Status               string    `json:"status"`
	Name                 string    `json:"name"`
	ManagingOrganization reference `json:"managingOrganization"`
	Period               period    `json:"period"`
}

// lireAcces reads what ecrire writes: the form is ours.
func lireAcces(b []byte) (annuaire.Changement, error) {
	var r endpoint
	e, err := decoder(b, &r, &r.commun)
	if err != nil {
		return annuaire.Changement{}, err
	}
	e.Actif, e.Du, e.Au = r.Status == "active", jourDe(r.Period.Start), jourDe(r.Period.End)
	a := &annuaire.PointAcces{Entete: e, Libelle: r.Name, Organisme: r.ManagingOrganization.idDe(annuaire.Structures)}
	for i := range r.Identifier {
		switch x := &r.Identifier[i]; {
		case strings.HasSuffix(x.System, "/point-acces"):
			a.Numero = x.Value
		case strings.HasSuffix(x.System, "/numero-amc"):
			a.NumeroAMC = x.Value
		}
	}
	r.extensions(func(nom string, x *extension) {
		switch nom {
		case "service-acces":
			a.Services = append(a.Services, x.serviceAcces())
		case "mandat-acces":
			du := x.sous("periode").Period
			a.Mandat = annuaire.Mandat{ID: x.sous("id").String, Libelle: x.sous("libelle").String, Structure: x.sous("structure").String, Du: jourDe(du.Start), Au: jourDe(du.End)}
		}
	})
	return annuaire.Changement{Acces: a}, nil
}

func (x *extension) serviceAcces() annuaire.ServiceAcces {
	du := x.sous("periode").Period
	s := annuaire.ServiceAcces{Service: x.sous("service").Code, Adresse: x.sous("adresse").Adresse, Du: jourDe(du.Start), Au: jourDe(du.End)}
	for i := range x.Extension {
		switch y := &x.Extension[i]; y.nom() {
		case "norme":
			s.Normes = append(s.Normes, y.Code)
		case "empreinte":
			s.Empreintes = append(s.Empreintes, y.String)
		}
	}
	return s
}
