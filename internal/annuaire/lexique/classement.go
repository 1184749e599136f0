package lexique

import "slices"

// ordonner lists the terms, the rarest first, without those of a set.
func (r *Recherche) ordonner(sans uint16) {
	r.ordre = r.ordre[:0]
	for i := range r.nbTermes {
		if sans>>i&1 == 0 {
			r.ordre = append(r.ordre, i)
		}
	}
	slices.SortFunc(r.ordre, func(a, b int) int { return r.ici[a].total - r.ici[b].total })
}

// parcourir crosses the terms of r.ordre, block by block of the rarest one, and ranks
// what bears them all. plus is added to each cost.
func (r *Recherche) parcourir(plus uint16) {
	if len(r.ordre) == 0 || r.ici[r.ordre[0]].total == 0 {
		return
	}
	base := &r.ici[r.ordre[0]]
	minimum := plus
	for _, i := range r.ordre[1:] {
		if r.ici[i].total == 0 {
			return
		}
		minimum += r.ici[i].liste[0].cout
	}
	k, place, vus := 0, 0, 0
	for k < len(base.liste) {
		if r.assez(minimum+base.liste[k].cout, vus) || r.epuise() {
			break
		}
		k, place = r.bloc(base, k, place)
		r.reunir(r.tranches, r.ordre[0])
		vus += len(r.candidats)
		for _, i := range r.ordre[1:] {
			r.croiserTerme(i)
		}
		for _, c := range r.candidats {
			r.classer(c, plus)
		}
	}
	for _, i := range r.ordre {
		r.rep.Partiel = r.rep.Partiel || r.ici[i].court && len(r.rep.Trouves) < r.nombre
	}
}

// assez tells whether what remains, which costs at least cout, can be left: it is
// further than all the answers, or as near and enough was seen.
func (r *Recherche) assez(cout uint16, vus int) bool {
	n := len(r.rep.Trouves)
	if n < r.nombre || r.rep.Trouves[n-1].Cout > cout {
		return false
	}
	if r.rep.Trouves[n-1].Cout < cout {
		return true
	}
	if vus >= blocMax {
		r.rep.Partiel = true
	}
	return vus >= blocMax
}

// bloc cuts the next block from the meetings of a term, from the meeting k at place.
func (r *Recherche) bloc(t *rencontres, k, place int) (int, int) {
	r.tranches, r.echantillon = r.tranches[:0], r.echantillon[:0]
	for n := 0; k < len(t.liste) && n < blocMax; {
		m := &t.liste[k]
		tous := m.postings
		if r.parMot > 0 && m.classe > Frappe {
			tous = r.echantillonner(tous)
		}
		p := tous[place:min(len(tous), place+blocMax-n)]
		r.tranches = append(r.tranches, tranche{p, m, uint16(k)})
		n += len(p)
		if place += len(p); place == len(tous) {
			k, place = k+1, 0
		}
	}
	return k, place
}

// echantillonner takes records of a frequent near name at regular places: one or two
// will be answered, and the first of a list in the order of names are those of double
// names.
func (r *Recherche) echantillonner(l []uint32) []uint32 {
	n := max(portee, r.nombre)
	if len(l) <= n {
		return l
	}
	r.rep.Partiel = true
	de := len(r.echantillon)
	for i := range n {
		r.echantillon = append(r.echantillon, l[i*len(l)/n])
	}
	return r.echantillon[de:]
}

// classer puts a candidate at its place among the answers.
func (r *Recherche) classer(c candidat, plus uint16) {
	l := r.rep.Trouves
	x := Trouve{Source: r.place, Ordinal: c.ordinal, Cout: c.cout + plus, par: c.par, mot: c.mot}
	if len(l) == r.nombre && x.Cout > l[len(l)-1].Cout {
		return
	}
	if x.Poids = r.source.Poids(x.Ordinal); x.Poids < 0 {
		return
	}
	if len(l) == r.nombre && !x.Avant(l[len(l)-1]) {
		return
	}
	if i := r.rival(l, x); i >= 0 {
		if !x.Avant(l[i]) {
			return
		}
		l = slices.Delete(l, i, i+1)
	}
	if len(l) == r.nombre {
		l = l[:len(l)-1]
	}
	l = append(l, x)
	for i := len(l) - 1; i > 0 && l[i].Avant(l[i-1]); i-- {
		l[i], l[i-1] = l[i-1], l[i]
	}
	r.rep.Trouves = l
}

// rival is the answer whose place x may only take: the same record, or the last of
// those that its word may give; -1 when there is none.
func (r *Recherche) rival(l []Trouve, x Trouve) int {
	n, dernier := 0, -1
	for i := range l {
		if l[i].Source != x.Source {
			continue
		}
		if l[i].Ordinal == x.Ordinal {
			return i
		}
		if l[i].mot == x.mot {
			n, dernier = n+1, i
		}
	}
	if _, classe, _ := x.Par(0); r.parMot > 0 && n >= r.parMot && classe > Frappe {
		return dernier
	}
	return -1
}
