package local

import "github.com/ecluse-sante/ecluse/rass"

var (
	natureEJ, natureEG         = []byte("EJ"), []byte("EG")
	autoriteFINESS, autoriteCG = []byte("ARS/ARS/ARS"), []byte("CG/CG/CG")
	natureSoins, natureSocial  = []byte("soins"), []byte("social")
	actif, inactif             = []byte("active"), []byte("inactive")
)

// lignesStructure gives the line of a structure.
func (n *National) lignesStructure(p *page, j, d int, poser poser) error {
	if j >= n.structures {
		return nil
	}
	x := n.structure(p, j, d)
	p.neuve(rass.STNombre)
	p.v[rass.STNature] = natureEG
	if x.ej {
		p.v[rass.STNature] = natureEJ
	}
	p.v[rass.STIDTechnique], p.v[rass.STIDNat] = x.technique, x.idNat
	p.v[rass.STFINESS], p.v[rass.STFINESSJuridique], p.v[rass.STSIRET], p.v[rass.STSIREN] = x.finess, x.finessJ, x.siret, x.siren
	p.v[rass.STRaisonSociale], p.v[rass.STEnseigne] = x.raison, x.enseigne
	if !x.ej {
		p.code(rass.STCodeCategorie, x.s.categorie)
		p.code(rass.STCodeSecteur, x.s.secteur)
	}
	p.code(rass.STCodeStatut, x.s.statut)
	switch x.s.cle {
	case "hopital":
		p.code(rass.STCodeSPH, n.t.divers["sph"][0])
	case "espic":
		p.code(rass.STCodeSPH, n.t.divers["sph"][1])
	case "clinique":
		p.code(rass.STCodeSPH, n.t.divers["sph"][2])
	case "officine":
		if !x.ej {
			p.v[rass.STLicence] = p.joint(x.c.departement.code, []byte("#"), p.nombre(1+x.k, 6))
		}
	}
	n.adresse(p, rass.STDestinataire, &x)
	if lat, lon := n.situer(&x); !x.ej {
		p.v[rass.STLatitude], p.v[rass.STLongitude] = p.degres(lat), p.degres(lon)
	}
	p.v[rass.STOuverture], p.v[rass.STFermeture] = p.jour(x.ouverture), p.jour(x.etat.fermee)
	if x.etat.fermee != 0 {
		p.code(rass.STCodeFermeture, n.t.divers["fermeture"][0])
	}
	maj := x.etat.maj
	if maj == 0 {
		maj = n.aujourdhui(0) - jour(x.alea.sous(min(190, int(n.aujourdhui(0)-x.ouverture))))
	}
	p.v[rass.STMaj], p.v[rass.STAutorite] = p.jour(maj), autoriteCG
	if x.s.finess {
		p.v[rass.STAutorite] = autoriteFINESS
	}
	n.salirStructure(p, &x)
	return poser(p.v)
}

// degres keeps millionths of a degree as decimal degrees.
func (p *page) degres(v int) []byte {
	m := len(p.arene)
	if v < 0 {
		p.arene, v = append(p.arene, '-'), -v
	}
	p.nombre(v/1e6, 0)
	p.arene = append(p.arene, '.')
	p.nombre(v%1e6, 6)
	return p.depuis(m)
}

// site is a place that offers something, nil when j is none.
func (n *National) offrant(j int, ce func(*sorte) []offre) (*sorte, int) {
	if j >= n.sites {
		return nil, 0
	}
	s, k, _ := n.deStructure(j)
	if len(ce(s)) == 0 {
		return nil, 0
	}
	return s, k
}

func activitesDe(s *sorte) []offre   { return s.activites }
func equipementsDe(s *sorte) []offre { return s.equipements }

// lignesOffre gives the activities of care and the social services of a site.
func (n *National) lignesOffre(p *page, j, d int, poser poser) error {
	s, k := n.offrant(j, activitesDe)
	if s == nil {
		return nil
	}
	for rang, o := range s.activites {
		a := n.graine.pour(dOffre, j, 10+rang)
		if a.part()*100 >= o.part {
			continue
		}
		p.neuve(rass.ACNombre)
		m := len(p.arene)
		p.arene = n.finess(p.arene, s.finess0+k)
		p.v[rass.ACFINESS] = p.depuis(m)
		p.v[rass.ACNumero] = p.joint(p.v[rass.ACFINESS], []byte("-"), p.nombre(rang+1, 2))
		p.code(rass.ACCodeActivite, o.libelle)
		if s.cle == "ehpad" || s.cle == "social" || s.cle == "ssiad" {
			p.v[rass.ACNature] = natureSocial
			p.code(rass.ACCodeForme, n.parmi("accueil", &a))
			p.code(rass.ACCodePublic, n.parmi("public", &a))
		} else {
			p.v[rass.ACNature] = natureSoins
			p.code(rass.ACCodeModalite, n.parmi("modalite", &a))
			p.code(rass.ACCodeForme, n.parmi("forme", &a))
		}
		if s.places > 0 {
			places := 4 + int(s.taille(n.graine.pour(dTaille, j, 0))*float64(s.places)/float64(len(s.activites)))
			p.v[rass.ACAutorisees] = p.nombre(places, 0)
			p.v[rass.ACInstallees] = p.nombre(max(1, places-a.sous(4)), 0)
		}
		n.dater(p, j, d, &a, rass.ACOuverture)
		p.v[rass.ACAutorite] = autoriteFINESS
		if err := poser(p.v); err != nil {
			return err
		}
	}
	return nil
}

// parmi draws one entry of a table of the offer.
func (n *National) parmi(table string, a *alea) libelle {
	l := n.t.offre[table]
	var total float64
	for _, o := range l {
		total += o.part
	}
	v := a.part() * total
	for _, o := range l {
		if v -= o.part; v < 0 {
			return o.libelle
		}
	}
	return l[len(l)-1].libelle
}

// dater fills the days of opening, of closing when the site closed, and of update.
func (n *National) dater(p *page, j, d int, a *alea, ouverture rass.Colonne) {
	du := n.aujourdhui(0) - jour(30+a.sous(6000))
	p.v[ouverture], p.v[ouverture+2] = p.jour(du), p.jour(du)
	if e := n.etatStructure(j, d); e.fermee != 0 {
		p.v[ouverture+1], p.v[ouverture+2] = p.jour(e.fermee), p.jour(e.fermee)
	}
}

// lignesEquipement gives the heavy equipment of a site.
func (n *National) lignesEquipement(p *page, j, d int, poser poser) error {
	s, k := n.offrant(j, equipementsDe)
	if s == nil {
		return nil
	}
	for rang, o := range s.equipements {
		a := n.graine.pour(dOffre, j, 40+rang)
		if a.part()*100 >= o.part {
			continue
		}
		p.neuve(rass.EQNombre)
		m := len(p.arene)
		p.arene = n.finess(p.arene, s.finess0+k)
		p.v[rass.EQFINESS] = p.depuis(m)
		m = len(p.arene)
		p.arene = n.finess(p.arene, s.finess0+s.n+s.ej(k))
		p.v[rass.EQFINESSJuridique] = p.depuis(m)
		p.v[rass.EQNumero] = p.joint([]byte("99-"), p.nombre(j, 7), []byte("-"), p.nombre(rang+1, 2))
		p.code(rass.EQCodeEquipement, o.libelle)
		marque := n.t.fabricants[a.sous(len(n.t.fabricants))]
		p.v[rass.EQFabricant] = marque
		p.v[rass.EQModele] = p.joint(marque[:3], []byte("-"), p.nombre(100+100*a.sous(9), 0))
		p.v[rass.EQSerie] = p.joint([]byte("SN"), p.nombre(a.sous(1e8), 8))
		p.v[rass.EQStatut] = actif
		if e := n.etatStructure(j, d); e.fermee != 0 || a.sous(100) < 4 {
			p.v[rass.EQStatut] = inactif
		}
		n.dater(p, j, d, &a, rass.EQOuverture)
		p.v[rass.EQAutorite] = autoriteFINESS
		if err := poser(p.v); err != nil {
			return err
		}
	}
	return nil
}
