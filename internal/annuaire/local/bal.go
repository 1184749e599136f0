package local

import (
	"bytes"

	"github.com/ecluse-sante/ecluse/rass"
)

const (
	partOrganisation = 15 // of the mailboxes, out of a hundred
	partFermeture    = 60 // out of a hundred thousand, by day: a mailbox closes, or opens again
	partOuverture    = 2000
	partDouble       = 35 // out of a hundred thousand: two services share one address
)

var (
	typePER, typeORG = []byte("PER"), []byte("ORG")
	oui, non         = []byte("O"), []byte("N")
	services         = octets([]string{"SECRETARIAT", "ACCUEIL", "URGENCES", "CARDIOLOGIE", "CHIRURGIE", "MATERNITE", "PEDIATRIE", "GERIATRIE", "PSYCHIATRIE",
		"RADIOLOGIE", "LABORATOIRE", "PHARMACIE", "CONSULTATIONS", "BUREAU DES ENTREES", "COORDINATION DES SOINS", "ONCOLOGIE", "NEUROLOGIE", "PNEUMOLOGIE"})
	servicesVille = octets([]string{"SECRETARIAT", "ACCUEIL", "CABINET", "COORDINATION"})
)

// ouverte tells whether the mailbox of a slot is open on a day. Slots after the first ones
// are those of mailboxes to come.
func (n *National) ouverte(domaine, place, d int) bool {
	o, chances := true, partFermeture
	if place >= int(n.domaines.tailles[domaine]) {
		o, chances = false, partOuverture
	}
	for k := 1; k <= d; k++ {
		if a := n.graine.pour(dBAL, domaine<<20^place, 10+k); a.sur(chances) {
			o, chances = !o, partFermeture
		}
	}
	return o
}

// dePremierJour is the first exercise, from this one on, of somebody who is there on day 0:
// those who come later have no mailbox yet.
func (n *National) dePremierJour(x int) int {
	for n.permPlace.vers(x) >= n.total {
		x = (x + 1) % n.reserve
	}
	return x
}

// lignesBAL gives the mailboxes of a domain. Two holders of one name have two addresses:
// the second one has a number, which it keeps though the first one closes.
func (n *National) lignesBAL(p *page, i, d int, poser poser) error {
	if i >= len(n.domaines.noms) {
		return nil
	}
	pris := nouvelEnsemble(n.domaines.places(i))
	domaine := []byte("@" + n.domaines.noms[i])
	var precedente []byte
	for place := range n.domaines.places(i) {
		p.oublier()
		p.neuve(rass.MSNombre)
		x := n.dePremierJour(n.domaines.titulaire(i, place))
		a := n.graine.pour(dBAL, i<<20^place, 1)
		organisation := a.sous(100) < partOrganisation
		var present bool
		if organisation {
			present = n.balOrganisation(p, x, i, d, &a)
		} else {
			present = n.balPersonnelle(p, x, i, d)
		}
		p.adresser(pris, domaine)
		n.salirBAL(p, i<<20^place, precedente)
		precedente = append(precedente[:0], p.v[rass.MSAdresse]...)
		if !present || !n.ouverte(i, place, d) {
			continue
		}
		p.v[rass.MSDematerialisation] = non
		if a.sous(100) < 70 {
			p.v[rass.MSDematerialisation] = oui
		}
		if err := poser(p.v); err != nil {
			return err
		}
		if organisation && a.sur(100*partDouble/partOrganisation) {
			p.v[rass.MSService] = services[a.sous(len(services))]
			if err := poser(p.v); err != nil {
				return err
			}
		}
	}
	return nil
}

// adresser makes the address of the page one of the domain, with a number when it is taken.
func (p *page) adresser(pris *ensemble, domaine []byte) {
	base := p.v[rass.MSAdresse]
	l := p.joint(base, domaine)
	for k := 2; !pris.ajouter(l); k++ {
		l = p.joint(base, p.nombre(k, 0), domaine)
	}
	p.v[rass.MSAdresse] = l
}

// balPersonnelle fills the columns of the mailbox of a professional.
func (n *National) balPersonnelle(p *page, rang, domaine, d int) bool {
	i := n.permPlace.vers(rang)
	initial := n.nomDe(p, i) // an address outlives a change of name
	p.v[rass.MSAdresse] = p.plier(n.prenomDe(i), []byte("."), initial)
	x, ok := n.praticien(p, i, d)
	if !ok {
		return false
	}
	p.v[rass.MSTypeBAL] = typePER
	p.v[rass.MSTypeIdentifiant], p.v[rass.MSIdentifiant], p.v[rass.MSIDNat] = x.type_(), x.numero, x.idNat
	if x.profession.docteur {
		p.v[rass.MSCiviliteExercice] = n.t.divers["exercice"][map[bool]int{true: 1, false: 0}[x.professeur]].code
	}
	p.v[rass.MSNom], p.v[rass.MSPrenom] = x.nom, x.prenom
	p.code(rass.MSCodeCategorie, x.categorie)
	p.code(rass.MSCodeProfession, x.profession.libelle)
	if x.nSavoirs > 0 {
		p.code(rass.MSCodeSavoirFaire, x.savoirs[0].code)
	}
	if n.domaines.bassin[domaine] != bassinOperateurs {
		s, r := n.duRang(rang)
		n.structureBAL(p, s.structure(r), d)
	}
	return true
}

// balOrganisation fills the columns of the mailbox of a service.
func (n *National) balOrganisation(p *page, rang, domaine, d int, a *alea) bool {
	s, r := n.duRang(rang)
	n.structureBAL(p, s.structure(r), d)
	l := services
	if n.domaines.bassin[domaine] == bassinOperateurs {
		l = servicesVille
	}
	p.v[rass.MSTypeBAL] = typeORG
	p.v[rass.MSService] = l[a.sous(len(l))]
	p.v[rass.MSAdresse] = p.plier(p.v[rass.MSService], []byte("."), n.structureInitiale(p, s.structure(r)))
	return true
}

// structureInitiale is the name that a structure had on day 0.
func (n *National) structureInitiale(p *page, j int) []byte {
	x := n.structure(p, j, 0)
	if i := bytes.IndexByte(x.raison, ' '); i > 0 && len(x.raison) > 30 {
		return x.raison[i+1:]
	}
	return x.raison
}

// structureBAL fills the columns of the structure of a mailbox. The number is without the
// digit of its type, which has a column of its own. hyp: ANNUAIRE-BAL
func (n *National) structureBAL(p *page, j, d int) {
	x := n.structure(p, j, d)
	p.v, p.autre = p.autre, p.v
	p.neuve(rass.STNombre)
	n.adresse(p, rass.STDestinataire, &x)
	st := p.v
	p.v, p.autre = p.autre, p.v
	p.v[rass.MSTypeStructure], p.v[rass.MSStructure] = x.idNat[:1], x.idNat[1:]
	p.v[rass.MSRaisonSociale], p.v[rass.MSEnseigne] = x.raison, x.enseigne
	for _, c := range [...][2]rass.Colonne{{rass.MSComplementLocalisation, rass.STPointGeographique}, {rass.MSNumeroVoie, rass.STNumeroVoie},
		{rass.MSIndiceVoie, rass.STIndiceVoie}, {rass.MSTypeVoie, rass.STTypeVoie}, {rass.MSLibelleVoie, rass.STLibelleVoie}, {rass.MSLieuDit, rass.STMention},
		{rass.MSAcheminement, rass.STBureauCedex}, {rass.MSCodePostal, rass.STCodePostal}, {rass.MSDepartement, rass.STDepartement}, {rass.MSPays, rass.STPays}} {
		p.v[c[0]] = st[c[1]]
	}
}
