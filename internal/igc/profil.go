package igc

import (
	"crypto/x509"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// Profil says what a certificate is for; the zero value is "not said".
type Profil string

// The profiles issued. ref: PKI §4.2 to §4.4
const (
	ProfilOrgAuth  Profil = "ORG-AUTH_CLI" // authentication of a structure
	ProfilOrgSign  Profil = "ORG-SIGN"     // cachet of a structure
	ProfilOrgConf  Profil = "ORG-CONF"     // encryption towards a structure
	ProfilServSSL  Profil = "SERV-SSL"     // server
	ProfilServMail Profil = "SERV-SMIME"   // mail of a service
	ProfilPSAuth   Profil = "PS-AUTH"      // authentication of a person
	ProfilPSSign   Profil = "PS-SIGN"      // signature of a person
	ProfilOCSP     Profil = "OCSP"         // delegated OCSP responder
)

// Nature is the kind of an authority.
type Nature string

// The kinds of authority. ref: PKI §2
const (
	NatureRacine        Nature = "RACINE"
	NatureOrganisations Nature = "ORGANISATIONS"
	NaturePersonnes     Nature = "PERSONNES"
)

// arcLabo is the policy arc of everything issued here. ref: PKI header (2.999)
const arcLabo = "2.999.213.1"

// gabarit is the technical profile of a family of certificates.
type gabarit struct {
	nature    Nature
	ku        x509.KeyUsage
	kuEC      x509.KeyUsage // replaces ku for EC keys when not zero
	eku       []x509.ExtKeyUsage
	politique string
	san       sanRequis
	personne  bool
	usage     certificat.Usage
	signe     bool // signature key: the server should not make it. ref: PKI §10
}

type sanRequis int

const (
	sanAucun sanRequis = iota
	sanServeur
	sanMail
)

// dureeMax is how long a leaf lives. ref: PKI §4.4 (about 3 years)
const dureeMax = 3 * 365 * 24 * time.Hour

// gabarits is the matrix of profiles. ref: PKI §4.4
// hyp: EC-CONFIDENTIALITE the confidentiality key of an EC holder carries keyAgreement, since
// keyEncipherment means nothing for ECDH-ES (RFC 5480 §3).
// hyp: EC-SERVEUR SERV-SSL of an EC holder has digitalSignature only, for the same reason.
var gabarits = map[Profil]gabarit{
	ProfilOrgAuth: {nature: NatureOrganisations, ku: x509.KeyUsageDigitalSignature,
		eku: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, politique: arcLabo + ".1.1", usage: certificat.UsageTLSClient},
	ProfilOrgSign: {nature: NatureOrganisations, ku: x509.KeyUsageContentCommitment, politique: arcLabo + ".1.2",
		usage: certificat.UsageCachet, signe: true},
	ProfilOrgConf: {nature: NatureOrganisations, ku: x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment,
		kuEC: x509.KeyUsageKeyAgreement, politique: arcLabo + ".1.3", usage: certificat.UsageConfidentialite},
	ProfilServSSL: {nature: NatureOrganisations, ku: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		kuEC: x509.KeyUsageDigitalSignature, eku: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		politique: arcLabo + ".2.1", san: sanServeur, usage: certificat.UsageTLSServeur},
	ProfilServMail: {nature: NatureOrganisations, ku: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		kuEC: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyAgreement, eku: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		politique: arcLabo + ".2.2", san: sanMail, usage: certificat.UsageSMIME},
	ProfilPSAuth: {nature: NaturePersonnes, ku: x509.KeyUsageDigitalSignature,
		eku: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, politique: arcLabo + ".3.1", personne: true, usage: certificat.UsageTLSClient},
	ProfilPSSign: {nature: NaturePersonnes, ku: x509.KeyUsageContentCommitment,
		eku: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, politique: arcLabo + ".3.2", personne: true,
		usage: certificat.UsageSignature, signe: true},
	ProfilOCSP: {ku: x509.KeyUsageDigitalSignature, eku: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
		politique: arcLabo + ".4.1", usage: certificat.UsageReponseOCSP},
}

// Profils lists the profiles a requester may ask for.
func Profils() []Profil {
	return []Profil{ProfilOrgAuth, ProfilOrgSign, ProfilOrgConf, ProfilServSSL, ProfilServMail, ProfilPSAuth, ProfilPSSign}
}
