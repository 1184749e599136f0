package local

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/rass"
)

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
		sujet = fmt.Sprintf("CN=%s,SN=%s,GN=%s,OU=IGC-LABO,O=ECLUSE LABORATOIRE,C=FR", x.idNat, simple(x.nom), simple(x.prenom))
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
		sujet = fmt.Sprintf("CN=%s,OU=%s,OU=IGC-LABO,O=ECLUSE LABORATOIRE,C=FR", simple(n.structureInitiale(p, x.j)), x.idNat)
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
