package charger

import (
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// resoudre finds the structure that a kind of number and a number name: in the feeds,
// else in what stands. connue is false for one that nobody knows; its identifier is
// then what this number makes.
func (a *atelier) resoudre(sorte, numero string) (id string, connue bool) {
	cle := appendCleParType(nil, sorte, numero)
	if len(cle) == 0 {
		return "", false
	}
	id = IDStructure(string(cle))
	if a.reg.connait(id) {
		return id, true
	}
	if rang, ok := a.reg.alias.trouver(hacher(cle)); ok {
		return string(a.reg.fiches[rang][:]), true
	}
	if rang, ok := a.reg.alias.trouver(hacher("N|" + sorte + numero)); ok { // its national identifier
		return string(a.reg.fiches[rang][:]), true
	}
	if a.vue == nil {
		return id, false
	}
	if _, ok := a.vue.ParID(annuaire.Structures, id); ok {
		return id, true
	}
	p, err := a.vue.Chercher(&annuaire.Question{Nature: annuaire.Structures, Nombre: 1,
		Critere: &annuaire.Critere{Op: annuaire.Egal, Champ: annuaire.ParIdentifiant, Valeur: numero}})
	if err == nil && len(p.Refs) == 1 && a.porte(p.Refs[0], numero) {
		return strings.Clone(a.vue.ID(p.Refs[0])), true
	}
	return id, false
}

// porte tells whether a structure that stands has a number: it was found by a hash.
func (a *atelier) porte(r image.Ref, numero string) bool {
	s := a.vue.Lire(r).Structure
	for _, x := range [...]string{s.FINESS, s.FINESSJuridique, s.SIRET, s.SIREN, s.IDTechnique, s.IDNat, s.RPPSRang} {
		if x == numero {
			return true
		}
	}
	return false
}

// rattacher puts the lines that name a structure by any number in the drawer of whom
// they are about.
func (a *atelier) rattacher(s *suite, vp, vs *versement) error {
	var ch []string
	var b []byte
	return s.lire(func(e etiquette, op byte, donnees []byte) error {
		if err := a.ctx.Err(); err != nil {
			return err
		}
		texte := string(donnees)
		ch = couper(ch[:0], texte)
		switch e {
		case rBAL:
			b = a.rattacherBAL(b[:0], ch, texte, op, vp, vs)
		case rCertificat:
			b = a.rattacherCertificat(b[:0], ch, texte, op, vp, vs)
		case rMembre:
			b = a.rattacherMembre(b[:0], ch, texte, op, vs)
		}
		if vp.err != nil {
			return vp.err
		}
		return vs.err
	})
}

// rattacherBAL gives a personal mailbox to its person, with the structure where it is
// used, any other to its structure. ref: MSS §3.1
func (a *atelier) rattacherBAL(b []byte, ch []string, texte string, op byte, vp, vs *versement) []byte {
	idNat := ch[rass.MSIDNat]
	if idNat == "" && ch[rass.MSIdentifiant] != "" {
		idNat = ch[rass.MSTypeIdentifiant] + ch[rass.MSIdentifiant]
	}
	structure, _ := a.resoudre(ch[rass.MSTypeStructure], ch[rass.MSStructure])
	personnelle := ch[rass.MSTypeBAL] == string(annuaire.BALPersonnelle) || structure == ""
	switch {
	case idNat != "" && personnelle:
		b = append(append(append(append(b, idNat...), '|'), structure...), '|')
		b = append(b, texte...)
		vp.poser(hacher(idNat), pBAL, op, b)
	case structure != "":
		b = append(append(b, structure...), '|')
		b = append(b, texte...)
		vs.poser(hacher(structure), sBAL, op, b)
	default:
		a.compte.fiche(annuaire.DRefOrpheline, 0, "", "", "porteur", ch[rass.MSAdresse])
	}
	return b
}

// rattacherCertificat gives a certificate to a person or to a structure.
// hyp: CHARGER-NATURE
func (a *atelier) rattacherCertificat(b []byte, ch []string, texte string, op byte, vp, vs *versement) []byte {
	idNat := ch[rass.CEIDNat]
	switch ch[rass.CETypePorteur] {
	case "PP", "PS", "PERSONNE":
		b = append(append(append(b, idNat...), '|'), texte...)
		vp.poser(hacher(idNat), pCertificat, op, b)
		return b
	}
	structure, connue := a.resoudreIDNat(idNat)
	if !connue {
		a.compte.fiche(annuaire.DRefOrpheline, 0, "", "", "porteur", idNat)
		return b
	}
	b = append(append(append(b, structure...), '|'), texte...)
	vs.poser(hacher(structure), sCertificat, op, b)
	return b
}

// resoudreIDNat finds a structure by its national identifier, whose first digit is the
// kind. ref: RASS §3.2
func (a *atelier) resoudreIDNat(idNat string) (string, bool) {
	if idNat == "" {
		return "", false
	}
	return a.resoudre(idNat[:1], idNat[1:])
}

// rattacherMembre gives a membership to its network. A member who is a person is
// found once persons are made.
func (a *atelier) rattacherMembre(b []byte, ch []string, texte string, op byte, vs *versement) []byte {
	reseau, membre := IDReseau(ch[rass.MEIdentifiant]), ch[rass.MEIDNat]
	b = append(append(b, reseau...), '|')
	switch ch[rass.METypeMembre] {
	case "PP", "PS", "PERSONNE":
		a.attendus.poser(hacher(membre), 0)
		b = append(append(append(b, "P|"...), membre...), '|')
	default:
		id, connue := a.resoudreIDNat(membre)
		if !connue {
			a.compte.fiche(annuaire.DRefOrpheline, 0, "", "", "membre", membre)
			return b
		}
		b = append(append(append(b, "S|"...), id...), '|')
	}
	b = append(b, texte...)
	vs.poser(hacher(reseau), sMembre, op, b)
	return b
}

// couper appends the fields of a text in which each is followed by a bar.
func couper(l []string, s string) []string {
	for {
		i := strings.IndexByte(s, '|')
		if i < 0 {
			return append(l, s)
		}
		l, s = append(l, s[:i]), s[i+1:]
	}
}
