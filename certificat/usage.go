package certificat

import (
	"crypto/x509"
	"encoding/asn1"
	"strings"
)

// Usage is a set of purposes; the zero value means "not said".
type Usage uint16

// The purposes a certificate of the sector can serve.
// ref: PKI §4.4, PKI §8.1
const (
	UsageTLSClient       Usage = 1 << iota // authentication of a caller (AUTH_CLI, card)
	UsageTLSServeur                        // authentication of a server (SSL_SERV)
	UsageCachet                            // seal of a legal person (ORG SIGN)
	UsageSignature                         // signature of a natural person
	UsageConfidentialite                   // encryption towards the holder (CONF)
	UsageSMIME                             // secured mail
	UsageAC                                // certification authority
	UsageSignatureCRL                      // signing of revocation lists
	UsageReponseOCSP                       // signing of OCSP answers
)

var nomsUsage = []struct {
	u    Usage
	code string
	nom  string
}{
	{UsageTLSClient, "tls-client", "authentification d'un client TLS"},
	{UsageTLSServeur, "tls-serveur", "authentification d'un serveur TLS"},
	{UsageCachet, "cachet", "cachet d'une structure"},
	{UsageSignature, "signature", "signature d'une personne"},
	{UsageConfidentialite, "confidentialite", "chiffrement vers le titulaire"},
	{UsageSMIME, "smime", "messagerie sécurisée S/MIME"},
	{UsageAC, "ac", "autorité de certification"},
	{UsageSignatureCRL, "signature-crl", "signature de listes de révocation"},
	{UsageReponseOCSP, "reponse-ocsp", "signature de réponses OCSP"},
}

// String gives the codes of the usages, joined by "+".
func (u Usage) String() string { return strings.Join(u.Codes(), "+") }

// Codes lists the codes of the usages in a fixed order.
func (u Usage) Codes() []string {
	var s []string
	for _, n := range nomsUsage {
		if u&n.u != 0 {
			s = append(s, n.code)
		}
	}
	return s
}

// Libelles lists the usages in French, for people.
func (u Usage) Libelles() []string {
	var s []string
	for _, n := range nomsUsage {
		if u&n.u != 0 {
			s = append(s, n.nom)
		}
	}
	return s
}

// eku is the extended key usages of a leaf, as a set.
type eku uint16

const (
	ekuClient eku = 1 << iota
	ekuServeur
	ekuMail
	ekuDocument
	ekuOCSP
	ekuAutre
	ekuPresent // the extension is there
)

var oidDocumentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36} // ref: RFC 9336

func ekuDe(c *x509.Certificate) eku {
	var e eku
	for _, k := range c.ExtKeyUsage {
		e |= ekuPresent
		switch k {
		case x509.ExtKeyUsageClientAuth:
			e |= ekuClient
		case x509.ExtKeyUsageServerAuth:
			e |= ekuServeur
		case x509.ExtKeyUsageEmailProtection:
			e |= ekuMail
		case x509.ExtKeyUsageOCSPSigning:
			e |= ekuOCSP
		default: // anyExtendedKeyUsage included: it says nothing we may rely on
			e |= ekuAutre
		}
	}
	for _, o := range c.UnknownExtKeyUsage {
		e |= ekuPresent
		if o.Equal(oidDocumentSigning) {
			e |= ekuDocument
		} else {
			e |= ekuAutre
		}
	}
	return e
}

// aptitudes is what decides the usages of a certificate, small enough to be kept
// with each holder.
type aptitudes struct {
	ku       x509.KeyUsage
	eku      eku
	ca       bool
	personne bool
	rsa      bool
}

// regleUsage is one line of the matrix of key usages.
type regleUsage struct {
	ku      x509.KeyUsage // one of these bits is needed
	kuRSA   x509.KeyUsage // these too, when the key is RSA
	eku     eku           // one of these, when the extension is there
	ekuDu   bool          // the extension must be there
	ca      bool          // BasicConstraints CA:TRUE is needed
	leaf    bool          // an authority is refused
	morale  bool          // legal persons only
	humaine bool          // natural persons only
}

// matrice is the matrix of key usages. crypto/x509 looks at EKU only; the KU
// column is the reason this table exists.
// ref: PKI §4.4, PKI §7, RFC 5280 §4.2.1.3
// hyp: KU-ABSENT a certificate without KeyUsage serves no purpose here, where RFC 5280 lets
// it serve all of them.
// hyp: EKU-TOUT anyExtendedKeyUsage alone does not open a purpose.
var matrice = map[Usage]regleUsage{
	UsageTLSClient:       {ku: x509.KeyUsageDigitalSignature, eku: ekuClient, leaf: true},
	UsageTLSServeur:      {ku: x509.KeyUsageDigitalSignature, kuRSA: x509.KeyUsageKeyEncipherment, eku: ekuServeur, leaf: true},
	UsageCachet:          {ku: x509.KeyUsageContentCommitment, eku: ekuMail | ekuDocument, leaf: true, morale: true},
	UsageSignature:       {ku: x509.KeyUsageContentCommitment, eku: ekuMail | ekuDocument, leaf: true, humaine: true},
	UsageConfidentialite: {ku: x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement, eku: ekuMail, leaf: true},
	UsageSMIME:           {ku: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, eku: ekuMail, ekuDu: true, leaf: true},
	UsageAC:              {ku: x509.KeyUsageCertSign, ca: true},
	UsageSignatureCRL:    {ku: x509.KeyUsageCRLSign, ca: true},
	UsageReponseOCSP:     {ku: x509.KeyUsageDigitalSignature, eku: ekuOCSP, ekuDu: true, leaf: true},
}

// refuser says why a certificate does not serve u, or nil.
func (a aptitudes) refuser(u Usage) *Refus {
	r, ok := matrice[u]
	if !ok {
		return &Refus{Motif: MotifMauvaisUsage, Usage: u, Detail: "usage demandé inconnu"}
	}
	if r.ca && !a.ca {
		return &Refus{Motif: MotifPasUneAutorite, Usage: u}
	}
	if r.leaf && a.ca {
		return &Refus{Motif: MotifMauvaisUsage, Usage: u, Detail: "certificat d'une autorité"}
	}
	ku := r.ku
	if a.rsa {
		ku |= r.kuRSA
	}
	if a.ku&ku == 0 {
		return &Refus{Motif: MotifMauvaisUsage, Usage: u, Detail: a.detailKU(u)}
	}
	if a.eku&ekuPresent == 0 && r.ekuDu || a.eku&ekuPresent != 0 && r.eku != 0 && a.eku&r.eku == 0 {
		return &Refus{Motif: MotifMauvaisEKU, Usage: u, Detail: a.detailEKU()}
	}
	if r.morale && a.personne || r.humaine && !a.personne {
		return &Refus{Motif: MotifMauvaisTitulaire, Usage: u}
	}
	return nil
}

// usages is the set of all purposes the certificate can serve.
func (a aptitudes) usages() Usage {
	var u Usage
	for _, n := range nomsUsage {
		if a.refuser(n.u) == nil {
			u |= n.u
		}
	}
	return u
}

func (a aptitudes) detailKU(u Usage) string {
	signe, authentifie := a.ku&x509.KeyUsageContentCommitment != 0, a.ku&x509.KeyUsageDigitalSignature != 0
	switch {
	case a.ku == 0:
		return "l'extension KeyUsage est absente"
	case signe && !authentifie && (u == UsageTLSClient || u == UsageTLSServeur):
		return "certificat de signature présenté à la place du certificat d'authentification"
	case authentifie && !signe && (u == UsageCachet || u == UsageSignature):
		return "certificat d'authentification présenté à la place du certificat de signature ou de cachet"
	}
	return "KeyUsage présent : " + strings.Join(nomsKU(a.ku), ", ")
}

func (a aptitudes) detailEKU() string {
	if a.eku&ekuPresent == 0 {
		return "l'extension ExtendedKeyUsage est absente"
	}
	return "ExtendedKeyUsage présent : " + strings.Join(nomsEKU(a.eku), ", ")
}

// nomsKU lists the KeyUsage bits by their names in RFC 5280.
func nomsKU(k x509.KeyUsage) []string {
	noms := []string{"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
		"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"}
	var s []string
	for i, n := range noms {
		if k&(1<<i) != 0 {
			s = append(s, n)
		}
	}
	return s
}

func nomsEKU(e eku) []string {
	noms := []string{"clientAuth", "serverAuth", "emailProtection", "documentSigning", "OCSPSigning", "autre"}
	var s []string
	for i, n := range noms {
		if e&(1<<i) != 0 {
			s = append(s, n)
		}
	}
	return s
}
