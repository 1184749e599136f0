package certificat

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"strings"
	"time"
)

// construire parses a leaf, builds its chain and keeps what matters of it.
func (m *Magasin) construire(v *instantane, feuille []byte, chaine [][]byte, a time.Time) (*Porteur, *Refus) {
	c, r := lire(feuille)
	if r != nil {
		return nil, r
	}
	if r := faiblesse(c); r != nil {
		return nil, r
	}
	if len(c.UnhandledCriticalExtensions) > 0 {
		return nil, &Refus{Motif: MotifExtensionCritique, Serie: c.SerialNumber.Text(16), Detail: c.UnhandledCriticalExtensions[0].String()}
	}
	id, err := lireIdentite(c, m.options.AttributStructure)
	if err != nil {
		return nil, &Refus{Motif: MotifIllisible, Detail: "nom du titulaire"}
	}
	vo, r := m.chercherVoie(v, c, chaine, a)
	if r != nil {
		return nil, r
	}
	return m.porteur(c, id, vo), nil
}

func (m *Magasin) porteur(c *x509.Certificate, id Identite, vo *voie) *Porteur {
	joint := id.Structure + id.CN + id.Organisation
	n, o := len(id.Structure), len(id.Structure)+len(id.CN)
	p := &Porteur{cle: c.PublicKey, voie: vo, politiques: m.internerPolitiques(c),
		structure: joint[:n], cn: joint[n:o], organisation: joint[o:],
		debut: c.NotBefore.Unix(), fin: c.NotAfter.Unix(), empreinte: sha256.Sum256(c.Raw)}
	p.serie, _ = serieDe(c.SerialNumber)
	if p.aptitudes = aptitudesDe(c, id); p.aptitudes.personne {
		p.titre = id.Titre
	}
	p.usages = p.aptitudes.usages()
	return p
}

func aptitudesDe(c *x509.Certificate, id Identite) aptitudes {
	_, r := c.PublicKey.(*rsa.PublicKey)
	return aptitudes{ku: c.KeyUsage, eku: ekuDe(c), ca: c.IsCA, personne: id.Personne(), rsa: r}
}

func (m *Magasin) internerPolitiques(c *x509.Certificate) *jeuPolitiques {
	var l []string
	for _, o := range c.Policies {
		l = append(l, o.String())
	}
	k := strings.Join(l, " ")
	m.internes.Lock()
	defer m.internes.Unlock()
	j, ok := m.jeux[k]
	if !ok {
		j = &jeuPolitiques{oids: l}
		if len(m.jeux) < 4096 {
			m.jeux[k] = j
		}
	}
	return j
}

// chercherVoie asks crypto/x509 for the chains of a leaf, and keeps the first one
// none of whose authorities is refused.
func (m *Magasin) chercherVoie(v *instantane, c *x509.Certificate, chaine [][]byte, a time.Time) (*voie, *Refus) {
	inter, envoyes, r := v.avecChaine(chaine)
	if r != nil {
		return nil, r
	}
	chaines, err := c.Verify(x509.VerifyOptions{Roots: v.poolR, Intermediates: inter, CurrentTime: a,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return nil, v.diagnostiquer(c, envoyes, err, a)
	}
	var premier *Refus
	for _, ch := range chaines {
		vo, r := m.voieDe(ch[1:])
		if r == nil {
			r = v.revocationVoie(vo, a)
		}
		if r == nil {
			return vo, nil
		}
		if premier == nil {
			premier = r
		}
	}
	return nil, premier
}

// revocationVoie leaves out a path one of whose intermediates is revoked, when
// another path exists.
func (v *instantane) revocationVoie(vo *voie, a time.Time) *Refus {
	for i := 1; i < len(vo.autorites); i++ {
		e := v.listes[vo.autorites[i].cle]
		if e.base == nil {
			continue
		}
		if l, ok := e.chercher(vo.autorites[i-1].serie); ok {
			return refusRevoque(l, vo.autorites[i-1].serie, vo, i, a)
		}
	}
	return nil
}

// avecChaine adds the certificates the holder sent to the intermediates of the
// store. What is not an authority is ignored: it cannot be on a path.
func (v *instantane) avecChaine(chaine [][]byte) (*x509.CertPool, []*x509.Certificate, *Refus) {
	if len(chaine) > maxChaine {
		return nil, nil, &Refus{Motif: MotifTropGros, Detail: "plus de six certificats accompagnent le certificat présenté"}
	}
	var envoyes []*x509.Certificate
	for _, der := range chaine {
		c, r := lire(der)
		if r != nil {
			r.Objet = "certificat joint"
			return nil, nil, r
		}
		if c.IsCA {
			envoyes = append(envoyes, c)
		}
	}
	if len(envoyes) == 0 {
		return v.poolI, nil, nil
	}
	p := v.poolI.Clone()
	for _, c := range envoyes {
		p.AddCert(c)
	}
	return p, envoyes, nil
}

// voieDe gives the one object of a path, after checking the strength of each of
// its authorities.
func (m *Magasin) voieDe(certs []*x509.Certificate) (*voie, *Refus) {
	if len(certs) == 0 { // a root presented as a leaf
		return nil, &Refus{Motif: MotifMauvaisUsage, Detail: "certificat d'une autorité racine"}
	}
	var vo voie
	var k strings.Builder
	for i, c := range certs {
		if i < len(certs)-1 {
			if r := faiblesse(c); r != nil {
				r.Objet = c.Subject.CommonName
				return nil, r
			}
		}
		a, r := m.interner(c)
		if r != nil {
			return nil, r
		}
		vo.autorites = append(vo.autorites, a)
		vo.debut = max(vo.debut, a.debut)
		if i == 0 || a.fin < vo.fin {
			vo.fin = a.fin
		}
		k.Write(a.empreinte[:])
	}
	r := vo.racine()
	vo.gamme, vo.milieu = r.gamme, r.milieu
	return m.internerVoie(k.String(), &vo), nil
}

func (m *Magasin) internerVoie(k string, vo *voie) *voie {
	m.internes.Lock()
	defer m.internes.Unlock()
	if connue, ok := m.voies[k]; ok {
		return connue
	}
	if len(m.voies) < 4096 {
		m.voies[k] = vo
	}
	return vo
}

// diagnostiquer turns the failure of Verify into a motif of the list.
func (v *instantane) diagnostiquer(c *x509.Certificate, envoyes []*x509.Certificate, err error, a time.Time) *Refus {
	var inv x509.CertificateInvalidError
	var crit x509.UnhandledCriticalExtension
	switch {
	case errors.As(err, &inv):
		return refusInvalide(c, inv, a)
	case errors.As(err, &crit):
		return &Refus{Motif: MotifExtensionCritique, Objet: "autorité de la chaîne"}
	}
	return v.emetteurIntrouvable(c, envoyes)
}

func refusInvalide(feuille *x509.Certificate, e x509.CertificateInvalidError, a time.Time) *Refus {
	r := &Refus{A: a}
	laFeuille := e.Cert == nil || e.Cert.Equal(feuille)
	if !laFeuille {
		r.Objet = e.Cert.Subject.CommonName
	}
	switch e.Reason {
	case x509.Expired:
		switch {
		case !laFeuille:
			r.Motif, r.Date = MotifAutoriteExpiree, e.Cert.NotAfter
		case a.Before(feuille.NotBefore):
			r.Motif, r.Date = MotifPasEncoreValide, feuille.NotBefore
		default:
			r.Motif, r.Date = MotifExpire, feuille.NotAfter
		}
	case x509.TooManyIntermediates:
		r.Motif = MotifLongueurChemin
	case x509.NotAuthorizedToSign:
		r.Motif = MotifPasUneAutorite
	case x509.CANotAuthorizedForThisName, x509.TooManyConstraints, x509.UnconstrainedName, x509.NameConstraintsWithoutSANs:
		r.Motif = MotifContrainteNoms
	default:
		r.Motif = MotifAutoriteInconnue
	}
	return r
}

// emetteurIntrouvable tells apart an issuer nobody knows, one whose name is known
// but whose key is another's, a weak signature above, and the TEST hierarchy.
func (v *instantane) emetteurIntrouvable(c *x509.Certificate, envoyes []*x509.Certificate) *Refus {
	nom, err := ParseDN(c.RawIssuer)
	if err != nil {
		return &Refus{Motif: MotifIllisible, Detail: "nom de l'émetteur"}
	}
	r := &Refus{Motif: MotifAutoriteInconnue, Objet: nom.Premier(oidCN), Serie: c.SerialNumber.Text(16)}
	if _, milieu := gammeDe(nom); milieu == MilieuTest && v.production() {
		r.Motif = MotifGammeTest
		return r
	}
	for _, e := range envoyes {
		if string(e.RawSubject) == string(c.RawIssuer) {
			if f := faiblesse(e); f != nil {
				f.Objet = e.Subject.CommonName
				return f
			}
		}
	}
	if len(v.parNom[string(c.RawIssuer)]) > 0 {
		r.Detail = "une autorité de ce nom est connue, mais ce n'est pas sa clé qui a signé"
	}
	return r
}

// production says whether the store trusts a production hierarchy.
func (v *instantane) production() bool {
	for a := range v.racines {
		if a.milieu == MilieuProduction {
			return true
		}
	}
	return false
}
