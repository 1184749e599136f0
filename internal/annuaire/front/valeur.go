package front

import (
	"math"
	"strings"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"
)

// valeur is one value of a parameter.
func (t *traduction) valeur(c *fhir.Criterion, v *fhir.Value, n annuaire.Nature) (annuaire.Critere, error) {
	switch c.Param.ID {
	case pID:
		return annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParID, Valeur: v.Text}, nil
	case pMaj:
		return instant(v), nil
	case pProfil:
		return t.profil(c, v, n)
	case pIdentifiant:
		return identifiant(c, v, n), nil
	case pNom, pAdresse:
		return mots(c, v, n), nil
	case pBAL:
		return bal(c, v), nil
	case pPres:
		return annuaire.Critere{Op: annuaire.Pres, Champ: annuaire.ParLieu, Latitude: v.Latitude, Longitude: v.Longitude, Rayon: v.Radius}, nil
	case pPraticien, pStructure, pPartOf:
		return reference(c, v), nil
	case pNumeroCarte, pLicence:
		return entiere(c, v)
	case pStatut:
		return statut(v), nil
	}
	if c.Param.Kind == fhir.KindString {
		return annuaire.Critere{Op: operateur(c), Champ: champs[c.Param.ID][0].champ, Valeur: v.Text}, nil
	}
	return code(c, v), nil
}

// operateur is how a text compares. ref: FHIR R4 search §3.1.1.4.8
func operateur(c *fhir.Criterion) annuaire.Operateur {
	switch c.Modifier {
	case fhir.Exact:
		return annuaire.Exact
	case fhir.Contains:
		return annuaire.Contient
	}
	return annuaire.Prefixe
}

// entiere is a value that is only compared whole.
func entiere(c *fhir.Criterion, v *fhir.Value) (annuaire.Critere, error) {
	if c.Modifier == fhir.Contains {
		return annuaire.Critere{}, refus(fhir.CodeNotSupported, c.Param.Name, "ce numéro ne se cherche qu'entier : retirer :contains")
	}
	return annuaire.Critere{Op: annuaire.Egal, Champ: champs[c.Param.ID][0].champ, Valeur: v.Text}, nil
}

// code is a token of one of the nomenclatures of its parameter.
func code(c *fhir.Criterion, v *fhir.Value) annuaire.Critere {
	if v.HasSystem && v.System == "" {
		return rien() // a code without system: none of ours is
	}
	l := make([]annuaire.Critere, 0, 4)
	for _, x := range champs[c.Param.ID] {
		switch {
		case v.HasSystem && !x.du(v.System):
		case v.Text == "":
			l = append(l, annuaire.Critere{Op: annuaire.Present, Champ: x.champ})
		default:
			l = append(l, annuaire.Critere{Op: annuaire.Egal, Champ: x.champ, Valeur: v.Text})
		}
	}
	return unDe(l)
}

// statut is the status of an equipment as it is written: a record that is no longer
// active is inactive whatever it says, one that says nothing is active.
func statut(v *fhir.Value) annuaire.Critere {
	actif := func(oui string) annuaire.Critere {
		return annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParActif, Valeur: oui}
	}
	k := annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParStatut, Valeur: v.Text}
	if v.Text == "active" {
		k = annuaire.Critere{Op: annuaire.Ou, Fils: []annuaire.Critere{k, {Op: annuaire.Non, Fils: []annuaire.Critere{{Op: annuaire.Present, Champ: annuaire.ParStatut}}}}}
	}
	k = annuaire.Critere{Op: annuaire.Et, Fils: []annuaire.Critere{actif("true"), k}}
	if v.Text == "inactive" {
		k = annuaire.Critere{Op: annuaire.Ou, Fils: []annuaire.Critere{actif("false"), k}}
	}
	return k
}

// instant is a date of change.
func instant(v *fhir.Value) annuaire.Critere {
	de, a, dehors := v.Range()
	k := annuaire.Critere{Op: annuaire.Entre, Champ: annuaire.ParMaj, De: max(de, 0), A: a}
	switch {
	case a <= 0:
		k = rien()
	case a == math.MaxInt64:
		k.A = 0
	}
	if dehors {
		return annuaire.Critere{Op: annuaire.Non, Fils: []annuaire.Critere{k}}
	}
	return k
}

// reference is the ID of what is referred to, or a criterion on its identifier.
func reference(c *fhir.Criterion, v *fhir.Value) annuaire.Critere {
	champ, cible := champs[c.Param.ID][0].champ, ressource.NatureDe(c.Param.Targets[0])
	switch {
	case c.Modifier == fhir.Identifier:
		return annuaire.Critere{Op: annuaire.Vers, Champ: champ, Nature: cible, Fils: []annuaire.Critere{identifiant(c, v, cible)}}
	case v.System != "":
		return rien() // a resource of another server
	}
	return annuaire.Critere{Op: annuaire.Egal, Champ: champ, Valeur: v.Text}
}

// alias are the systems of identifiers that are dead, with the one that replaced each.
// ref: RASS §3.4
func alias(systeme string) string {
	switch systeme {
	case "http://rpps.fr", "http://rpps.esante.gouv.fr":
		return annuaire.SystemeRPPS
	case "http://finess.sante.gouv.fr", "http://finess.esante.gouv.fr":
		return annuaire.SystemeFINESS
	case "http://sirene.fr", "https://siret.sirene.fr", "http://siret.sirene.fr":
		return annuaire.SystemeSIRENE
	case "http://adeli.fr", "http://adeli.esante.gouv.fr":
		return ressource.SystemeADELI
	case "https://arhgos.ars.sante.fr/":
		return annuaire.SystemeARHGOS
	}
	return systeme
}

// identifiant is an identifier, with its system or its type, or alone.
func identifiant(c *fhir.Criterion, v *fhir.Value, n annuaire.Nature) annuaire.Critere {
	valeur := annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParIdentifiant, Valeur: v.Text}
	type_ := v.Type
	systeme := alias(v.System)
	switch {
	case c.Modifier == fhir.OfType:
	case v.HasSystem && n == annuaire.Situations:
		if systeme != annuaire.SystemeRPPS || v.Text == "" {
			return rien()
		}
		return annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParID, Valeur: v.Text}
	case n == annuaire.Situations:
		return annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParID, Valeur: v.Text}
	case systeme == ressource.SystemeADELI:
		type_ = "ADELI" // the image has its number without its system
	case v.HasSystem && v.System == "":
		return rien()
	case v.HasSystem && v.Text == "":
		return typesDe(systeme)
	case v.HasSystem && n == annuaire.Activites && systeme == annuaire.SystemeARHGOS:
		return valeur // the image has its number without its system
	case v.HasSystem:
		valeur.Valeur = annuaire.CleIdentifiant(systeme, v.Text)
		return valeur
	default:
		return valeur
	}
	type_c := annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParTypeIdentifiant, Valeur: type_}
	if v.Text == "" {
		return type_c
	}
	return annuaire.Critere{Op: annuaire.Et, Fils: []annuaire.Critere{valeur, type_c}}
}

// typesDe is any identifier of a system.
func typesDe(systeme string) annuaire.Critere {
	var l []annuaire.Critere
	for _, t := range [...]struct{ systeme, type_ string }{
		{annuaire.SystemeRPPS, "RPPS"}, {annuaire.SystemeIDNatPS, "IDNPS"}, {annuaire.SystemeIDNatStruct, "IDNST"}, {annuaire.SystemeFINESS, "FINEG"},
		{annuaire.SystemeFINESS, "FINEJ"}, {annuaire.SystemeRPPSRang, "RPPSRG"}, {annuaire.SystemeSIRENE, "SIREN"}, {annuaire.SystemeSIRENE, "SIRET"},
	} {
		if t.systeme == systeme {
			l = append(l, annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParTypeIdentifiant, Valeur: t.type_})
		}
	}
	return unDe(l)
}

// mots asks each word of a text of one of several fields.
func mots(c *fhir.Criterion, v *fhir.Value, n annuaire.Nature) annuaire.Critere {
	de := []annuaire.Champ{annuaire.ParNom}
	switch {
	case c.Param.ID == pAdresse:
		de = []annuaire.Champ{annuaire.ParVoie, annuaire.ParCommune, annuaire.ParCodePostal}
	case n == annuaire.Praticiens:
		de = []annuaire.Champ{annuaire.ParNom, annuaire.ParPrenom}
	}
	op := operateur(c)
	if len(de) == 1 || op == annuaire.Exact {
		l := make([]annuaire.Critere, len(de))
		for i, ch := range de {
			l[i] = annuaire.Critere{Op: op, Champ: ch, Valeur: v.Text}
		}
		return unDe(l)
	}
	var tous []annuaire.Critere
	for m := range strings.FieldsSeq(v.Text) {
		l := make([]annuaire.Critere, len(de))
		for i, ch := range de {
			l[i] = annuaire.Critere{Op: op, Champ: ch, Valeur: m}
		}
		tous = append(tous, unDe(l))
	}
	if len(tous) == 1 {
		return tous[0]
	}
	return annuaire.Critere{Op: annuaire.Et, Fils: tous}
}

// bal is an address, its beginning or a part of it; a part that begins at the @ is
// asked of the domains, which are few.
func bal(c *fhir.Criterion, v *fhir.Value) annuaire.Critere {
	s := strings.ToLower(v.Text)
	switch {
	case c.Modifier == fhir.Exact:
		return annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParBAL, Valeur: s}
	case c.Modifier == fhir.Contains && strings.LastIndexByte(s, '@') == 0:
		return annuaire.Critere{Op: annuaire.Prefixe, Champ: annuaire.ParDomaineBAL, Valeur: s[1:]}
	}
	return annuaire.Critere{Op: operateur(c), Champ: annuaire.ParBAL, Valeur: s}
}

// profil is a profile of the guide, with or without its version. The two of activities
// are told apart by a sieve.
func (t *traduction) profil(c *fhir.Criterion, v *fhir.Value, n annuaire.Nature) (annuaire.Critere, error) {
	sans := func(s string) string { s, _, _ = strings.Cut(s, "|"); return s }
	for i, p := range c.Type.Profiles {
		if p != v.Text && sans(p) != v.Text {
			continue
		}
		if n != annuaire.Activites {
			return annuaire.Critere{Op: annuaire.Et}, nil
		}
		if len(c.Path) > 0 || len(c.Values) > 1 {
			return annuaire.Critere{}, refus(fhir.CodeNotSupported, c.Param.Name, "ce profil se cherche seul, et directement sur HealthcareService")
		}
		t.tamis = append(t.tamis, tamis{social: i >= 2})
		return annuaire.Critere{}, nil
	}
	return rien(), nil
}
