package local

import "github.com/ecluse-sante/ecluse/rass"

// praticien is one professional on a day.
type praticien struct {
	i, rang    int // his rank, and that of his exercise in its kind of place
	s          *sorte
	profession *profession
	homme      bool
	nom        []byte
	prenom     []byte
	etat       etat
	adeli      bool
	professeur bool
	numero     []byte
	idNat      []byte
	categorie  libelle
	savoirs    [3]*savoir
	nSavoirs   int
}

// identite is what of a professional never changes: drawn in one order, so that each part
// can be asked for alone.
func (n *National) identite(i int) (x praticien, a alea) {
	x.i = i
	i = n.double(i)
	x.s, x.rang = n.duRang(n.permPlace.de(i))
	a = n.graine.pour(dPersonne, i, 0)
	x.profession = x.s.exercent[x.s.qui.tirer(&a)].profession
	x.homme = a.sous(100) >= x.profession.femmes
	l := n.femmes
	if x.homme {
		l = n.hommes
	}
	x.prenom = l.noms[l.tirage.tirer(&a)]
	return x, a
}

func (n *National) professionDe(i int) *profession { x, _ := n.identite(i); return x.profession }

func (n *National) prenomDe(i int) []byte { x, _ := n.identite(i); return x.prenom }

// nomDe is the name of a professional on day 0.
func (n *National) nomDe(p *page, i int) []byte {
	x, _ := n.identite(i)
	return n.nomVersion(p, i, x.homme, 0)
}

// nomVersion draws a name: of the frequencies of all, double for some.
func (n *National) nomVersion(p *page, i int, homme bool, version int) []byte {
	a := n.graine.pour(dNom, n.double(i), 1+version)
	nom := n.noms.nom(n.noms.tirage.tirer(&a))
	doubles := 5_000
	if homme {
		doubles = 1_200
	}
	if a.sur(doubles) {
		if autre := n.noms.nom(n.noms.tirage.tirer(&a)); len(nom)+len(autre) < 30 {
			nom = p.joint(nom, []byte("-"), autre)
		}
	}
	return nom
}

// praticien makes the professional of a rank, as he is on a day; false when he is not in
// the files of that day.
func (n *National) praticien(p *page, i, d int) (praticien, bool) {
	if i < 0 || i >= n.Professionnels(d) {
		return praticien{}, false
	}
	x, a := n.identite(i)
	if x.etat = n.etatDe(i, d); x.etat.parti {
		return praticien{}, false
	}
	x.nom = n.nomVersion(p, i, x.homme, x.etat.nom)
	x.adeli = x.profession.adeli && a.sous(100) < 25
	m := len(p.arene)
	if x.adeli {
		p.arene = adeli(p.arene, i)
	} else {
		p.arene = n.rpps(p.arene, i)
	}
	x.numero = p.depuis(m)
	x.idNat = p.joint(x.type_(), x.numero)
	n.salirPraticien(p, &x)
	x.categorie = n.t.divers["categorie"][n.divers["categorie"].tirer(&a)]
	x.professeur = x.profession.docteur && x.s.cle == "hopital" && a.sous(100) < 3
	n.qualifier(&x, &a)
	return x, true
}

var typeRPPS, typeADELI = []byte("8"), []byte("0")

func (x *praticien) type_() []byte {
	if x.adeli {
		return typeADELI
	}
	return typeRPPS
}

// qualifier draws what the professional knows.
func (n *National) qualifier(x *praticien, a *alea) {
	prof := x.profession
	if s := prof.specialite[prof.qualifie[x.s.hopital].tirer(a)]; s.code.code != nil {
		x.savoirs[0], x.nSavoirs = s, 1
	}
	chances := 12
	if x.etat.diplome > 0 {
		chances = 100
	}
	if r := a.sous(100); len(prof.competence) > 0 && r < chances {
		x.savoirs[x.nSavoirs] = prof.competence[a.sous(len(prof.competence))]
		x.nSavoirs++
	}
}

// identifier fills the first columns, which all the files of people share, and the names
// from a column on.
func (p *page) identifier(x *praticien, nom rass.Colonne) {
	p.v[rass.PATypeIdentifiant], p.v[rass.PAIdentifiant], p.v[rass.PAIDNat] = x.type_(), x.numero, x.idNat
	p.v[nom], p.v[nom+1] = x.nom, x.prenom
}

// exercice is what a professional does in one place. The zero value is none.
type exercice struct {
	structure           int // rank, below 0 for none
	s                   *sorte
	mode, role, section libelle
	genre               libelle
}

const exercicesMax = 8

// exercices are those of a professional.
func (n *National) exercices(x *praticien) (l [exercicesMax]exercice, nombre int) {
	lieux, nombre := n.lieuxExercice(x)
	for e := range nombre {
		l[e].s, l[e].structure = x.s, lieux[e]
		n.fonction(x, &l[e], e)
	}
	return l, nombre
}

// lieuxExercice are the structures where a professional works, below 0 for none: most
// have one, some none or several, so that the average is the one that was asked for.
func (n *National) lieuxExercice(x *praticien) (l [exercicesMax]int, nombre int) {
	a := n.graine.pour(dExercice, x.i, 0)
	sans := 4_000
	if n.reglage.Situations > 1.5 {
		sans = 1_000
	}
	if a.sur(sans) {
		l[0] = -1
		return l, 1
	}
	plus := n.reglage.Situations/(1-float64(sans)/1e5) - 1 // on average, of those who have one
	for nombre = 1; nombre < exercicesMax && a.part() < plus/(1+plus); nombre++ {
	}
	for e := range nombre {
		l[e] = x.s.structure(n.rangExercice(x, e))
	}
	return l, nombre
}

// rangExercice is where an exercise stands in its kind of place: the first where the
// professional was put, or where he moved to; the others close to it.
func (n *National) rangExercice(x *praticien, e int) int {
	m := x.s.exercicesN()
	r := x.rang
	if v := x.etat.lieu; v > 0 {
		a := n.graine.pour(dExercice, x.i, 1+v)
		if r = (x.rang + 1 + a.sous(max(1, m/20))) % m; a.sous(100) < 30 {
			r = a.sous(m)
		}
	}
	if e > 0 {
		a := n.graine.pour(dExercice, x.i, 100+e)
		r = (r + 1 + a.sous(max(1, m/200)+3)) % m
	}
	return r
}

// fonction draws how a professional works in a place.
func (n *National) fonction(x *praticien, e *exercice, rang int) {
	a := n.graine.pour(dExercice, x.i, 200+10*rang+x.etat.exercice)
	d := n.t.divers
	e.mode = d["mode"][1]
	if a.sous(100) < x.s.liberaux {
		e.mode = d["mode"][0]
	} else if a.sous(1000) < 6 {
		e.mode = d["mode"][2]
	}
	e.genre = d["genre"][n.divers["genre"].tirer(&a)]
	liberal := e.mode.code[0] == 'L'
	role := 3 // salaried
	switch r := a.sous(100); {
	case x.s.cle == "officine" && string(x.profession.code) == "21":
		if role = 8; liberal {
			role = 7
		}
	case x.s.hopital == 1 && x.profession.docteur:
		if role = 4; r < 7 {
			role = 5
		} else if r > 88 && x.categorie.code[0] == 'E' {
			role = 9
		}
	case liberal && r < 8:
		role = 6
	case liberal && r < 20:
		role = 2
	case liberal && x.s.cle == "groupe":
		role = 1
	case liberal:
		role = 0
	}
	e.role = d["role"][role]
	if string(x.profession.code) == "21" {
		e.section = d["section"][section(x.s, liberal)]
	}
}

// section is the part of the register of pharmacists, as a rank in its table.
func section(s *sorte, liberal bool) int {
	switch {
	case s.hopital == 1:
		return 4
	case s.cle == "labo":
		return 3
	case liberal:
		return 0
	}
	return 1
}
