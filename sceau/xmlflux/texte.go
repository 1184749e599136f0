package xmlflux

import (
	"bytes"
	"unicode/utf8"
)

var (
	ouvreCommentaire = []byte("<!--")
	ouvreCDATA       = []byte("<![CDATA[")
	ouvreDTD         = []byte("<!DOCTYPE")
)

// lireTexte reads character data, CDATA sections and comments up to the next
// tag, as one text; lu is false when there was nothing but comments.
func (l *Lecteur) lireTexte() (lu bool, err error) {
	b, d := l.b, l.pos
	i := platTexte(b, d)
	if i+1 < len(b) && b[i] == '<' && b[i+1] != '!' {
		l.pos, l.texte, l.nu = i, b[d:i], true
		if b[i+1] == '?' {
			return false, l.lireSpecial()
		}
		return true, nil
	}
	l.tampon, l.nu = append(l.tampon[:0], b[d:i]...), true
	for i < len(b) {
		switch c := b[i]; c {
		case '<':
			if i+1 < len(b) && b[i+1] != '!' && b[i+1] != '?' {
				l.pos, l.texte = i, l.tampon
				return len(l.tampon) > 0, nil
			}
			l.pos = i
			if err = l.lireSpecial(); err != nil {
				return false, err
			}
			i = l.pos
		case '&':
			if i, err = l.lireReference(i); err != nil {
				return false, err
			}
			l.nu = false
		case '\r':
			i = l.finDeLigne(i)
		case '>':
			if i >= d+2 && b[i-1] == ']' && b[i-2] == ']' {
				return false, l.refuser(MotifSyntaxe, i-2, "« ]]> » dans du texte")
			}
			l.tampon, l.nu = append(l.tampon, c), false
			i++
		default:
			return false, l.illegal(i)
		}
		j := platTexte(b, i)
		l.tampon = append(l.tampon, b[i:j]...)
		i = j
	}
	return false, l.refuserFin("un élément")
}

// finDeLigne writes the line end that begins with a carriage return at i.
// ref: XML 1.0 §2.11
func (l *Lecteur) finDeLigne(i int) int {
	l.tampon = append(l.tampon, '\n')
	if i+1 < len(l.b) && l.b[i+1] == '\n' {
		i++
	}
	return i + 1
}

// lireSpecial reads what begins with "<!" or "<?" at l.pos: comments are
// skipped, CDATA sections are added to the text, the rest is refused.
func (l *Lecteur) lireSpecial() error {
	reste := l.b[l.pos:]
	switch {
	case len(reste) < 2:
		return l.refuserFin("une balise")
	case reste[1] == '?':
		return l.refuser(MotifPI, l.pos, "instruction de traitement refusée")
	case bytes.HasPrefix(reste, ouvreCommentaire):
		return l.sauterCommentaire()
	case bytes.HasPrefix(reste, ouvreDTD):
		return l.refuser(MotifDTD, l.pos, "DTD refusée")
	case bytes.HasPrefix(reste, ouvreCDATA):
		if l.etat != enContenu {
			return l.refuser(MotifRacine, l.pos, "texte hors de l'élément racine")
		}
		return l.lireCDATA()
	case len(reste) < len(ouvreCDATA) && (bytes.HasPrefix(ouvreCommentaire, reste) || bytes.HasPrefix(ouvreCDATA, reste) || bytes.HasPrefix(ouvreDTD, reste)):
		return l.refuserFin("une balise")
	}
	return l.refuser(MotifSyntaxe, l.pos, "balise « <! » inconnue")
}

// sauterCommentaire skips a comment.
// ref: XML 1.0 §2.5
func (l *Lecteur) sauterCommentaire() error {
	b := l.b
	for i := plat(b, l.pos+len(ouvreCommentaire), cCDATA); i < len(b); i = plat(b, i, cCDATA) {
		switch c := b[i]; {
		case c == '-' && i+2 < len(b) && b[i+1] == '-' && b[i+2] == '>':
			l.pos = i + 3
			return nil
		case c == '-' && i+2 < len(b) && b[i+1] == '-':
			return l.refuser(MotifSyntaxe, i, "« -- » dans un commentaire")
		case c == '-' || c == ']' || c == '\r':
			i++
		default:
			return l.illegal(i)
		}
	}
	return l.refuserFin("un commentaire")
}

// lireCDATA adds a CDATA section to the text.
func (l *Lecteur) lireCDATA() error {
	b := l.b
	for i := l.pos + len(ouvreCDATA); i < len(b); {
		j := plat(b, i, cCDATA)
		l.nu = l.nu && !bytes.ContainsAny(b[i:j], "<&>")
		l.tampon = append(l.tampon, b[i:j]...)
		if i = j; i == len(b) {
			break
		}
		switch c := b[i]; {
		case c == ']' && i+2 < len(b) && b[i+1] == ']' && b[i+2] == '>':
			l.pos = i + 3
			return nil
		case c == ']' || c == '-':
			l.tampon = append(l.tampon, c)
			i++
		case c == '\r':
			i = l.finDeLigne(i)
		default:
			return l.illegal(i)
		}
	}
	return l.refuserFin("une section CDATA")
}

// lireReference adds to the buffer the character that the reference at i
// stands for, and returns the offset after it.
// ref: XML 1.0 §4.1, §4.6
func (l *Lecteur) lireReference(i int) (int, error) {
	const plusLongue = 12 // a reference to the last character with a few leading zeros
	reste := l.b[i+1 : min(len(l.b), i+1+plusLongue)]
	n := bytes.IndexByte(reste, ';')
	if n < 0 {
		if i+1+plusLongue > len(l.b) && !bytes.ContainsAny(reste, "<>\"' ") {
			return 0, l.refuserFin("une référence")
		}
		return 0, l.refuser(MotifEntite, i, "référence mal formée ou trop longue")
	}
	var r rune
	switch nom := reste[:n]; string(nom) {
	case "amp":
		r = '&'
	case "lt":
		r = '<'
	case "gt":
		r = '>'
	case "quot":
		r = '"'
	case "apos":
		r = '\''
	default:
		if n < 2 || nom[0] != '#' {
			return 0, l.refuser(MotifEntite, i, "entité inconnue")
		}
		var ok bool
		if r, ok = numero(nom[1:]); !ok {
			return 0, l.refuser(MotifEntite, i, "référence de caractère mal formée")
		}
		if !legal(r) {
			return 0, l.refuser(MotifCaractere, i, "référence à un caractère interdit en XML")
		}
	}
	l.tampon = utf8.AppendRune(l.tampon, r)
	return i + 1 + n + 1, nil
}

// numero reads the digits of a character reference.
func numero(s []byte) (rune, bool) {
	base := rune(10)
	if s[0] == 'x' {
		base, s = 16, s[1:]
	}
	var r rune
	for _, c := range s {
		var v rune
		switch {
		case '0' <= c && c <= '9':
			v = rune(c - '0')
		case base == 16 && 'a' <= c && c <= 'f':
			v = rune(c-'a') + 10
		case base == 16 && 'A' <= c && c <= 'F':
			v = rune(c-'A') + 10
		default:
			return 0, false
		}
		if r = r*base + v; r > utf8.MaxRune {
			return 0, false
		}
	}
	return r, len(s) > 0
}
