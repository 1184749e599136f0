package local

import (
	"slices"

	"github.com/ecluse-sante/ecluse/rass"
)

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
	if version == 0 && n.double(i) == n.exemple {
		return nomExemple
	}
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
	if n.double(x.i) == n.exemple {
		x.savoirs[0] = n.t.cardiologie
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
	s := x.s
	l[0] = s.structure(n.rangExercice(x))
	nombre = min(nombre, s.n)
	for e := 1; e < nombre; e++ { // the others are close to the first one, and not the same
		k := l[0] - s.premiere + 1 + a.sous(min(s.n, 60))
		for slices.Contains(l[:e], s.premiere+k%s.n) {
			k++
		}
		l[e] = s.premiere + k%s.n
	}
	return l, nombre
}

// rangExercice is where the first exercise stands in its kind of place: where the
// professional was put, or where he moved to.
func (n *National) rangExercice(x *praticien) int {
	v, m := x.etat.lieu, x.s.exercicesN()
	if v == 0 {
		return x.rang
	}
	a := n.graine.pour(dExercice, x.i, 1+v)
	if a.sous(100) < 30 {
		return a.sous(m)
	}
	return (x.rang + 1 + a.sous(max(1, m/20))) % m
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
	e.role = d["role"][n.role(x, liberal, e.genre.code, a.sous(100))]
	if string(x.profession.code) == "21" {
		e.section = d["section"][section(x.s, liberal)]
	}
}

// Ranks of the roles in their table.
const (
	roleTitulaire = iota
	roleAssocie
	roleCollaborateur
	roleSalarie
	roleRemplacant
	roleTitulaireOfficine
	roleAdjoint
	roleInterne
	roleBiologiste
	roleCadre
	roleMedecinTravail
	roleCoordonnateur
)

// role is the rank of what a professional is in a place, r being drawn below 100.
func (n *National) role(x *praticien, liberal bool, genre []byte, r int) int {
	medecin := string(x.profession.code) == "10"
	switch {
	case string(genre) == "GENR02":
		return roleRemplacant
	case x.s.cle == "officine" && string(x.profession.code) == "21" && liberal:
		return roleTitulaireOfficine
	case x.s.cle == "officine" && string(x.profession.code) == "21":
		return roleAdjoint
	case x.s.cle == "labo" && (medecin || string(x.profession.code) == "21"):
		return roleBiologiste
	case x.s.cle == "travail" && medecin:
		return roleMedecinTravail
	case x.s.cle == "ehpad" && medecin && r < 60:
		return roleCoordonnateur
	case x.profession.docteur && x.categorie.code[0] == 'E':
		return roleInterne
	case !liberal && string(x.profession.code) == "60" && r < 4:
		return roleCadre
	case !liberal:
		return roleSalarie
	case r < 12:
		return roleCollaborateur
	case x.s.cle == "groupe" && r < 50 || x.s.cle == "sel":
		return roleAssocie
	}
	return roleTitulaire
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
