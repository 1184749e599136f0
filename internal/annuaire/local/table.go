package local

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed tables
var fichiers embed.FS

// libelle is a code with its label.
type libelle struct{ code, nom []byte }

type commune struct {
	insee, nom, cp      []byte
	departement         libelle
	latitude, longitude float64
	poids               float64
	acheminement        []byte // as the sixth line of an address
	telephone           string // prefix for fiction, by zone
}

type savoir struct {
	genre, code    libelle
	ville, hopital float64
}

type profession struct {
	libelle
	femmes     int
	docteur    bool
	autorite   []byte
	diplome    libelle
	adeli      bool
	qualifie   [2]tirage // in town, in hospital: among specialites
	specialite []*savoir // the last one is "none" when the profession may have none
	competence []*savoir
}

type exerce struct {
	profession *profession
	part       float64
}

// tables are what the model knows of the country. They are only read.
type tables struct {
	communes      []commune
	departements  map[string]libelle
	professions   []*profession
	parCode       map[string]*profession
	lieux         []*sorte
	divers        map[string][]libelle
	poidsDivers   map[string][]float64
	offre         map[string][]offre
	voies         []libelle
	poidsVoies    []float64
	rues          [][]byte
	lieuxDits     [][]byte
	fabricants    [][]byte
	noms          []string
	prenomsHommes []string
	prenomsFemmes []string
	familles      []famille
	cardiologie   *savoir
}

// offre is what some structures offer.
type offre struct {
	libelle
	lieux []string
	part  float64
}

// embarquees are the tables of the program, read once.
var embarquees = sync.OnceValues(charger)

func charger() (t *tables, err error) {
	t = &tables{departements: map[string]libelle{}, parCode: map[string]*profession{}, divers: map[string][]libelle{},
		poidsDivers: map[string][]float64{}, offre: map[string][]offre{}}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("annuaire local : tables : %v", r)
		}
	}()
	t.noms = mots("noms.txt", " ")
	t.prenomsHommes, t.prenomsFemmes = mots("prenoms_m.txt", " "), mots("prenoms_f.txt", " ")
	t.rues, t.lieuxDits, t.fabricants = octets(mots("rues.txt", ";")), octets(mots("lieux_dits.txt", ";")), octets(mots("fabricants.txt", ";"))
	for _, l := range lignes("departements.csv") {
		t.departements[l["code"]] = l.libelle("code", "libelle")
	}
	for _, l := range lignes("communes.csv") {
		t.communes = append(t.communes, l.commune(t))
	}
	for _, l := range lignes("voies.csv") {
		t.voies, t.poidsVoies = append(t.voies, l.libelle("code", "libelle")), append(t.poidsVoies, l.nombre("poids"))
	}
	for _, l := range lignes("divers.csv") {
		t.divers[l["table"]] = append(t.divers[l["table"]], l.libelle("code", "libelle"))
		t.poidsDivers[l["table"]] = append(t.poidsDivers[l["table"]], l.nombre("poids"))
	}
	for _, l := range lignes("offre.csv") {
		t.offre[l["nature"]] = append(t.offre[l["nature"]], offre{l.libelle("code", "libelle"), strings.Fields(l["lieux"]), l.nombre("part")})
	}
	for _, l := range lignes("syllabes.csv") {
		t.familles = append(t.familles, l.famille())
	}
	t.chargerProfessions()
	for _, l := range lignes("lieux.csv") {
		t.lieux = append(t.lieux, l.sorte(t))
	}
	return t, nil
}

// rangee is a line of a table, by the names of its columns. What is wrong with a table
// of the program is a bug of ours: it panics, and charger says it.
type rangee map[string]string

func lire(nom string) []byte {
	b, err := fichiers.ReadFile("tables/" + nom)
	if err != nil {
		panic(err)
	}
	return b
}

func lignes(nom string) (l []rangee) {
	r := csv.NewReader(bytes.NewReader(lire(nom)))
	r.Comma, r.Comment = ';', '#'
	tous, err := r.ReadAll()
	if err != nil {
		panic(fmt.Errorf("%s : %w", nom, err))
	}
	for _, x := range tous[1:] {
		m := rangee{}
		for i, v := range x {
			m[tous[0][i]] = v
		}
		l = append(l, m)
	}
	return l
}

// mots are the words of a text, between separators; _ is a blank, # a comment.
func mots(nom, sep string) (l []string) {
	vus := map[string]bool{}
	for ligne := range strings.Lines(string(lire(nom))) {
		if strings.HasPrefix(ligne, "#") {
			continue
		}
		for m := range strings.SplitSeq(strings.TrimSpace(ligne), sep) {
			if m = strings.ReplaceAll(m, "_", " "); m != "" && !vus[m] {
				l, vus[m] = append(l, m), true
			}
		}
	}
	return l
}

func octets(l []string) (b [][]byte) {
	for _, s := range l {
		b = append(b, []byte(s))
	}
	return b
}

func (r rangee) nombre(c string) float64 {
	v, err := strconv.ParseFloat(r[c], 64)
	if err != nil {
		panic(fmt.Errorf("colonne %s : %w", c, err))
	}
	return v
}

func (r rangee) libelle(c, l string) libelle { return libelle{[]byte(r[c]), []byte(r[l])} }

func (r rangee) commune(t *tables) commune {
	c := commune{insee: []byte(r["insee"]), nom: []byte(r["nom"]), cp: []byte(r["cp"]), poids: r.nombre("poids"),
		latitude: r.nombre("latitude"), longitude: r.nombre("longitude"), telephone: zone(r["insee"])}
	code := r["insee"][:2]
	if code == "97" {
		code = r["insee"][:3]
	}
	d, ok := t.departements[code]
	if !ok {
		panic(fmt.Errorf("commune %s : département inconnu", r["insee"]))
	}
	c.departement = d
	nom, _, _ := strings.Cut(r["nom"], " 1er Arr")
	if i := strings.Index(nom, "e Arrondissement"); i >= 0 {
		nom = strings.TrimRight(nom[:i], " 0123456789")
	}
	c.acheminement = []byte(r["cp"] + " " + strings.ToUpper(nom))
	return c
}

// zone is the beginning of the telephone numbers that the regulator keeps for works of
// fiction, by zone: nobody has them.
func zone(insee string) string {
	switch insee[:2] {
	case "75", "77", "78", "91", "92", "93", "94", "95":
		return "019900"
	case "14", "18", "22", "27", "28", "29", "35", "36", "37", "41", "44", "45", "49", "50", "53", "56", "61", "72", "76", "85", "97":
		return "026191"
	case "02", "08", "10", "21", "25", "39", "51", "52", "54", "55", "57", "58", "59", "60", "62", "67", "68", "70", "71", "80", "88", "89", "90":
		return "035301"
	case "09", "12", "16", "17", "19", "23", "24", "31", "32", "33", "40", "46", "47", "64", "65", "79", "81", "82", "86", "87":
		return "053649"
	}
	return "046571"
}

func (t *tables) chargerProfessions() {
	for _, l := range lignes("professions.csv") {
		p := &profession{libelle: l.libelle("code", "libelle"), femmes: int(l.nombre("femmes")), docteur: l["civilite"] == "DR",
			autorite: []byte(l["autorite"] + "/" + l["autorite"] + "/" + l["autorite"]), diplome: l.libelle("code_diplome", "diplome"), adeli: l["adeli"] == "oui"}
		t.professions, t.parCode[l["code"]] = append(t.professions, p), p
	}
	for _, l := range lignes("savoir_faire.csv") {
		p, s := t.parCode[l["profession"]], &savoir{l.libelle("type", "libelle_type"), l.libelle("code", "libelle"), l.nombre("ville"), l.nombre("hopital")}
		if p == nil {
			panic("savoir-faire d'une profession inconnue : " + l["profession"])
		}
		if l["code"] == "SM04" {
			t.cardiologie = s
		}
		if l["type"] == "C" || l["type"] == "CAPA" {
			p.competence = append(p.competence, s)
		} else {
			p.specialite = append(p.specialite, s)
		}
	}
	for _, p := range t.professions {
		p.peser()
	}
}

// peser adds "none" to the specialities, for what is left of a thousand.
func (p *profession) peser() {
	var ville, hopital float64
	for _, s := range p.specialite {
		ville, hopital = ville+s.ville, hopital+s.hopital
	}
	p.specialite = append(p.specialite, &savoir{ville: max(0.001, 1000-ville), hopital: max(0.001, 1000-hopital)})
	if p.docteur && string(p.code) == "10" { // a physician has one
		p.specialite = p.specialite[:len(p.specialite)-1]
	}
	p.qualifie[0] = nouveauTirage(len(p.specialite), func(i int) float64 { return p.specialite[i].ville })
	p.qualifie[1] = nouveauTirage(len(p.specialite), func(i int) float64 { return p.specialite[i].hopital })
}
