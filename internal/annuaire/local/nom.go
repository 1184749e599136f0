package local

import (
	"math"
	"strings"
	"unicode/utf8"
)

// famille is a way to make surnames, as a region or a country has its own.
type famille struct {
	part                         float64
	avant, debuts, milieux, fins []string
}

func (r rangee) famille() famille {
	partie := func(c string) (l []string) {
		for _, m := range strings.Fields(r[c]) {
			l = append(l, strings.ReplaceAll(strings.ReplaceAll(m, "_", ""), "~", " "))
		}
		return l
	}
	return famille{r.nombre("part"), partie("avant"), partie("debuts"), partie("milieux"), partie("fins")}
}

const voyelles = "AEIOUYÉÈÊÏ"

func voyelle(s string, dernier bool) bool {
	r, _ := utf8.DecodeRuneInString(s)
	if dernier {
		r, _ = utf8.DecodeLastRuneInString(s)
	}
	return strings.ContainsRune(voyelles, r)
}

// inventer appends a surname of the family, or nothing when the pieces do not fit.
func (f *famille) inventer(b []byte, a *alea) []byte {
	choix := func(l []string) string { return l[a.sous(len(l))] }
	avant, debut, milieu, fin := choix(f.avant), choix(f.debuts), choix(f.milieux), choix(f.fins)
	if voyelle(debut, false) {
		switch avant {
		case "DE ", "DU ", "DES ", "DE LA ":
			avant = "D'"
		case "LA", "LE", "LE ", "BOU", "EL ":
			avant = "L'"
		}
	} else if avant == "D'" || avant == "VAN" || avant == "VANDER" && debut[0] == 'R' {
		avant = map[bool]string{true: "DE ", false: "VAN "}[avant == "D'"]
	}
	if len(milieu) > 1 && milieu[0] == 'R' && strings.Contains(debut, "R") { // nobody is called Brarnaud
		return b
	}
	if !accorde(debut, milieu) || !accorde(milieu, fin) || milieu == "" && !accorde(debut, fin) {
		return b
	}
	n := len(b)
	b = append(append(append(append(b, avant...), debut...), milieu...), fin...)
	if mal(b[n:]) {
		return b[:n]
	}
	return b
}

// accorde tells whether two pieces may follow each other: a vowel and a consonant, or two
// consonants that one can say.
func accorde(x, y string) bool {
	if x == "" || y == "" {
		return true
	}
	switch vx, vy := voyelle(x, true), voyelle(y, false); {
	case vx && vy:
		return false
	case !vx && !vy:
		seule := len(y) > 1 && voyelle(y[1:], false) || len(y) == 1
		return seule && strings.IndexByte("LRNMSC", x[len(x)-1]) >= 0 && x[len(x)-1] != y[0] && (len(x) == 1 || voyelle(x[:len(x)-1], true))
	}
	return true
}

// mal tells whether a word could not be written so in French.
func mal(b []byte) bool {
	if len(b) < 4 || len(b) > 18 {
		return true
	}
	suite := 0 // consonants in a row
	for i, c := range b {
		switch {
		case i > 1 && c == b[i-1] && c == b[i-2]:
			return true
		case i > 0 && c == b[i-1] && (c == 'A' || c == 'I' || c == 'U' || c == 'H' || c == 'V' || c == 'Q' || c == 'X' || c == 'J'):
			return true
		case i > 0 && b[i-1] == 'Q' && c != 'U', c == 'Q' && i == len(b)-1:
			return true
		}
		if c >= utf8.RuneSelf || c == ' ' || c == '\'' || strings.IndexByte("AEIOUY", c) >= 0 {
			suite = 0
		} else if suite++; suite > 4 {
			return true
		}
	}
	return false
}

// noms are all the surnames of a directory, the most frequent first, and their
// frequencies.
type noms struct {
	texte  []byte
	fins   []uint32
	tirage tirage
}

// The shape of the frequencies of surnames (Zipf, bent for the first ones): the first of
// them is borne by three people in a thousand, half of them by one or two.
const (
	courbure     = 30
	nomsMax      = 1_250_000
	nomsMin      = 20_000
	nomsParTete  = 5
	nomsCourants = 15_000
)

// nouveauxNoms begins with the known ones, and invents the others.
func nouveauxNoms(t *tables, n int, g graine) *noms {
	n = max(nomsMin, min(nomsMax, n*nomsParTete))
	l := &noms{texte: make([]byte, 0, n*10), fins: append(make([]uint32, 0, n+1), 0)}
	vus := nouvelEnsemble(n)
	ajouter := func(b []byte) {
		if len(b) > len(l.texte) && vus.ajouter(b[len(l.texte):]) {
			l.texte = b
			l.fins = append(l.fins, uint32(len(b)))
		}
	}
	for _, s := range t.noms {
		ajouter(append(l.texte, s...))
	}
	quelle := nouveauTirage(len(t.familles), func(i int) float64 { return t.familles[i].part })
	a := g.pour(dNom, 0, 0)
	for essais := 0; len(l.fins) <= n && essais < 20*n; essais++ {
		debut := len(l.texte)
		if b := t.familles[quelle.tirer(&a)].inventer(l.texte, &a); len(b)-debut <= 9 || len(l.fins) > nomsCourants { // the common ones are short
			ajouter(b)
		}
	}
	l.tirage = nouveauTirage(len(l.fins)-1, func(i int) float64 { return 1 / float64(i+1+courbure) })
	return l
}

// nom is the surname of a rank.
func (l *noms) nom(i int) []byte { return l.texte[l.fins[i]:l.fins[i+1]:l.fins[i+1]] }

func (l *noms) len() int { return len(l.fins) - 1 }

// prenoms are the given names of one sex.
type prenoms struct {
	noms   [][]byte
	tirage tirage
}

const (
	prenomsComposes = 2600
	prenomsInventes = 3400
)

// nouveauxPrenoms are the known ones, those made of two, and invented ones, which are
// rare: 5 and 3 in a hundred.
func nouveauxPrenoms(connus []string, tetes, debuts, fins []string, g graine, sorte int) *prenoms {
	p := &prenoms{}
	vus := nouvelEnsemble(16_000)
	ajouter := func(s string) {
		if vus.ajouter([]byte(s)) {
			p.noms = append(p.noms, []byte(s))
		}
	}
	for _, s := range connus {
		ajouter(s)
	}
	un := len(p.noms)
	a := g.pour(dPrenom, sorte, 0)
	for essais := 0; len(p.noms) < un+prenomsComposes && essais < 1e6; essais++ {
		x, y := tetes[a.sous(len(tetes))], connus[a.sous(len(connus))]
		if x != y && !strings.Contains(y, "-") {
			ajouter(x + "-" + y)
		}
	}
	deux := len(p.noms)
	for essais := 0; len(p.noms) < deux+prenomsInventes && essais < 1e6; essais++ {
		s := debuts[a.sous(len(debuts))]
		if a.sous(3) == 0 {
			s += debuts[a.sous(len(debuts))]
		}
		if s += fins[a.sous(len(fins))]; !mal([]byte(s)) && len(s) < 11 {
			ajouter(s)
		}
	}
	p.tirage = nouveauTirage(len(p.noms), func(i int) float64 {
		switch {
		case i < un:
			return 0.92 / math.Pow(float64(i+9), 0.8) / 26
		case i < deux:
			return 0.05 / float64(i-un+20) / 4.9
		}
		return 0.03 / float64(i-deux+20) / 5.2
	})
	return p
}

// The pieces of invented given names.
var (
	tetesHommes  = strings.Fields("JEAN JEAN JEAN PIERRE LOUIS CHARLES PAUL MARC YVES HENRI FRANÇOIS LUC JACQUES")
	tetesFemmes  = strings.Fields("MARIE MARIE MARIE ANNE ROSE ÈVE LOUISE JEANNE CLAIRE ANNA EMMA LOU")
	debutsPrenom = strings.Fields("A ABI ADE AGA ALA ALI AMA ANA ARI ASA AUD AVE BA BE BLA BRI CA CE CHA CLÉ CO DA DE DI DO É ÉLI EMA ÉRI EU FA FÉ FLO GA GÉ GRI HA HÉ HO I IDRI ILA ISI JA JO JU KA KÉ KI LA LÉ LI LO LU MA MÉ MI MO NA NÉ NI NO O OCTA OLI ORI PA PÉ PRI RA RÉ RI RO SA SÉ SI SO STA TA TÉ THÉO TI U VA VÉ VI WA XA YA YO ZA ZÉ")
	finsHommes   = strings.Fields("BERT CIEN DAN DIN DRIC GAN KIM LAN LIEN LIN LIO LOÏC MAEL MIN MON NAËL NIS NOÉ RAN RAUD RIC RIEL RIN ROS SIEN TAN TIN VAN VIEN VIN XENCE YAN")
	finsFemmes   = strings.Fields("BELLE CHA DÉE DIE DINE DRA ÈLE GANE LA LÉE LIA LIE LINE LISE LYNE MÉE MIA NA NÉE NELLE NIA NIE RA RIA RIE RINE SA SIE SINE TA THÉE TIA TINE VA VIE YLE")
)

// ensemble is a set of texts, by their hashes: the odds of two texts of one hash among a
// million are one in thirty millions, and one of them is then left out.
type ensemble struct {
	cases []uint64
	n     int
}

func nouvelEnsemble(n int) *ensemble {
	taille := 16
	for taille < 2*n {
		taille *= 2
	}
	return &ensemble{cases: make([]uint64, taille)}
}

// ajouter tells whether the text was not there.
func (e *ensemble) ajouter(b []byte) bool {
	if 4*e.n > 3*len(e.cases) {
		e.grandir()
	}
	return e.poser(empreinte(b))
}

func (e *ensemble) poser(h uint64) bool {
	for i := h & uint64(len(e.cases)-1); ; i = (i + 1) & uint64(len(e.cases)-1) {
		switch e.cases[i] {
		case h:
			return false
		case 0:
			e.cases[i] = h
			e.n++
			return true
		}
	}
}

func (e *ensemble) grandir() {
	vieux := e.cases
	*e = ensemble{cases: make([]uint64, 2*len(vieux))}
	for _, h := range vieux {
		if h != 0 {
			e.poser(h)
		}
	}
}

// empreinte is the same on every machine (FNV-1a, then mixed), and never 0.
func empreinte(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return max(1, melanger(h))
}
