package xmlsig

import (
	"bytes"
	"encoding/base64"
	"slices"
	"sync"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// Bounds of what is kept while a document is read.
const (
	maxIds         = 4096
	maxReferences  = 10 // ref: PKI §8.4
	maxCertificats = 8
	maxPrefixes    = 32
)

// place is where an element stands: enough to read it again.
type place struct {
	debut, fin int
	portee     xmlflux.Portee
}

// idVu is an Id met in the document.
type idVu struct {
	valeur []byte
	place  // fin is not known
}

// lecture is the state of one opening, kept from one to the next.
type lecture struct {
	xmlflux.Lecteur
	raw   []byte
	canon canon
	ids   []idVu
	arene []byte // values that must outlive the piece they were read in
	tri   []int32

	prefixes   [][]byte // PrefixLists of the signature
	sceau      sceauLu
	jetons     []jeton
	horodatage horodatageLu
	enTete     place // SOAP Header; fin is the offset of its end tag
	entetes    []place
	finEnTete  int    // offset after the end tag of the SOAP Header
	corps      place  // SOAP Body, or root of the file
	securite   bool   // there is a Security header
	nu         bool   // there is none, and the caller takes it
	canonique  []byte // its canonical form, once digested
	cible      []byte // local name of the last element canonised
	brouillon,
	base64 []byte
}

// jeton is a BinarySecurityToken.
type jeton struct {
	id, der []byte
}

var lectures = sync.Pool{New: func() any { return new(lecture) }}

func nouvelleLecture(raw []byte, lim xmlflux.Limites) *lecture {
	v := lectures.Get().(*lecture)
	v.raw = raw
	v.Reset(raw, lim)
	v.ids, v.arene, v.prefixes, v.jetons = v.ids[:0], v.arene[:0], v.prefixes[:0], v.jetons[:0]
	v.horodatage, v.enTete, v.corps = horodatageLu{}, place{}, place{}
	v.finEnTete, v.securite, v.nu = 0, false, false
	v.entetes, v.canonique, v.cible = v.entetes[:0], nil, nil
	return v
}

// rendre gives the state back. Nothing that was returned to the caller may
// point into it.
func (v *lecture) rendre() {
	const garde = 64 << 10
	if cap(v.brouillon) > garde {
		v.brouillon = nil
	}
	if cap(v.arene) > garde {
		v.arene = nil
	}
	if cap(v.ids) > garde/64 {
		v.ids = nil
	}
	v.canon.sortie = nil // it may be what was returned to the caller
	v.raw, v.canonique, v.cible = nil, nil, nil
	v.sceau.vider()
	clear(v.jetons)
	v.Reset(nil, xmlflux.Limites{})
	lectures.Put(v)
}

// suivant reads a piece and takes note of Ids.
func (v *lecture) suivant() (xmlflux.Genre, error) {
	g, err := v.Suivant()
	if err != nil {
		return 0, refusDe(MotifXML, "document refusé", err)
	}
	if g == xmlflux.Debut && v.NbAttributs() > 0 {
		err = v.noterIds()
	}
	return g, err
}

func (v *lecture) noterIds() error {
	for i := range v.NbAttributs() {
		a := v.Attribut(i)
		if !estId(a) {
			continue
		}
		if len(v.ids) == maxIds {
			return refus(MotifLimite, "trop d'identifiants dans le document")
		}
		v.ids = append(v.ids, idVu{v.garder(a.Valeur), place{debut: v.DebutBrut(), portee: v.PorteeExterne()}})
	}
	return nil
}

// estId tells whether an attribute names its element. All the spellings met in
// signed messages count, so that two processors cannot see two elements behind
// one name.
func estId(a *xmlflux.Attribut) bool {
	switch string(a.Local) {
	case "Id":
		return len(a.Espace) == 0 || string(a.Espace) == espaceWSU
	case "ID", "AssertionID":
		return len(a.Espace) == 0
	case "id":
		return string(a.Espace) == xmlflux.EspaceXML
	}
	return false
}

// garder copies what the next piece would overwrite.
func (v *lecture) garder(b []byte) []byte {
	n := len(v.arene)
	v.arene = append(v.arene, b...)
	return v.arene[n:len(v.arene):len(v.arene)]
}

// idsUniques refuses an Id given twice anywhere in the document.
func (v *lecture) idsUniques() error {
	if len(v.ids) <= 16 {
		for i := range v.ids {
			for j := range v.ids[:i] {
				if bytes.Equal(v.ids[i].valeur, v.ids[j].valeur) {
					return refus(MotifIdDouble, "le même identifiant désigne deux éléments")
				}
			}
		}
		return nil
	}
	v.tri = v.tri[:0]
	for i := range v.ids {
		v.tri = append(v.tri, int32(i))
	}
	slices.SortFunc(v.tri, func(a, b int32) int { return bytes.Compare(v.ids[a].valeur, v.ids[b].valeur) })
	for i := 1; i < len(v.tri); i++ {
		if bytes.Equal(v.ids[v.tri[i]].valeur, v.ids[v.tri[i-1]].valeur) {
			return refus(MotifIdDouble, "le même identifiant désigne deux éléments")
		}
	}
	return nil
}

// idDe finds where the element of this Id stands.
func (v *lecture) idDe(id []byte) (place, bool) {
	for i := range v.ids {
		if bytes.Equal(v.ids[i].valeur, id) {
			return v.ids[i].place, true
		}
	}
	return place{}, false
}

// ici is the place of the element whose Debut is the current piece.
func (v *lecture) ici() place {
	return place{debut: v.DebutBrut(), portee: v.PorteeExterne()}
}

// enfant moves to the next child of the current element, over white space;
// false at the end of the element.
func (v *lecture) enfant() (bool, error) {
	for {
		g, err := v.suivant()
		switch {
		case err != nil:
			return false, err
		case g == xmlflux.Debut:
			return true, nil
		case g == xmlflux.Fin:
			return false, nil
		case g == xmlflux.Texte && len(bytes.TrimLeft(v.Texte(), " \t\r\n")) > 0:
			return false, refus(MotifStructure, "texte là où seuls des éléments sont attendus")
		}
	}
}

// sauter reads to the end of the current element, taking note of Ids.
func (v *lecture) sauter() error {
	for vers := v.Profondeur() - 1; v.Profondeur() > vers; {
		if _, err := v.suivant(); err != nil {
			return err
		}
	}
	return nil
}

// texteSeul reads an element that holds nothing but text. The result is valid
// until the next piece.
func (v *lecture) texteSeul() ([]byte, error) {
	g, err := v.suivant()
	if err != nil || g == xmlflux.Fin {
		return nil, err
	}
	texte := v.Texte()
	if g == xmlflux.Texte {
		if g, err = v.suivant(); err != nil {
			return nil, err
		}
	}
	if g != xmlflux.Fin {
		return nil, refus(MotifStructure, "élément là où seul du texte est attendu")
	}
	return texte, nil
}

// base64Seul reads an element that holds base64, white space allowed, and
// appends what it means to dst.
func (v *lecture) base64Seul(dst []byte) ([]byte, error) {
	texte, err := v.texteSeul()
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(texte, ' ') >= 0 || bytes.IndexByte(texte, '\t') >= 0 { // line ends are skipped by the decoder
		v.base64 = v.base64[:0]
		for _, mot := range bytes.Fields(texte) {
			v.base64 = append(v.base64, mot...)
		}
		texte = v.base64
	}
	dst, err = base64.StdEncoding.Strict().AppendDecode(dst, texte)
	if err != nil {
		return nil, refus(MotifStructure, "base64 mal formé")
	}
	return dst, nil
}

// attribut gives the value of an unqualified attribute of the current Debut.
func (v *lecture) attribut(nom string) []byte {
	for i := range v.NbAttributs() {
		if a := v.Attribut(i); a.Est("", nom) {
			return a.Valeur
		}
	}
	return nil
}

// canoniser appends the canonical form of an element to dst, leaving out the
// element that begins at the offset saut (none when negative).
func (v *lecture) canoniser(dst []byte, p place, inclus [][]byte, saut int) ([]byte, error) {
	v.canon.commencer(dst, inclus)
	v.Reprendre(p.debut, p.portee)
	for {
		g, err := v.Suivant()
		if err != nil {
			return nil, refusDe(MotifXML, "document refusé", err)
		}
		if v.DebutBrut() == p.debut {
			v.cible = v.Local()
		}
		if g == xmlflux.Debut && v.DebutBrut() == saut {
			if err := v.Sauter(); err != nil {
				return nil, refusDe(MotifXML, "document refusé", err)
			}
			continue
		}
		if v.canon.recevoir(&v.Lecteur, g) {
			break
		}
	}
	return v.canon.fini()
}

// fini gives what was written.
func (c *canon) fini() ([]byte, error) {
	if c.relatif {
		return nil, refus(MotifStructure, "espace de noms relatif : pas de forme canonique")
	}
	return c.sortie, nil
}

// enfantOuTexte is enfant for an element whose text does not matter.
func (v *lecture) enfantOuTexte() (bool, error) {
	for {
		g, err := v.suivant()
		if err != nil || g != xmlflux.Texte {
			return g == xmlflux.Debut, err
		}
	}
}
