package tarif

import (
	"context"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Grille is a grid of guarantees, as it stands at a day.
type Grille struct {
	ID        vd.IDGrille
	Effectif  int // beneficiaries who share it
	Garanties []Garantie
}

// Garantie is what a grid pays on some lines.
type Garantie struct {
	calcul.Garantie
	Classe string // of products; "" for any
}

// Produit is what the tables know of a product at a day.
type Produit struct {
	Famille calcul.Famille // under which it is invoiced
	Classe  string         // on which guarantees depend; may be ""
}

// Tables hold what is priced from. They never change while they are used; those of
// tomorrow are another value.
type Tables interface {
	// Grille is a grid at a day; false when there is none of that name, or none of its
	// guarantees is in force.
	Grille(id vd.IDGrille, jour sante.Jour) (Grille, bool)
	// Produit is a product at a day; false when it is unknown.
	Produit(code vd.CodeProduit, jour sante.Jour) (Produit, bool)
	// Convenu is the price of a product in a care network at a day; false without one.
	Convenu(reseau string, code vd.CodeProduit, jour sante.Jour) (sante.Montant, bool)
}

// Compteurs is all that is kept of what was priced. ref: DEC 32
type Compteurs interface {
	// Compter adds n requests to a day and a grid.
	Compter(ctx context.Context, jour sante.Jour, grille vd.IDGrille, n int64) error
	// Comptes gives the requests of a day, by grid.
	Comptes(ctx context.Context, jour sante.Jour) (map[vd.IDGrille]int64, error)
	// Purger forgets the days before one.
	Purger(ctx context.Context, avant sante.Jour) error
}
