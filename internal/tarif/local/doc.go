// Package local reads the grids of guarantees, the classes of products and the prices
// of care networks in CSV files that a spreadsheet opens, one row for each period of
// each thing, with the source of the figure:
//
//	grilles.csv    grille;libelle;effectif
//	garanties.csv  grille;garantie;debut;fin;famille;prestations;classe;formule;plafondLigne;source
//	produits.csv   produit;debut;fin;famille;classe;source
//	reseaux.csv    reseau;produit;debut;fin;montant;source
//
// A formula is written F02 p=50.00, F09 p=200.00 m=150.00, F11 reseau=VUE, or
// MAX(F02 p=50.00, F07 m=30.00). A source begins with "ref:" or "hyp:". Gaps,
// overlaps, unknown formulas and guarantees that claim the same line are refused, each
// with its file and line. [Exemple] are files to copy and edit; they are illustrative.
package local
