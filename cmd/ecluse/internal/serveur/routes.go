package serveur

import "net/http"

// Route is an address that the server adds beside those of the norms, as the documentation
// lists it.
type Route struct{ Methode, Chemin, Sens string }

// RoutesFichiers are those of the files of a party, here PARTIE, with a partner, here N.
func RoutesFichiers() []Route {
	return []Route{
		{http.MethodPost, cheminFichiers + "PARTIE/recus", "Dépose un petit fichier d'un coup : champs `Idempotency-Key`, `Ecluse-Genre` (" + GenreB2 + ", " + GenreNoemie + ") et `Repr-Digest`"},
		{http.MethodHead, cheminFichiers + "PARTIE/recus", "Dit dans `Upload-Offset` ce qui est déjà arrivé d'un grand fichier, pour reprendre un envoi coupé"},
		{http.MethodPatch, cheminFichiers + "PARTIE/recus", "Ajoute un morceau à son `Upload-Offset`, le dernier avec `Upload-Complete: ?1`"},
		{http.MethodGet, cheminFichiers + "PARTIE/envois/N", "Liste les fichiers qui attendent le partenaire"},
		{http.MethodGet, cheminFichiers + "PARTIE/envois/N/{nom}", "Retire un fichier, à partir d'où l'on veut (`Range`)"},
	}
}

// RoutesSurveillance are those of the supervision.
func RoutesSurveillance() (l []Route) {
	for _, x := range routesSurveillance() {
		l = append(l, Route{http.MethodGet, x.chemin, x.sens})
	}
	return l
}
