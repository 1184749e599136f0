package image

import (
	"encoding/binary"
	"unsafe"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// codage writes a record into octets, or reads it back: each nature of record is
// walked by one function, so that what is written and what is read cannot differ.
//
// Reading gives texts that alias the octets, and refills the slices it is given.
// Octets that are not a record leave faux set and the rest of the record zero.
type codage struct {
	ecrit bool
	b     []byte
	i     int
	faux  bool
	codes codes
}

// codes numbers the pairs of code and label of an image.
type codes interface {
	numero(annuaire.Code) uint32
	code(uint32) annuaire.Code
}

func (c *codage) entier(n *uint64) {
	if c.ecrit {
		c.b = binary.AppendUvarint(c.b, *n)
		return
	}
	if c.i < len(c.b) && c.b[c.i] < 0x80 {
		*n = uint64(c.b[c.i])
		c.i++
		return
	}
	v, l := binary.Uvarint(c.b[min(c.i, len(c.b)):])
	if l <= 0 {
		c.faux, l, v, c.i = true, 0, 0, len(c.b)
	}
	*n = v
	c.i += l
}

func (c *codage) signe(n *int64) {
	z := uint64(*n<<1) ^ uint64(*n>>63)
	c.entier(&z)
	*n = int64(z>>1) ^ -int64(z&1)
}

func (c *codage) jour(j *sante.Jour) {
	n := int64(*j)
	c.signe(&n)
	*j = sante.Jour(n)
}

func (c *codage) entier32(n *int32) {
	v := int64(*n)
	c.signe(&v)
	*n = int32(v)
}

func (c *codage) vrai(v *bool) {
	var n uint64
	if *v {
		n = 1
	}
	c.entier(&n)
	*v = n == 1
}

func (c *codage) chaine(s *string) {
	n := uint64(len(*s))
	c.entier(&n)
	if c.ecrit {
		c.b = append(c.b, *s...)
		return
	}
	*s = texte(c.prendre(n))
}

func (c *codage) octets(o *[]byte) {
	n := uint64(len(*o))
	c.entier(&n)
	if c.ecrit {
		c.b = append(c.b, *o...)
		return
	}
	*o = c.prendre(n)
}

func (c *codage) prendre(n uint64) []byte {
	if n > uint64(len(c.b)-c.i) {
		c.faux, c.i = true, len(c.b)
		return nil
	}
	o := c.b[c.i : c.i+int(n) : c.i+int(n)]
	c.i += int(n)
	return o
}

// code is a number in the codes of an image; without an image, the two texts.
func (c *codage) code(k *annuaire.Code) {
	if c.codes == nil {
		c.chaine(&k.Code)
		c.chaine(&k.Libelle)
		return
	}
	var n uint64
	if c.ecrit {
		n = uint64(c.codes.numero(*k))
	}
	c.entier(&n)
	if !c.ecrit {
		*k = c.codes.code(uint32(n))
	}
}

// longueurMax bounds what one record may hold of anything, so that octets that are
// not a record cannot ask for memory.
const longueurMax = 1 << 20

// plusieurs walks a list, whose items un walks.
func plusieurs[T any](c *codage, l *[]T, un func(*codage, *T)) {
	n := uint64(len(*l))
	c.entier(&n)
	if c.ecrit {
		for i := range *l {
			un(c, &(*l)[i])
		}
		return
	}
	if n > uint64(len(c.b)-c.i) || n > longueurMax {
		c.faux, c.i, n = true, len(c.b), 0
	}
	r := (*l)[:0]
	for range n {
		if len(r) < cap(r) {
			r = r[:len(r)+1]
		} else {
			var zero T
			r = append(r, zero)
		}
		un(c, &r[len(r)-1])
	}
	*l = r
}

func texte(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b))
}
