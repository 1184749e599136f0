package local

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/tarif"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Tables are checked grids, classes and prices. They never change; they may be shared.
type Tables struct {
	grilles  map[vd.IDGrille]*grille
	produits map[vd.CodeProduit][]periode[tarif.Produit]
	reseaux  map[cleReseau][]periode[sante.Montant]
}

type grille struct {
	effectif  int
	noms      []string // of guarantees, in order
	garanties map[string][]periode[tarif.Garantie]
}

type cleReseau struct {
	reseau  string
	produit vd.CodeProduit
}

// Grilles are the names of the grids, sorted.
func (t *Tables) Grilles() []vd.IDGrille {
	return slices.SortedFunc(maps.Keys(t.grilles), func(a, b vd.IDGrille) int { return cmp.Compare(a.String(), b.String()) })
}

// Grille is tarif.Tables.
func (t *Tables) Grille(id vd.IDGrille, jour sante.Jour) (tarif.Grille, bool) {
	g := t.grilles[id]
	if g == nil || jour.IsZero() {
		return tarif.Grille{}, false
	}
	x := tarif.Grille{ID: id, Effectif: g.effectif}
	for _, nom := range g.noms {
		if v, ok := aJour(g.garanties[nom], jour); ok {
			x.Garanties = append(x.Garanties, v)
		}
	}
	return x, len(x.Garanties) > 0
}

// Produit is tarif.Tables.
func (t *Tables) Produit(code vd.CodeProduit, jour sante.Jour) (tarif.Produit, bool) {
	return aJour(t.produits[code], jour)
}

// Convenu is tarif.Tables.
func (t *Tables) Convenu(reseau string, code vd.CodeProduit, jour sante.Jour) (sante.Montant, bool) {
	return aJour(t.reseaux[cleReseau{reseau, code}], jour)
}

func aJour[V any](serie []periode[V], jour sante.Jour) (v V, ok bool) {
	for _, p := range serie {
		if p.couvre(jour) {
			return p.valeur, true
		}
	}
	return v, false
}

func (t *Tables) lireGrille(c []string, _ lieu) error {
	id, err := vd.ParseIDGrille(c[0])
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c[2])
	switch {
	case err != nil || n < 0:
		return errors.New("effectif : nombre entier attendu")
	case c[1] == "":
		return errors.New("libellé attendu")
	case t.grilles[id] != nil:
		return fmt.Errorf("la grille « %s » est déjà dite", id)
	}
	t.grilles[id] = &grille{effectif: n, garanties: map[string][]periode[tarif.Garantie]{}}
	return nil
}

func (t *Tables) lireGarantie(c []string, ou lieu) error {
	id, err := vd.ParseIDGrille(c[0])
	if err != nil {
		return err
	}
	g := t.grilles[id]
	if g == nil {
		return fmt.Errorf("la grille « %s » n'est pas dans grilles.csv", id)
	}
	if c[1] == "" || len(c[1]) > 20 {
		return errors.New("garantie : nom de 1 à 20 caractères attendu")
	}
	var x tarif.Garantie
	x.Code, x.Classe = c[1], c[6]
	if x.Famille, err = lireFamille(c[4]); err != nil {
		return err
	}
	x.Codes = strings.Fields(c[5])
	if x.Formule, err = lireFormule(c[7]); err != nil {
		return err
	}
	if c[8] != "" {
		if x.PlafondLigne, err = sante.ParseMontant(c[8]); err != nil {
			return fmt.Errorf("plafond : %w", err)
		}
	}
	if err := x.Verifier(); err != nil {
		return err
	}
	p, err := lirePeriode(c[2], c[3], c[9], x, ou)
	if err != nil {
		return err
	}
	if _, connue := g.garanties[x.Code]; !connue {
		g.noms = append(g.noms, x.Code)
	}
	g.garanties[x.Code] = append(g.garanties[x.Code], p)
	return nil
}

func (t *Tables) lireProduit(c []string, ou lieu) error {
	code, err := vd.ParseCodeProduit(c[0])
	if err != nil {
		return err
	}
	f, err := lireFamille(c[3])
	if err != nil {
		return err
	}
	p, err := lirePeriode(c[1], c[2], c[5], tarif.Produit{Famille: f, Classe: c[4]}, ou)
	if err != nil {
		return err
	}
	t.produits[code] = append(t.produits[code], p)
	return nil
}

func (t *Tables) lireReseau(c []string, ou lieu) error {
	code, err := vd.ParseCodeProduit(c[1])
	if err != nil {
		return err
	}
	m, err := sante.ParseMontant(c[4])
	if err != nil || m < 0 {
		return errors.New("montant positif attendu, avec deux décimales")
	}
	p, err := lirePeriode(c[2], c[3], c[5], m, ou)
	if err != nil {
		return err
	}
	if c[0] == "" {
		return errors.New("nom du réseau attendu")
	}
	k := cleReseau{c[0], code}
	t.reseaux[k] = append(t.reseaux[k], p)
	return nil
}

// verifier checks what no row tells alone: periods that follow each other, guarantees
// that never claim one line together, formulas whose network has prices.
func (t *Tables) verifier() (fautes []error) {
	reseaux := map[string]bool{}
	for k, serie := range t.reseaux {
		reseaux[k.reseau] = true
		fautes = append(fautes, enchainer("« "+k.reseau+" "+k.produit.String()+" »", serie)...)
	}
	for code, serie := range t.produits {
		fautes = append(fautes, enchainer("« "+code.String()+" »", serie)...)
	}
	for id, g := range t.grilles {
		for _, nom := range g.noms {
			fautes = append(fautes, enchainer("« "+id.String()+" "+nom+" »", g.garanties[nom])...)
			for _, p := range g.garanties[nom] {
				for _, r := range reseauxDe(p.valeur.Formule) {
					if !reseaux[r] {
						fautes = append(fautes, p.ou.faute("le réseau « %s » n'a aucun prix dans reseaux.csv", r))
					}
				}
			}
		}
		fautes = append(fautes, g.confusions()...)
	}
	slices.SortFunc(fautes, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return fautes
}

func (g *grille) confusions() (fautes []error) {
	for i, a := range g.noms {
		for _, b := range g.noms[:i] {
			for _, p := range g.garanties[a] {
				for _, q := range g.garanties[b] {
					if p.valeur.SeConfond(q.valeur) && (p.fin.IsZero() || q.debut <= p.fin) && (q.fin.IsZero() || p.debut <= q.fin) {
						fautes = append(fautes, p.ou.faute("« %s » prend les mêmes lignes que « %s », ligne %d", a, b, q.ou.ligne))
					}
				}
			}
		}
	}
	return fautes
}
