package xmlsig

import (
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// DocumentASigner is the file to seal.
type DocumentASigner struct {
	Document []byte
	Limites  xmlflux.Limites
	Niveau   Niveau
	TypeMIME string // in XAdES properties; empty: text/xml
}

// SignerDocument appends to dst the file with an enveloped signature added as
// the last child of its root element, all else unchanged. A file that already
// bears one is refused.
// ref: XMLDSIG §6.6.4, PKI §8.4
func SignerDocument(dst []byte, d DocumentASigner, s Signataire, instant time.Time) ([]byte, error) {
	largeur, err := s.valider()
	if err != nil {
		return dst, err
	}
	v := nouvelleLecture(d.Document, d.Limites)
	defer v.rendre()
	if err := v.lireDocument(); err != nil {
		return dst, err
	}
	if v.sceau.present {
		return dst, refus(MotifSceauMultiple, "le document porte déjà une signature")
	}
	if err := v.idsUniques(); err != nil {
		return dst, err
	}
	forme, err := v.canoniser(v.brouillon[:0], v.corps, nil, -1)
	if err != nil {
		return dst, err
	}
	v.brouillon = forme
	e := hacher(0, forme)
	a := aEcrire{
		prefixe: v.prefixeLibre(e), niveau: d.Niveau, typeMIME: d.TypeMIME, instant: instant,
		references: []referenceAEcrire{{id: "ref-document", enveloppee: true, digest: e}},
		keyInfo:    s.ecrireX509Data,
	}
	if a.typeMIME == "" {
		a.typeMIME = typeMIMEXML
	}
	return v.insererSceau(dst, &s, &a, largeur)
}

// prefixeLibre gives a start for the Ids of the signature that depends on the
// document, so that they are not the same as Ids it holds.
func (v *lecture) prefixeLibre(e empreinte) string { return "ecl-" + hex.EncodeToString(e.b[:8]) + "-" }

// insererSceau writes the document with the signature before its last end tag.
func (v *lecture) insererSceau(dst []byte, s *Signataire, a *aEcrire, largeur int) ([]byte, error) {
	origine := len(dst)
	finContenu, vide := v.enTete.fin, v.enTete.fin == v.corps.fin
	if vide { // a self-closing root: <a/> becomes <a>…</a>
		finContenu -= len("/>")
	}
	dst = append(dst, v.raw[:finContenu]...)
	if vide {
		dst = append(dst, '>')
	}
	sortie, err := s.ecrireSceau(dst, a, largeur)
	if err != nil {
		return dst[:origine], err
	}
	if !vide {
		return append(sortie, v.raw[finContenu:]...), nil
	}
	sortie = append(sortie, "</"...)
	sortie = append(sortie, v.Nom()...)
	sortie = append(sortie, '>')
	return append(sortie, v.raw[v.corps.fin:]...), nil
}

func (s *Signataire) ecrireX509Data(dst []byte) []byte {
	dst = append(dst, `<ds:X509Data>`...)
	for i := -1; i < len(s.Chaine); i++ {
		c := s.Certificat
		if i >= 0 {
			c = s.Chaine[i]
		}
		dst = append(dst, `<ds:X509Certificate>`...)
		dst = base64.StdEncoding.AppendEncode(dst, c)
		dst = append(dst, `</ds:X509Certificate>`...)
	}
	return append(dst, `</ds:X509Data>`...)
}
