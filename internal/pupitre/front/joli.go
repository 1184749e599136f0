package front

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// joli lays a raw message out for a person: the same tags and texts, one a line.
// A message that cannot be read is given as it is.
func joli(face sceau.Face, octets []byte) string {
	if face == sceau.REST {
		var b bytes.Buffer
		if profondeur(octets) > profondeurMax || json.Indent(&b, octets, "", "  ") != nil {
			return string(octets)
		}
		return b.String()
	}
	s, err := joliXML(octets)
	if err != nil {
		return string(octets)
	}
	return s
}

// profondeurMax bounds the nesting of what is laid out: each level indents all
// that it holds. The XML reader has the same bound.
const profondeurMax = 64

// profondeur is the nesting of a JSON text, strings counted too: it is a bound.
func profondeur(octets []byte) (plus int) {
	n := 0
	for _, c := range octets {
		switch c {
		case '{', '[':
			n++
		case '}', ']':
			n--
		}
		plus = max(plus, n)
	}
	return plus
}

// mise is an XML document being laid out.
type mise struct {
	b      strings.Builder
	niveau int
}

func (m *mise) ligne(s []byte) {
	if m.b.Len() > 0 {
		m.b.WriteByte('\n')
	}
	m.b.WriteString(strings.Repeat("  ", m.niveau))
	m.b.Write(s)
}

func joliXML(octets []byte) (string, error) {
	var l xmlflux.Lecteur
	l.Reset(octets, xmlflux.Limites{Octets: len(octets) + 1})
	m := new(mise)
	feuille := false // the last thing written opens an element
	for {
		g, err := l.Suivant()
		if err != nil {
			return "", err
		}
		brut := octets[l.DebutBrut():l.FinBrut()]
		switch g {
		case xmlflux.Termine:
			return m.b.String(), nil
		case xmlflux.Debut:
			m.ligne(brut)
			m.niveau++
			feuille = true
		case xmlflux.Texte:
			if t := bytes.TrimSpace(brut); len(t) > 0 {
				m.texte(t, feuille)
			}
		case xmlflux.Fin:
			m.niveau--
			switch {
			case len(brut) == 0: // self-closing
			case feuille:
				m.b.Write(brut)
			default:
				m.ligne(brut)
			}
			feuille = false
		}
	}
}

// texte stays on the line of the tag that opens it.
func (m *mise) texte(t []byte, feuille bool) {
	if feuille {
		m.b.Write(t)
		return
	}
	m.ligne(t)
}
