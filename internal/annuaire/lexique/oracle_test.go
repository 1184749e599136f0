package lexique

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A village whose people have names near one another.
var village = [nChamps][]string{
	Nom:     {"Dupont", "Dupond", "Dupon", "Duponteau", "Martin", "Martine", "Marin", "Le Goff", "Legof", "Goff", "de La Tour", "Latour", "d'Artagnan", "Tartagnan", "Lefèvre-Brûlé", "Brulet", "Étienne", "Blois", "Cardon"},
	Prenom:  {"Jean", "Jean-Pierre", "Pierre", "Pierrette", "Élodie", "Elodi", "Martin", "Blaise", "Étienne"},
	Metier:  {"Médecin / Cardiologie et maladies vasculaires", "Médecin / Médecine générale", "Infirmier", "Pharmacien", "Masseur-Kinésithérapeute"},
	Commune: {"Blois", "Bloie", "Saint-Étienne", "St Malo", "Le Mans", "Marseille", "Tours", "La Tour"},
}

func nouveauVillage(n int, graine uint64) *monde {
	m := &monde{textes: village}
	r := rand.New(rand.NewPCG(graine, 1))
	for range n {
		var p personne
		for c := range nChamps {
			if l := len(m.textes[c]); l > 0 {
				p[c] = int32(r.IntN(l))
			}
		}
		m.gens = append(m.gens, p)
	}
	for c := range nChamps {
		if m.textes[c] != nil {
			m.indexer(c)
		}
	}
	return m
}

// oracle answers by reading every record.
type oracle struct {
	m *monde
	r *Recherche // for its rules and its terms
}

// cout is the cheapest way for a record to bear a term, -1 for none.
func (x *oracle) cout(t *terme, niveau int, o int) int {
	min := -1
	for c := range nChamps {
		if x.m.textes[c] == nil {
			continue
		}
		var mots Mots
		mots.Lire(x.m.texte(uint32(o), c))
		mots.Formes(func(w []byte) {
			for classe := range nClasses {
				plus, ok := x.rencontre(t, niveau, c, classe, w)
				cout := int(x.r.regles.Base[c] + x.r.regles.Poids[c]*x.r.regles.Ecart[classe] + plus)
				if ok && (min < 0 || cout < min) {
					min = cout
				}
			}
		})
	}
	return min
}

// rencontre says what may meet what, as the documentation of the levels has it.
func (x *oracle) rencontre(t *terme, niveau int, c Champ, classe Classe, w []byte) (plus uint16, ok bool) {
	q := t.texte()
	long := t.n >= 3
	switch classe {
	case Exacte:
		for i := range t.nbColles {
			if bytes.Equal(w, t.colles[i][:t.nColles[i]]) {
				return 0, true
			}
		}
		if s := map[string]string{"ST": "SAINT", "SAINT": "ST"}[string(q)]; s == string(w) {
			return 0, true
		}
		if c == Metier && slices.Contains(t.autres, string(w)) {
			return 0, true
		}
		if t.nbColles > 0 && c != Metier || len(t.autres) > 0 && c == Metier {
			plus = x.r.regles.Nu
		}
		return plus, bytes.Equal(w, q)
	case Frappe:
		return 0, t.dernier && bytes.HasPrefix(w, q) && len(w) > t.n
	case Debut:
		return 0, (c == Metier || niveau >= niveauProche) && !t.dernier && long && bytes.HasPrefix(w, q) && len(w) > t.n
	case Son:
		return 0, niveau >= niveauProche && long && !bytes.Equal(w, q) && bytes.Equal(Phonetique(nil, w), Phonetique(nil, q))
	case UneFaute:
		for i := range t.nbColles {
			if colle := t.colles[i][:t.nColles[i]]; niveau >= niveauProche && long && osaLent(colle, w) == 1 {
				return 0, true
			}
		}
		return 0, niveau >= niveauProche && long && osaLent(q, w) == 1
	}
	return 0, niveau >= niveauLoin && t.n >= 6 && osaLent(q, w) == 2
}

// trouver is the whole answer, without its bounds.
func (x *oracle) trouver(nombre int) (l []Trouve, niveau int) {
	for niveau = niveauExact; niveau < niveauAbsence; niveau++ {
		if l = x.tous(niveau, -1, 0); len(l) > 0 && niveau > niveauExact || len(l) >= nombre {
			return l, niveau
		}
	}
	if len(l) > 0 {
		return l, niveau
	}
	muets := 0
	for i := range x.r.nbTermes {
		if len(x.tousDuTerme(i)) == 0 {
			muets++
		}
	}
	if muets > 0 {
		if l = x.tous(niveauLoin, -1, muets); len(l) > 0 {
			return l, niveauAbsence
		}
	}
	for i := range x.r.nbTermes {
		if len(x.tousDuTerme(i)) == 0 {
			continue
		}
		for _, t := range x.tous(niveauLoin, i, muets) {
			t.Cout += x.r.regles.Absent
			if k := slices.IndexFunc(l, func(u Trouve) bool { return u.Ordinal == t.Ordinal }); k < 0 {
				l = append(l, t)
			} else if t.Avant(l[k]) {
				l[k] = t
			}
		}
	}
	return l, niveauAbsence
}

func (x *oracle) tousDuTerme(i int) (l []int) {
	for o := range x.m.gens {
		if x.cout(&x.r.termes[i], niveauLoin, o) >= 0 {
			l = append(l, o)
		}
	}
	return l
}

// tous are the records that bear all the terms but one, or but those that nobody
// bears.
func (x *oracle) tous(niveau, sans, muets int) (l []Trouve) {
	for o := range x.m.gens {
		total, absents, portes := 0, 0, 0
		for i := range x.r.nbTermes {
			if i == sans {
				continue
			}
			if c := x.cout(&x.r.termes[i], niveau, o); c >= 0 {
				total += c
				portes++
			} else {
				absents++
				total += int(x.r.regles.Absent)
			}
		}
		if p := x.m.Poids(uint32(o)); absents == muets && portes > 0 && p >= 0 {
			l = append(l, Trouve{Ordinal: uint32(o), Cout: uint16(total), Poids: p})
		}
	}
	return l
}

func questionDuVillage(r *rapid.T) string {
	var l []string
	for range rapid.IntRange(1, 4).Draw(r, "mots") {
		c := rapid.SampledFrom([]Champ{Nom, Prenom, Metier, Commune}).Draw(r, "champ")
		m := string(Plier(nil, rapid.SampledFrom(village[c]).Draw(r, "texte")))
		switch rapid.IntRange(0, 4).Draw(r, "sorte") {
		case 0, 1:
			alea := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "graine"), 0))
			m = string(fauter(alea, []byte(m)))
		case 2:
			m = m[:rapid.IntRange(1, len(m)).Draw(r, "coupe")]
		case 3:
			m = rapid.SampledFrom([]string{"le", "dr", "st", "kine", "medecin", "zzz", "de la", "41", m}).Draw(r, "autre")
		}
		l = append(l, m)
	}
	return strings.Join(l, " ")
}

// Every answer against a reading of all the records.
func TestChercherOracle(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := nouveauVillage(rapid.IntRange(0, 60).Draw(r, "gens"), rapid.Uint64Range(0, 9).Draw(r, "graine du village"))
		d := Demande{Texte: questionDuVillage(r), Nombre: rapid.IntRange(1, 12).Draw(r, "nombre"), EnFrappe: rapid.Bool().Draw(r, "en frappe")}
		rech := NouvelleRecherche(nil)
		rep := rech.Chercher(d, m)
		if rech.nbTermes == 0 {
			return
		}
		x := oracle{m, rech}
		attendu, niveau := x.trouver(d.Nombre)
		slices.SortFunc(attendu, func(a, b Trouve) int {
			if a.Avant(b) {
				return -1
			}
			return 1
		})
		if rep.Absents != (niveau == niveauAbsence) {
			r.Fatalf("%q : absents %v au niveau %d", d.Texte, rep.Absents, niveau)
		}
		if rech.nbTermes == 1 && niveau > niveauExact && len(attendu) > 0 {
			attendu = retenus(rech, attendu, rep.Trouves) // bounded by word
		}
		dire := func(l []Trouve) (s string) {
			for _, t := range l {
				s += fmt.Sprintf("\n  %d %d %s", t.Cout, t.Ordinal, m.dire(t.Ordinal))
			}
			return s
		}
		attendu = attendu[:min(len(attendu), d.Nombre)]
		if !slices.EqualFunc(rep.Trouves, attendu, func(a, b Trouve) bool { return a.Ordinal == b.Ordinal && a.Cout == b.Cout }) {
			r.Fatalf("%q au niveau %d : %s\nattendu %s", d.Texte, niveau, dire(rep.Trouves), dire(attendu))
		}
	})
}

// retenus leaves of the answers to a lone near word those that were given, provided
// that the first is the first and that none is given at another cost.
func retenus(r *Recherche, attendu, donnes []Trouve) (l []Trouve) {
	for i, t := range attendu {
		if i == 0 || slices.ContainsFunc(donnes, func(u Trouve) bool { return u.Ordinal == t.Ordinal }) {
			l = append(l, t)
		}
	}
	return l
}

// part is every k-th record of a village, for a question put to several segments.
func (m *monde) part(i, k int) *monde {
	p := &monde{textes: m.textes}
	for o := i; o < len(m.gens); o += k {
		p.gens = append(p.gens, m.gens[o])
	}
	for c := range nChamps {
		if p.textes[c] != nil {
			p.indexer(c)
		}
	}
	return p
}

// egaux hides nobody and prefers nobody.
type egaux struct{ *monde }

func (egaux) Poids(uint32) int { return 0 }

// Cut in segments, the directory answers as whole.
func TestSegments(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := nouveauVillage(rapid.IntRange(0, 60).Draw(r, "gens"), rapid.Uint64Range(0, 9).Draw(r, "graine du village"))
		k := rapid.IntRange(2, 4).Draw(r, "segments")
		var parts []Source
		for i := range k {
			parts = append(parts, egaux{m.part(i, k)})
		}
		d := Demande{Texte: questionDuVillage(r), Nombre: rapid.IntRange(1, 12).Draw(r, "nombre"), EnFrappe: rapid.Bool().Draw(r, "en frappe")}
		entier := NouvelleRecherche(nil)
		attendu := entier.Chercher(d, egaux{m})
		got := NouvelleRecherche(nil).Chercher(d, parts...)
		couts := func(rep *Reponse) (l []uint16) {
			for _, x := range rep.Trouves {
				l = append(l, x.Cout)
			}
			return l
		}
		a, b := couts(attendu), couts(got)
		if attendu.Mots == 1 && len(a) > 0 && len(b) > 0 {
			a, b = a[:1], b[:1] // a lone near word is bounded in each segment
		}
		if !slices.Equal(a, b) || attendu.Absents != got.Absents {
			r.Fatalf("%q : %v %v, attendu %v %v", d.Texte, b, got.Absents, a, attendu.Absents)
		}
		dire := func(l []Proposition) (s string) {
			for _, p := range l {
				s += fmt.Sprintf("%s %s %d %d\n", p.Champ, p.Mot, p.Porteurs, p.cout)
			}
			return s
		}
		d.Nombre = 100
		if un, autre := dire(entier.Proposer(d, egaux{m})), dire(NouvelleRecherche(nil).Proposer(d, parts...)); un != autre && !proche(entier) {
			r.Fatalf("%q propose\n%sattendu\n%s", d.Texte, autre, un)
		}
	})
}

// proche tells whether near words were proposed, which no segment may have where
// another has whole ones.
func proche(r *Recherche) bool {
	return slices.ContainsFunc(r.propositions, func(p Proposition) bool { return p.Classe > Debut })
}
