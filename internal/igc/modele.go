package igc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// modele builds the template of a leaf from its profile.
func (g *IGC) modele(d Demande, gab gabarit, ac *AC, cle crypto.PublicKey) (*x509.Certificate, error) {
	serie, err := numero()
	if err != nil {
		return nil, err
	}
	sujet, err := marshalRDN(d.Sujet.rdn(gab.personne))
	if err != nil {
		return nil, err
	}
	pol, err := x509.ParseOID(gab.politique)
	if err != nil {
		return nil, fmt.Errorf("igc: politique : %w", err)
	}
	debut, fin, err := d.periode(g.horloge(), ac)
	if err != nil {
		return nil, err
	}
	ku := gab.ku
	if _, rsa := cle.(*rsa.PublicKey); !rsa && gab.kuEC != 0 {
		ku = gab.kuEC
	}
	t := &x509.Certificate{SerialNumber: serie, RawSubject: sujet, NotBefore: debut, NotAfter: fin,
		KeyUsage: ku, ExtKeyUsage: gab.eku, BasicConstraintsValid: true, Policies: []x509.OID{pol},
		CRLDistributionPoints: []string{g.adresseCRL(ac.Nom)}, IssuingCertificateURL: []string{g.adresseAC(ac.Nom)},
		DNSNames: d.DNS, IPAddresses: d.IP, EmailAddresses: d.Mail}
	if g.p.OCSP {
		t.OCSPServer = []string{g.adresseOCSP()}
	}
	fraiche, err := extensionFraiche(g.adresseDelta(ac.Nom))
	if err != nil {
		return nil, err
	}
	t.ExtraExtensions = append(t.ExtraExtensions, fraiche)
	if d.Profil == ProfilOCSP {
		t.ExtraExtensions = append(t.ExtraExtensions, extensionSansControle())
	}
	return t, nil
}

func (d Demande) periode(maintenant time.Time, ac *AC) (debut, fin time.Time, err error) {
	debut = d.Debut.UTC().Truncate(time.Second)
	if d.Debut.IsZero() {
		debut = maintenant.UTC().Truncate(time.Second).Add(-5 * time.Minute) // clocks of partners differ. ref: ROC §16.3 (300 s)
	}
	duree := d.Duree
	if duree == 0 {
		duree = dureeMax
	}
	fin = debut.Add(duree)
	if d.Duree == 0 && fin.After(ac.Certificat.NotAfter) {
		fin = ac.Certificat.NotAfter
	}
	if duree > dureeMax || fin.After(ac.Certificat.NotAfter) || debut.Before(ac.Certificat.NotBefore) || !fin.After(debut) {
		return debut, fin, fmt.Errorf("%w: période hors de celle de l'autorité, ou de plus de trois ans", ErrDemande)
	}
	return debut, fin, nil
}

// repeter signs the template with a throwaway key of the same kind and parses the
// result: what would be wrong is found before the authority's key is used.
func (g *IGC) repeter(t *x509.Certificate, ac *AC, cle crypto.PublicKey) (*x509.Certificate, error) {
	jetable, err := g.jetable(ac.Certificat)
	if err != nil {
		return nil, err
	}
	parent := *ac.Certificat
	parent.PublicKey = jetable.Public()
	der, err := x509.CreateCertificate(rand.Reader, t, &parent, cle, jetable)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDemande, err)
	}
	return certificat.Lire(der)
}

func (g *IGC) jetable(ac *x509.Certificate) (crypto.Signer, error) {
	g.repetition.Lock()
	defer g.repetition.Unlock()
	if k, ok := g.jetables[ac.PublicKeyAlgorithm]; ok {
		if e, ec := ac.PublicKey.(*ecdsa.PublicKey); !ec || k.Public().(*ecdsa.PublicKey).Curve == e.Curve {
			return k, nil
		}
	}
	algo := EC256
	switch k := ac.PublicKey.(type) {
	case *rsa.PublicKey:
		algo = RSA2048
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P384() {
			algo = EC384
		}
	}
	k, err := GenererCle(algo)
	if err == nil {
		g.jetables[ac.PublicKeyAlgorithm] = k
	}
	return k, err
}

// signer signs an authority's certificate after the same rehearsal.
func (g *IGC) signer(t, parent *x509.Certificate, cle crypto.PublicKey, signataire crypto.Signer) ([]byte, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, cle, signataire)
	if err != nil {
		return nil, err
	}
	c, err := certificat.Lire(der)
	if err != nil {
		return nil, err
	}
	if e := controlerAC(c); len(e) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrDemande, e[0])
	}
	return der, nil
}
