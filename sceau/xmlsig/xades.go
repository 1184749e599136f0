package xmlsig

import (
	"bytes"
	"crypto"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// proprietesLues are XAdES SignedProperties as they were read.
// ref: ETSI EN 319 132-1 §5.2
type proprietesLues struct {
	present  bool
	place    place
	instant  []byte
	cert     bool
	hachage  crypto.Hash
	condense []byte // digest of the signing certificate
	serie    []byte // IssuerSerial in DER, empty when not said
	typeMIME []byte
}

// lireObject reads a ds:Object; only XAdES properties matter in it.
func (v *lecture) lireObject() error {
	for {
		dedans, err := v.enfantOuTexte()
		if err != nil || !dedans {
			return err
		}
		if v.Est(espaceXAdES, "QualifyingProperties") {
			err = v.lireQualifyingProperties()
		} else {
			err = v.sauter()
		}
		if err != nil {
			return err
		}
	}
}

func (v *lecture) lireQualifyingProperties() error {
	for {
		dedans, err := v.enfant()
		if err != nil || !dedans {
			return err
		}
		if v.Est(espaceXAdES, "SignedProperties") {
			if v.sceau.proprietes.present {
				return refus(MotifXAdES, "propriétés signées répétées")
			}
			v.sceau.proprietes.present = true
			v.sceau.proprietes.place = v.ici()
			err = v.lireProprietes(0)
		} else {
			err = v.sauter()
		}
		if err != nil {
			return err
		}
	}
}

// lireProprietes reads the containers of signed properties, two levels deep.
func (v *lecture) lireProprietes(niveau int) error {
	p := &v.sceau.proprietes
	for {
		dedans, err := v.enfant()
		if err != nil || !dedans {
			return err
		}
		if string(v.Espace()) != espaceXAdES {
			if err := v.sauter(); err != nil {
				return err
			}
			continue
		}
		switch nom := string(v.Local()); {
		case niveau == 0 && (nom == "SignedSignatureProperties" || nom == "SignedDataObjectProperties"):
			err = v.lireProprietes(1)
		case niveau == 1 && nom == "DataObjectFormat":
			err = v.lireProprietes(2)
		case niveau == 1 && nom == "SigningTime" && p.instant == nil:
			p.instant, err = v.texteGarde()
		case niveau == 1 && (nom == "SigningCertificateV2" || nom == "SigningCertificate") && !p.cert:
			p.cert = true
			err = v.lireCertSignataire()
		case niveau == 1 && (nom == "SigningTime" || nom == "SigningCertificateV2" || nom == "SigningCertificate"):
			err = refus(MotifXAdES, "propriété signée répétée")
		case niveau == 2 && nom == "MimeType" && p.typeMIME == nil:
			p.typeMIME, err = v.texteGarde()
		default:
			err = v.sauter()
		}
		if err != nil {
			return err
		}
	}
}

func (v *lecture) texteGarde() ([]byte, error) {
	t, err := v.texteSeul()
	return v.garder(bytes.TrimSpace(t)), err
}

// lireCertSignataire reads the first Cert, which is the signer's.
func (v *lecture) lireCertSignataire() error {
	for premier := true; ; premier = false {
		dedans, err := v.enfant()
		if err != nil || !dedans {
			return err
		}
		if premier && v.Est(espaceXAdES, "Cert") {
			err = v.lireCert()
		} else {
			err = v.sauter()
		}
		if err != nil {
			return err
		}
	}
}

func (v *lecture) lireCert() error {
	p := &v.sceau.proprietes
	for {
		dedans, err := v.enfant()
		if err != nil || !dedans {
			return err
		}
		switch {
		case v.Est(espaceXAdES, "CertDigest") && p.condense == nil:
			err = v.lireCertDigest()
		case v.Est(espaceXAdES, "IssuerSerialV2") && p.serie == nil:
			p.serie, err = v.base64Seul(nil)
		default:
			err = v.sauter()
		}
		if err != nil {
			return err
		}
	}
}

func (v *lecture) lireCertDigest() error {
	p := &v.sceau.proprietes
	for {
		dedans, err := v.enfant()
		if err != nil || !dedans {
			return err
		}
		switch {
		case v.Est(espaceDS, "DigestMethod") && p.hachage == 0:
			if p.hachage, err = hachageDe(v.attribut("Algorithm")); err == nil {
				err = v.sauter()
			}
		case v.Est(espaceDS, "DigestValue") && p.condense == nil:
			n := len(v.arene)
			if v.arene, err = v.base64Seul(v.arene); err == nil {
				p.condense = v.arene[n:len(v.arene):len(v.arene)]
			}
		default:
			err = refus(MotifXAdES, "élément inattendu dans CertDigest")
		}
		if err != nil {
			return err
		}
	}
}

// conclureProprietes checks that signed properties are sealed, and that they
// name the certificate that sealed.
// ref: PKI §8.4, ETSI EN 319 132-1 §5.2.2
func (v *lecture) conclureProprietes(r *Resultat, o *Options) error {
	p := &v.sceau.proprietes
	couvertes := false
	for i := range v.sceau.references() {
		ref := &v.sceau.refs[i]
		surElles := p.present && ref.cible.debut == p.place.debut
		if surElles != (string(ref.typ) == TypeProprietes) {
			return refus(MotifXAdES, "le type d'une référence et les propriétés signées ne s'accordent pas")
		}
		couvertes = couvertes || surElles
	}
	if p.present && !couvertes {
		return refus(MotifXAdES, "propriétés signées qui ne sont pas scellées")
	}
	if o.ExigerXAdES && (p.instant == nil || !p.cert) {
		return refus(MotifXAdES, "date ou certificat de signature absent des propriétés signées")
	}
	if !p.present {
		return nil
	}
	r.Proprietes = &Proprietes{Certificat: p.cert, TypeMIME: string(p.typeMIME)}
	if p.instant != nil {
		t, err := instantDe(p.instant)
		if err != nil {
			return refus(MotifXAdES, "date de signature illisible")
		}
		r.Proprietes.Instant = t
	}
	if p.cert {
		return p.verifierCertificat(r.Certificat)
	}
	return nil
}

// verifierCertificat compares the signing certificate of the properties with
// the one found beside the signature.
func (p *proprietesLues) verifierCertificat(der []byte) error {
	if p.hachage == 0 || p.condense == nil {
		return refus(MotifXAdES, "certificat de signature sans empreinte")
	}
	if d := hacher(p.hachage, der); !bytes.Equal(d.octets(), p.condense) {
		return refus(MotifXAdES, "le certificat de signature annoncé n'est pas celui du sceau")
	}
	if len(p.serie) > 0 && !emetteurEtSerie(der, p.serie) {
		return refus(MotifXAdES, "l'émetteur ou le numéro de série annoncé n'est pas celui du certificat")
	}
	return nil
}

// instantDe reads an xs:dateTime that tells its offset.
func instantDe(b []byte) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, string(b))
	return t.UTC(), err
}

// tbsEmetteurSerie finds, in a certificate, its serial number and the name of
// its issuer, both in DER.
// ref: RFC 5280 §4.1
func tbsEmetteurSerie(der []byte) (emetteur, serie cryptobyte.String, ok bool) {
	s := cryptobyte.String(der)
	var certificat, tbs cryptobyte.String
	ok = s.ReadASN1(&certificat, asn1.SEQUENCE) && certificat.ReadASN1(&tbs, asn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(asn1.Tag(0).Constructed().ContextSpecific()) &&
		tbs.ReadASN1Element(&serie, asn1.INTEGER) && tbs.SkipASN1(asn1.SEQUENCE) &&
		tbs.ReadASN1Element(&emetteur, asn1.SEQUENCE)
	return emetteur, serie, ok
}

// emetteurEtSerie compares an IssuerSerial with a certificate.
// ref: RFC 5035 §4
// hyp: XADES-EMETTEUR the name of the issuer is compared byte for byte, as certificates carry it.
func emetteurEtSerie(der, issuerSerial []byte) bool {
	emetteur, serie, ok := tbsEmetteurSerie(der)
	s := cryptobyte.String(issuerSerial)
	var suite, noms, nom, numero cryptobyte.String
	return ok && s.ReadASN1(&suite, asn1.SEQUENCE) && suite.ReadASN1(&noms, asn1.SEQUENCE) &&
		noms.ReadASN1(&nom, asn1.Tag(4).Constructed().ContextSpecific()) &&
		suite.ReadASN1Element(&numero, asn1.INTEGER) &&
		bytes.Equal(nom, emetteur) && bytes.Equal(numero, serie)
}

// issuerSerial writes the IssuerSerial of a certificate in DER.
func issuerSerial(der []byte) ([]byte, error) {
	emetteur, serie, ok := tbsEmetteurSerie(der)
	if !ok {
		return nil, refus(MotifCertificat, "certificat illisible")
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.Tag(4).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(emetteur) })
		})
		b.AddBytes(serie)
	})
	return b.Bytes()
}
