package ldap

// selection is which attributes an answer gives: one bit for each.
type selection uint64

const (
	touteOperation = selection(1<<nombreAttributs-1) &^ (1<<premierOperationnel - 1)
	touteUsuelle   = selection(1<<premierOperationnel - 1)
)

// a tells whether an attribute is asked for.
func (s selection) a(x Attribut) bool { return s>>x&1 != 0 }

// lireSelection reads the list of a search: nothing or "*" for all the usual ones,
// "+" for the operational ones, "1.1" for none; a name that the schema does not know
// is left aside. ref: RFC 4511 §4.5.1.8, RFC 3673
func lireSelection(b []byte, max int) (s selection, err *Refus) {
	l := lecteur{b}
	if l.fini() {
		return touteUsuelle, nil
	}
	for n := 0; !l.fini(); n++ {
		c, ok := l.attendu(tagOctets)
		if !ok {
			return 0, refusMal
		}
		if n == max {
			return 0, refusAttributs
		}
		switch string(c) {
		case "*":
			s |= touteUsuelle
		case "+":
			s |= touteOperation
		default: // "1.1" is no attribute: alone, it leaves the selection empty
			if a := attributDe(c); a != aucunAttribut {
				s |= 1 << a
			}
		}
	}
	return s, nil
}
