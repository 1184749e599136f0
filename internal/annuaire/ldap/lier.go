package ldap

import (
	"errors"
	"time"
)

// The forms of a bind. ref: RFC 4511 §4.2
const (
	lierSimple = 0x80
	lierSASL   = 0xa3
)

// lier answers a bind. One that is refused leaves the connection with the public view.
// ref: RFC 4511 §4.2.1, RFC 4513 §4
func (c *connexion) lier(m message) error {
	c.session, c.lieeLe = nil, time.Time{}
	refus, err := c.identifier(m)
	if err != nil {
		refus = c.refusDe(err)
	}
	if refus != nil {
		c.lieeLe = time.Time{}
	}
	c.conclure(m.id, reponseLier, refus)
	if refus != nil && refus.Code == IdentifiantsFaux {
		c.s.essais.manque(c.adresse, time.Now())
		if c.echecs++; c.echecs >= c.s.bornes.Echecs {
			return refusEchecs
		}
	}
	return nil
}

func (c *connexion) identifier(m message) (*Refus, error) {
	l := lecteur{m.corps}
	version, ok1 := l.entier(tagEntier)
	nom, ok2 := l.attendu(tagOctets)
	methode, c1, ok3 := l.element()
	if !ok1 || !ok2 || !ok3 || !l.fini() || len(nom) > maxDN {
		return refusMal, nil
	}
	var k controles
	if r := k.lire(m); r != nil {
		return r, nil
	}
	switch {
	case version != 3:
		return refusVersion, nil
	case methode == lierSASL:
		return c.externe(c1)
	case methode != lierSimple:
		return refusMethode, nil
	case len(nom) == 0 && len(c1) == 0: // anonymous: the public session opens when it serves
		return nil, nil
	case len(c1) == 0: // ref: RFC 4513 §5.1.2
		return refusSansMotDePasse, nil
	case c.tls == nil:
		return refusClair, nil
	case len(nom) == 0 || len(c1) > valeurMax:
		return refuser(IdentifiantsFaux, texteFaux), nil
	}
	return c.ouvrir(Preuve{Adresse: c.adresse, Nom: string(nom), MotDePasse: c1})
}

// texteFaux is the same whatever is wrong: it does not tell which names exist.
const texteFaux = "Nom ou mot de passe inconnu."

// externe answers SASL EXTERNAL: the certificate of the TLS says who asks, and no
// other name may be asked for. ref: RFC 4422 appendix A
func (c *connexion) externe(b []byte) (*Refus, error) {
	l := lecteur{b}
	mecanisme, ok := l.attendu(tagOctets)
	if !ok {
		return refusMal, nil
	}
	var nom []byte
	if l.suit(tagOctets) {
		nom, ok = l.attendu(tagOctets)
	}
	switch {
	case !ok || !l.fini():
		return refusMal, nil
	case string(mecanisme) != "EXTERNAL":
		return refusMethode, nil
	case c.tls == nil:
		return refusClair, nil
	}
	chaine := c.tls.ConnectionState().PeerCertificates
	if len(chaine) == 0 {
		return refusSansCert, nil
	}
	refus, err := c.ouvrir(Preuve{Adresse: c.adresse, Certificats: chaine})
	if refus == nil && err == nil && len(nom) > 0 && string(nom) != c.session.Qui() {
		c.session = nil
		return refusAutreNom, nil
	}
	return refus, err
}

// ouvrir opens the session of a proof.
func (c *connexion) ouvrir(p Preuve) (*Refus, error) {
	c.lieeLe = time.Now()
	if c.s.essais.trop(c.adresse, c.s.bornes.Essais, c.lieeLe) {
		return refusEssais, nil
	}
	c.op.echeance = c.lieeLe.Add(c.s.bornes.Temps)
	s, err := c.s.Annuaire.Lier(&c.op, p)
	var r *Refus
	if errors.As(err, &r) {
		return r, nil
	}
	if err == nil {
		c.session = s
	}
	return nil, err
}

// ouverte is the session of the connection: the public one when nobody was bound.
func (c *connexion) ouverte() (Session, error) {
	if c.session == nil {
		s, err := c.s.Annuaire.Lier(&c.op, Preuve{Adresse: c.adresse})
		if err != nil {
			return nil, err
		}
		c.session = s
	}
	return c.session, nil
}

// qui is under what name the connection acts, empty for the public.
func (c *connexion) qui() string {
	if c.session == nil {
		return ""
	}
	return c.session.Qui()
}
