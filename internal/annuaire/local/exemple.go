package local

// nomExemple is the name of the professional of the examples: "dupont cardio blois" finds
// somebody in every directory that has a physician in town at Blois.
var nomExemple = []byte("DUPONT")

const communeExemple = "41018"

// chercherExemple finds him: the first physician of a group practice, or of a cabinet, of
// the town; below 0 when there is none.
func (n *National) chercherExemple() int {
	n.exemple = -1
	for _, s := range n.sortes {
		if s.cle != "groupe" && s.cle != "cabinet" {
			continue
		}
		for k := range s.n {
			if string(n.commune(k, s.n).insee) != communeExemple {
				continue
			}
			for r := int(s.cumul[k]); r < int(s.cumul[k+1]); r++ {
				i := n.permPlace.vers(s.premierRang + r)
				x, _ := n.identite(i)
				if l, _ := n.lieuxExercice(&x); i < n.total && n.double(i) == i && string(x.profession.code) == "10" && l[0] == s.premiere+k {
					return i
				}
			}
		}
	}
	return -1
}
