package droits

import "encoding/binary"

// operation sets or takes out an entry of the store. A record holds some of them,
// which take effect together.
type operation struct {
	cle     string
	champs  []byte // kept in memory
	corps   []byte // left in the file until asked for
	retrait bool
}

const (
	poser   = 1
	retirer = 2
)

// appendOperation writes an operation, and gives where its body begins in b.
func appendOperation(b []byte, o operation) ([]byte, int) {
	sorte := byte(poser)
	if o.retrait {
		sorte = retirer
	}
	b = appendPart(append(b, sorte), []byte(o.cle))
	if o.retrait {
		return b, 0
	}
	b = appendPart(b, o.champs)
	b = binary.AppendUvarint(b, uint64(len(o.corps)))
	return append(b, o.corps...), len(b)
}

func appendPart(b, part []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(part))), part...)
}

// lireOperations calls f with each operation of a record and where its body begins.
// It returns false on octets that appendOperation does not write, and on a kind of
// entry that this version does not have.
func lireOperations(clair []byte, f func(o operation, debut int)) bool {
	reste := clair
	part := func() ([]byte, bool) {
		n, lus := binary.Uvarint(reste)
		if lus <= 0 || n > uint64(len(reste)-lus) {
			return nil, false
		}
		p := reste[lus:][:n:n]
		reste = reste[lus+int(n):]
		return p, true
	}
	for len(reste) > 0 {
		sorte := reste[0]
		reste = reste[1:]
		cle, ok := part()
		if !ok || sorte != poser && sorte != retirer || !cleConnue(string(cle)) {
			return false
		}
		o := operation{cle: string(cle), retrait: sorte == retirer}
		if !o.retrait {
			var ok1, ok2 bool
			o.champs, ok1 = part()
			o.corps, ok2 = part()
			if !ok1 || !ok2 {
				return false
			}
		}
		f(o, len(clair)-len(reste)-len(o.corps))
	}
	return true
}
