package lexique

import (
	"bytes"
	"cmp"
	"slices"
)

// Proposition is a word of the directory that the last word of a question may become.
type Proposition struct {
	Champ    Champ
	Classe   Classe
	Mot      []byte // folded, in the bytes of the dictionary
	Porteurs int    // records that bear it and the rest of the question; a floor when the rest is broad
	cout     uint16
	place    int // of the source
}

// Proposer is what to suggest while a question is typed: the words that its last word
// begins, or is near to when none begins so, and that go with the words before. The
// slice is valid until the next search.
func (r *Recherche) Proposer(d Demande, sources ...Source) []Proposition {
	r.commencer(sources)
	r.propositions = r.propositions[:0]
	r.lireQuestion(d.Texte, true)
	r.nombre = min(max(1, d.Nombre), NombreMax)
	if d.Nombre <= 0 {
		r.nombre = 10
	}
	if r.nbTermes > 0 {
		r.chaque(func() {
			for i := range r.nbTermes {
				r.apparier(i, niveauExact)
			}
			r.proposer()
		})
		if len(r.propositions) == 0 {
			r.chaque(func() {
				r.apparier(r.nbTermes-1, niveauProche)
				r.proposer()
			})
		}
	}
	r.finir()
	return r.reunirPropositions()
}

// reunirPropositions puts together the same word of several sources, and orders.
func (r *Recherche) reunirPropositions() []Proposition {
	slices.SortStableFunc(r.propositions, func(a, b Proposition) int {
		return cmp.Or(cmp.Compare(a.Champ, b.Champ), bytes.Compare(a.Mot, b.Mot), cmp.Compare(a.place, b.place), cmp.Compare(a.cout, b.cout))
	})
	l := r.propositions[:0]
	for _, p := range r.propositions {
		n := len(l)
		if n == 0 || l[n-1].Champ != p.Champ || !bytes.Equal(l[n-1].Mot, p.Mot) {
			l = append(l, p)
			continue
		}
		d := &l[n-1]
		if d.place != p.place { // met twice in one source, its bearers are the same
			d.Porteurs += p.Porteurs
		}
		if d.place = p.place; p.cout < d.cout {
			d.cout, d.Classe = p.cout, p.Classe
		}
	}
	slices.SortStableFunc(l, func(a, b Proposition) int {
		return cmp.Or(cmp.Compare(a.cout, b.cout), cmp.Compare(b.Porteurs, a.Porteurs))
	})
	return l[:min(r.nombre, len(l))]
}

// proposer keeps the words met by the last term that go with the others.
func (r *Recherche) proposer() {
	dernier := &r.ici[r.nbTermes-1]
	seul := r.nbTermes == 1
	if !seul && !r.reste() {
		return
	}
	for i := range dernier.liste {
		m := &dernier.liste[i]
		n := len(m.postings)
		if !seul {
			if r.epuise() {
				return
			}
			clear(r.marques)
			n = r.marquer(m.postings, 1)
		}
		if n > 0 {
			r.propositions = append(r.propositions, Proposition{m.champ, m.classe, r.source.Lexique(m.champ).Mot(m.rang), n, m.cout, r.place})
		}
	}
}

// reste makes candidates of the records that bear all the terms but the last, as far
// as one block of the rarest goes.
func (r *Recherche) reste() bool {
	r.ordonner(1 << (r.nbTermes - 1))
	base := &r.ici[r.ordre[0]]
	if base.total == 0 {
		return false
	}
	r.parMot = 0
	r.bloc(base, 0, 0)
	r.reunir(r.tranches, r.ordre[0])
	for _, i := range r.ordre[1:] {
		r.croiserTerme(i)
	}
	r.marques = slices.Grow(r.marques[:0], len(r.candidats))[:len(r.candidats)]
	return len(r.candidats) > 0
}
