package xmlsig

import (
	"crypto"
	"crypto/x509"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// Options says what is accepted. The zero value is the profile of the exchange.
type Options struct {
	Limites     xmlflux.Limites
	SOAP11      bool  // also accept SOAP 1.1 envelopes
	ExigerXAdES bool  // refuse a seal without signing time and signing certificate in signed properties
	SansSceau   bool  // also read envelopes without a Security header; their Certificat is nil
	EnTetes     []Nom // header blocks to return, of which the caller makes nothing unless it knows they are not sealed

	// Cle gives the public key of a certificate; nil parses the certificate
	// each time. A caller may keep keys by certificate, refuse the
	// certificate, or answer with a key it trusts already. The slice is the
	// Certificat of the result: it may be kept.
	Cle func(feuilleDER []byte) (crypto.PublicKey, error)
}

// Nom is the expanded name of an element.
type Nom struct{ Espace, Local string }

// Resultat is what a seal covered and by whom. When the verification fails
// after the structure was understood, it is returned beside the error, without
// Corps, for people to look at.
type Resultat struct {
	// Corps is the canonical form of the sealed element: the SOAP Body, or the
	// root of the file without its signature. Nil unless all is verified. Read
	// the message from here and nowhere else.
	Corps []byte

	Certificat []byte   // of the key that sealed, DER; nil when nobody sealed (Options.SansSceau)
	Autres     [][]byte // other certificates found beside, DER, unjudged

	Algorithme Algorithme
	References []Reference
	Horodatage *Horodatage // nil when the message has none
	Proprietes *Proprietes // XAdES signed properties, nil when there are none

	EnTetes         []EnTete // those asked for and present, in the order of the request
	InsertionEnTete int      // offset in the envelope where a header block may be inserted
	EnTeteAbsent    [2]int   // bounds of the empty Header, or where one may be inserted, when there is nothing to insert into
	SOAP11          bool     // the envelope is of SOAP 1.1
}

// Reference is the report on one ds:Reference.
type Reference struct {
	Id, URI, Type   string
	Element         string // local name of what it covers
	Transformations []string
	Hachage         crypto.Hash
	Attendue        []byte // digest announced
	Calculee        []byte // digest found
	OK              bool
}

// Horodatage is the wsu:Timestamp of a message. It binds nobody unless Scelle.
type Horodatage struct {
	Cree, Expire time.Time // UTC; zero when not said
	Scelle       bool
}

// Proprietes are the XAdES signed properties, always covered by the seal.
type Proprietes struct {
	Instant    time.Time // SigningTime in UTC, zero when not said
	Certificat bool      // SigningCertificateV2 (or V1) is there, and is Resultat.Certificat
	TypeMIME   string    // of the sealed content, as announced
}

// EnTete is a header block, not covered by the seal unless Scelle.
type EnTete struct {
	Nom
	Canonique  []byte // exclusive canonical form, readable alone
	Debut, Fin int    // raw bounds in the envelope
	Scelle     bool
}

// EnTete finds a header block among those asked for.
func (r *Resultat) EnTete(espace, local string) (EnTete, bool) {
	for _, e := range r.EnTetes {
		if e.Nom == (Nom{espace, local}) {
			return e, true
		}
	}
	return EnTete{}, false
}

var (
	parExclusive  = []string{TransformationExclusive}
	parEnveloppee = []string{TransformationEnveloppee, TransformationExclusive}
)

// rapport copies what is known out of the state of the reading.
func (v *lecture) rapport() []Reference {
	refs := v.sceau.references()
	taille := 0
	for i := range refs {
		taille += len(refs[i].attendue) + refs[i].calculee.n
	}
	octets := make([]byte, 0, taille)
	copier := func(b []byte) []byte {
		n := len(octets)
		octets = append(octets, b...)
		return octets[n:len(octets):len(octets)]
	}
	sortie := make([]Reference, len(refs))
	for i := range refs {
		r := &refs[i]
		sortie[i] = Reference{
			Id: string(r.id), URI: string(r.uri), Type: nomType(r.typ), Element: nomElement(r.element),
			Transformations: parExclusive[:1:1], Hachage: r.hachage,
			Attendue: copier(r.attendue), Calculee: copier(r.calculee.octets()), OK: r.bonne(),
		}
		if r.enveloppee {
			sortie[i].Transformations = parEnveloppee[:2:2]
		}
	}
	return sortie
}

// nomType and nomElement spare the copy of the usual names.
func nomType(t []byte) string {
	if string(t) == TypeProprietes {
		return TypeProprietes
	}
	return string(t)
}

func nomElement(n []byte) string {
	switch string(n) {
	case "Body":
		return "Body"
	case "Timestamp":
		return "Timestamp"
	case "SignedProperties":
		return "SignedProperties"
	}
	return string(n)
}

// cleDuCertificat is the default of Options.Cle.
func cleDuCertificat(der []byte) (crypto.PublicKey, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, refusDe(MotifCertificat, "certificat illisible", err)
	}
	return c.PublicKey, nil
}

// conclure verifies what was read: Ids, digests, signed properties, and the
// signature itself, in this order; completer computes the digests not yet known.
func (v *lecture) conclure(o *Options, completer func() error) (*Resultat, error) {
	if err := v.idsUniques(); err != nil {
		return nil, err
	}
	if v.nu {
		return &Resultat{Corps: v.canonique}, nil
	}
	feuille, autres, err := v.certificats()
	if err != nil {
		return nil, err
	}
	if err := completer(); err != nil {
		return nil, err
	}
	if err := v.ciblesDistinctes(); err != nil {
		return nil, err
	}
	r := &Resultat{Certificat: feuille, Autres: autres, Algorithme: v.sceau.algorithme, References: v.rapport()}
	if err := v.conclureHorodatage(r); err != nil {
		return r, err
	}
	if err := v.conclureProprietes(r, o); err != nil {
		return r, err
	}
	for i := range r.References {
		if !r.References[i].OK {
			return r, refus(MotifEmpreinte, "une partie scellée a été altérée")
		}
	}
	if err := v.verifierSignature(feuille, o); err != nil {
		return r, err
	}
	r.Corps = v.canonique
	return r, nil
}

func (v *lecture) verifierSignature(feuille []byte, o *Options) error {
	s := &v.sceau
	forme, err := v.canoniser(v.brouillon[:0], s.signedInfo, s.inclus, -1)
	if err != nil {
		return err
	}
	v.brouillon = forme
	digest := hacher(s.algorithme.hachage(), forme)
	donner := o.Cle
	if donner == nil {
		donner = cleDuCertificat
	}
	cle, err := donner(feuille)
	if err != nil {
		return err
	}
	return verifierValeur(cle, s.algorithme, digest.octets(), s.valeur)
}

// digererParId computes the digest of a reference to an element that stands
// between two offsets of the document.
func (v *lecture) digererParId(r *referenceLue, de, a int) error {
	p, vu := v.idDe(r.uri[1:])
	switch {
	case !vu:
		return refus(MotifReference, "aucun élément ne porte l'identifiant référencé")
	case p.debut <= de || p.debut >= a:
		return refus(MotifReference, "référence à un élément qui ne peut pas être scellé ainsi")
	}
	saut := -1
	if r.enveloppee {
		saut = v.sceau.place.debut
	}
	forme, err := v.canoniser(v.brouillon[:0], p, r.inclus, saut)
	if err != nil {
		return err
	}
	v.brouillon = forme
	r.cible, r.element, r.calculee = p, v.cible, hacher(r.hachage, forme)
	return nil
}

func (v *lecture) ciblesDistinctes() error {
	refs := v.sceau.references()
	for i := range refs {
		for j := range refs[:i] {
			if refs[i].cible.debut == refs[j].cible.debut {
				return refus(MotifReference, "deux références au même élément")
			}
		}
	}
	return nil
}

// scelle tells whether a reference covers the element at this offset.
func (v *lecture) scelle(debut int) bool {
	for i := range v.sceau.references() {
		if v.sceau.refs[i].cible.debut == debut {
			return true
		}
	}
	return false
}
