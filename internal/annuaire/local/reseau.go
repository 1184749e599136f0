package local

import "github.com/ecluse-sante/ecluse/rass"

const (
	reseauxParTete = 0.0005
	membresMoyens  = 30
)

// Reseaux is how many networks of care there are.
func (n *National) Reseaux() int { return max(1, int(reseauxParTete*float64(n.total))) }

// siege is a place near which a network is: one of the group practices.
func (n *National) siege(r int) (*sorte, int) {
	for _, s := range n.sortes {
		if s.cle == "groupe" {
			return s, (2*r + 1) * s.n / (2 * n.Reseaux())
		}
	}
	return n.sortes[0], 0
}

func (n *National) numeroReseau(p *page, r int) []byte {
	m := len(p.arene)
	p.arene = numero(p.arene, "RS99", r, 6)
	return p.depuis(m)
}

// lignesReseau gives the line of a network.
func (n *National) lignesReseau(p *page, r, d int, poser poser) error {
	if r >= n.Reseaux() {
		return nil
	}
	s, k := n.siege(r)
	x := n.structure(p, s.premiere+k, d)
	a := n.graine.pour(dReseau, r, 0)
	kind := n.t.divers["reseau"][n.divers["reseau"].tirer(&a)]
	p.neuve(rass.RENombre)
	p.v[rass.REIdentifiant] = n.numeroReseau(p, r)
	p.v[rass.RENom] = p.joint(kind.code, []byte(" "), p.contracter(n.t.lieuxDits[a.sous(len(n.t.lieuxDits))]), []byte(" - "), x.c.departement.nom)
	p.code(rass.RECodeType, kind)
	p.v[rass.RESIREN] = x.siren
	n.adresse(p, rass.REDestinataire, &x)
	lat, lon := n.situer(&x)
	p.v[rass.RELatitude], p.v[rass.RELongitude] = p.degres(lat), p.degres(lon)
	du := n.aujourdhui(0) - jour(100+a.sous(3000))
	p.v[rass.REOuverture], p.v[rass.REMaj], p.v[rass.REAutorite] = p.jour(du), p.jour(du), autoriteFINESS
	return poser(p.v)
}

var (
	membrePP, membreStructure = []byte("PP"), []byte("STRUCTURE")
)

// lignesMembre gives the members of a network: professionals and structures around it.
func (n *National) lignesMembre(p *page, r, d int, poser poser) error {
	if r >= n.Reseaux() {
		return nil
	}
	s, k := n.siege(r)
	a := n.graine.pour(dReseau, r, 1)
	vus := map[int]bool{}
	for range 5 + a.sous(2*membresMoyens-10) {
		p.oublier()
		p.neuve(rass.MENombre)
		p.v[rass.MEIdentifiant] = n.numeroReseau(p, r)
		role := n.t.divers["membre"][n.divers["membre"].tirer(&a)]
		p.code(rass.MECodeRole, role)
		du := n.aujourdhui(0) - jour(1+a.sous(1500))
		p.v[rass.MEEntree] = p.jour(du)
		voisin := min(s.n-1, k+a.sous(40))
		if a.sous(100) < 25 {
			x := n.structure(p, s.premiere+voisin, d)
			if vus[-1-voisin] {
				continue
			}
			vus[-1-voisin] = true
			p.v[rass.METypeMembre], p.v[rass.MEIDNat] = membreStructure, x.idNat
		} else {
			i := n.permPlace.vers(s.premierRang + min(s.exercicesN()-1, int(s.cumul[voisin])+a.sous(3)))
			x, ok := n.praticien(p, i, d)
			if !ok || vus[i] {
				continue
			}
			vus[i] = true
			p.v[rass.METypeMembre], p.v[rass.MEIDNat] = membrePP, x.idNat
		}
		if err := poser(p.v); err != nil {
			return err
		}
	}
	return nil
}
