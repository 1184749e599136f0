package ldap

// lecteur walks through BER elements in place: nothing is copied, no tree is made.
// LDAP has only short tags, definite lengths and primitive strings.
// ref: RFC 4511 §5.1
type lecteur struct{ b []byte }

// The universal tags that LDAP uses.
const (
	tagBooleen  = 0x01
	tagEntier   = 0x02
	tagOctets   = 0x04
	tagEnumere  = 0x0a
	tagSequence = 0x30
	tagEnsemble = 0x31
)

// fini tells whether nothing is left.
func (l *lecteur) fini() bool { return len(l.b) == 0 }

// element reads the next one: its tag and its contents.
func (l *lecteur) element() (tag byte, contenu []byte, ok bool) {
	entete, longueur, ok := tete(l.b)
	if !ok || entete == 0 || longueur > len(l.b)-entete {
		return 0, nil, false
	}
	tag = l.b[0]
	contenu = l.b[entete : entete+longueur : entete+longueur]
	l.b = l.b[entete+longueur:]
	return tag, contenu, true
}

// tete reads a tag and a length: how many bytes both take, and the length they
// announce. entete is 0 when more bytes are needed to know; ok is false when no
// bytes could make it right.
func tete(b []byte) (entete, longueur int, ok bool) {
	if len(b) == 0 {
		return 0, 0, true
	}
	if b[0]&0x1f == 0x1f { // a tag in several bytes
		return 0, 0, false
	}
	if len(b) < 2 {
		return 0, 0, true
	}
	if b[1] < 0x80 {
		return 2, int(b[1]), true
	}
	n := int(b[1] & 0x7f)
	if n == 0 || n > 4 { // indefinite, or absurd
		return 0, 0, false
	}
	if len(b) < 2+n {
		return 0, 0, true
	}
	for _, x := range b[2 : 2+n] {
		longueur = longueur<<8 | int(x)
	}
	return 2 + n, longueur, longueur <= 1<<31-1
}

// attendu reads the next element, which has this tag.
func (l *lecteur) attendu(tag byte) ([]byte, bool) {
	t, contenu, ok := l.element()
	return contenu, ok && t == tag
}

// suit tells whether the next element has this tag.
func (l *lecteur) suit(tag byte) bool { return len(l.b) > 0 && l.b[0] == tag }

// entier reads an integer that is not negative and fits in 31 bits, of tag
// INTEGER or ENUMERATED.
func (l *lecteur) entier(tag byte) (int32, bool) {
	c, ok := l.attendu(tag)
	if !ok {
		return 0, false
	}
	return valeurEntiere(c)
}

func valeurEntiere(c []byte) (int32, bool) {
	if len(c) == 0 || len(c) > 4 || c[0]&0x80 != 0 {
		return 0, false
	}
	var n int32
	for _, x := range c {
		n = n<<8 | int32(x)
	}
	return n, true
}

// booleen reads a boolean.
func (l *lecteur) booleen() (v, ok bool) {
	c, ok := l.attendu(tagBooleen)
	if !ok || len(c) != 1 {
		return false, false
	}
	return c[0] != 0, true
}
