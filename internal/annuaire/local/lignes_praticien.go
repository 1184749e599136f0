package local

import "github.com/ecluse-sante/ecluse/rass"

// poser is called with each line of a record: it writes it, or compares it.
type poser func(v [][]byte) error

// lignesActivite gives the lines of a professional in Personne_activite.
func (n *National) lignesActivite(p *page, i, d int, poser poser) error {
	x, ok := n.praticien(p, i, d)
	if !ok {
		return nil
	}
	l, nombre := n.exercices(&x)
	for e := range nombre {
		p.neuve(rass.PANombre)
		p.identifier(&x, rass.PANom)
		n.civilites(p, &x)
		p.code(rass.PACodeProfession, x.profession.libelle)
		p.code(rass.PACodeCategorie, x.categorie)
		if x.nSavoirs > 0 {
			p.code(rass.PACodeTypeSavoirFaire, x.savoirs[0].genre)
			p.code(rass.PACodeSavoirFaire, x.savoirs[0].code)
		}
		p.code(rass.PACodeMode, l[e].mode)
		if l[e].structure >= 0 {
			n.situation(p, &l[e], d)
		}
		p.v[rass.PAAutorite] = x.profession.autorite
		if l[e].section.code != nil {
			p.code(rass.PACodeSection, l[e].section)
		}
		p.code(rass.PACodeRole, l[e].role)
		p.code(rass.PACodeGenre, l[e].genre)
		n.salirActivite(p, &x, e)
		if err := poser(p.v); err != nil {
			return err
		}
	}
	return nil
}

func (n *National) civilites(p *page, x *praticien) {
	if x.profession.docteur {
		exercice := n.t.divers["exercice"][0]
		if x.professeur {
			exercice = n.t.divers["exercice"][1]
		}
		p.code(rass.PACodeCiviliteExercice, exercice)
	}
	p.code(rass.PACodeCivilite, n.t.divers["civilite"][map[bool]int{true: 0, false: 1}[x.homme]])
}

// situation fills the columns of the structure.
func (n *National) situation(p *page, e *exercice, d int) {
	st := n.structure(p, e.structure, d)
	p.v[rass.PASIRET], p.v[rass.PASIREN] = st.siret, st.siren
	p.v[rass.PAFINESS], p.v[rass.PAFINESSJuridique] = st.finess, st.finessJ
	p.v[rass.PAIDTechnique] = st.technique
	p.v[rass.PARaisonSociale], p.v[rass.PAEnseigne] = st.raison, st.enseigne
	n.adresse(p, rass.PADestinataire, &st)
	p.code(rass.PACodeSecteur, st.s.secteur)
}

// lignesSavoirFaire gives the lines of a professional in SavoirFaire.
func (n *National) lignesSavoirFaire(p *page, i, d int, poser poser) error {
	x, ok := n.praticien(p, i, d)
	if !ok {
		return nil
	}
	for _, s := range x.savoirs[:x.nSavoirs] {
		p.neuve(rass.SFNombre)
		p.identifier(&x, rass.SFNom)
		p.code(rass.SFCodeProfession, x.profession.libelle)
		p.code(rass.SFCodeCategorie, x.categorie)
		p.code(rass.SFCodeTypeSavoirFaire, s.genre)
		p.code(rass.SFCodeSavoirFaire, s.code)
		if err := poser(p.v); err != nil {
			return err
		}
	}
	return nil
}

var (
	typeDiplome      = libelle{[]byte("DE"), []byte("Diplôme d'État français")}
	typeCES          = libelle{[]byte("DES"), []byte("Diplôme d'études spécialisées")}
	typeAutorisation = libelle{[]byte("AUT"), []byte("Autorisation ministérielle d'exercice")}
)

// lignesDiplome gives the lines of a professional in Dipl_AutExerc: his diploma, or an
// authorisation for a few, and that of his speciality.
func (n *National) lignesDiplome(p *page, i, d int, poser poser) error {
	x, ok := n.praticien(p, i, d)
	if !ok {
		return nil
	}
	a := n.graine.pour(dCarte, i, 1)
	p.neuve(rass.DANombre)
	p.identifier(&x, rass.DANom)
	if x.profession.docteur && a.sous(100) < 3 {
		p.code(rass.DACodeTypeAutorisation, typeAutorisation)
		p.code(rass.DACodeDiscipline, x.profession.libelle)
	} else {
		p.code(rass.DACodeTypeDiplome, typeDiplome)
		p.code(rass.DACodeDiplome, x.profession.diplome)
	}
	if err := poser(p.v); err != nil || x.nSavoirs == 0 || x.savoirs[0].genre.code[0] != 'S' || a.sous(100) < 30 {
		return err
	}
	p.neuve(rass.DANombre)
	p.identifier(&x, rass.DANom)
	p.code(rass.DACodeTypeDiplome, typeCES)
	p.v[rass.DACodeDiplome] = p.joint([]byte("DES"), x.savoirs[0].code.code)
	p.v[rass.DADiplome] = p.joint([]byte("DES "), x.savoirs[0].code.nom)
	return poser(p.v)
}

// lignesPorteur gives the line of a professional in Porteurs_CPS_CPF, if he holds a card.
func (n *National) lignesPorteur(p *page, i, d int, poser poser) error {
	x, ok := n.praticien(p, i, d)
	if a := n.graine.pour(dCarte, i, 0); ok && a.sous(100) < 55 {
		p.neuve(rass.PONombre)
		p.identifier(&x, rass.PONom)
		p.v[rass.POCodeProfession] = x.profession.code
		carte := n.t.divers["carte"][0]
		if x.categorie.code[0] == 'E' {
			carte = n.t.divers["carte"][1]
		}
		p.code(rass.POCodeTypeCarte, carte)
		p.v[rass.PONumero] = p.joint([]byte("999"), p.nombre(a.sous(1e10), 10))
		du := n.aujourdhui(0) - jour(a.sous(1000))
		p.v[rass.PODebut], p.v[rass.POFin] = p.jour(du), p.jour(du+1095)
		if a.sous(1000) < 8 {
			p.v[rass.POOpposition] = p.jour(du + jour(a.sous(int(n.aujourdhui(0)-du)+1)))
		}
		p.v[rass.POMaj] = p.jour(du)
		return poser(p.v)
	}
	return nil
}
