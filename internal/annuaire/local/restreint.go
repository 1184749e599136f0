package local

import (
	"github.com/ecluse-sante/ecluse/rass"
)

// lignesRestreintes gives the lines of a professional in the restricted extraction: codes
// without labels, and his birth.
func (n *National) lignesRestreintes(p *page, i, d int, poser poser) error {
	x, ok := n.praticien(p, i, d)
	if !ok {
		return nil
	}
	naissance := n.nomVersion(p, i, x.homme, 0)
	l, nombre := n.exercices(&x)
	for e := range nombre {
		p.neuve(rass.PANombre)
		if l[e].structure >= 0 {
			n.situation(p, &l[e], d)
		}
		var st [rass.PANombre][]byte
		copy(st[:], p.v)
		p.neuve(rass.PSCNombre)
		p.identifier(&x, rass.PSCNom)
		n.naissance(p, &x, naissance)
		p.v[rass.PSCCodeCivilite] = n.t.divers["civilite"][map[bool]int{true: 0, false: 1}[x.homme]].code
		p.v[rass.PSCCodeProfession], p.v[rass.PSCCodeCategorie] = x.profession.code, x.categorie.code
		if x.profession.docteur {
			p.v[rass.PSCCodeCiviliteExercice] = n.t.divers["exercice"][map[bool]int{true: 1, false: 0}[x.professeur]].code
		}
		if x.nSavoirs > 0 {
			p.v[rass.PSCCodeTypeSavoirFaire], p.v[rass.PSCCodeSavoirFaire] = x.savoirs[0].genre.code, x.savoirs[0].code.code
		}
		p.v[rass.PSCCodeMode], p.v[rass.PSCCodeSection] = l[e].mode.code, l[e].section.code
		p.v[rass.PSCCodeRole], p.v[rass.PSCCodeGenre] = l[e].role.code, l[e].genre.code
		p.v[rass.PSCAutorite] = x.profession.autorite
		for _, c := range restreintes {
			p.v[c[1]] = st[c[0]]
		}
		if err := poser(p.v); err != nil {
			return err
		}
	}
	return nil
}

// restreintes are the columns of the structure that both files have.
var restreintes = [...][2]rass.Colonne{
	{rass.PASIRET, rass.PSCSIRET}, {rass.PASIREN, rass.PSCSIREN}, {rass.PAFINESS, rass.PSCFINESS},
	{rass.PAFINESSJuridique, rass.PSCFINESSJuridique}, {rass.PAIDTechnique, rass.PSCIDTechnique}, {rass.PARaisonSociale, rass.PSCRaisonSociale},
	{rass.PAEnseigne, rass.PSCEnseigne}, {rass.PADestinataire, rass.PSCDestinataire}, {rass.PAPointGeographique, rass.PSCPointGeographique},
	{rass.PANumeroVoie, rass.PSCNumeroVoie}, {rass.PAIndiceVoie, rass.PSCIndiceVoie}, {rass.PACodeTypeVoie, rass.PSCCodeTypeVoie},
	{rass.PALibelleVoie, rass.PSCLibelleVoie}, {rass.PAMention, rass.PSCMention}, {rass.PABureauCedex, rass.PSCBureauCedex},
	{rass.PACodePostal, rass.PSCCodePostal}, {rass.PACodeCommune, rass.PSCCodeCommune}, {rass.PACodePays, rass.PSCCodePays},
	{rass.PATelephone, rass.PSCStructureTelephone}, {rass.PATelephone2, rass.PSCStructureTelephone2}, {rass.PATelecopie, rass.PSCStructureTelecopie},
	{rass.PACourriel, rass.PSCStructureCourriel}, {rass.PACodeDepartement, rass.PSCCodeDepartement}, {rass.PACodeSecteur, rass.PSCCodeSecteur},
}

var (
	paysFrance  = []byte("99100")
	paysAutres  = octets([]string{"99127", "99131", "99134", "99139", "99352", "99351", "99350", "99114"})
	sexeHomme   = []byte("M")
	sexeFemme   = []byte("F")
	separateurs = []byte("'")
)

// naissance fills the birth: name, given names between apostrophes, day and place. ref: RASS §5.5
func (n *National) naissance(p *page, x *praticien, nom []byte) {
	a := n.graine.pour(dNaissance, x.i, 0)
	p.v[rass.PSCNomFamille] = nom
	l := n.femmes
	p.v[rass.PSCSexe] = sexeFemme
	if x.homme {
		l, p.v[rass.PSCSexe] = n.hommes, sexeHomme
	}
	prenoms := x.prenom
	for range a.sous(3) {
		prenoms = p.joint(prenoms, separateurs, l.noms[l.tirage.tirer(&a)])
	}
	p.v[rass.PSCPrenoms] = prenoms
	p.v[rass.PSCNaissance] = p.jour(n.aujourdhui(0) - jour(23*365+a.sous(45*365)))
	if a.sous(100) < 90 {
		c := &n.t.communes[a.sous(len(n.t.communes))]
		p.v[rass.PSCCommuneNaissance], p.v[rass.PSCPaysNaissance], p.v[rass.PSCLieuNaissance] = c.insee, paysFrance, c.nom
	} else {
		p.v[rass.PSCPaysNaissance] = paysAutres[a.sous(len(paysAutres))]
	}
	if a.sous(100) < 35 {
		p.v[rass.PSCTelephone] = p.joint([]byte("063998"), p.nombre(a.sous(10_000), 4))
	}
	if a.sous(100) < 35 {
		p.v[rass.PSCCourriel] = p.joint(p.plier(x.prenom, []byte("."), x.nom), []byte("@courriel.example"))
	}
}
