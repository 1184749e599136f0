package front

import (
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// A record that is no longer active keeps its identifiers and shows little else: it is
// not found by what it does not show. ref: RASS §4, §8

// cheminsCherches are the paths that each parameter reads; those that are not there read
// what every record shows.
var cheminsCherches = [len(champs)]annuaire.Chemins{
	pNom: 1 << annuaire.CheminNom, pFamille: 1 << annuaire.CheminNom, pPrenom: 1 << annuaire.CheminNom,
	pBAL: 1 << annuaire.CheminBAL, pTypeBAL: 1 << annuaire.CheminBAL, pNumeroCarte: 1 << annuaire.CheminCarte, pTypeCarte: 1 << annuaire.CheminCarte,
	pQualification: 1<<annuaire.CheminProfession | 1<<annuaire.CheminSavoirFaire | 1<<annuaire.CheminDiplome,
	pPraticien:     1 << annuaire.CheminPraticien, pStructure: 1 << annuaire.CheminStructure, pRole: 1 << annuaire.CheminRole,
	pAdresse: 1 << annuaire.CheminAdresse, pCommune: 1 << annuaire.CheminAdresse, pVoie: 1 << annuaire.CheminAdresse, pCodePostal: 1 << annuaire.CheminAdresse,
	pINSEE: 1 << annuaire.CheminAdresse, pPartOf: 1 << annuaire.CheminRattachement, pLicence: 1 << annuaire.CheminLicence,
	pTypeStructure: 1<<annuaire.CheminType | 1<<annuaire.CheminRattachement, pPres: 1 << annuaire.CheminPosition,
	pForme: 1 << annuaire.CheminActivite, pModalite: 1 << annuaire.CheminActivite,
	pFabricant: 1 << annuaire.CheminEquipement, pModele: 1 << annuaire.CheminEquipement,
	pService: 1 << annuaire.CheminAcces,
}

// cherches are the paths that a parameter reads in a nature.
func cherches(param int, n annuaire.Nature) annuaire.Chemins {
	switch {
	case param == pTypeOffre && n == annuaire.Equipements:
		return 1 << annuaire.CheminEquipement
	case param == pTypeOffre:
		return 1 << annuaire.CheminActivite
	case param == pStructure && n == annuaire.Acces:
		return 1 << annuaire.CheminAcces
	}
	return cheminsCherches[param]
}

// vusInactifs are the paths that a reader sees of any record that is no longer active.
func vusInactifs(g *annuaire.Vision, n annuaire.Nature) annuaire.Chemins {
	switch n {
	case annuaire.Praticiens:
		return g.Praticien(&annuaire.Praticien{})
	case annuaire.Situations:
		return g.Situation(&annuaire.Situation{})
	case annuaire.Structures:
		return g.Structure(&annuaire.Structure{})
	case annuaire.Activites:
		return g.Activite(&annuaire.Activite{})
	case annuaire.Equipements:
		return g.Equipement(&annuaire.Equipement{})
	}
	return g.Acces(&annuaire.PointAcces{})
}

// parmiVisibles adds to a criterion on a parameter that the record is active, when the
// reader would not see what it is found by.
func parmiVisibles(g *annuaire.Vision, k annuaire.Critere, param int, n annuaire.Nature) annuaire.Critere {
	lus := cherches(param, n)
	if lus == 0 || lus&^vusInactifs(g, n) == 0 {
		return k
	}
	return annuaire.Critere{Op: annuaire.Et, Fils: []annuaire.Critere{k, {Op: annuaire.Egal, Champ: annuaire.ParActif, Valeur: "true"}}}
}
