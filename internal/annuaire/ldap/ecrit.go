package ldap

// ecrit appends BER elements to a buffer that the connection keeps and reuses.
type ecrit struct{ b []byte }

// ouvrir begins an element whose length is not known yet, and says where it began,
// for fermer.
func (e *ecrit) ouvrir(tag byte) int {
	e.b = append(e.b, tag, 0)
	return len(e.b)
}

// fermer ends the element begun at debut. One byte was kept for its length: when it
// takes more, the contents are moved, which is rare and short for an answer of LDAP.
func (e *ecrit) fermer(debut int) {
	n := len(e.b) - debut
	if n < 0x80 {
		e.b[debut-1] = byte(n)
		return
	}
	k := octetsDe(n)
	e.b = append(e.b, "\x00\x00\x00\x00"[:k]...)
	copy(e.b[debut+k:], e.b[debut:debut+n])
	e.b[debut-1] = 0x80 | byte(k)
	for i := k - 1; i >= 0; i-- {
		e.b[debut+i] = byte(n)
		n >>= 8
	}
}

// octetsDe is how many bytes a long length takes.
func octetsDe(n int) int {
	switch {
	case n < 1<<8:
		return 1
	case n < 1<<16:
		return 2
	case n < 1<<24:
		return 3
	}
	return 4
}

// longueur writes a length known in advance.
func (e *ecrit) longueur(n int) {
	if n < 0x80 {
		e.b = append(e.b, byte(n))
		return
	}
	k := octetsDe(n)
	e.b = append(e.b, 0x80|byte(k))
	for i := k - 1; i >= 0; i-- {
		e.b = append(e.b, byte(n>>(8*i)))
	}
}

// octets writes a string under a tag.
func (e *ecrit) octets(tag byte, v []byte) {
	e.b = append(e.b, tag)
	e.longueur(len(v))
	e.b = append(e.b, v...)
}

// texte is octets for a string.
func (e *ecrit) texte(tag byte, v string) {
	e.b = append(e.b, tag)
	e.longueur(len(v))
	e.b = append(e.b, v...)
}

// entier writes an integer that is not negative, as short as BER wants it.
func (e *ecrit) entier(tag byte, n int32) {
	k := 1
	for x := n; x > 0x7f; x >>= 8 {
		k++
	}
	e.b = append(e.b, tag, byte(k))
	for i := k - 1; i >= 0; i-- {
		e.b = append(e.b, byte(n>>(8*i)))
	}
}
