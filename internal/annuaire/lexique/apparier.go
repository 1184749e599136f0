package lexique

import "slices"

// Bounds of what one word of a question may meet.
const (
	rencontresMax = 1200
	debutsMax     = 48   // words that begin so, in one dictionary
	frappeMax     = 1024 // the same for the word being typed
	sonsMax       = 24
	fautesMax     = 32
)

// rencontre is a word of the directory that a word of the question met.
type rencontre struct {
	postings []uint32
	rang     uint32
	cout     uint16
	champ    Champ
	classe   Classe
}

// rencontres are those of one term in one source, the cheapest first once sorted.
type rencontres struct {
	liste []rencontre
	total int  // length of their postings
	court bool // some were left out
}

func (x *rencontres) vider() { x.liste, x.total, x.court = x.liste[:0], 0, false }

func (x *rencontres) ajouter(m rencontre) {
	if len(m.postings) == 0 {
		return
	}
	if len(x.liste) == rencontresMax {
		x.court = true
		return
	}
	x.liste = append(x.liste, m)
	x.total += len(m.postings)
}

func (x *rencontres) trier() {
	slices.SortStableFunc(x.liste, func(a, b rencontre) int { return int(a.cout) - int(b.cout) })
}

// retenir weighs a word found and keeps it.
func (r *Recherche) retenir(c Champ, rang uint32, classe Classe, plus uint16) {
	p := r.source.Postings(c, rang)
	if classe > Frappe && c != Metier && r.source.Lexique(c).Nombre() >= rareteDes {
		plus += r.regles.rarete(len(p))
	}
	r.vers.ajouter(rencontre{
		postings: p, rang: rang, champ: c, classe: classe,
		cout: r.regles.Base[c] + r.regles.Poids[c]*r.regles.Ecart[classe] + plus,
	})
}

// rareteDes is how many words a dictionary must hold for the number of bearers to
// tell a rare one: those of a small difference are all rare.
const rareteDes = 10_000

// rarete is the cost of a word that n records bear.
func (x *Regles) rarete(n int) (cout uint16) {
	for ; n < 1000 && cout < 3*x.Rarete; n *= 10 {
		cout += x.Rarete
	}
	return cout
}

// Steps of a search: each brings further words.
const (
	niveauExact   = iota // whole words, beginnings of professions and of what is being typed
	niveauProche         // beginnings, sounds, one mistake
	niveauLoin           // two mistakes
	niveauAbsence        // one word may be missing
)

// apparier adds to what a term met in the current source what a level brings.
func (r *Recherche) apparier(i, niveau int) {
	t := &r.termes[i]
	r.vers = &r.ici[i]
	for c := range nChamps {
		l := r.source.Lexique(c)
		if l == nil || l.Nombre() == 0 {
			continue
		}
		switch niveau {
		case niveauExact:
			r.apparierExact(t, c, l)
		case niveauProche:
			r.apparierProche(t, c, l)
		case niveauLoin:
			if !t.chiffre && Tolerance(t.n) == 2 {
				r.apparierFautes(t, c, l, 2)
			}
		}
	}
	r.vers.trier()
}

func (r *Recherche) apparierExact(t *terme, c Champ, l *Lexique) {
	nu := uint16(0)
	if t.nbColles > 0 && c != Metier || len(t.autres) > 0 && c == Metier {
		nu = r.regles.Nu
	}
	for i := range t.nbColles {
		r.exact(c, l, t.colles[i][:t.nColles[i]], 0)
	}
	r.exact(c, l, t.texte(), nu)
	if s := saint(t.texte()); s != "" {
		r.exact(c, l, append(r.tampon[:0], s...), 0)
	}
	if c == Metier {
		for _, s := range t.autres {
			r.exact(c, l, append(r.tampon[:0], s...), 0)
		}
	}
	if t.dernier {
		r.frappe(t, c, l)
	} else if c == Metier && t.n >= 3 && !t.chiffre {
		r.debuts(t, c, l, Debut)
	}
}

func (r *Recherche) exact(c Champ, l *Lexique, mot []byte, plus uint16) {
	if rang, ok := l.Exact(mot); ok {
		r.retenir(c, rang, Exacte, plus)
	}
}

// debuts keeps the heaviest words that begin as the term, but the term itself.
func (r *Recherche) debuts(t *terme, c Champ, l *Lexique, classe Classe) {
	if r.trop(5 * debutsMax) {
		return
	}
	rangs := l.Debuts(&r.travail, t.texte(), debutsMax)
	r.vers.court = r.vers.court || classe == Frappe && len(rangs) == debutsMax
	for _, rang := range rangs {
		if len(l.Mot(rang)) > t.n {
			r.retenir(c, rang, classe, 0)
		}
	}
}

// frappe keeps all the words that begin as the word being typed, as long as they are
// not too many: the other words of the question will choose.
func (r *Recherche) frappe(t *terme, c Champ, l *Lexique) {
	de, a := l.Plage(t.texte())
	if a-de > frappeMax || r.nbTermes == 1 {
		r.debuts(t, c, l, Frappe)
		return
	}
	if r.trop(4 * int(a-de)) {
		return
	}
	for ; de < a; de++ {
		if len(l.Mot(de)) > t.n {
			r.retenir(c, de, Frappe, 0)
		}
	}
}

func (r *Recherche) apparierProche(t *terme, c Champ, l *Lexique) {
	if t.n >= 3 && !t.dernier && c != Metier {
		r.debuts(t, c, l, Debut)
	}
	if t.chiffre || t.n < 3 || r.trop(100) {
		return
	}
	for _, rang := range l.Sons(&r.travail, t.texte(), sonsMax) {
		if string(l.Mot(rang)) != string(t.texte()) {
			r.retenir(c, rang, Son, 0)
		}
	}
	r.apparierFautes(t, c, l, 1)
	for i := range t.nbColles {
		for _, v := range l.Proches(&r.travail, t.colles[i][:t.nColles[i]], 1, fautesMax) {
			if v.Distance > 0 {
				r.retenir(c, v.Rang, UneFaute, 0)
			}
		}
	}
}

// apparierFautes keeps the words exactly d mistakes away.
func (r *Recherche) apparierFautes(t *terme, c Champ, l *Lexique, d int) {
	if Tolerance(t.n) < d {
		return
	}
	classe := UneFaute
	if d == 2 {
		classe = DeuxFautes
	}
	if r.trop(effortFautes(l, t.n, d)) {
		return
	}
	voisins := l.Proches(&r.travail, t.texte(), d, fautesMax)
	r.vers.court = r.vers.court || len(voisins) == fautesMax
	for _, v := range voisins {
		if int(v.Distance) == d {
			r.retenir(c, v.Rang, classe, 0)
		}
	}
}

// effortFautes is about what seeking d mistakes in a word of n letters touches; a
// small dictionary stays near the processor.
func effortFautes(l *Lexique, n, d int) int {
	if d == 1 {
		return 4 * n
	}
	if l.Nombre() < 10_000 {
		return 6 * (n*n + 4*n)
	}
	return 26 * (n*n + 4*n)
}

// trop counts a search of words, unless it would go past its share.
func (r *Recherche) trop(effort int) bool {
	if r.effort+effort > effortMots {
		r.vers.court = true
		return true
	}
	r.effort += effort
	return false
}

// saint is the other way of writing the first word of half the communes.
func saint(mot []byte) string {
	switch string(mot) {
	case "ST":
		return "SAINT"
	case "STE":
		return "SAINTE"
	case "SAINT":
		return "ST"
	case "SAINTE":
		return "STE"
	}
	return ""
}
