package local

import "github.com/ecluse-sante/ecluse/rass"

// Kinds of faults, in the order of the controls that look for them. ref: RASS §13
const (
	saleRPPS = 1 + iota
	saleFINESS
	saleSIREN
	saleSIRET
	salePrefixe
	saleOrpheline
	saleDoublon
	saleBALDomaine
	saleBALDouble
	saleBALInactif
	saleSansEJ
	saleCPCommune
	saleCode
	saleDate
)

// sale tells whether a record has a fault of a kind: one in a hundred.
func (n *National) sale(sorte, i int) bool {
	if !n.reglage.Sales {
		return false
	}
	a := n.graine.pour(dSale, i, sorte)
	return a.sous(100) == 0
}

// fausser changes the key of a number.
func (p *page) fausser(b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	c := p.joint(b)
	c[len(c)-1] = '0' + (c[len(c)-1]-'0'+1)%10
	return c
}

// salirPraticien puts faults in the numbers of a professional, in all files alike.
func (n *National) salirPraticien(p *page, x *praticien) {
	if n.sale(saleRPPS, x.i) {
		x.numero = p.fausser(x.numero)
		x.idNat = p.joint(x.type_(), x.numero)
	}
	if n.sale(salePrefixe, x.i) {
		x.idNat = p.joint([]byte("9"), x.numero)
	}
}

// double is the professional whose traits another number repeats.
func (n *National) double(i int) int {
	if i > 0 && n.sale(saleDoublon, i) && !n.sale(saleDoublon, i-1) {
		return i - 1
	}
	return i
}

// salirNumeros puts faults in the numbers of a structure.
func (n *National) salirNumeros(p *page, x *structure) {
	if n.sale(saleFINESS, x.j) && x.finess != nil {
		x.finess = p.fausser(x.finess)
		x.technique, x.idNat = p.joint([]byte("F"), x.finess), p.joint([]byte("1"), x.finess)
	}
	if n.sale(saleSIREN, x.j) && x.siren != nil {
		x.siren = p.fausser(x.siren)
	}
	if n.sale(saleSIRET, x.j) {
		x.siret = p.fausser(x.siret)
		if x.s.nEJ == 0 && x.siret != nil {
			x.technique, x.idNat = p.joint([]byte("C"), x.siret), p.joint([]byte("3"), x.siret)
		}
	}
	if n.sale(saleSansEJ, x.j) && !x.ej {
		x.finessJ = nil
	}
	if n.sale(saleCPCommune, x.j) {
		x.cp = n.autreCP(x.c.departement.code)
	}
}

// salirActivite puts faults in a line of Personne_activite.
func (n *National) salirActivite(p *page, x *praticien, e int) {
	i := x.i*8 + e
	if n.sale(saleOrpheline, i) && len(p.v[rass.PAFINESS]) > 0 { // a number that no structure has
		m := len(p.arene)
		p.arene = n.finess(p.arene, nombreFINESS-1-x.i%(nombreFINESS-n.finessN-1))
		p.v[rass.PAFINESS] = p.depuis(m)
		p.v[rass.PAIDTechnique], p.v[rass.PASIRET] = p.joint([]byte("F"), p.v[rass.PAFINESS]), nil
	}
	if n.sale(saleCode, i) {
		p.v[rass.PACodeMode], p.v[rass.PAMode] = []byte("Z"), []byte("Mode inconnu")
	}
}

// autreCP is a postal code of another department.
func (n *National) autreCP(departement []byte) []byte {
	for i := range n.t.communes {
		if c := &n.t.communes[i]; string(c.departement.code) != string(departement) {
			return c.cp
		}
	}
	return nil
}

// salirStructure puts faults in the line of a structure.
func (n *National) salirStructure(p *page, x *structure) {
	if n.sale(saleDate, x.j) {
		p.v[rass.STFermeture] = p.jour(x.ouverture - 400)
	}
}

// salirBAL puts faults in a mailbox.
func (n *National) salirBAL(p *page, i int, precedente []byte) {
	if n.sale(saleBALDomaine, i) {
		p.v[rass.MSAdresse] = p.joint(p.v[rass.MSAdresse], []byte(".inconnu.example"))
	}
	if n.sale(saleBALDouble, i) && len(precedente) > 0 {
		p.v[rass.MSAdresse] = p.joint(precedente)
	}
	if n.sale(saleBALInactif, i) && len(p.v[rass.MSIdentifiant]) > 0 { // a number that was never given
		p.v[rass.MSIdentifiant] = n.rppsDe(p, n.reserve-1)
		p.v[rass.MSTypeIdentifiant], p.v[rass.MSIDNat] = typeRPPS, p.joint(typeRPPS, p.v[rass.MSIdentifiant])
	}
}
