package jcs

import (
	"slices"
	"unicode/utf8"
)

// Genre is the kind of a token. The zero value is "not said".
type Genre uint8

// Kinds of token.
const (
	ObjetDebut Genre = iota + 1
	ObjetFin
	TableauDebut
	TableauFin
	Cle
	Chaine
	Nombre
	Booleen
	Nul
	Termine // the value is complete and nothing follows it
)

// Default bounds, and the depth that nothing exceeds.
const (
	TailleDefaut  = 1 << 20
	ProfondeurMax = 64
)

// Limites bounds what is read. The zero value is a working default: 1 MiB, 64 levels.
type Limites struct {
	Taille     int // bytes of the source; 0: TailleDefaut
	Profondeur int // nested objects and arrays; 0 or more than ProfondeurMax: ProfondeurMax
}

func (l Limites) appliquees() Limites {
	if l.Taille <= 0 {
		l.Taille = TailleDefaut
	}
	if l.Profondeur <= 0 || l.Profondeur > ProfondeurMax {
		l.Profondeur = ProfondeurMax
	}
	return l
}

// attente is what the grammar allows next.
type attente uint8

const (
	valeur      attente = iota // a value
	valeurOuFin                // first element of an array, or its end
	cleOuFin                   // first member of an object, or its end
	suite                      // a comma, or the end of the container
	fin                        // nothing more
)

// niveau is one open object or array.
type niveau struct {
	objet    bool
	desordre bool // a key came before a smaller one: look for doubles at the end
	cles     int  // where its keys start in Lecteur.cles
	arene    int  // where its decoded keys start in Lecteur.arene
}

type cle struct {
	texte    []byte
	rang     int // order of appearance in its object
	position int
}

// Lecteur reads one JSON text token by token, without building a tree and
// without allocating once its buffers have grown. It is not safe for concurrent
// use. The zero value is ready for Reset.
type Lecteur struct {
	src   []byte
	lim   Limites
	err   error
	pos   int
	debut int // where the current token starts
	arret int // where it ends
	etat  attente

	texte     []byte // unescaped current string or key
	echappe   bool   // texte is not as it stands in the source
	canonique bool   // what was read so far is in canonical form, numbers aside

	niveaux [ProfondeurMax]niveau
	ouverts int
	cles    []cle  // keys of the open objects
	fermees []cle  // keys of the object just closed, in canonical order
	arene   []byte // decoded keys of the open objects
	tampon  []byte // decoded current string
}

// Reset starts reading src, which must not change while it is read.
func (l *Lecteur) Reset(src []byte, lim Limites) {
	l.src, l.lim, l.err = src, lim.appliquees(), nil
	l.pos, l.debut, l.arret, l.etat = 0, 0, 0, valeur
	l.texte, l.canonique = nil, true
	l.ouverts = 0
	clear(l.cles[:cap(l.cles)])
	l.cles, l.fermees, l.arene = l.cles[:0], nil, l.arene[:0]
	if len(src) > l.lim.Taille {
		l.refuser(MotifTaille, l.lim.Taille)
	} else if !utf8.Valid(src) {
		l.refuser(MotifUTF8, premierInvalide(src))
	}
}

// Texte is the unescaped text of the current key or string. It is valid until
// the next call and must not be modified.
func (l *Lecteur) Texte() []byte { return l.texte }

// Brut is the current token as it stands in the source, quotes and escapes
// included. It shares the memory of the source.
func (l *Lecteur) Brut() []byte { return l.src[l.debut:l.arret] }

// Position is the offset in the source where the current token starts.
func (l *Lecteur) Position() int { return l.debut }

// Fin is the offset in the source just after the current token.
func (l *Lecteur) Fin() int { return l.arret }

// Profondeur is the number of objects and arrays now open.
func (l *Lecteur) Profondeur() int { return l.ouverts }

// Vrai tells whether the current Booleen is true.
func (l *Lecteur) Vrai() bool { return l.debut < len(l.src) && l.src[l.debut] == 't' }

// Suivant reads the next token. After an error it keeps returning that error;
// after Termine it keeps returning Termine. Doubled keys of an object are
// reported at the latest at its ObjetFin, so a reader must go to Termine before
// it trusts what it read.
func (l *Lecteur) Suivant() (Genre, error) {
	if l.err != nil {
		return 0, l.err
	}
	l.texte = nil
	l.blancs()
	l.debut, l.arret = l.pos, l.pos
	if l.pos >= len(l.src) {
		if l.etat == fin {
			return Termine, nil
		}
		return l.refuser(MotifTronque, l.pos)
	}
	c := l.src[l.pos]
	switch l.etat {
	case fin:
		return l.refuser(MotifReste, l.pos)
	case suite:
		return l.apres(c)
	case cleOuFin:
		if c == '}' {
			return l.fermer(c)
		}
		return l.lireCle(c)
	case valeurOuFin:
		if c == ']' {
			return l.fermer(c)
		}
	}
	return l.lireValeur(c)
}

// Passer skips the value whose first token was just returned by Suivant: the
// rest of an object or array, nothing for the others.
func (l *Lecteur) Passer(g Genre) error {
	if g != ObjetDebut && g != TableauDebut {
		return l.err
	}
	for cible := l.ouverts - 1; l.ouverts > cible; {
		if _, err := l.Suivant(); err != nil {
			return err
		}
	}
	return nil
}

// apres reads what follows a value inside a container.
func (l *Lecteur) apres(c byte) (Genre, error) {
	if c != ',' {
		return l.fermer(c)
	}
	l.pos++
	l.blancs()
	l.debut, l.arret = l.pos, l.pos
	if l.pos >= len(l.src) {
		return l.refuser(MotifTronque, l.pos)
	}
	c = l.src[l.pos]
	if l.niveaux[l.ouverts-1].objet {
		return l.lireCle(c)
	}
	return l.lireValeur(c)
}

func (l *Lecteur) lireValeur(c byte) (Genre, error) {
	switch {
	case c == '"':
		return l.lireChaine()
	case c == '{':
		return l.ouvrir(ObjetDebut, cleOuFin)
	case c == '[':
		return l.ouvrir(TableauDebut, valeurOuFin)
	case c == '-' || c >= '0' && c <= '9':
		return l.lireNombre()
	case c == 't':
		return l.lireMot("true", Booleen)
	case c == 'f':
		return l.lireMot("false", Booleen)
	case c == 'n':
		return l.lireMot("null", Nul)
	}
	return l.refuser(MotifSyntaxe, l.pos)
}

func (l *Lecteur) ouvrir(g Genre, etat attente) (Genre, error) {
	if l.ouverts >= l.lim.Profondeur {
		return l.refuser(MotifProfondeur, l.pos)
	}
	l.niveaux[l.ouverts] = niveau{objet: g == ObjetDebut, cles: len(l.cles), arene: len(l.arene)}
	l.ouverts++
	l.pos++
	l.arret, l.etat = l.pos, etat
	return g, nil
}

func (l *Lecteur) fermer(c byte) (Genre, error) {
	n := &l.niveaux[l.ouverts-1]
	attendu, g := byte(']'), TableauFin
	if n.objet {
		attendu, g = '}', ObjetFin
	}
	if c != attendu {
		return l.refuser(MotifSyntaxe, l.pos)
	}
	l.pos++
	l.ouverts--
	l.valeurFinie()
	if !n.objet {
		return g, nil
	}
	l.fermees = l.cles[n.cles:]
	l.cles, l.arene = l.cles[:n.cles], l.arene[:n.arene]
	if n.desordre {
		return l.trier()
	}
	return g, nil
}

// trier puts the keys of the closed object in order and looks for doubles: one
// sort, so that an object made of many keys costs no more than n log n.
func (l *Lecteur) trier() (Genre, error) {
	slices.SortFunc(l.fermees, func(a, b cle) int { return comparer(a.texte, b.texte) })
	for i := 1; i < len(l.fermees); i++ {
		if comparer(l.fermees[i-1].texte, l.fermees[i].texte) == 0 {
			return l.refuser(MotifDoublon, max(l.fermees[i-1].position, l.fermees[i].position))
		}
	}
	return ObjetFin, nil
}

func (l *Lecteur) lireCle(c byte) (Genre, error) {
	if c != '"' {
		return l.refuser(MotifSyntaxe, l.pos)
	}
	if err := l.lireTexte(); err != nil {
		return 0, err
	}
	l.arret = l.pos
	l.blancs()
	if l.pos >= len(l.src) {
		return l.refuser(MotifTronque, l.pos)
	}
	if l.src[l.pos] != ':' {
		return l.refuser(MotifSyntaxe, l.pos)
	}
	if err := l.retenirCle(); err != nil {
		return 0, err
	}
	l.pos++
	l.etat = valeur
	return Cle, nil
}

// retenirCle keeps the key of its object and refuses at once a double of the
// previous one; farther doubles are found by trier.
func (l *Lecteur) retenirCle() error {
	n := &l.niveaux[l.ouverts-1]
	if l.echappe { // tampon is for one string: the key must live as long as its object
		a := len(l.arene)
		l.arene = append(l.arene, l.texte...)
		l.texte = l.arene[a:len(l.arene):len(l.arene)]
	}
	if k := len(l.cles); k > n.cles {
		switch ordre := comparer(l.cles[k-1].texte, l.texte); {
		case ordre == 0:
			_, err := l.refuser(MotifDoublon, l.debut)
			return err
		case ordre > 0:
			n.desordre, l.canonique = true, false
		}
	}
	l.cles = append(l.cles, cle{texte: l.texte, rang: len(l.cles) - n.cles, position: l.debut})
	return nil
}

func (l *Lecteur) lireChaine() (Genre, error) {
	if err := l.lireTexte(); err != nil {
		return 0, err
	}
	l.valeurFinie()
	return Chaine, nil
}

func (l *Lecteur) lireMot(mot string, g Genre) (Genre, error) {
	for i := range len(mot) {
		if l.pos+i >= len(l.src) {
			return l.refuser(MotifTronque, l.pos+i)
		}
		if l.src[l.pos+i] != mot[i] {
			return l.refuser(MotifSyntaxe, l.pos+i)
		}
	}
	l.pos += len(mot)
	l.valeurFinie()
	return g, nil
}

func (l *Lecteur) valeurFinie() {
	l.arret, l.etat = l.pos, suite
	if l.ouverts == 0 {
		l.etat = fin
	}
}

func (l *Lecteur) blancs() {
	for l.pos < len(l.src) {
		switch l.src[l.pos] {
		case ' ', '\t', '\n', '\r':
			l.pos++
			l.canonique = false
		default:
			return
		}
	}
}

func (l *Lecteur) refuser(m Motif, position int) (Genre, error) {
	l.err = &Erreur{Motif: m, Position: position}
	return 0, l.err
}

func premierInvalide(src []byte) int {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(src)
}
