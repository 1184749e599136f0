package local

import (
	"math"

	"github.com/ecluse-sante/ecluse/rass"
)

// structure is one place, or one legal entity, on a day.
type structure struct {
	j, k             int
	ej               bool
	s                *sorte
	c                *commune
	etat             etatStructure
	finess, finessJ  []byte
	siren, siret     []byte
	technique, idNat []byte
	raison, enseigne []byte
	cp               []byte
	ouverture        jour
	alea             alea
}

// structure makes the structure of a rank.
func (n *National) structure(p *page, j, d int) (x structure) {
	x.j, x.etat = j, n.etatStructure(j, d)
	x.s, x.k, x.ej = n.deStructure(j)
	x.alea = n.graine.pour(dStructure, j, 0)
	k := x.k
	if x.ej {
		k = x.s.premierSite(x.k)
	}
	x.c = n.commune(k, x.s.n)
	x.cp = x.c.cp
	x.ouverture = n.aujourdhui(0) - jour(200+x.alea.sous(15_000))
	n.numeroter(p, &x)
	n.salirNumeros(p, &x)
	n.nommer(p, &x)
	return x
}

// numeroter gives the numbers of a structure. A site of a legal entity has its SIREN; a
// cabinet has one of its own, which others may share when there are too many cabinets.
func (n *National) numeroter(p *page, x *structure) {
	m := len(p.arene)
	if x.s.nEJ == 0 {
		e := x.j
		x.siren = n.sirenCabinet(p, e)
		nic := 1 + e/(nombreSIREN-sirenEJ)
		m = len(p.arene)
		p.arene = siret(p.arene, x.siren, nic)
		x.siret = p.depuis(m)
		x.technique, x.idNat = p.joint([]byte("C"), x.siret), p.joint([]byte("3"), x.siret)
		if a := n.graine.pour(dTaille, x.j, 1); a.sous(100) < 12 { // known by the number of its holder and a rank. hyp: ANNUAIRE-BAL
			x.siret, x.siren = nil, nil
			x.technique = p.joint([]byte("R"), n.rppsDe(p, n.titulaire(x)), p.nombre(1+x.j%999, 3))
			x.idNat = p.joint([]byte("4"), x.technique)
		}
		return
	}
	e := x.k
	if !x.ej {
		e = x.s.ej(x.k)
		p.arene = n.finess(p.arene, x.s.finess0+x.k)
		x.finess = p.depuis(m)
		m = len(p.arene)
	}
	p.arene = n.finess(p.arene, x.s.finess0+x.s.n+e)
	x.finessJ = p.depuis(m)
	m = len(p.arene)
	p.arene = n.siren(p.arene, (x.s.siren0+e)%sirenEJ)
	x.siren = p.depuis(m)
	nic := (x.s.siren0 + e) / sirenEJ * 2000
	if !x.ej {
		nic += 1 + x.k - x.s.premierSite(e)
	}
	m = len(p.arene)
	p.arene = siret(p.arene, x.siren, nic)
	x.siret = p.depuis(m)
	numero := x.finess
	if x.ej {
		numero = x.finessJ
	}
	x.technique, x.idNat = p.joint([]byte("F"), numero), p.joint([]byte("1"), numero)
}

func (n *National) sirenCabinet(p *page, e int) []byte {
	m := len(p.arene)
	p.arene = n.siren(p.arene, sirenEJ+e%(nombreSIREN-sirenEJ))
	return p.depuis(m)
}

// titulaire is the rank of the professional who holds a place: the first who works there,
// or somebody when nobody does.
func (n *National) titulaire(x *structure) int {
	r := min(int(x.s.cumul[x.k]), x.s.exercicesN()-1)
	return n.permPlace.vers(x.s.premierRang + max(0, r))
}

// rppsDe keeps the number of a professional.
func (n *National) rppsDe(p *page, i int) []byte {
	m := len(p.arene)
	p.arene = n.rpps(p.arene, i)
	return p.depuis(m)
}

// adresse fills the twenty columns of an address, from the first one.
func (n *National) adresse(p *page, c rass.Colonne, x *structure) {
	const d = rass.PADestinataire
	v := func(q rass.Colonne) *[]byte { return &p.v[c+q-d] }
	a := n.graine.pour(dStructure, x.j, 1)
	r := a.sous(100)
	if x.s.places > 0 && r < 8 {
		*v(rass.PAPointGeographique) = pointsGeographiques[a.sous(len(pointsGeographiques))]
	} else if r > 92 {
		*v(rass.PAPointGeographique) = etages[a.sous(len(etages))]
	}
	*v(rass.PANumeroVoie) = p.nombre(1+int(math.Pow(a.part(), 2.2)*180), 0)
	if r = a.sous(100); r < 7 {
		*v(rass.PAIndiceVoie) = indices[r%len(indices)]
	}
	p.code(c+rass.PACodeTypeVoie-d, n.t.voies[n.voies.tirer(&a)])
	*v(rass.PALibelleVoie) = n.t.rues[a.sous(len(n.t.rues))]
	if a.sous(100) < 3 {
		*v(rass.PAMention) = p.joint([]byte("BP "), p.nombre(10+a.sous(900), 0))
	}
	*v(rass.PABureauCedex) = x.c.acheminement
	*v(rass.PACodePostal) = x.cp
	*v(rass.PACodeCommune) = x.c.insee
	*v(rass.PACommune) = x.c.nom
	if a.sous(100) < 6 {
		p.code(c+rass.PACodePays-d, n.t.divers["adresse"][0])
	}
	if tel := n.graine.pour(dStructure, x.j, 2+x.etat.telephone); a.sous(100) < 82 {
		*v(rass.PATelephone) = p.joint([]byte(x.c.telephone), p.nombre(tel.sous(10_000), 4))
		if tel.sous(100) < 30 {
			*v(rass.PATelecopie) = p.joint([]byte(x.c.telephone), p.nombre(tel.sous(10_000), 4))
		}
	}
	if x.s.nEJ > 0 && a.sous(100) < 20 {
		*v(rass.PACourriel) = p.joint([]byte("contact@"), p.plier(x.raison), []byte(".example"))
	}
	p.code(c+rass.PACodeDepartement-d, x.c.departement)
}

var (
	pointsGeographiques = octets([]string{"BATIMENT A", "BATIMENT B", "PAVILLON NORD", "PAVILLON SUD", "ENTREE PRINCIPALE", "AILE OUEST"})
	etages              = octets([]string{"1ER ETAGE", "2EME ETAGE", "RDC", "RESIDENCE DU PARC", "CENTRE COMMERCIAL", "APPT 3", "ESCALIER B"})
	indices             = octets([]string{"B", "T", "A", "B", "C"})
)

// situer gives the coordinates of a structure, in millionths of a degree: around the heart
// of its commune, and farther in a large one.
func (n *National) situer(x *structure) (latitude, longitude int) {
	a := n.graine.pour(dOffre, x.j, 1)
	rayon := (0.003 + float64(0.0011*math.Sqrt(min(x.c.poids, 200)))) * math.Sqrt(a.part())
	angle := 2 * math.Pi * a.part()
	lat := x.c.latitude + float64(rayon*math.Sin(angle))
	lon := x.c.longitude + rayon*math.Cos(angle)/math.Cos(x.c.latitude*math.Pi/180)
	return int(math.Round(lat * 1e6)), int(math.Round(lon * 1e6))
}
