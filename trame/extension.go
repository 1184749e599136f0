package trame

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// TailleExtension bounds the canonical content of an Extension, 16 KiB.
const TailleExtension = 16 << 10

// espaceJSON is the namespace of the element that carries a JSON extension on
// the XML face. hyp: EXTENSION-DEUX-FACES
const espaceJSON = "urn:x-ecluse:json:1"

const ouvreJSON = `<json xmlns="` + espaceJSON + `">`

// ErrExtension is returned for a content that an Extension cannot carry.
var ErrExtension = errors.New("extension attendue : éléments XML d'un autre espace de noms ou objet JSON, 16 Kio au plus")

// Extension is the slot of a message for content that its schema does not know,
// sealed with the rest: XML elements of other namespaces, or a JSON object. It is
// kept in canonical form. Each face carries both: a JSON object travels in XML
// inside the element json of urn:x-ecluse:json:1, and XML travels in JSON as
// {"xml":"…"}. The zero value is "not said". ref: DEC 6
type Extension struct{ s string }

// ExtensionXML makes an Extension of one or several elements, each in a namespace
// other than that of the message.
func ExtensionXML(b []byte) (Extension, error) { return extensionXML(b, "") }

func extensionXML(b []byte, espace string) (Extension, error) {
	var l xmlflux.Lecteur
	l.Reset(slices.Concat([]byte("<e>"), b, []byte("</e>")), xmlflux.Limites{})
	if _, err := l.Suivant(); err != nil {
		return Extension{}, ErrExtension
	}
	var e Extension
	if refus := e.lireXML(&lecteurXML{&l, espace}); refus != nil {
		return Extension{}, ErrExtension
	}
	if g, err := l.Suivant(); err != nil || g != xmlflux.Termine {
		return Extension{}, ErrExtension
	}
	return e, nil
}

// ExtensionJSON makes an Extension of a JSON object.
func ExtensionJSON(b []byte) (Extension, error) { return extensionJSON(b, "") }

func extensionJSON(b []byte, espace string) (Extension, error) {
	c, err := jcs.Canoniser(nil, b, jcs.Limites{Taille: 6 * TailleExtension})
	if err != nil || len(c) == 0 || c[0] != '{' {
		return Extension{}, ErrExtension
	}
	if xml, ok := xmlDansJSON(c); ok {
		return extensionXML(xml, espace)
	}
	if len(c) > TailleExtension || premierIllegal(c) >= 0 {
		return Extension{}, ErrExtension
	}
	return Extension{string(c)}, nil
}

// xmlDansJSON is the text of {"xml":"…"}.
func xmlDansJSON(c []byte) ([]byte, bool) {
	var l jcs.Lecteur
	l.Reset(c, jcs.Limites{})
	var texte []byte
	for i, attendu := range [...]jcs.Genre{jcs.ObjetDebut, jcs.Cle, jcs.Chaine, jcs.ObjetFin} {
		g, err := l.Suivant()
		if err != nil || g != attendu || i == 1 && string(l.Texte()) != "xml" {
			return nil, false
		}
		if i == 2 {
			texte = bytes.Clone(l.Texte())
		}
	}
	return texte, true
}

// IsZero tells whether there is no extension.
func (e Extension) IsZero() bool { return e.s == "" }

// Equal compares contents.
func (e Extension) Equal(f Extension) bool { return e.s == f.s }

// XML is the content in exclusive canonical form, and false when it is JSON.
func (e Extension) XML() (string, bool) { return e.s, strings.HasPrefix(e.s, "<") }

// JSON is the content in the canonical form of RFC 8785, and false when it is XML.
func (e Extension) JSON() (string, bool) { return e.s, strings.HasPrefix(e.s, "{") }

func (e *Extension) appendXML(dst []byte) []byte {
	if _, ok := e.JSON(); !ok {
		return append(dst, e.s...)
	}
	return append(echapperXML(append(dst, ouvreJSON...), []byte(e.s)), "</json>"...)
}

func (e *Extension) appendJSON(dst []byte) []byte {
	if _, ok := e.XML(); !ok {
		return append(dst, e.s...)
	}
	return append(jcs.AppendChaine(append(dst, `{"xml":`...), e.s), '}')
}

func (e *Extension) lireJSON(l *lecteurJSON, espace string) *Erreur {
	debut := l.Position()
	if err := l.Passer(jcs.ObjetDebut); err != nil {
		return refusJSON(err)
	}
	lu, err := extensionJSON(l.src[debut:l.Fin()], espace)
	if err != nil {
		return &Erreur{Motif: err.Error(), position: debut, cause: err}
	}
	*e = lu
	return nil
}

// lireXML reads the content of the slot, the current piece being its Debut, up to
// its Fin.
func (e *Extension) lireXML(l *lecteurXML) *Erreur {
	debut := l.DebutBrut()
	refuse := &Erreur{Motif: ErrExtension.Error(), position: debut, cause: ErrExtension}
	var c canonique
	for {
		g, err := l.Suivant()
		switch {
		case err != nil:
			return refusFlux(err)
		case g == xmlflux.Debut:
			if len(l.Espace()) == 0 || string(l.Espace()) == l.ns {
				return refuse
			}
			c.ouvrir(l.Lecteur)
		case g == xmlflux.Texte && len(c.portees) > 0:
			c.sortie = echapperXML(c.sortie, l.Texte())
		case g == xmlflux.Texte && len(serrer(l.Texte())) > 0:
			return refuse
		case g == xmlflux.Fin && len(c.portees) > 0:
			c.fermer(l.Lecteur)
		case g == xmlflux.Fin:
			return e.tenir(c.sortie, refuse)
		}
		if len(c.sortie) > 6*TailleExtension {
			return refuse
		}
	}
}

// tenir keeps a canonical content, taken out of the element json if it is there.
func (e *Extension) tenir(c []byte, refuse *Erreur) *Erreur {
	if texte, ok := bytes.CutPrefix(c, []byte(ouvreJSON)); ok {
		lu, err := jsonDansXML(texte)
		if err != nil {
			return refuse
		}
		*e = lu
		return nil
	}
	if len(c) == 0 || len(c) > TailleExtension {
		return refuse
	}
	e.s = string(c)
	return nil
}

func jsonDansXML(texte []byte) (Extension, error) {
	texte, seul := bytes.CutSuffix(texte, []byte("</json>"))
	if !seul || bytes.IndexByte(texte, '<') >= 0 {
		return Extension{}, ErrExtension
	}
	texte = []byte(desechapper.Replace(string(texte)))
	if _, ok := xmlDansJSON(texte); ok {
		return Extension{}, ErrExtension
	}
	return ExtensionJSON(texte)
}

var desechapper = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&#xD;", "\r")
