package xmlflux

import (
	"bytes"
	"unicode/utf8"
)

// Attribut is an attribute of an element.
type Attribut struct {
	Prefixe []byte
	Local   []byte
	Espace  []byte // namespace name, empty without prefix
	Valeur  []byte // references replaced, white space normalised
	Nue     bool   // no character of Valeur would have to be written as a reference
	nom     []byte
	pos     int
}

// Nom is the qualified name as it was written.
func (a *Attribut) Nom() []byte { return a.nom }

// Est tells whether the attribute has this expanded name.
func (a *Attribut) Est(espace, local string) bool {
	return string(a.Local) == local && string(a.Espace) == espace
}

// nomQualifie reads a name at offset i; lg is the length of its prefix.
// ref: Namespaces in XML 1.0 §4
func (l *Lecteur) nomQualifie(i int) (nom []byte, lg int, err error) {
	b, d := l.b, i
	debut := true
	for i < len(b) {
		c := b[i]
		switch {
		case classe[c]&cNom != 0 && (!debut || classe[c]&cNomDebut != 0):
			i++
			debut = false
		case c == ':' && lg == 0 && !debut:
			lg = i - d
			i++
			debut = true
		case c >= utf8.RuneSelf:
			n := tailleNom(b[i:], debut)
			if n == 0 {
				return nil, 0, l.refuser(MotifNom, i, "caractère interdit dans un nom")
			}
			i += n
			debut = false
		case debut || c == ':':
			return nil, 0, l.refuser(MotifNom, i, "nom mal formé")
		case i-d > l.lim.TailleNom:
			return nil, 0, l.refuser(MotifNomLong, d, "nom plus long que la limite")
		default:
			return b[d:i], lg, nil
		}
	}
	return nil, 0, l.refuserFin("un nom")
}

// lireDebut reads the start tag at l.pos.
func (l *Lecteur) lireDebut() error {
	if len(l.pile) >= l.lim.Profondeur {
		return l.refuser(MotifProfondeur, l.pos, "éléments imbriqués au-delà de la limite")
	}
	nom, lg, err := l.nomQualifie(l.pos + 1)
	if err != nil {
		return err
	}
	l.nom, l.lgPrefixe, l.dehors = nom, lg, l.portee
	l.attrs, l.tampon = l.attrs[:0], l.tampon[:0]
	l.pos += 1 + len(nom)
	if l.pos < len(l.b) && l.b[l.pos] == '>' {
		l.pos++
	} else if err := l.lireAttributs(); err != nil {
		return err
	}
	if l.espace, err = l.espaceElement(); err != nil {
		return err
	}
	if len(l.attrs) > 0 {
		if err := l.qualifierAttributs(); err != nil {
			return err
		}
	}
	l.pile = append(l.pile, element{nom: nom, prefixe: lg, espace: l.espace, portee: l.dehors})
	l.genre, l.fin = Debut, l.pos
	if l.etat != enContenu {
		l.entrer()
	}
	return nil
}

// entrer notes that the first element is open. The state to come back to is
// found by depiler from the kind of reading.
func (l *Lecteur) entrer() {
	l.fragment = l.etat == enFragment
	l.etat = enContenu
}

// lireAttributs reads up to the end of the start tag.
func (l *Lecteur) lireAttributs() error {
	for nb := 0; ; nb++ {
		i := blancs(l.b, l.pos)
		if i >= len(l.b) {
			return l.refuserFin("une balise")
		}
		switch c := l.b[i]; {
		case c == '>':
			l.pos = i + 1
			return nil
		case c == '/':
			if i+1 >= len(l.b) {
				return l.refuserFin("une balise")
			}
			if l.b[i+1] != '>' {
				return l.refuser(MotifSyntaxe, i, "« / » hors de place dans une balise")
			}
			l.pos, l.vide = i+2, true
			return nil
		case i == l.pos:
			return l.refuser(MotifSyntaxe, i, "il manque un blanc avant un attribut")
		case nb == l.lim.Attributs:
			return l.refuser(MotifAttributs, i, "plus d'attributs que la limite")
		}
		if err := l.lireAttribut(i); err != nil {
			return err
		}
	}
}

// lireAttribut reads the attribute or the declaration at offset i.
func (l *Lecteur) lireAttribut(i int) error {
	nom, lg, err := l.nomQualifie(i)
	if err != nil {
		return err
	}
	j := blancs(l.b, i+len(nom))
	if j < len(l.b) && l.b[j] != '=' {
		return l.refuser(MotifSyntaxe, j, "attribut sans valeur")
	}
	j = blancs(l.b, j+1)
	if j >= len(l.b) {
		return l.refuserFin("un attribut")
	}
	if l.b[j] != '"' && l.b[j] != '\'' {
		return l.refuser(MotifSyntaxe, j, "valeur d'attribut sans guillemets")
	}
	l.pos = j
	valeur, nue, err := l.lireValeur(l.b[j])
	switch {
	case err != nil:
		return err
	case lg == 0 && string(nom) == "xmlns":
		return l.declarer(nil, valeur, i)
	case lg == 5 && string(nom[:5]) == "xmlns":
		return l.declarer(nom[6:], valeur, i)
	}
	a := Attribut{nom: nom, Local: nom, Valeur: valeur, Nue: nue, pos: i}
	if lg > 0 {
		a.Prefixe, a.Local = nom[:lg], nom[lg+1:]
	}
	l.attrs = append(l.attrs, a)
	return nil
}

// lireValeur reads a quoted value whose opening quote is at l.pos.
// ref: XML 1.0 §3.3.3
func (l *Lecteur) lireValeur(guillemet byte) (valeur []byte, nue bool, err error) {
	b, d := l.b, l.pos+1
	i := platValeur(b, d)
	if i < len(b) && b[i] == guillemet {
		l.pos = i + 1
		return b[d:i], true, nil
	}
	marque := len(l.tampon)
	l.tampon = append(l.tampon, b[d:i]...)
	nue = true
	for i < len(b) {
		switch c := b[i]; c {
		case guillemet:
			l.pos = i + 1
			return l.tampon[marque:], nue, nil
		case '"', '\'':
			nue = nue && c == '\''
			l.tampon = append(l.tampon, c)
			i++
		case '&':
			if i, err = l.lireReference(i); err != nil {
				return nil, false, err
			}
			nue = false
		case '\r', '\n', '\t':
			if c == '\r' && i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
			l.tampon = append(l.tampon, ' ')
			i++
		case '<':
			return nil, false, l.refuser(MotifSyntaxe, i, "« < » dans une valeur d'attribut")
		default:
			return nil, false, l.illegal(i)
		}
		j := platValeur(b, i)
		l.tampon = append(l.tampon, b[i:j]...)
		i = j
	}
	return nil, false, l.refuserFin("une valeur d'attribut")
}

// lireFin reads the end tag at l.pos.
func (l *Lecteur) lireFin() error {
	attendu := l.pile[len(l.pile)-1].nom
	reste := l.b[l.pos+2:]
	if !bytes.HasPrefix(reste, attendu) {
		if bytes.HasPrefix(attendu, reste) {
			return l.refuserFin("une balise de fin")
		}
		return l.refuser(MotifBalise, l.pos, "balise de fin d'un autre élément")
	}
	i := blancs(l.b, l.pos+2+len(attendu))
	if i >= len(l.b) {
		return l.refuserFin("une balise de fin")
	}
	if l.b[i] != '>' {
		return l.refuser(MotifBalise, l.pos, "balise de fin d'un autre élément")
	}
	l.pos = i + 1
	l.depiler()
	return nil
}

// depiler makes the end of the innermost element the current piece.
func (l *Lecteur) depiler() {
	n := len(l.pile) - 1
	e := &l.pile[n]
	l.nom, l.lgPrefixe, l.espace = e.nom, e.prefixe, e.espace
	l.dehors, l.portee = e.portee, e.portee
	l.pile, l.attrs = l.pile[:n], l.attrs[:0]
	l.genre, l.fin = Fin, l.pos
	if n == 0 {
		l.etat = enEpilogue
		if l.fragment {
			l.etat = finFragment
		}
	}
}
