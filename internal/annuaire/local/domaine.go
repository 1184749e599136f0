package local

import (
	"io"
	"math"
	"sort"
	"strconv"
)

// domaines are the domains of mailboxes: ten operators of the many, then those of
// hospitals, then those of small structures. Sizes are those seen: median 4, one in ten
// above 87, one in a hundred above 1 193, the first 62 151. ref: RASS §2
type domaines struct {
	noms     []string
	tailles  []int32  // mailboxes of day 0
	premiers []uint32 // slots of the domains before, in the pool of its kind; slots are mailboxes and those to come
	bassin   []uint8
	bassins  [3]bassin
}

// bassin is the exercises where the holders of one kind of domain are found.
type bassin struct {
	plages [][2]int // ranges of exercises
	n      int      // exercises
	places int      // slots
	perm   permutation
}

// operateurs are the ten first domains, at full scale.
var operateurs = [...]struct {
	nom    string
	taille float64
}{{"pro.mssante.example", 62151}, {"soins.mssante.example", 45000}, {"cabinet.mssante.example", 34000}, {"lien-sante.mssante.example", 26000},
	{"ville.mssante.example", 20500}, {"courrier-sante.mssante.example", 16500}, {"plume.mssante.example", 13500}, {"relais-sante.mssante.example", 11000},
	{"ordonnance.mssante.example", 9500}, {"colombe.mssante.example", 8300}}

const (
	pleineEchelle        = 2_000_000
	domainesPleins       = 5018
	petitDomaine         = 60 // below, a domain is of a small structure
	placesEnPlus         = 50 // one slot in so many is of a mailbox to come
	bassinOperateurs     = 0
	bassinHopitaux       = 1
	bassinEtablissements = 2
)

// paliers are ranks and sizes of the domains after the ten first, at full scale.
var paliers = [...][2]float64{{10, 8300}, {50, 1193}, {502, 87}, {2509, 4}, {5018, 1}}

// tailleDomaine is the size of a domain of a rank, at full scale.
func tailleDomaine(rang float64) float64 {
	for i := 1; i < len(paliers); i++ {
		a, b := paliers[i-1], paliers[i]
		if rang <= b[0] {
			t := math.Log(rang/a[0]) / math.Log(b[0]/a[0])
			return a[1] * math.Pow(b[1]/a[1], t)
		}
	}
	return 1
}

// boites are the mailboxes of one domain.
type boites struct {
	bassin uint8
	nom    string
	taille float64
}

// partager shares mailboxes between domains, for so many professionals.
func partager(total int) (l []boites) {
	echelle := float64(total) / pleineEchelle
	for _, o := range operateurs {
		l = append(l, boites{bassinOperateurs, o.nom, o.taille * echelle})
	}
	const premiers = float64(len(operateurs))
	reste := (domainesPleins - len(operateurs)) * total / pleineEchelle
	for t := range reste {
		rang := premiers + float64((float64(t)+0.5)/float64(reste)*(domainesPleins-premiers))
		b := boites{bassinEtablissements, "", tailleDomaine(rang)}
		if b.taille >= petitDomaine {
			b.bassin = bassinHopitaux
		}
		l = append(l, b)
	}
	return l
}

// nouveauxDomaines shares the mailboxes between domains, and gives the domains names.
func (n *National) nouveauxDomaines() *domaines {
	d := &domaines{}
	for _, s := range n.sortes {
		k := bassinEtablissements
		switch s.cle {
		case "cabinet", "groupe", "sel", "magasin", "officine":
			k = bassinOperateurs
		case "hopital", "clinique", "espic":
			k = bassinHopitaux
		}
		b := &d.bassins[k]
		b.plages = append(b.plages, [2]int{s.premierRang, s.exercicesN()})
		b.n += s.exercicesN()
	}
	for _, b := range partager(n.total) {
		d.ajouter(b.bassin, b.nom, b.taille)
	}
	d.tasser()
	for k := range d.bassins {
		if b := &d.bassins[k]; b.places > 0 {
			b.perm = nouvellePermutation(b.places, n.graine.pour(dBAL, k, 0))
		}
	}
	n.nommerDomaines(d)
	return d
}

func (d *domaines) ajouter(k uint8, nom string, taille float64) {
	b := &d.bassins[k]
	t := max(1, int32(taille+0.5))
	d.noms, d.tailles, d.bassin = append(d.noms, nom), append(d.tailles, t), append(d.bassin, k)
	d.premiers = append(d.premiers, uint32(b.places))
	b.places += int(t) + int(t)/placesEnPlus
}

// tasser drops the last domains of a kind that has more slots than exercises, as a very
// small directory may.
func (d *domaines) tasser() {
	for i := len(d.noms) - 1; i >= 0; i-- {
		if b := &d.bassins[d.bassin[i]]; b.places*10 > b.n*8 && len(d.noms) > 1 {
			b.places -= d.places(i)
			d.noms = append(d.noms[:i], d.noms[i+1:]...)
			d.tailles = append(d.tailles[:i], d.tailles[i+1:]...)
			d.premiers = append(d.premiers[:i], d.premiers[i+1:]...)
			d.bassin = append(d.bassin[:i], d.bassin[i+1:]...)
		}
	}
	var suite [3]uint32
	for i := range d.noms {
		k := d.bassin[i]
		d.premiers[i], suite[k] = suite[k], suite[k]+uint32(d.places(i))
	}
}

// places is how many slots a domain has.
func (d *domaines) places(i int) int { return int(d.tailles[i]) + int(d.tailles[i])/placesEnPlus }

// titulaire is the exercise of the holder of a slot. Those of an operator are anywhere;
// those of another domain are neighbours.
func (d *domaines) titulaire(i, place int) int {
	b := &d.bassins[d.bassin[i]]
	h := int(d.premiers[i]) + place
	if d.bassin[i] == bassinOperateurs {
		h = b.perm.vers(h)
	}
	q := int((float64(h) + 0.5) / float64(b.places) * float64(b.n))
	for _, p := range b.plages {
		if q < p[1] {
			return p[0] + q
		}
		q -= p[1]
	}
	return b.plages[0][0]
}

// nommerDomaines names each domain after the structure of its first holder.
func (n *National) nommerDomaines(d *domaines) {
	vus := map[string]bool{}
	var p page
	for i, nom := range d.noms {
		if nom == "" {
			s, r := n.duRang(d.titulaire(i, 0))
			st := n.structure(&p, s.structure(r), 0)
			base := string(p.plier(st.raison))
			if len(base) > 40 {
				base = base[:40]
			}
			nom = base + ".mssante.example"
			for k := 2; vus[nom]; k++ {
				nom = base + "-" + string(st.c.departement.code) + strconv.Itoa(k) + ".mssante.example"
			}
			nom = string(p.plier([]byte(nom)))
			p.oublier()
		}
		vus[nom] = true
		d.noms[i] = nom
	}
}

// Domaines are the domains of the mailboxes, in order: the white list of this directory.
func (n *National) Domaines() []string {
	l := append([]string(nil), n.domaines.noms...)
	sort.Strings(l)
	return l
}

// EcrireDomaines writes the white list as the controls read it: domain, first day, last
// day, source.
func (n *National) EcrireDomaines(w io.Writer) error {
	b := []byte("# Domaines de messagerie de l'annuaire fictif.\ndomaine;debut;fin;source\n")
	for _, d := range n.Domaines() {
		b = append(append(b, d...), ";;;annuaire fictif\n"...)
	}
	_, err := w.Write(b)
	return err
}
