// Package tarif is the pricing service of specific prestations: it is asked, by a
// third party, what a grid of guarantees pays on the lines of a delivery.
//
// It knows products and amounts, and nobody: no accreditation, no file, no pharmacy
// but a pseudonym drawn for one file. It keeps no delivery either. Exact amounts would
// tell which invoice of the insurer is which delivery, so that what remains of a
// request is one more in a count, by day and by grid. ref: VISIO §10, DEC 32
//
// [Service.Tarifer] is the rule. The grids ([Grille]) and the classes of products come
// from [Tables]; package local reads them in dated files. The formulas are those of
// package calcul. ref: ROC §12
package tarif
