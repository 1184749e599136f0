package national

import "errors"

// Errors of a source.
var (
	// ErrInchange says that the source has nothing that was not applied.
	ErrInchange = errors.New("annuaire national: rien de neuf à la source")
	ErrHote     = errors.New("annuaire national: adresse hors de celles que la configuration permet")
	ErrSource   = errors.New("annuaire national: la source ne répond pas comme attendu, reprendre plus tard ; l'annuaire reste celui d'avant")
	ErrTaille   = errors.New("annuaire national: réponse plus grosse que permis, ou d'une autre taille qu'annoncée")
	ErrCle      = errors.New("annuaire national: la clé d'accès ne se lit pas : un fichier d'une ligne est attendu")
	ErrRefuse   = errors.New("annuaire national: la source refuse l'accès : vérifier la clé et l'habilitation")
	ErrMode     = errors.New("annuaire national: mode inconnu : extractions, fhir ou export")
	ErrPages    = errors.New("annuaire national: les pages de la source ne finissent pas")
	errExpire   = errors.New("annuaire national: la suite d'une recherche a expiré")
)
