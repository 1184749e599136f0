package lexique

import (
	"bytes"
	"strings"
)

// Bounds of a question. What is beyond is left out, and said.
const (
	TermesMax   = 8
	QuestionMax = 256 // bytes
	NombreMax   = 100 // answers
)

// terme is one word of the question.
type terme struct {
	mot      [MotMax]byte
	n        int
	colles   [3][MotMax]byte // with the particles before it, as one word
	nColles  [3]int
	nbColles int
	dernier  bool // being typed
	chiffre  bool // holds a digit: looked for as it is
	autres   []string
}

func (t *terme) texte() []byte { return t.mot[:t.n] }

// lireQuestion cuts the question in terms: particles are put with the word that they
// precede, words to leave out are left out, unless nothing else remains.
func (r *Recherche) lireQuestion(texte string, enFrappe bool) {
	r.nbTermes, r.rep.Ignores = 0, 0
	if len(texte) > QuestionMax {
		texte = texte[:QuestionMax]
		r.rep.Ignores++
	}
	r.mots.Lire(texte)
	n := r.mots.Nombre()
	if n == 0 {
		return
	}
	enFrappe = enFrappe && !finie(texte)
	for i := range n {
		mot := r.mots.Mot(i)
		frappe := enFrappe && i == n-1
		autres, connu := r.regles.Synonymes[string(mot)]
		if !frappe && (connu && len(autres) == 0 || Particule(mot) && r.porte(i)) {
			continue
		}
		if r.nbTermes == TermesMax {
			r.rep.Ignores++
			continue
		}
		if !frappe && len(autres) == 1 && strings.Contains(autres[0], " ") {
			r.remplacer(autres[0])
			continue
		}
		r.ajouterTerme(i, frappe, autres)
	}
	if r.nbTermes == 0 { // only particles and titles: they are what is sought
		r.ajouterTerme(n-1, enFrappe, nil)
	}
}

// remplacer puts several words in the place of one.
func (r *Recherche) remplacer(mots string) {
	for mot := range strings.SplitSeq(mots, " ") {
		if r.nbTermes == TermesMax {
			r.rep.Ignores++
			return
		}
		t := &r.termes[r.nbTermes]
		r.nbTermes++
		t.n = copy(t.mot[:], mot)
		t.dernier, t.autres, t.nbColles, t.chiffre = false, nil, 0, false
	}
}

// porte tells whether a particle may be left out: another word of the question is not
// one.
func (r *Recherche) porte(i int) bool {
	for j := range r.mots.Nombre() {
		if j != i && !Particule(r.mots.Mot(j)) {
			return true
		}
	}
	return false
}

// finie tells whether the last word is complete: something follows it.
func finie(texte string) bool {
	c := texte[len(texte)-1]
	return c == ' ' || c == ',' || c == ';' || c == '.'
}

func (r *Recherche) ajouterTerme(i int, frappe bool, autres []string) {
	t := &r.termes[r.nbTermes]
	r.nbTermes++
	t.n = copy(t.mot[:], r.mots.Mot(i))
	t.dernier, t.autres, t.nbColles = frappe, autres, 0
	t.chiffre = bytes.ContainsAny(t.texte(), "0123456789")
	for j := i - 1; j >= 0 && i-j <= len(t.colles) && Particule(r.mots.Mot(j)); j-- {
		c := t.nbColles
		t.nColles[c] = copy(t.colles[c][:], r.mots.joindre(j, i))
		t.nbColles++
	}
}
