package lexique

// preparer sets the masks of the asked word, for [Travail.osa]; effacer takes them
// back. Hyyrö 2003.
func (t *Travail) preparer(q []byte) {
	for i, c := range q {
		t.masques[c] |= 1 << i
	}
}

func (t *Travail) effacer(q []byte) {
	for _, c := range q {
		t.masques[c] = 0
	}
}

// osa is the distance between the prepared word, of n letters, and w: insertions,
// deletions, substitutions and exchanges of neighbours, each letter being touched by
// one of them at most. n is 1 to 64.
func (t *Travail) osa(n int, w []byte) int {
	var vn, d0, avant uint64
	vp, haut, d := ^uint64(0), uint64(1)<<(n-1), n
	for _, c := range w {
		pm := t.masques[c]
		tr := (^d0 & pm) << 1 & avant
		d0 = ((pm & vp) + vp ^ vp) | pm | vn | tr
		hp, hn := vn|^(d0|vp), d0&vp
		if hp&haut != 0 {
			d++
		}
		if hn&haut != 0 {
			d--
		}
		hp, hn = hp<<1|1, hn<<1
		vp, vn = hn|^(d0|hp), hp&d0
		avant = pm
	}
	return d
}
