package ldap

import "time"

// etendre answers an extended operation: StartTLS and "who am I". ref: RFC 4511 §4.12
func (c *connexion) etendre(m message) error {
	l := lecteur{m.corps}
	oid, ok := l.attendu(0x80)
	var valeur []byte
	if ok && l.suit(0x81) {
		valeur, ok = l.attendu(0x81)
	}
	var k controles
	r := (*Refus)(nil)
	if ok && l.fini() {
		r = k.lire(m)
	} else {
		r = refusMal
	}
	switch {
	case r != nil:
	case string(oid) == oidStartTLS && valeur == nil:
		return c.startTLS(m.id)
	case c.tls == nil:
		r = refusClair
	case string(oid) == oidQui && valeur == nil:
		c.direQui(m.id)
		return nil
	default:
		r = refusExtension
	}
	c.conclure(m.id, reponseEtendre, r)
	return nil
}

// direQui answers under what name the connection acts. ref: RFC 4532
func (c *connexion) direQui(id int32) {
	m, o := c.resultat(id, reponseEtendre, nil)
	c.w.texte(0x8b, c.qui())
	c.w.fermer(o)
	c.w.fermer(m)
}

// startTLS encrypts the connection. What came in clear after the request would be
// taken for what was said under TLS: it is refused. ref: RFC 4511 §4.14
func (c *connexion) startTLS(id int32) error {
	refus := (*Refus)(nil)
	switch {
	case c.tls != nil:
		refus = refusDejaTLS
	case c.r.Buffered() > 0:
		c.conclureStartTLS(id, refusAvant)
		return errBER
	}
	c.conclureStartTLS(id, refus)
	if refus != nil {
		return nil
	}
	if err := c.envoyer(); err != nil {
		return err
	}
	c.session, c.lieeLe = nil, time.Time{}
	if c.poignee() != nil {
		return errPartir
	}
	return nil
}

func (c *connexion) conclureStartTLS(id int32, r *Refus) {
	m, o := c.resultat(id, reponseEtendre, r)
	c.w.texte(0x8a, oidStartTLS)
	c.w.fermer(o)
	c.w.fermer(m)
}
