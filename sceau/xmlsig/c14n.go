package xmlsig

import (
	"bytes"
	"hash"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// canon writes the exclusive canonical form of the pieces it is given, from
// the Debut of an element to its Fin.
// ref: XML-EXC-C14N §3, C14N §2.3
type canon struct {
	sortie []byte
	vers   hash.Hash // when set, sortie is emptied into it now and then
	inclus [][]byte  // prefixes treated as in inclusive C14N; empty name for the default namespace

	rendus  []rendu
	niveaux []int // len(rendus) before each open element
	ordre   []int // attributes in canonical order
	relatif bool  // a relative namespace name was met: it has no canonical form
}

// rendu is a namespace declaration already written on an open element.
type rendu struct{ prefixe, espace []byte }

// gros is the size from which the canonical form is passed on to the hash.
const gros = 8 << 10

// commencer prepares for an element.
func (c *canon) commencer(sortie []byte, inclus [][]byte) {
	*c = canon{
		sortie: sortie, inclus: inclus,
		rendus: c.rendus[:0], niveaux: c.niveaux[:0], ordre: c.ordre[:0],
	}
}

// recevoir writes the current piece; fini is true at the Fin of the first element.
func (c *canon) recevoir(l *xmlflux.Lecteur, g xmlflux.Genre) (fini bool) {
	switch g {
	case xmlflux.Debut:
		c.debut(l)
	case xmlflux.Texte:
		if l.TexteNu() {
			c.sortie = append(c.sortie, l.Texte()...)
		} else {
			c.sortie = echapperTexte(c.sortie, l.Texte())
		}
	case xmlflux.Fin:
		c.sortie = append(c.sortie, '<', '/')
		c.sortie = append(c.sortie, l.Nom()...)
		c.sortie = append(c.sortie, '>')
		n := len(c.niveaux) - 1
		c.rendus, c.niveaux = c.rendus[:c.niveaux[n]], c.niveaux[:n]
		fini = n == 0
	}
	if c.vers != nil && (fini || len(c.sortie) > gros) {
		c.vers.Write(c.sortie)
		c.sortie = c.sortie[:0]
	}
	return fini
}

func (c *canon) debut(l *xmlflux.Lecteur) {
	premier := len(c.rendus)
	c.niveaux = append(c.niveaux, premier)
	c.sortie = append(c.sortie, '<')
	c.sortie = append(c.sortie, l.Nom()...)
	c.voir(l.Prefixe(), l.Espace())
	nb := l.NbAttributs()
	for i := range nb {
		if a := l.Attribut(i); len(a.Prefixe) > 0 {
			c.voir(a.Prefixe, a.Espace)
		}
	}
	for _, p := range c.inclus {
		if espace, declare := l.Resoudre(p); declare {
			c.voir(p, espace)
		}
	}
	if len(c.rendus) > premier {
		c.ecrireEspaces(c.rendus[premier:])
	}
	if nb > 0 {
		c.ecrireAttributs(l, nb)
	}
	c.sortie = append(c.sortie, '>')
}

// voir notes that a prefix is used here: its declaration must be written
// unless an open element already carries the same.
func (c *canon) voir(prefixe, espace []byte) {
	for i := len(c.rendus) - 1; i >= 0; i-- {
		if r := &c.rendus[i]; string(r.prefixe) == string(prefixe) {
			if string(r.espace) == string(espace) {
				return
			}
			c.rendus = append(c.rendus, rendu{prefixe, espace})
			return
		}
	}
	if len(prefixe) == 0 && len(espace) == 0 || string(prefixe) == "xml" {
		return
	}
	c.rendus = append(c.rendus, rendu{prefixe, espace})
}

// ecrireEspaces writes declarations, sorted by prefix.
func (c *canon) ecrireEspaces(nouveaux []rendu) {
	for i := 1; i < len(nouveaux); i++ {
		for j := i; j > 0 && bytes.Compare(nouveaux[j].prefixe, nouveaux[j-1].prefixe) < 0; j-- {
			nouveaux[j], nouveaux[j-1] = nouveaux[j-1], nouveaux[j]
		}
	}
	for i := range nouveaux {
		r := &nouveaux[i]
		c.sortie = append(c.sortie, " xmlns"...)
		if len(r.prefixe) > 0 {
			c.sortie = append(c.sortie, ':')
			c.sortie = append(c.sortie, r.prefixe...)
		}
		c.sortie = append(c.sortie, '=', '"')
		c.sortie = echapperValeur(c.sortie, r.espace)
		c.sortie = append(c.sortie, '"')
		c.relatif = c.relatif || len(r.espace) > 0 && !absolu(r.espace)
	}
}

// ecrireAttributs writes attributes sorted by namespace name, then local name.
func (c *canon) ecrireAttributs(l *xmlflux.Lecteur, nb int) {
	c.ordre = c.ordre[:0]
	for i := range nb {
		c.ordre = append(c.ordre, i)
		for j := i; j > 0 && avant(l.Attribut(c.ordre[j]), l.Attribut(c.ordre[j-1])); j-- {
			c.ordre[j], c.ordre[j-1] = c.ordre[j-1], c.ordre[j]
		}
	}
	for _, i := range c.ordre {
		a := l.Attribut(i)
		c.sortie = append(c.sortie, ' ')
		c.sortie = append(c.sortie, a.Nom()...)
		c.sortie = append(c.sortie, '=', '"')
		if a.Nue {
			c.sortie = append(c.sortie, a.Valeur...)
		} else {
			c.sortie = echapperValeur(c.sortie, a.Valeur)
		}
		c.sortie = append(c.sortie, '"')
	}
}

func avant(a, b *xmlflux.Attribut) bool {
	if n := bytes.Compare(a.Espace, b.Espace); n != 0 {
		return n < 0
	}
	return bytes.Compare(a.Local, b.Local) < 0
}

// absolu tells whether a namespace name begins with a scheme. Canonical XML is
// not defined for relative ones. ref: C14N §1.3
func absolu(uri []byte) bool {
	for i, c := range uri {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && (c == '+' || c == '-' || c == '.' || '0' <= c && c <= '9'):
		default:
			return i > 0 && c == ':'
		}
	}
	return false
}

// Replacements of the canonical form, by byte; the empty one keeps the byte.
// ref: C14N §2.3
var (
	dansTexte  = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '\r': "&#xD;"}
	dansValeur = [256]string{'&': "&amp;", '<': "&lt;", '"': "&quot;", '\t': "&#x9;", '\n': "&#xA;", '\r': "&#xD;"}
)

func echapperTexte(dst, s []byte) []byte { return echapper(dst, s, &dansTexte) }

func echapperValeur(dst, s []byte) []byte { return echapper(dst, s, &dansValeur) }

func echapper(dst, s []byte, par *[256]string) []byte {
	debut := 0
	for i, c := range s {
		if r := par[c]; r != "" {
			dst = append(append(dst, s[debut:i]...), r...)
			debut = i + 1
		}
	}
	return append(dst, s[debut:]...)
}
