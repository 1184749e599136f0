package ldap

import "time"

// comparaison receives the one entry of a compare, and puts the assertion to it.
type comparaison struct {
	entree  *Entree
	test    noeud
	trouvee bool
	possede bool // the entry has the attribute
	tient   bool
}

// Entree is where the entry is written.
func (k *comparaison) Entree() *Entree {
	k.entree.Vider()
	k.entree.besoin = touteUsuelle | touteOperation
	return k.entree
}

// Rendre looks at the entry.
func (k *comparaison) Rendre() (pris, encore bool) {
	k.trouvee = true
	presence := noeud{test: testPresent, attr: k.test.attr}
	k.possede = presence.feuille(k.entree) == vrai
	k.tient = k.test.feuille(k.entree) == vrai
	return true, false
}

// toutFiltre is a filter that each entry passes.
func toutFiltre(f *Filtre) *Filtre {
	f.noeuds = append(f.noeuds[:0], noeud{test: testPresent, attr: ObjectClass, fils: -1, suivant: -1})
	return f
}

// comparer answers a compare. ref: RFC 4511 §4.10
func (c *connexion) comparer(m message) error {
	r, err := c.comparerEntree(m)
	if err != nil {
		r = c.refusDe(err)
	}
	c.conclure(m.id, reponseComparer, r)
	return nil
}

func (c *connexion) comparerEntree(m message) (*Refus, error) {
	q := &c.q
	l := lecteur{m.corps}
	base, ok1 := l.attendu(tagOctets)
	assertion, ok2 := l.attendu(tagSequence)
	if !ok1 || !ok2 || !l.fini() {
		return refusMal, nil
	}
	if r := q.ctl.lire(m); r != nil {
		return r, nil
	}
	q.filtre.plis = q.filtre.plis[:0]
	n, refus := q.filtre.comparaison(testEgal, assertion)
	if refus != nil {
		return refus, nil
	}
	if n.attr == aucunAttribut || n.test == testIndefini {
		return refusAttribut, nil
	}
	var ok bool
	if q.noms, ok = lireDN(q.noms, base); !ok {
		return refusNom, nil
	}
	s, err := c.ouverte()
	if err != nil {
		return nil, err
	}
	c.op.echeance = time.Now().Add(c.s.bornes.Temps)
	k := comparaison{entree: &c.op.entree, test: n}
	_, err = s.Chercher(&c.op, &Demande{base: q.noms, nomBase: base, Filtre: toutFiltre(&q.filtre), choix: touteUsuelle | touteOperation, Nombre: 1}, &k)
	switch {
	case err != nil:
		return nil, err
	case !k.trouvee:
		return &Refus{Code: ObjetInconnu}, nil
	case !k.possede:
		return refusAbsent, nil
	case k.tient:
		return &Refus{Code: CompareVrai}, nil
	}
	return &Refus{Code: CompareFaux}, nil
}
