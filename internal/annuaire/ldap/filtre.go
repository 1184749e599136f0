package ldap

// test is what a node of a filter does.
type test uint8

const (
	testEt test = iota
	testOu
	testNon
	testEgal
	testPartie // substrings
	testMin    // greaterOrEqual
	testMax    // lessOrEqual
	testPresent
	testApproche
	testIndefini // what we cannot tell: an unknown attribute, a rule we do not have
)

// noeud is a node: its operands follow one another by suivant, from fils.
type noeud struct {
	test          test
	attr          Attribut
	fils, suivant int32  // places in Filtre.noeuds, -1 for none
	brut          []byte // the value as it came
	pli           []byte // the value folded by the rule of its attribute
	parties       []partie
}

// partie is a piece of a substring test.
type partie struct {
	ou   place
	brut []byte
	pli  []byte
}

type place uint8

const (
	auDebut place = iota
	auMilieu
	aLaFin
)

// Filtre is a filter ready to be put to entries: a flat list of nodes, the first
// being the root. It is reused from a search to the next; its values lie in the
// message and in its own arena.
type Filtre struct {
	noeuds  []noeud
	parties []partie
	plis    []byte
}

// The bounds of a filter. Mail clients write four tests a word; a filter beyond these
// is refused before it is searched. hyp: ANNUAIRE-LDAP-BORNES
const (
	profondeurMax = 24
	noeudsMax     = 256
	partiesMax    = 16
	valeurMax     = 512
)

// attributs are those that the filter reads.
func (f *Filtre) attributs() (s selection) {
	for i := range f.noeuds {
		if a := f.noeuds[i].attr; a != aucunAttribut {
			s |= 1 << a
		}
	}
	return s
}

// compiler reads a filter from the wire. ref: RFC 4511 §4.5.1.7
func (f *Filtre) compiler(l *lecteur) *Refus {
	f.noeuds, f.parties, f.plis = f.noeuds[:0], f.parties[:0], f.plis[:0]
	_, err := f.noeud(l, 0)
	return err
}

func (f *Filtre) noeud(l *lecteur, profondeur int) (int32, *Refus) {
	tag, c, ok := l.element()
	if !ok {
		return 0, refusMal
	}
	if profondeur == profondeurMax || len(f.noeuds) == noeudsMax {
		return 0, refusFiltre
	}
	i := int32(len(f.noeuds))
	f.noeuds = append(f.noeuds, noeud{fils: -1, suivant: -1, attr: aucunAttribut})
	n := noeud{fils: -1, suivant: -1, attr: aucunAttribut}
	var err *Refus
	switch tag {
	case 0xa0, 0xa1:
		n.test = testEt + test(tag-0xa0)
		n.fils, err = f.operandes(&lecteur{c}, profondeur+1)
	case 0xa2:
		n.test = testNon
		d := lecteur{c}
		if n.fils, err = f.noeud(&d, profondeur+1); err == nil && !d.fini() {
			err = refusMal
		}
	case 0xa3:
		n, err = f.comparaison(testEgal, c)
	case 0xa4:
		n, err = f.morceaux(c)
	case 0xa5:
		n, err = f.comparaison(testMin, c)
	case 0xa6:
		n, err = f.comparaison(testMax, c)
	case 0x87:
		n.test, n.attr = testPresent, attributDe(c)
	case 0xa8:
		n, err = f.comparaison(testApproche, c)
	case 0xa9:
		n.test, err = testIndefini, extensible(c)
	default:
		err = refusMal
	}
	if n.attr == aucunAttribut && n.test > testNon {
		n.test = testIndefini
	}
	n.suivant = -1
	f.noeuds[i] = n
	return i, err
}

// operandes reads those of AND and OR, which may have none: (&) is true and (|) is
// false. ref: RFC 4526
func (f *Filtre) operandes(l *lecteur, profondeur int) (premier int32, err *Refus) {
	premier = -1
	for dernier := int32(-1); !l.fini(); {
		i, err := f.noeud(l, profondeur)
		if err != nil {
			return 0, err
		}
		if premier < 0 {
			premier = i
		} else {
			f.noeuds[dernier].suivant = i
		}
		dernier = i
	}
	return premier, nil
}

// comparaison reads an attribute and a value.
func (f *Filtre) comparaison(t test, c []byte) (n noeud, err *Refus) {
	l := lecteur{c}
	a, ok1 := l.attendu(tagOctets)
	v, ok2 := l.attendu(tagOctets)
	if !ok1 || !ok2 || !l.fini() {
		return n, refusMal
	}
	n = noeud{test: t, attr: attributDe(a), fils: -1, brut: v}
	if n.attr == aucunAttribut {
		return n, nil
	}
	if len(v) > valeurMax {
		return n, refusFiltre
	}
	r := definitions[n.attr].regle
	var ok bool
	n.pli, ok = f.plier(v, r, false, false)
	if !ok || r == regleOctets || (t == testMin || t == testMax) && r != regleInstant || r == regleInstant && !instantValable(n.pli) {
		n.test = testIndefini
	}
	return n, nil
}

// instantValable tells an instant of the form that we write, which compares as text.
func instantValable(b []byte) bool {
	if len(b) != len(formeInstant) || b[len(b)-1] != 'z' {
		return false
	}
	for _, c := range b[:len(b)-1] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// plier folds in the arena.
func (f *Filtre) plier(v []byte, r regle, avant, apres bool) ([]byte, bool) {
	d := len(f.plis)
	var ok bool
	f.plis, ok = plierMots(f.plis, v, r, avant, apres)
	return f.plis[d:len(f.plis):len(f.plis)], ok
}

// morceaux reads a substring test: an initial piece at most, then any number, then a
// final one at most.
func (f *Filtre) morceaux(c []byte) (n noeud, err *Refus) {
	l := lecteur{c}
	a, ok1 := l.attendu(tagOctets)
	s, ok2 := l.attendu(tagSequence)
	if !ok1 || !ok2 || !l.fini() || len(s) == 0 {
		return n, refusMal
	}
	n = noeud{test: testPartie, attr: attributDe(a), fils: -1}
	r := regleOctets
	if n.attr != aucunAttribut {
		r = definitions[n.attr].regle
	}
	debut := len(f.parties)
	for l = (lecteur{s}); !l.fini(); {
		tag, v, ok := l.element()
		k := len(f.parties) - debut
		if !ok || tag < 0x80 || tag > 0x82 || len(v) == 0 || tag == 0x80 && k > 0 || k > 0 && f.parties[debut+k-1].ou == aLaFin {
			return n, refusMal
		}
		if k == partiesMax || len(v) > valeurMax {
			return n, refusFiltre
		}
		p := partie{ou: place(tag - 0x80), brut: v}
		if p.pli, ok = f.plier(v, r, p.ou != auDebut, p.ou != aLaFin); !ok || r == regleOctets || r == regleOID || r == regleInstant {
			n.test = testIndefini
		}
		f.parties = append(f.parties, p)
	}
	n.parties = f.parties[debut:len(f.parties):len(f.parties)]
	return n, nil
}

// extensible checks the form of an extensible match: no rule of ours answers it.
func extensible(c []byte) *Refus {
	l := lecteur{c}
	for dernier := byte(0x80); !l.fini(); {
		tag, _, ok := l.element()
		if !ok || tag <= dernier || tag > 0x84 {
			return refusMal
		}
		dernier = tag
	}
	return nil
}
