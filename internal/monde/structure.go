package monde

import (
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Role is what a structure does in the exchange.
type Role string

// The roles.
const (
	RoleAnnuaire      Role = "ANNUAIRE"
	RoleAMC           Role = "AMC"
	RoleOperateur     Role = "OTP"
	RoleRelais        Role = "OCT"
	RoleEtablissement Role = "ES"
)

// Structure is a legal person of the world. Its certificates carry IDNat.
type Structure struct {
	Cle         string // short name, stable: directories, command line
	Nom         string // as a person reads it, 60 characters at most
	Role        Role
	SIREN       sante.SIREN
	SIRET       sante.SIRET
	IDNat       string // Struct_IdNat of its certificates. ref: PKI §3
	Identifiant string // in envelopes: FINESS, AMC number, or name of the relay. ref: ROC §5.1
	Departement string // of the subject of its certificates
}

// Etablissement is a hospital.
type Etablissement struct {
	Structure
	Finess    sante.FINESS // legal entity
	FinessGeo sante.FINESS // its one site
	Categorie roc.Categorie
	Face      string // of its questions: REST or SOAP
	Relais    string // Cle of the relay that carries them, or ""
}

// Roc is the hospital as its questions say it.
func (e *Etablissement) Roc() roc.Etablissement {
	return roc.Etablissement{FinessJuridique: e.Finess, FinessGeo: e.FinessGeo, Categorie: e.Categorie}
}

// laboratoire is the département of every structure: none has this number.
const laboratoire = "Laboratoire (00)"

// Keys of the structures, for those who ask the world for one.
const (
	CleAnnuaire       = "annuaire"
	CleOperateur      = "operateur-gue"
	CleRelais         = "relais-passeurs"
	CleRelaisEtranger = "relais-inconnu"
	CleHopital        = "ch-combe"
	CleNonLucratif    = "hopital-brumes"
	CleClinique       = "clinique-lac"
	CleMoulin         = "amc-moulin"
	CleMarees         = "amc-marees"
	ClePhare          = "amc-phare"
	CleVerger         = "amc-verger"
)

// parties makes the structures that are neither insurers nor hospitals.
func (m *Monde) parties(a *atelier) {
	m.Gestionnaire = a.structure(CleAnnuaire, "ANNUAIRE AMC DU LABORATOIRE (fictif)", RoleAnnuaire, "999100100", "ANNUAIRE")
	m.Operateur = a.structure(CleOperateur, "OPÉRATEUR DU GUÉ-QUI-CHANTE (fictif)", RoleOperateur, "999100209", "OTPGUE")
	m.Relais = a.structure(CleRelais, "CONCENTRATEUR DES PASSEURS D'AUBE (fictif)", RoleRelais, "999100308", "OCTPASSEURS")
	m.RelaisEtranger = a.structure(CleRelaisEtranger, "RELAIS DE NULLE-PART, NON ADMIS (fictif)", RoleRelais, "999100407", "OCTNULLEPART")
}

// etablissements makes the three hospitals: public, private non-profit, clinic.
// Their ways of asking differ: SOAP, REST, and REST through the relay.
func (m *Monde) etablissements(a *atelier) {
	m.Etablissements = []Etablissement{
		a.etablissement(CleHopital, "CENTRE HOSPITALIER DE LA COMBE-AUX-FÉES (fictif)", "999100506", "990001018", "990001026", roc.EPS),
		a.etablissement(CleNonLucratif, "HÔPITAL NOTRE-DAME-DES-BRUMES (fictif)", "999100605", "990002016", "990002024", roc.PNL),
		a.etablissement(CleClinique, "CLINIQUE DU LAC-SANS-FOND (fictive)", "999100704", "990003014", "990003022", roc.OQN),
	}
	m.Etablissements[0].Face = "SOAP"
	m.Etablissements[2].Relais = CleRelais
}

func (a *atelier) structure(cle, nom string, role Role, siren, identifiant string) Structure {
	return Structure{
		Cle: cle, Nom: nom, Role: role, SIREN: lire(a, siren, sante.ParseSIREN), SIRET: lire(a, siretDe(siren), sante.ParseSIRET),
		IDNat: "2" + siren, Identifiant: identifiant, Departement: laboratoire,
	}
}

func (a *atelier) etablissement(cle, nom, siren, juridique, geo string, c roc.Categorie) Etablissement {
	e := Etablissement{
		Structure: a.structure(cle, nom, RoleEtablissement, siren, juridique),
		Finess:    lire(a, juridique, sante.ParseFINESS), FinessGeo: lire(a, geo, sante.ParseFINESS), Categorie: c, Face: "REST",
	}
	e.IDNat = "1" + juridique
	return e
}

// siretDe is the first establishment of a SIREN: 0001 and the Luhn key.
func siretDe(siren string) string {
	base := siren + "0001"
	for cle := '0'; cle <= '9'; cle++ {
		if _, err := sante.ParseSIRET(base + string(cle)); err == nil {
			return base + string(cle)
		}
	}
	return base
}
