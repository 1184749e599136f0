package image

import (
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// codesNeufs numbers the pairs of code and label as they come; 0 is for none.
type codesNeufs struct {
	numeros map[annuaire.Code]uint32
	liste   []annuaire.Code
}

func nouveauxCodes() *codesNeufs {
	return &codesNeufs{numeros: map[annuaire.Code]uint32{{}: 0}, liste: make([]annuaire.Code, 1)}
}

func (c *codesNeufs) numero(k annuaire.Code) uint32 {
	if n, ok := c.numeros[k]; ok {
		return n
	}
	// The texts of the record are its caller's: they are copied.
	k = annuaire.Code{Code: string([]byte(k.Code)), Libelle: string([]byte(k.Libelle))}
	n := uint32(len(c.liste))
	c.numeros[k] = n
	c.liste = append(c.liste, k)
	return n
}

func (c *codesNeufs) code(n uint32) annuaire.Code {
	if int(n) < len(c.liste) {
		return c.liste[n]
	}
	return annuaire.Code{}
}

// ecrire gives how many there are, where each text ends, and the texts.
func (c *codesNeufs) ecrire() [][]byte {
	bornes := make([]uint32, 0, 2*len(c.liste))
	var textes []byte
	for _, k := range c.liste {
		textes = append(textes, k.Code...)
		bornes = append(bornes, uint32(len(textes)))
		textes = append(textes, k.Libelle...)
		bornes = append(bornes, uint32(len(textes)))
	}
	return [][]byte{octetsDe([]uint64{uint64(len(c.liste))}), octetsDe(bornes), textes}
}

// codesLus are the pairs of an image.
type codesLus struct {
	bornes []uint32
	textes []byte
}

func lireCodes(b []byte) (codesLus, error) {
	if len(b) < 8 {
		return codesLus{}, ErrImage
	}
	n := vueDe[uint64](b[:8])[0]
	if n > uint64(len(b)-8)/8 {
		return codesLus{}, ErrImage
	}
	c := codesLus{vueDe[uint32](b[8 : 8+8*n]), b[8+8*n:]}
	var avant uint32
	for _, f := range c.bornes {
		if f < avant || f > uint32(len(c.textes)) {
			return codesLus{}, ErrImage
		}
		avant = f
	}
	return c, nil
}

func (c codesLus) code(n uint32) annuaire.Code {
	if n == 0 || 2*int(n)+1 >= len(c.bornes) {
		return annuaire.Code{}
	}
	d, m, f := c.bornes[2*n-1], c.bornes[2*n], c.bornes[2*n+1]
	return annuaire.Code{Code: texte(c.textes[d:m]), Libelle: texte(c.textes[m:f])}
}

// numero is for builders alone.
func (codesLus) numero(annuaire.Code) uint32 { return 0 }
