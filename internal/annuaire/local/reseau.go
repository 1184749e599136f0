package local

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/rass"
)

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

const (
	emetteurLabo     = "CN=AC LABO ANNUAIRE,OU=IGC-LABO,O=ECLUSE LABORATOIRE,C=FR"
	partCertPersonne = 3 // of the professionals, out of a hundred
	partCertSite     = 30
)

// lignesCertificat gives the certificates of a professional, or of a structure after all
// the professionals.
func (n *National) lignesCertificat(p *page, i, d int, poser poser) error {
	a := n.graine.pour(dCertificat, i, 0)
	p.neuve(rass.CENombre)
	var sujet string
	if i < n.reserve {
		x, ok := n.praticien(p, i, d)
		if !ok || a.sous(100) >= partCertPersonne {
			return nil
		}
		sujet = fmt.Sprintf("CN=%s,SN=%s,GN=%s,OU=IGC-LABO,O=ECLUSE LABORATOIRE,C=FR", x.idNat, x.nom, x.prenom)
		p.v[rass.CETypePorteur], p.v[rass.CEIDNat] = membrePP, x.idNat
		p.v[rass.CEDomaine], p.v[rass.CEUsage] = []byte("PERSONNE"), []byte("AUTHENTIFICATION")
	} else {
		if i-n.reserve >= n.sites {
			return nil
		}
		x := n.structure(p, i-n.reserve, d)
		if x.s.nEJ == 0 || x.s.cle == "officine" || a.sous(100) >= partCertSite {
			return nil
		}
		sujet = fmt.Sprintf("CN=%s,OU=%s,OU=IGC-LABO,O=ECLUSE LABORATOIRE,C=FR", n.structureInitiale(p, x.j), x.idNat)
		p.v[rass.CETypePorteur], p.v[rass.CEIDNat] = membreStructure, x.idNat
		p.v[rass.CEDomaine], p.v[rass.CEUsage] = []byte("ORGANISATION"), []byte("SERVEUR")
	}
	return n.certifier(p, sujet, &a, poser)
}

func (n *National) certifier(p *page, sujet string, a *alea, poser poser) error {
	serie := a.suivant() >> 1
	du := n.aujourdhui(0) - jour(a.sous(900))
	p.v[rass.CESerie] = fmt.Appendf(nil, "%016X", serie)
	p.v[rass.CEEmetteur], p.v[rass.CESujet] = []byte(emetteurLabo), []byte(sujet)
	p.v[rass.CEDebut], p.v[rass.CEFin] = p.jour(du), p.jour(du+1095)
	if a.sous(1000) < 10 {
		p.v[rass.CERevocation] = p.jour(du + jour(a.sous(int(n.aujourdhui(0)-du)+1)))
	}
	if n.reglage.DER != nil {
		debut := origine.AddDate(0, 0, int(du))
		der, err := n.reglage.DER(sujet, serie, debut, debut.AddDate(0, 0, 1095).Add(24*time.Hour-time.Second))
		if err != nil {
			return fmt.Errorf("annuaire local : certificat : %w", err)
		}
		p.v[rass.CEDER] = base64.StdEncoding.AppendEncode(nil, der)
	}
	return poser(p.v)
}
