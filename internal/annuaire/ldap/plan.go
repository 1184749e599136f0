package ldap

import (
	"bytes"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// plan is what a filter, or a part of one, is for the entries of a part of the tree:
// which values it may take, and a criterion that finds at least all those where it is
// true, nil when the image cannot narrow them. The filter itself is put to each entry
// found: a criterion may be larger, never smaller.
type plan struct {
	peut    valeurs
	critere *annuaire.Critere
}

// valeurs is a set of truth values.
type valeurs uint8

const (
	peutFaux valeurs = 1 << iota
	peutIndefini
	peutVrai
)

func seulement(v verite) plan { return plan{peut: 1 << (v + 1)} }

// planifier turns a filter into a plan. admet tells whether the reader may search by a
// field; what he may not is for him as if no entry had it, and no answer tells what it
// holds. What he sees of his own records only does not serve to search.
type planifier struct {
	f     *Filtre
	e     etape
	admet func(annuaire.Nature, *annuaire.Critere) bool // nil when all is admitted
	// voisins gives the records whose names are nearest to a text.
	voisins func(n annuaire.Nature, texte string) []annuaire.Critere
}

func (p *planifier) noeud(i int32) plan {
	n := &p.f.noeuds[i]
	switch n.test {
	case testEt:
		return p.et(n.fils)
	case testOu:
		return p.ou(n.fils)
	case testNon:
		x := p.noeud(n.fils)
		return plan{peut: x.peut&peutIndefini | x.peut&peutFaux<<2 | x.peut&peutVrai>>2}
	case testIndefini:
		return seulement(indefini)
	}
	x := p.feuille(n)
	if x.critere != nil && p.admet != nil && !p.admet(natures[p.e], x.critere) {
		return seulement(faux)
	}
	return x
}

// et joins the criteria that there are: each of them has all that is true.
func (p *planifier) et(i int32) plan {
	r := seulement(vrai)
	var l []annuaire.Critere
	for ; i >= 0; i = p.f.noeuds[i].suivant {
		x := p.noeud(i)
		r.peut = combiner(r.peut, x.peut, func(a, b verite) verite { return min(a, b) })
		if x.critere != nil {
			l = append(l, *x.critere)
		}
	}
	r.critere = reunir(annuaire.Et, l)
	return r
}

// ou needs a criterion of each operand that may be true.
func (p *planifier) ou(i int32) plan {
	r := seulement(faux)
	var l []annuaire.Critere
	ouvert := false
	for ; i >= 0; i = p.f.noeuds[i].suivant {
		x := p.noeud(i)
		r.peut = combiner(r.peut, x.peut, func(a, b verite) verite { return max(a, b) })
		switch {
		case x.peut&peutVrai == 0:
		case x.critere == nil:
			ouvert = true
		default:
			l = append(l, *x.critere)
		}
	}
	if !ouvert {
		r.critere = reunir(annuaire.Ou, l)
	}
	return r
}

func combiner(a, b valeurs, op func(a, b verite) verite) (r valeurs) {
	for x := faux; x <= vrai; x++ {
		for y := faux; y <= vrai; y++ {
			if a>>(x+1)&1 != 0 && b>>(y+1)&1 != 0 {
				r |= 1 << (op(x, y) + 1)
			}
		}
	}
	return r
}

// reunir is one criterion of several, nil for none.
func reunir(op annuaire.Operateur, l []annuaire.Critere) *annuaire.Critere {
	switch len(l) {
	case 0:
		return nil
	case 1:
		return &l[0]
	}
	return &annuaire.Critere{Op: op, Fils: l}
}

// feuille plans a test of one attribute. One that its entries never have is false: no
// need to look.
func (p *planifier) feuille(n *noeud) plan {
	c := &contenus[p.e]
	switch {
	case !c.peut.a(n.attr):
		return seulement(faux)
	case n.test == testPresent && c.toujours.a(n.attr):
		return seulement(vrai)
	case n.attr == ObjectClass && n.test == testEgal:
		for _, x := range c.classes {
			if string(n.pli) == x {
				return seulement(vrai)
			}
		}
		return seulement(faux)
	}
	r := plan{peut: peutFaux | peutVrai}
	i, ok := c.index[n.attr]
	if !ok || n.test == testPresent { // presence narrows nothing
		return r
	}
	// Mail clients look for what is typed in numbers too: none begins so.
	if i.champ == annuaire.ParIdentifiant && n.test == testPartie && n.parties[0].ou == auDebut && !bytes.ContainsAny(n.parties[0].brut, "0123456789") {
		return seulement(faux)
	}
	r.critere = i.critere(n)
	if n.test == testApproche && i.sorte == indexMots && i.champ != annuaire.ParCommune && p.voisins != nil {
		l := p.voisins(natures[p.e], string(n.brut))
		if r.critere != nil {
			l = append(l, *r.critere)
		}
		r.critere = reunir(annuaire.Ou, l)
	}
	return r
}

func (i *index) critere(n *noeud) *annuaire.Critere {
	egal := n.test == testEgal || n.test == testApproche
	switch i.sorte {
	case indexExact:
		if egal {
			return i.variantes(n.brut, annuaire.Egal)
		}
	case indexCle:
		switch {
		case egal:
			return i.variantes(n.brut, annuaire.Egal)
		case n.test == testPartie && n.parties[0].ou == auDebut:
			return i.variantes(n.parties[0].brut, annuaire.Prefixe)
		}
	case indexMots:
		return i.mots(n)
	case indexBAL:
		return adresse(n)
	case indexMaj:
		return instant(n)
	}
	return nil
}

// variantes finds a code whatever its case: codes are in capitals, IDs in small letters.
func (i *index) variantes(v []byte, op annuaire.Operateur) *annuaire.Critere {
	v = bytes.TrimSpace(v)
	var l []annuaire.Critere
	for _, x := range [...]string{string(v), strings.ToUpper(string(v)), strings.ToLower(string(v))} {
		if i.systeme != "" {
			x = annuaire.CleIdentifiant(i.systeme, x)
		}
		if len(l) == 0 || l[len(l)-1].Valeur != x && l[0].Valeur != x {
			l = append(l, annuaire.Critere{Op: op, Champ: i.champ, Valeur: x})
		}
	}
	return reunir(annuaire.Ou, l)
}

// adresse finds a mailbox. What follows an @ is looked for among domains, which are a
// hundred times fewer than addresses.
func adresse(n *noeud) *annuaire.Critere {
	if n.test == testEgal || n.test == testApproche {
		return &annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParBAL, Valeur: string(n.pli)}
	}
	var l []annuaire.Critere
	longue := ""
	for i := range n.parties {
		x := string(n.parties[i].pli)
		a := strings.LastIndexByte(x, '@')
		switch {
		case n.parties[i].ou == auDebut:
			l = append(l, annuaire.Critere{Op: annuaire.Prefixe, Champ: annuaire.ParBAL, Valeur: x})
		case a >= 0 && n.parties[i].ou == aLaFin:
			l = append(l, annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParDomaineBAL, Valeur: x[a+1:]})
		case a >= 0 && a < len(x)-1:
			l = append(l, annuaire.Critere{Op: annuaire.Prefixe, Champ: annuaire.ParDomaineBAL, Valeur: x[a+1:]})
		case len(x) > len(longue):
			longue = x
		}
	}
	if len(l) == 0 && len(longue) >= contientMin {
		l = append(l, annuaire.Critere{Op: annuaire.Contient, Champ: annuaire.ParBAL, Valeur: longue})
	}
	return reunir(annuaire.Et, l)
}

// contientMin is how many characters a piece inside a word must have to be looked for:
// fewer are in nearly all of them. hyp: ANNUAIRE-LDAP-BORNES
const contientMin = 3

// mots finds the words of a name: whole where the test gives them whole, by their
// beginning, or by a piece when nothing better narrows the search: a piece is looked
// for in each word of the dictionary.
func (i *index) mots(n *noeud) *annuaire.Critere {
	var surs, dedans []annuaire.Critere
	etroit := false
	ajouter := func(mot string, entier, debut bool) {
		c := annuaire.Critere{Champ: i.champ, Valeur: mot}
		switch {
		case mot == "":
			return
		case entier:
			c.Op = annuaire.Egal
		case debut:
			c.Op = annuaire.Prefixe
		case len(mot) < contientMin:
			return
		default:
			c.Op = annuaire.Contient
			dedans = append(dedans, i.double(c))
			return
		}
		surs = append(surs, i.double(c))
		etroit = etroit || entier || len(mot) >= contientMin
	}
	if n.test == testEgal || n.test == testApproche {
		for m := range strings.FieldsSeq(string(n.pli)) {
			ajouter(m, true, true)
		}
		return reunir(annuaire.Et, surs)
	}
	for k := range n.parties {
		x := &n.parties[k]
		l := strings.Split(string(x.pli), " ")
		for j, m := range l {
			gauche, droite := j > 0 || x.ou == auDebut, j < len(l)-1 || x.ou == aLaFin
			ajouter(m, gauche && droite, gauche)
		}
	}
	if !etroit {
		surs = append(surs, dedans...)
	}
	return reunir(annuaire.Et, surs)
}

// double looks in both fields of the index when it has two.
func (i *index) double(c annuaire.Critere) annuaire.Critere {
	if i.second == 0 {
		return c
	}
	d := c
	d.Champ = i.second
	return annuaire.Critere{Op: annuaire.Ou, Fils: []annuaire.Critere{c, d}}
}

// instant finds changes; an entry says its own to the second.
func instant(n *noeud) *annuaire.Critere {
	t, err := time.Parse(formeInstant, strings.ToUpper(string(n.pli)))
	if err != nil {
		return nil
	}
	c := &annuaire.Critere{Op: annuaire.Entre, Champ: annuaire.ParMaj, De: t.UnixMilli(), A: t.UnixMilli() + 1000}
	switch n.test {
	case testMin:
		c.A = 0
	case testMax:
		c.De = 0
	case testEgal, testApproche:
	default:
		return nil
	}
	return c
}

// formeInstant is the one form of generalized time that we write and compare.
const formeInstant = "20060102150405Z"
