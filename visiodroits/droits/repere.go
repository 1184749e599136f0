package droits

import (
	"fmt"
	"strconv"
	"strings"
)

// repere is a moment of a store: a generation, a count of records and the tag of
// the last of them.
type repere struct {
	generation, rang uint64
	chaine           lien
}

func (r repere) String() string {
	return fmt.Sprintf("%d.%d.%s", r.generation, r.rang, base64url.EncodeToString(r.chaine[:]))
}

// lireRepere reads what String wrote; an empty text is no moment.
func lireRepere(s string) (r repere, err error) {
	if s == "" {
		return r, nil
	}
	l := strings.Split(s, ".")
	if len(l) == 3 {
		var err1, err2 error
		r.generation, err1 = strconv.ParseUint(l[0], 10, 64)
		r.rang, err2 = strconv.ParseUint(l[1], 10, 64)
		if err1 == nil && err2 == nil && r.generation > 0 && decoder(r.chaine[:], []byte(l[2])) {
			return r, nil
		}
	}
	return repere{}, fmt.Errorf("%w : repère illisible", ErrRetourMagasin)
}

// vuPar tells whether the moment is of the past of the records read so far: that
// very moment, or an earlier generation.
func (r repere) vuPar(c *coffre) bool {
	return c.g.numero > r.generation || r == repere{c.g.numero, c.rang, c.chaine}
}
