package trame

import "regexp/syntax"

// longueursForme are the least and most characters of the texts of a form; the
// most is -1 when it has no bound.
func longueursForme(motif string) (bas, haut int64, err error) {
	r, err := syntax.Parse(motif, syntax.Perl)
	if err != nil {
		return 0, 0, err
	}
	bas, haut = longueurs(r.Simplify())
	return bas, haut, nil
}

// longueurs adds up a simplified form, which has no counted repetition left.
func longueurs(r *syntax.Regexp) (bas, haut int64) {
	switch r.Op {
	case syntax.OpLiteral:
		n := int64(len(r.Rune))
		return n, n
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, 1
	case syntax.OpStar:
		return 0, -1
	case syntax.OpPlus:
		bas, _ = longueurs(r.Sub[0])
		return bas, -1
	case syntax.OpQuest:
		_, haut = longueurs(r.Sub[0])
		return 0, haut
	case syntax.OpCapture:
		return longueurs(r.Sub[0])
	case syntax.OpConcat:
		for _, s := range r.Sub {
			b, h := longueurs(s)
			bas += b
			if haut = haut + h; h < 0 || haut < h {
				haut = -1
			}
		}
	case syntax.OpAlternate:
		bas, haut = longueurs(r.Sub[0])
		for _, s := range r.Sub[1:] {
			b, h := longueurs(s)
			bas = min(bas, b)
			if haut = max(haut, h); h < 0 {
				haut = -1
			}
		}
	}
	return bas, haut
}
