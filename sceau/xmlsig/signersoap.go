package xmlsig

import (
	"bytes"
	"encoding/base64"
	"slices"
	"time"
)

// SOAPASigner is the message to seal.
type SOAPASigner struct {
	// Contenu is the one child of the Body, in exclusive canonical form. It
	// uses neither the prefixes soap and wsu nor an Id of the seal (those that
	// begin with "ecl-"). It is not read again: a content that is not
	// canonical makes a seal that nobody can verify.
	Contenu []byte
	// EnTetes are header blocks that the seal does not cover, as they are.
	EnTetes []byte
	Niveau  Niveau
	// Validite is how long after its creation the Timestamp expires; zero: 5 minutes.
	Validite time.Duration
	// TypeMIME of the content in XAdES properties; empty: text/xml.
	TypeMIME string
}

const (
	debutEnveloppe = `<soap:Envelope xmlns:soap="` + espaceSOAP12 + `"><soap:Header>`
	debutEnTete    = `<soap:Header xmlns:soap="` + espaceSOAP12 + `">`
	finEnTete      = `</soap:Header>`
	debutSecurite  = `<wsse:Security xmlns:wsse="` + espaceWSSE + `" soap:mustUnderstand="true">`
	debutJeton     = `<wsse:BinarySecurityToken xmlns:wsu="` + espaceWSU + `" EncodingType="` + encBase64 + `" ValueType="` + typeX509v3 + `"`
	finJeton       = `</wsse:BinarySecurityToken>`
	referenceJeton = `<wsse:SecurityTokenReference><wsse:Reference URI="#ecl-jeton" ValueType="` + typeX509v3 + `"></wsse:Reference></wsse:SecurityTokenReference>`
	debutCorps     = `<soap:Body xmlns:soap="` + espaceSOAP12 + `" xmlns:wsu="` + espaceWSU + `" wsu:Id="ecl-corps">`
	finCorps       = `</soap:Body>`
	formatWSU      = "2006-01-02T15:04:05.000Z"
)

// SignerSOAP appends to dst a whole SOAP 1.2 envelope whose Body and Timestamp
// are sealed at this instant.
// ref: WSS 1.1 §8, WSS X.509 Token Profile 1.1 §3.2, DEC 10
func SignerSOAP(dst []byte, m SOAPASigner, s Signataire, instant time.Time) ([]byte, error) {
	largeur, err := s.valider()
	if err != nil {
		return dst, err
	}
	if !bytes.HasPrefix(m.Contenu, []byte("<")) || !bytes.HasSuffix(m.Contenu, []byte(">")) {
		return dst, refus(MotifStructure, "le contenu à sceller n'est pas un élément")
	}
	origine := len(dst)
	dst = append(dst, debutEnveloppe...)
	dst = append(dst, m.EnTetes...)
	dst = append(dst, debutSecurite...)
	dst = s.ecrireJetons(dst)
	marque := len(dst)
	dst = ecrireHorodatage(dst, m.Validite, instant)
	a := aEcrire{
		prefixe: "ecl-", niveau: m.Niveau, typeMIME: m.TypeMIME, instant: instant,
		references: []referenceAEcrire{
			{id: "ref-corps", uri: "#ecl-corps", digest: digestCorps(m.Contenu)},
			{id: "ref-horodatage", uri: "#ecl-horodatage", digest: hacher(0, dst[marque:])},
		},
		keyInfo: func(dst []byte) []byte { return append(dst, referenceJeton...) },
	}
	if a.typeMIME == "" {
		a.typeMIME = typeMIMEXML
	}
	sortie, err := s.ecrireSceau(dst, &a, largeur)
	if err != nil {
		return dst[:origine], err
	}
	dst = append(sortie, `</wsse:Security></soap:Header>`...)
	dst = append(dst, debutCorps...)
	dst = append(dst, m.Contenu...)
	return append(dst, finCorps+`</soap:Envelope>`...), nil
}

// EnvelopperSOAP appends to dst a whole SOAP 1.2 envelope that nobody seals, around
// a content in exclusive canonical form; its Body is the one that EmpreinteCorps
// digests.
func EnvelopperSOAP(dst, contenu, enTetes []byte) []byte {
	dst = append(append(append(dst, debutEnveloppe...), enTetes...), finEnTete...)
	dst = append(append(dst, debutCorps...), contenu...)
	return append(dst, finCorps+`</soap:Envelope>`...)
}

// ecrireJetons appends the certificates, the signer's first.
func (s *Signataire) ecrireJetons(dst []byte) []byte {
	dst = append(dst, debutJeton+` wsu:Id="ecl-jeton">`...)
	dst = base64.StdEncoding.AppendEncode(dst, s.Certificat)
	dst = append(dst, finJeton...)
	for _, c := range s.Chaine {
		dst = append(dst, debutJeton+`>`...)
		dst = base64.StdEncoding.AppendEncode(dst, c)
		dst = append(dst, finJeton...)
	}
	return dst
}

// ecrireHorodatage appends the Timestamp in canonical form.
// ref: WSS 1.1 §10
func ecrireHorodatage(dst []byte, validite time.Duration, instant time.Time) []byte {
	if validite <= 0 {
		validite = 5 * time.Minute
	}
	dst = append(dst, `<wsu:Timestamp xmlns:wsu="`+espaceWSU+`" wsu:Id="ecl-horodatage"><wsu:Created>`...)
	dst = instant.UTC().AppendFormat(dst, formatWSU)
	dst = append(dst, `</wsu:Created><wsu:Expires>`...)
	dst = instant.Add(validite).UTC().AppendFormat(dst, formatWSU)
	return append(dst, `</wsu:Expires></wsu:Timestamp>`...)
}

// InsererEnTete appends to dst the envelope with a header block added at the
// end of the Header, or put in place of the block of the same name. This is
// how a relay adds itself without touching what is sealed: the position and
// the block replaced come from VerifierSOAP on this same envelope.
func InsererEnTete(dst, enveloppe []byte, r *Resultat, nom Nom, bloc []byte) ([]byte, error) {
	debut, fin := r.InsertionEnTete, r.InsertionEnTete
	if e, vu := r.EnTete(nom.Espace, nom.Local); vu {
		if e.Scelle {
			return dst, refus(MotifStructure, "l'en-tête à remplacer est scellé")
		}
		debut, fin = e.Debut, e.Fin
	}
	if debut <= 0 && r.EnTeteAbsent[0] > 0 && !r.SOAP11 {
		debut, fin = r.EnTeteAbsent[0], r.EnTeteAbsent[1]
		bloc = slices.Concat([]byte(debutEnTete), bloc, []byte(finEnTete))
	}
	if debut <= 0 || fin > len(enveloppe) {
		return dst, refus(MotifStructure, "enveloppe sans en-tête")
	}
	dst = append(dst, enveloppe[:debut]...)
	dst = append(dst, bloc...)
	return append(dst, enveloppe[fin:]...), nil
}
