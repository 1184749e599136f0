package igc

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/certificat"
)

// Ecart is one way in which a certificate departs from its profile.
type Ecart string

// Controler compares a certificate with its profile. It is run on the rehearsal,
// and may be run on any certificate. ref: PKI §10 (profile linting)
func Controler(c *x509.Certificate, p Profil) []Ecart {
	g, ok := gabarits[p]
	if !ok {
		return []Ecart{Ecart("profil inconnu : " + string(p))}
	}
	var l []Ecart
	note := func(f string, v ...any) { l = append(l, Ecart(fmt.Sprintf(f, v...))) }
	if c.IsCA || !c.BasicConstraintsValid {
		note("BasicConstraints doit dire CA:FALSE")
	}
	if c.KeyUsage != g.ku && (g.kuEC == 0 || c.KeyUsage != g.kuEC) {
		note("KeyUsage ne correspond pas au profil %s", p)
	}
	if !slices.Equal(c.ExtKeyUsage, g.eku) || len(c.UnknownExtKeyUsage) > 0 {
		note("ExtendedKeyUsage ne correspond pas au profil %s", p)
	}
	l = append(l, controlerNom(c, g)...)
	l = append(l, controlerSAN(c, g)...)
	l = append(l, controlerCommun(c)...)
	if len(c.Policies) != 1 || c.Policies[0].String() != g.politique {
		note("politique de certification : %s attendue", g.politique)
	}
	if len(c.CRLDistributionPoints) == 0 {
		note("point de distribution de la liste de révocation absent")
	}
	return l
}

func controlerNom(c *x509.Certificate, g gabarit) []Ecart {
	id, err := certificat.LireIdentite(c)
	if err != nil {
		return []Ecart{"nom illisible"}
	}
	s := Sujet{Departement: id.Departement, Organisation: id.Organisation, Structure: id.Structure, CN: id.CN,
		Titre: id.Titre, Nom: id.Nom, Prenom: id.Prenom, IdNatPS: id.IdNatPS}
	if id.Personne() != g.personne {
		return []Ecart{"la nature du titulaire n'est pas celle du profil"}
	}
	if g.personne {
		s.CN = ""
	}
	if err := s.verifier(g.personne); err != nil {
		return []Ecart{Ecart(err.Error())}
	}
	return nil
}

func controlerSAN(c *x509.Certificate, g gabarit) []Ecart {
	serveur, mail := len(c.DNSNames)+len(c.IPAddresses) > 0, len(c.EmailAddresses) > 0
	var l []Ecart
	if g.san == sanServeur && !serveur {
		l = append(l, "un serveur doit avoir un nom DNS ou une adresse (SAN)")
	}
	if g.san != sanServeur && serveur {
		l = append(l, "nom DNS ou adresse hors d'un profil de serveur")
	}
	if g.san == sanMail && !mail {
		l = append(l, "une messagerie doit avoir une adresse (SAN rfc822Name)")
	}
	for _, n := range c.DNSNames {
		if n == "" || strings.ContainsAny(n, " /@") || strings.Contains(strings.TrimPrefix(n, "*."), "*") || len(n) > 253 {
			l = append(l, "nom DNS irrégulier")
		}
	}
	return l
}

func controlerAC(c *x509.Certificate) []Ecart {
	l := controlerCommun(c)
	if !c.IsCA || c.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		l = append(l, "une autorité signe des certificats et des listes, rien d'autre")
	}
	if len(c.SubjectKeyId) == 0 {
		l = append(l, "identifiant de clé absent")
	}
	return l
}

// controlerCommun holds for every object issued here: random positive serial
// number, the word LABO on both sides. ref: PKI §10, PKI header
func controlerCommun(c *x509.Certificate) []Ecart {
	var l []Ecart
	if n := c.SerialNumber; n.Sign() <= 0 || n.BitLen() < 64 || n.BitLen() > 159 {
		l = append(l, "numéro de série : positif, de 64 à 159 bits")
	}
	for _, n := range [][]byte{c.RawSubject, c.RawIssuer} {
		d, err := certificat.ParseDN(n)
		if err != nil || !slices.Contains(d.Tous(oidOU), marqueLabo) {
			l = append(l, "le mot LABO manque au sujet ou à l'émetteur")
		}
	}
	if !c.NotAfter.After(c.NotBefore) {
		l = append(l, "période de validité vide")
	}
	return l
}
