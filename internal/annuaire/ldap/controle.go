package ldap

// The object identifiers of what the door knows.
const (
	oidPages       = "1.2.840.113556.1.4.319"  // RFC 2696
	oidManageDsaIT = "2.16.840.1.113730.3.4.2" // RFC 3296: there are no referrals
	oidStartTLS    = "1.3.6.1.4.1.1466.20037"  // RFC 4511 §4.14
	oidQui         = "1.3.6.1.4.1.4203.1.11.3" // RFC 4532
	oidDeconnexion = "1.3.6.1.4.1.1466.20036"  // RFC 4511 §4.4.1
	oidToutOp      = "1.3.6.1.4.1.4203.1.5.1"  // RFC 3673, "+"
	oidVraiFaux    = "1.3.6.1.4.1.4203.1.5.3"  // RFC 4526, (&) and (|)
	maxControles   = 16
)

// controles is what the controls of a request ask.
type controles struct {
	pages  bool
	taille int32
	cookie []byte
}

// lire reads the controls of a search: pages, and what changes nothing here. One that
// is critical and unknown stops the operation. ref: RFC 4511 §4.1.11
func (k *controles) lire(m message) *Refus {
	*k = controles{}
	l := lecteur{m.controles}
	for n := 0; !l.fini(); n++ {
		c, ok := l.attendu(tagSequence)
		if !ok || n == maxControles {
			return refusMal
		}
		oid, critique, valeur, ok := lireControle(c)
		if !ok {
			return refusMal
		}
		switch {
		case string(oid) == oidPages && m.op == opChercher && !k.pages:
			if !k.lirePages(valeur) {
				return refusMal
			}
		case string(oid) == oidManageDsaIT && valeur == nil:
		case critique:
			return refusControle
		}
	}
	return nil
}

func lireControle(c []byte) (oid []byte, critique bool, valeur []byte, ok bool) {
	l := lecteur{c}
	if oid, ok = l.attendu(tagOctets); !ok {
		return
	}
	if l.suit(tagBooleen) {
		if critique, ok = l.booleen(); !ok {
			return
		}
	}
	if l.suit(tagOctets) {
		if valeur, ok = l.attendu(tagOctets); !ok {
			return
		}
	}
	return oid, critique, valeur, l.fini()
}

// lirePages reads the value of the control of pages. ref: RFC 2696 §2
func (k *controles) lirePages(b []byte) bool {
	l := lecteur{b}
	c, ok := l.attendu(tagSequence)
	if !ok || !l.fini() {
		return false
	}
	l = lecteur{c}
	if k.taille, ok = l.entier(tagEntier); !ok {
		return false
	}
	if k.cookie, ok = l.attendu(tagOctets); !ok || !l.fini() {
		return false
	}
	k.pages = true
	return true
}
