package lexique

// Sons are the words said as mot is, heaviest first, limite at most; none without
// [Index.Sons]. The slice is t's, valid until its next use.
func (l *Lexique) Sons(t *Travail, mot []byte, limite int) []uint32 {
	t.rangs = t.rangs[:0]
	if len(l.s[sSons]) == 0 || len(mot) > MotMax {
		return t.rangs
	}
	t.son = Phonetique(t.son[:0], mot)
	n := len(t.son)
	if n == 0 {
		return t.rangs
	}
	c := cleSon(t.son)
	lo, hi := uint32(0), l.n
	for lo < hi {
		if m := lo + (hi-lo)/2; u32(l.s[sSons], m) < c {
			lo = m + 1
		} else {
			hi = m
		}
	}
	for ; lo < l.n && len(t.rangs) < limite && u32(l.s[sSons], lo) == c; lo++ {
		rang := u32(l.s[sSonsMots], lo)
		t.son = Phonetique(t.son[:n], l.Mot(rang))
		if string(t.son[n:]) == string(t.son[:n]) {
			t.rangs = append(t.rangs, rang)
		}
	}
	return t.rangs
}
