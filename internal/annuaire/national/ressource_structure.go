package national

import (
	"encoding/json"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// structure reads an Organization. ref: RASS §6.3
func (r *ressource) structure(e annuaire.Entete) *annuaire.Structure {
	s := &annuaire.Structure{Entete: e, IDNat: r.numero(annuaire.SystemeIDNatStruct), RPPSRang: r.numero(annuaire.SystemeRPPSRang),
		SIREN: r.numero(annuaire.SystemeSIRENE, "SIREN"), SIRET: r.numero(annuaire.SystemeSIRENE, "SIRET"),
		FINESS: r.numero(annuaire.SystemeFINESS, "FINEG"), FINESSJuridique: r.numero(annuaire.SystemeFINESS, "FINEJ"),
		Sorte: annuaire.SiteGeographique, Juridique: identifiantDe(annuaire.Structures, r.PartOf.cible())}
	_ = json.Unmarshal(r.Name, &s.RaisonSociale) // a name that is not a text is no name
	s.Enseigne = strings.Join(r.Alias, " ")
	for _, c := range r.types() {
		typer(s, c)
	}
	var contact annuaire.Coordonnees
	s.BAL, contact = telecoms(r.Telecom)
	if len(r.Address) > 0 {
		s.Adresse = r.Address[0].coordonnees()
		s.Latitude, s.Longitude, s.Situee = r.Address[0].position()
	}
	s.Adresse.Telephone, s.Adresse.Telephone2, s.Adresse.Telecopie, s.Adresse.Courriel = contact.Telephone, contact.Telephone2, contact.Telecopie, contact.Courriel
	for i := range r.Extension {
		switch x := &r.Extension[i]; x.nom() {
		case "as-ext-organization-pharmacy-licence":
			s.Licence = x.ValueString
		case "as-ext-organization-closing-type":
			s.TypeFermeture = x.code()
		case "organization-period":
			s.Du, s.Au = jour(x.ValuePeriod.Start), jour(x.ValuePeriod.End)
		case "as-ext-digital-certificate":
			s.Certificats = append(s.Certificats, certificat(x))
		default:
			if a, ok := adhesion(x); ok {
				s.Membres = append(s.Membres, a)
			}
		}
	}
	return s
}

// adhesion reads a member of a network, as our nodes write them: the guide has no
// networks.
func adhesion(x *extension) (a annuaire.Adhesion, ok bool) {
	membre, role, periode := x.fille("membre"), x.fille("role"), x.fille("periode")
	r := membre.ValueReference
	for _, t := range [...]string{"Practitioner", "Organization"} {
		if strings.Contains("/"+r.Reference, "/"+t+"/") {
			a = annuaire.Adhesion{Nature: natures[t], ID: identifiantDe(natures[t], r.cible()), Role: role.code(),
				Du: jour(periode.ValuePeriod.Start), Au: jour(periode.ValuePeriod.End)}
			return a, true
		}
	}
	return a, false
}

// typer reads a type of an Organization, by the table of its code, or by the code
// itself for the kind. hyp: NATIONAL-TABLES
func typer(s *annuaire.Structure, c concept) {
	for _, x := range c.Coding {
		switch x.Code {
		case "LEGAL-ENTITY":
			s.Sorte = annuaire.EntiteJuridique
			continue
		case "GEOGRAPHICAL-ENTITY":
			continue
		case "NETWORK":
			s.Sorte = annuaire.ReseauDeSante
			continue
		}
		switch x.table() {
		case "R02":
			s.Secteur = x.code()
		case "R66":
			s.Categorie = x.code()
		case "R72":
			s.StatutJuridique = x.code()
		case "R73":
			s.SPH = x.code()
		}
	}
}

// coordonnees reads an address: by the parts of its line, else as it is written.
func (a *adresse) coordonnees() annuaire.Coordonnees {
	c := annuaire.Coordonnees{CodePostal: a.PostalCode, Commune: annuaire.Code{Libelle: a.City}, Pays: annuaire.Code{Code: a.Country},
		Departement: annuaire.Code{Code: a.District}}
	for i := range a.Extension {
		if x := &a.Extension[i]; strings.HasSuffix(x.nom(), "insee-code") || x.nom() == "inseeCode" {
			c.Commune.Code = x.code().Code
		}
	}
	parts := false
	for _, l := range a.LineDetail {
		if l == nil {
			continue
		}
		for i := range l.Extension {
			parts = partie(&c, &l.Extension[i]) || parts
		}
	}
	if ligne := strings.Join(a.Line, " "); !parts {
		c.LibelleVoie = ligne
	} else {
		c.TypeVoie.Libelle = typeVoie(&c, ligne)
	}
	return c
}

// typeVoie finds the kind of street in a line whose other parts are known: what is left
// between the number and the name.
func typeVoie(c *annuaire.Coordonnees, ligne string) string {
	for _, s := range [...]string{c.NumeroVoie, c.Indice} {
		if s != "" {
			reste, ok := strings.CutPrefix(ligne, s+" ")
			if !ok {
				return ""
			}
			ligne = reste
		}
	}
	if c.LibelleVoie == "" {
		return ""
	}
	s, ok := strings.CutSuffix(ligne, " "+c.LibelleVoie)
	if !ok || len(s) > 40 {
		return ""
	}
	return s
}

// partie sets one part of a line.
func partie(c *annuaire.Coordonnees, x *extension) bool {
	nom := x.nom()
	i := strings.LastIndexByte(nom, '-')
	d := map[string]*string{"careOf": &c.Destinataire, "additionalLocator": &c.PointGeographique, "houseNumber": &c.NumeroVoie,
		"buildingNumberSuffix": &c.Indice, "streetNameType": &c.TypeVoie.Code, "streetNameBase": &c.LibelleVoie, "postBox": &c.Mention}[nom[i+1:]]
	if d == nil {
		return false
	}
	*d = x.ValueString
	return true
}

// position reads coordinates on the ground.
func (a *adresse) position() (latitude, longitude int32, dite bool) {
	for i := range a.Extension {
		if x := &a.Extension[i]; x.nom() == "geolocation" {
			la, ok1 := degres(x.fille("latitude").ValueDecimal)
			lo, ok2 := degres(x.fille("longitude").ValueDecimal)
			if ok1 && ok2 && la <= 90_000_000 && la >= -90_000_000 {
				return la, lo, true
			}
		}
	}
	return 0, 0, false
}
