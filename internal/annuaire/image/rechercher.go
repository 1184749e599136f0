package image

import (
	"slices"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// poidsDe is how much a record weighs among those that answer a question equally: 0 is
// not answered. An active mailbox weighs more than a place of work. ref: RASS §7.2
func poidsDe(k *annuaire.Changement, m *lexique.Mots) uint8 {
	_, e := k.Entete()
	if !e.Actif {
		return 0
	}
	p := uint8(1)
	switch {
	case k.Praticien != nil:
		if m.Lire(k.Praticien.Nom); m.Simple() { // FERNANDEZ before X-FERNANDEZ
			p += 4
		}
		if len(k.Praticien.Exerce) > 0 {
			p++
		}
		p += poidsBAL(k.Praticien.BAL)
	case k.Structure != nil:
		p += poidsBAL(k.Structure.BAL)
	}
	return p
}

func poidsBAL(l []annuaire.BAL) uint8 {
	if slices.ContainsFunc(l, func(b annuaire.BAL) bool { return !b.ListeRouge }) {
		return 2
	}
	return 0
}

// champsDeMots says where each kind of word of a question is sought.
var champsDeMots = map[annuaire.Nature]map[lexique.Champ]annuaire.Champ{
	annuaire.Praticiens: {lexique.Nom: annuaire.ParNom, lexique.Prenom: annuaire.ParPrenom, lexique.Metier: annuaire.ParMetier, lexique.Commune: annuaire.ParVille},
	annuaire.Structures: {lexique.Nom: annuaire.ParNom, lexique.Metier: annuaire.ParMetier, lexique.Commune: annuaire.ParVille},
}

// source shows one segment to a search of words.
type source struct {
	r      *rayon
	morts  *morts
	champs map[lexique.Champ]annuaire.Champ
}

// Lexique is the dictionary of a kind of words.
func (s *source) Lexique(c lexique.Champ) *lexique.Lexique {
	ch, ok := s.champs[c]
	if !ok {
		return nil
	}
	return s.r.lexiques[ch]
}

// Postings are the records of a word.
func (s *source) Postings(c lexique.Champ, mot uint32) []uint32 {
	if d := s.r.dicos[s.champs[c]]; d != nil && int(mot) < d.nombre() {
		return d.liste(int(mot))
	}
	return nil
}

// Poids is negative for a record that is no longer, or that is not active.
func (s *source) Poids(o uint32) int {
	if int(o) >= len(s.r.poids) || s.morts.est(o) {
		return -1
	}
	return int(s.r.poids[o]) - 1
}

// Trouve is a record that answers a question in words.
type Trouve struct {
	Ref
	lexique.Trouve
}

// Reponse is what a question in words found, nearest first.
type Reponse struct {
	Trouves []Trouve
	Partiel bool // others may answer as well: the question is broad
	Absents bool // no record bears all the words
	Ignores int  // words left out: the question is too long
}

// sources are the segments of the Vue, as a search of words asks them.
func (v *Vue) sources(n annuaire.Nature) []lexique.Source {
	l := make([]lexique.Source, len(v.segments))
	for i, s := range v.segments {
		l[i] = &source{&s.natures[n], &v.morts[i][n], champsDeMots[n]}
	}
	return l
}

// Rechercher answers a question as a person writes it, on professionals or structures:
// see [lexique.Recherche], which the caller keeps from one question to the next.
func (v *Vue) Rechercher(r *lexique.Recherche, n annuaire.Nature, d lexique.Demande) Reponse {
	x := r.Chercher(d, v.sources(n)...)
	rep := Reponse{Trouves: make([]Trouve, len(x.Trouves)), Partiel: x.Partiel, Absents: x.Absents && len(x.Trouves) > 0, Ignores: x.Ignores}
	for i, t := range x.Trouves {
		rep.Trouves[i] = Trouve{Ref{n, uint16(t.Source), t.Ordinal}, t}
	}
	return rep
}

// Proposer is what to suggest while a question is being typed. The words alias the image
// and the slice is r's: see [lexique.Recherche.Proposer].
func (v *Vue) Proposer(r *lexique.Recherche, n annuaire.Nature, d lexique.Demande) []lexique.Proposition {
	return r.Proposer(d, v.sources(n)...)
}
