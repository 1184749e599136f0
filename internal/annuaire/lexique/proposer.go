package lexique

import (
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
}

// Proposer is what to suggest while a question is typed: the words that its last word
// begins, or is near to when none begins so, and that go with the words before. The
// slice is valid until the next search.
func (r *Recherche) Proposer(s Source, d Demande) []Proposition {
	r.source, r.effort = s, 0
	r.rep = Reponse{Trouves: r.rep.Trouves[:0]}
	r.propositions = r.propositions[:0]
	r.lireQuestion(d.Texte, true)
	if r.nbTermes == 0 {
		return r.propositions
	}
	for i := range r.nbTermes {
		r.apparier(&r.termes[i], niveauExact)
	}
	dernier := &r.termes[r.nbTermes-1]
	if r.proposer(dernier); len(r.propositions) == 0 {
		r.apparier(dernier, niveauProche)
		r.proposer(dernier)
	}
	slices.SortStableFunc(r.propositions, func(a, b Proposition) int {
		return cmp.Or(cmp.Compare(a.cout, b.cout), cmp.Compare(b.Porteurs, a.Porteurs))
	})
	nombre := d.Nombre
	if nombre <= 0 {
		nombre = 10
	}
	r.source = nil
	return r.propositions[:min(nombre, NombreMax, len(r.propositions))]
}

// proposer keeps the words met by the last term that go with the others.
func (r *Recherche) proposer(dernier *terme) {
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
			r.propositions = append(r.propositions, Proposition{m.champ, m.classe, r.source.Lexique(m.champ).Mot(m.rang), n, m.cout})
		}
	}
}

// reste makes candidates of the records that bear all the terms but the last, as far
// as one block of the rarest goes.
func (r *Recherche) reste() bool {
	r.ordonner(r.nbTermes - 1)
	base := &r.termes[r.ordre[0]]
	if base.total == 0 {
		return false
	}
	r.parMot = 0
	r.bloc(base, 0, 0)
	r.reunir(r.tranches, r.ordre[0])
	for _, i := range r.ordre[1:] {
		r.croiserTerme(&r.termes[i], i)
	}
	r.marques = slices.Grow(r.marques[:0], len(r.candidats))[:len(r.candidats)]
	return len(r.candidats) > 0
}
