package xmlflux

import "bytes"

var (
	marqueUTF8 = []byte("\xEF\xBB\xBF")
	ouvreXML   = []byte("<?xml")
)

// lireDeclaration reads the byte order mark and the XML declaration, both
// optional.
// ref: XML 1.0 §2.8, annex F
func (l *Lecteur) lireDeclaration() error {
	b := l.b
	if len(b) >= 2 && (b[0] == 0xFE && b[1] == 0xFF || b[0] == 0xFF && b[1] == 0xFE || b[0] == 0 || b[1] == 0) {
		return l.refuser(MotifEncodage, 0, "seul l'UTF-8 est accepté")
	}
	if bytes.HasPrefix(b, marqueUTF8) {
		l.pos = len(marqueUTF8)
	}
	reste := b[l.pos:]
	if !bytes.HasPrefix(reste, ouvreXML) || len(reste) > 5 && classe[reste[5]]&cBlanc == 0 {
		return nil
	}
	fin := bytes.Index(reste, []byte("?>"))
	if fin < 0 {
		return l.refuserFin("la déclaration XML")
	}
	if err := l.pseudoAttributs(reste[len(ouvreXML):fin]); err != nil {
		return err
	}
	l.pos += fin + 2
	return nil
}

// pseudoAttributs checks version, encoding and standalone, in that order.
func (l *Lecteur) pseudoAttributs(s []byte) error {
	mal := func() error { return l.refuser(MotifSyntaxe, l.pos, "déclaration XML mal formée") }
	version, s, ok := pseudoAttribut(s, "version")
	if !ok {
		return mal()
	}
	if string(version) != "1.0" {
		return l.refuser(MotifSyntaxe, l.pos, "seul XML 1.0 est accepté")
	}
	if encodage, apres, ok := pseudoAttribut(s, "encoding"); ok {
		if !bytes.EqualFold(encodage, []byte("UTF-8")) {
			return l.refuser(MotifEncodage, l.pos, "seul l'UTF-8 est accepté")
		}
		s = apres
	}
	if seul, apres, ok := pseudoAttribut(s, "standalone"); ok {
		if string(seul) != "yes" && string(seul) != "no" {
			return mal()
		}
		s = apres
	}
	if blancs(s, 0) != len(s) {
		return mal()
	}
	return nil
}

// pseudoAttribut cuts ` nom = "valeur"` from the start of s.
func pseudoAttribut(s []byte, nom string) (valeur, reste []byte, ok bool) {
	i := blancs(s, 0)
	if i == 0 || !bytes.HasPrefix(s[i:], []byte(nom)) {
		return nil, s, false
	}
	i = blancs(s, i+len(nom))
	if i >= len(s) || s[i] != '=' {
		return nil, s, false
	}
	i = blancs(s, i+1)
	if i >= len(s) || s[i] != '"' && s[i] != '\'' {
		return nil, s, false
	}
	n := bytes.IndexByte(s[i+1:], s[i])
	if n < 0 {
		return nil, s, false
	}
	return s[i+1 : i+1+n], s[i+n+2:], true
}
