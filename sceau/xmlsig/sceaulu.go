package xmlsig

import (
	"bytes"
	"crypto"
)

// sceauLu is a ds:Signature as it was read, nothing of it verified yet.
type sceauLu struct {
	present    bool
	place      place
	id         []byte
	signedInfo place
	inclus     [][]byte
	algorithme Algorithme
	refs       [maxReferences]referenceLue
	nb         int
	valeur     []byte
	jeton      []byte   // Id of the token that holds the certificate
	certs      [][]byte // certificates of X509Data, in their order
	proprietes proprietesLues
}

// referenceLue is a ds:Reference.
type referenceLue struct {
	id, uri, typ []byte
	enveloppee   bool
	inclus       [][]byte
	hachage      crypto.Hash
	attendue     []byte
	calculee     empreinte
	cible        place
	element      []byte
}

// bonne tells whether the digest found is the one announced.
func (r *referenceLue) bonne() bool { return bytes.Equal(r.attendue, r.calculee.octets()) }

// vider forgets everything. The table of references is long and mostly empty:
// what was not used needs no cleaning.
func (s *sceauLu) vider() {
	clear(s.refs[:s.nb])
	s.present, s.place, s.id, s.signedInfo, s.inclus = false, place{}, nil, place{}, nil
	s.algorithme, s.nb, s.valeur, s.jeton, s.certs = 0, 0, nil, nil, nil
	s.proprietes = proprietesLues{}
}

func (s *sceauLu) references() []referenceLue { return s.refs[:s.nb] }

// lireSceau reads the ds:Signature whose Debut is the current piece.
// ref: XMLDSIG §4
func (v *lecture) lireSceau() error {
	s := &v.sceau
	if s.present {
		return refus(MotifSceauMultiple, "plusieurs signatures")
	}
	s.present, s.place, s.id = true, v.ici(), v.garder(v.attribut("Id"))
	var info, valeur, cle bool
	for {
		dedans, err := v.enfant()
		if err != nil {
			return err
		}
		if !dedans {
			break
		}
		if string(v.Espace()) != espaceDS {
			return refus(MotifStructure, "élément inattendu dans la signature")
		}
		switch nom := string(v.Local()); {
		case nom == "SignedInfo" && !info:
			info = true
			err = v.lireSignedInfo()
		case nom == "SignatureValue" && !valeur:
			valeur = true
			n := len(v.arene)
			if v.arene, err = v.base64Seul(v.arene); err == nil {
				s.valeur = v.arene[n:]
			}
		case nom == "KeyInfo" && !cle:
			cle = true
			err = v.lireKeyInfo(0)
		case nom == "Object":
			err = v.lireObject()
		default:
			err = refus(MotifStructure, "élément inattendu dans la signature")
		}
		if err != nil {
			return err
		}
	}
	s.place.fin = v.FinBrut()
	if !info || !valeur {
		return refus(MotifStructure, "signature incomplète")
	}
	return nil
}

func (v *lecture) lireSignedInfo() error {
	s := &v.sceau
	s.signedInfo = v.ici()
	var canonisation, methode bool
	for {
		dedans, err := v.enfant()
		if err != nil || !dedans {
			if err == nil && !(canonisation && methode && s.nb > 0) {
				err = refus(MotifStructure, "SignedInfo incomplet")
			}
			return err
		}
		if string(v.Espace()) != espaceDS {
			return refus(MotifStructure, "élément inattendu dans SignedInfo")
		}
		switch nom := string(v.Local()); {
		case nom == "CanonicalizationMethod" && !canonisation:
			canonisation = true
			if string(v.attribut("Algorithm")) != TransformationExclusive {
				return refus(MotifTransformation, "forme canonique non admise : seule l'exclusive sans commentaires l'est")
			}
			s.inclus, err = v.lireInclus()
		case nom == "SignatureMethod" && !methode:
			methode = true
			if s.algorithme, err = algorithmeDe(v.attribut("Algorithm")); err == nil {
				err = v.sauter()
			}
		case nom == "Reference":
			err = v.lireReference()
		default:
			err = refus(MotifStructure, "élément inattendu dans SignedInfo")
		}
		if err != nil {
			return err
		}
	}
}

// lireInclus reads the inside of a method or transform of exclusive
// canonicalisation: at most one InclusiveNamespaces.
func (v *lecture) lireInclus() ([][]byte, error) {
	debut := len(v.prefixes)
	for vu := false; ; vu = true {
		dedans, err := v.enfant()
		if err != nil {
			return nil, err
		}
		if !dedans {
			return v.prefixes[debut:len(v.prefixes):len(v.prefixes)], nil
		}
		if vu || !v.Est(TransformationExclusive, "InclusiveNamespaces") {
			return nil, refus(MotifTransformation, "paramètre inattendu de la forme canonique exclusive")
		}
		for _, p := range bytes.Fields(v.garder(v.attribut("PrefixList"))) {
			if len(v.prefixes) == maxPrefixes*(maxReferences+1) || len(v.prefixes)-debut == maxPrefixes {
				return nil, refus(MotifLimite, "PrefixList trop longue")
			}
			if string(p) == "#default" {
				p = nil
			}
			v.prefixes = append(v.prefixes, p)
		}
		if err := v.sauter(); err != nil {
			return nil, err
		}
	}
}

func (v *lecture) lireReference() error {
	s := &v.sceau
	if s.nb == maxReferences {
		return refus(MotifReference, "plus de dix références")
	}
	r := &s.refs[s.nb]
	s.nb++
	*r = referenceLue{id: v.garder(v.attribut("Id")), uri: v.garder(v.attribut("URI")), typ: v.garder(v.attribut("Type"))}
	sansURI := v.attribut("URI") == nil
	var transformations, methode, valeur bool
	for {
		dedans, err := v.enfant()
		if err != nil {
			return err
		}
		if !dedans {
			break
		}
		if string(v.Espace()) != espaceDS {
			return refus(MotifStructure, "élément inattendu dans une référence")
		}
		switch nom := string(v.Local()); {
		case nom == "Transforms" && !transformations:
			transformations = true
			err = v.lireTransformations(r)
		case nom == "DigestMethod" && !methode:
			methode = true
			if r.hachage, err = hachageDe(v.attribut("Algorithm")); err == nil {
				err = v.sauter()
			}
		case nom == "DigestValue" && !valeur:
			valeur = true
			n := len(v.arene)
			if v.arene, err = v.base64Seul(v.arene); err == nil {
				r.attendue = v.arene[n:len(v.arene):len(v.arene)]
			}
		default:
			err = refus(MotifStructure, "élément inattendu dans une référence")
		}
		if err != nil {
			return err
		}
	}
	if !methode || !valeur || sansURI {
		return refus(MotifStructure, "référence incomplète")
	}
	if !transformations {
		return refus(MotifTransformation, "référence sans la transformation exclusive")
	}
	return verifierURI(r.uri)
}

// verifierURI admits references inside of the document only: the whole of it,
// or an element by its Id.
func verifierURI(uri []byte) error {
	switch {
	case len(uri) == 0:
		return nil
	case uri[0] != '#':
		return refus(MotifReferenceExterne, "référence hors du document")
	case len(uri) == 1 || bytes.ContainsAny(uri, "()"):
		return refus(MotifReference, "référence qui n'est pas un simple identifiant")
	}
	return nil
}

// lireTransformations admits the enveloped signature, then exclusive
// canonicalisation, which must come last.
func (v *lecture) lireTransformations(r *referenceLue) error {
	exclusive := false
	for {
		dedans, err := v.enfant()
		if err != nil {
			return err
		}
		if !dedans {
			break
		}
		if !v.Est(espaceDS, "Transform") {
			return refus(MotifStructure, "élément inattendu parmi les transformations")
		}
		switch algo := v.attribut("Algorithm"); {
		case string(algo) == TransformationEnveloppee && !r.enveloppee && !exclusive:
			r.enveloppee = true
			err = v.sauter()
		case string(algo) == TransformationExclusive && !exclusive:
			exclusive = true
			r.inclus, err = v.lireInclus()
		default:
			err = refus(MotifTransformation, "transformation non admise : seules la signature enveloppée puis la forme canonique exclusive le sont")
		}
		if err != nil {
			return err
		}
	}
	if !exclusive {
		return refus(MotifTransformation, "référence sans la transformation exclusive")
	}
	return nil
}
