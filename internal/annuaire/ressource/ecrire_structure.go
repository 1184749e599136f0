package ressource

import (
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Structure writes an Organization. ref: RASS §6.3
func (e *Ecriture) Structure(s *annuaire.Structure) {
	w := e.W
	o := w.Object("")
	e.tete(annuaire.Structures, annuaire.Structures, &s.Entete)
	a := w.Array("extension")
	e.extension(guide+"as-ext-organization-pharmacy-licence", "valueString", s.Licence)
	e.extensionConcept(guide+"as-ext-organization-closing-type", TREFermeture, s.TypeFermeture)
	e.extensionPeriode("http://hl7.org/fhir/StructureDefinition/organization-period", s.Du, s.Au)
	e.certificats(s.Certificats)
	e.membres(s.Membres)
	w.End(a)
	a = w.Array("identifier")
	e.identifiant("IDNST", annuaire.SystemeIDNatStruct, s.IDNat)
	if s.Sorte == annuaire.EntiteJuridique {
		e.identifiant("FINEJ", annuaire.SystemeFINESS, s.FINESSJuridique)
	} else {
		e.identifiant("FINEG", annuaire.SystemeFINESS, s.FINESS)
	}
	e.identifiant("SIREN", annuaire.SystemeSIRENE, s.SIREN)
	e.identifiant("SIRET", annuaire.SystemeSIRENE, s.SIRET)
	e.identifiant("RPPSRG", annuaire.SystemeRPPSRang, s.RPPSRang)
	switch s.Sorte { // ref: RASS §11
	case annuaire.OrganismeComplementaire:
		e.identifiant("", e.Profils.amc, s.IDTechnique)
	case annuaire.OperateurTiers:
		e.identifiant("", e.Profils.operateur, s.IDTechnique)
	}
	w.End(a)
	w.Bool("active", s.Actif)
	e.corpsStructure(s)
	w.End(o)
}

func (e *Ecriture) corpsStructure(s *annuaire.Structure) {
	w := e.W
	a := w.Array("type")
	e.typeOrganisation("organizationType", TypesOrganisation, annuaire.Code{Code: sorteDe(s.Sorte)})
	e.typeOrganisation("secteurActiviteRASS", TRESecteur, s.Secteur)
	e.concept("", TREEtablissement, s.Categorie)
	e.typeOrganisation("statutJuridiqueINSEE", TREStatutJuridique, s.StatutJuridique)
	e.typeOrganisation("sphParticipation", TRESPH, s.SPH)
	w.End(a)
	w.String("name", s.RaisonSociale)
	if s.Enseigne != s.RaisonSociale {
		e.seul("alias", s.Enseigne)
	}
	a = w.Array("telecom")
	e.bals(s.BAL)
	e.coordonnees(&s.Adresse)
	w.End(a)
	a = w.Array("address")
	e.adresse(&s.Adresse, s.Situee, s.Latitude, s.Longitude)
	w.End(a)
	e.vers("partOf", annuaire.Structures, s.Juridique)
}

// sorteDe is the code of a kind of structure. hyp: FHIR-RESEAU
func sorteDe(s annuaire.Sorte) string {
	switch s {
	case annuaire.EntiteJuridique:
		return "LEGAL-ENTITY"
	case annuaire.ReseauDeSante:
		return "NETWORK"
	case annuaire.OrganismeComplementaire:
		return "INSURER"
	case annuaire.OperateurTiers:
		return "OPERATOR"
	case annuaire.SiteGeographique:
		return "GEOGRAPHICAL-ENTITY"
	}
	return ""
}

// typeOrganisation writes a type with the mark of its slice.
func (e *Ecriture) typeOrganisation(marque, systeme string, c annuaire.Code) {
	if c.IsZero() {
		return
	}
	w := e.W
	m := w.Object("")
	a := w.Array("extension")
	e.extension(marques, "valueCode", marque)
	w.End(a)
	a = w.Array("coding")
	w.Coding("", systeme, c.Code, c.Libelle)
	w.End(a)
	w.End(m)
}

// membres writes who belongs to a network. hyp: FHIR-RESEAU
func (e *Ecriture) membres(l []annuaire.Adhesion) {
	w := e.W
	for i := range l {
		a := &l[i]
		if a.Nature != annuaire.Praticiens && a.Nature != annuaire.Structures {
			continue
		}
		m := w.Object("")
		w.String("url", e.Profils.membre)
		x := w.Array("extension")
		o := w.Object("")
		w.String("url", "membre")
		e.vers("valueReference", a.Nature, a.ID)
		w.End(o)
		e.extensionConcept("role", e.Profils.role, a.Role)
		e.extensionPeriode("periode", a.Du, a.Au)
		w.End(x)
		w.End(m)
	}
}
