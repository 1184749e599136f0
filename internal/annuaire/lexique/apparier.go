package lexique

// Bounds of what one word of a question may meet.
const (
	rencontresMax = 192
	debutsMax     = 48 // words that begin so, in one dictionary
	sonsMax       = 24
	fautesMax     = 32
)

// rencontre is a word of the directory that a word of the question met.
type rencontre struct {
	postings []uint32
	cout     uint16
	champ    Champ
	classe   Classe
}

// rencontres are those of one term, the cheapest first.
type rencontres struct {
	liste []rencontre
	total int  // length of their postings
	court bool // some were left out
}

func (x *rencontres) vider() { x.liste, x.total, x.court = x.liste[:0], 0, false }

// ajouter keeps a meeting at its place.
func (x *rencontres) ajouter(m rencontre) {
	if len(m.postings) == 0 {
		return
	}
	if len(x.liste) == rencontresMax {
		x.court = true
		if m.cout >= x.liste[rencontresMax-1].cout {
			return
		}
		x.total -= len(x.liste[rencontresMax-1].postings)
		x.liste = x.liste[:rencontresMax-1]
	}
	x.liste = append(x.liste, m)
	for i := len(x.liste) - 1; i > 0 && x.liste[i].cout < x.liste[i-1].cout; i-- {
		x.liste[i], x.liste[i-1] = x.liste[i-1], x.liste[i]
	}
	x.total += len(m.postings)
}

// retenir weighs a word found and keeps it.
func (r *Recherche) retenir(t *terme, c Champ, rang uint32, classe Classe, plus uint16) {
	t.ajouter(rencontre{
		postings: r.source.Postings(c, rang),
		cout:     r.regles.Base[c] + r.regles.Poids[c]*r.regles.Ecart[classe] + plus,
		champ:    c, classe: classe,
	})
}

// Steps of a search: each brings further words.
const (
	niveauExact   = iota // whole words, beginnings of professions and of what is being typed
	niveauProche         // beginnings, sounds, one mistake
	niveauLoin           // two mistakes
	niveauAbsence        // one word may be missing
)

// apparier adds to a term what a level brings.
func (r *Recherche) apparier(t *terme, niveau int) {
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
}

func (r *Recherche) apparierExact(t *terme, c Champ, l *Lexique) {
	nu := uint16(0)
	if t.nbColles > 0 && c != Metier {
		nu = r.regles.Nu
	}
	for i := range t.nbColles {
		r.exact(t, c, l, t.colles[i][:t.nColles[i]], 0)
	}
	r.exact(t, c, l, t.texte(), nu)
	if s := saint(t.texte()); s != "" {
		r.exact(t, c, l, append(r.tampon[:0], s...), 0)
	}
	if c == Metier {
		for _, s := range t.autres {
			r.exact(t, c, l, append(r.tampon[:0], s...), 0)
		}
	}
	if t.dernier {
		r.debuts(t, c, l, Frappe)
	} else if c == Metier && t.n >= 3 && !t.chiffre {
		r.debuts(t, c, l, Debut)
	}
}

func (r *Recherche) exact(t *terme, c Champ, l *Lexique, mot []byte, plus uint16) {
	if rang, ok := l.Exact(mot); ok {
		r.retenir(t, c, rang, Exacte, plus)
	}
}

// debuts keeps the words that begin as the term, but the term itself.
func (r *Recherche) debuts(t *terme, c Champ, l *Lexique, classe Classe) {
	rangs := l.Debuts(&r.travail, t.texte(), debutsMax)
	t.court = t.court || len(rangs) == debutsMax
	for _, rang := range rangs {
		if len(l.Mot(rang)) > t.n {
			r.retenir(t, c, rang, classe, 0)
		}
	}
}

func (r *Recherche) apparierProche(t *terme, c Champ, l *Lexique) {
	if t.n >= 3 && !t.dernier && c != Metier {
		r.debuts(t, c, l, Debut)
	}
	if t.chiffre || t.n < 3 {
		return
	}
	for _, rang := range l.Sons(&r.travail, t.texte(), sonsMax) {
		if string(l.Mot(rang)) != string(t.texte()) {
			r.retenir(t, c, rang, Son, 0)
		}
	}
	r.apparierFautes(t, c, l, 1)
	for i := range t.nbColles {
		for _, v := range l.Proches(&r.travail, t.colles[i][:t.nColles[i]], 1, fautesMax) {
			if v.Distance > 0 {
				r.retenir(t, c, v.Rang, UneFaute, 0)
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
	voisins := l.Proches(&r.travail, t.texte(), d, fautesMax)
	t.court = t.court || len(voisins) == fautesMax
	for _, v := range voisins {
		if int(v.Distance) == d {
			r.retenir(t, c, v.Rang, classe, 0)
		}
	}
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
