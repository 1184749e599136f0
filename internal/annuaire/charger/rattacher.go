package charger

import (
	"strings"
	"sync"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/rass"
)

// registre knows every structure of the feeds by its identifier and by its other
// numbers, and where it is.
type registre struct {
	ids, alias table
	fiches     [][longueurID]byte
	juridiques []uint64 // bits: which are legal entities
	mu         sync.Mutex
	lieux      []uint32 // of each structure, in noms; 0 when not known
	noms       []annuaire.LieuExercice
	rangs      map[annuaire.LieuExercice]uint32
}

func nouveauRegistre() *registre {
	return &registre{noms: make([]annuaire.LieuExercice, 1), rangs: map[annuaire.LieuExercice]uint32{{}: 0}}
}

// inscrire gives the rank of a structure.
func (r *registre) inscrire(id string) uint32 {
	rang, neuf := r.ids.poser(hacher(id), uint32(len(r.fiches)))
	if neuf {
		var t [longueurID]byte
		copy(t[:], id)
		r.fiches, r.lieux = append(r.fiches, t), append(r.lieux, 0)
		if int(rang)>>6 >= len(r.juridiques) {
			r.juridiques = append(r.juridiques, 0)
		}
	}
	return rang
}

// aliaser makes a structure known by another key. When two structures have one, it is
// the first in the order of identifiers, whatever the order of the lines.
func (r *registre) aliaser(cle []byte, rang uint32) {
	h := hacher(cle)
	autre, neuf := r.alias.poser(h, rang)
	if !neuf && autre != rang && string(r.fiches[rang][:]) < string(r.fiches[autre][:]) {
		r.alias.changer(h, rang)
	}
}

// connait tells whether a structure is in the feeds.
func (r *registre) connait(id string) bool {
	_, ok := r.ids.trouver(hacher(id))
	return ok
}

// situer says where a structure is.
func (r *registre) situer(id string, l annuaire.LieuExercice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rang, ok := r.ids.trouver(hacher(id))
	if !ok {
		return
	}
	i, ok := r.rangs[l]
	if !ok {
		i = uint32(len(r.noms))
		l = annuaire.LieuExercice{CodeCommune: strings.Clone(l.CodeCommune), Commune: strings.Clone(l.Commune), CodePostal: strings.Clone(l.CodePostal)}
		r.noms, r.rangs[l] = append(r.noms, l), i
	}
	r.lieux[rang] = i
}

// lieu is where a structure of the feeds is.
func (r *registre) lieu(id string) (l annuaire.LieuExercice, connu bool) {
	rang, ok := r.ids.trouver(hacher(id))
	if !ok {
		return l, false
	}
	return r.noms[r.lieux[rang]], true
}

// inventorier makes the register from the drawers of structures.
func (a *atelier) inventorier(t *tiroirs) error {
	var l []morceau
	var ch []string
	var cle, b []byte
	for i := range nombreTiroirs {
		var err error
		if b, err = t.lire(b[:0], i); err != nil {
			return err
		}
		s := vueTexte(b)
		if l, err = morceaux(s, l[:0]); err != nil {
			return err
		}
		for k := range l {
			m := &l[k]
			ch = couper(ch[:0], m.texte(s))
			switch m.quoi {
			case sFINESS:
				a.aliasFINESS(ch, cle[:0])
			case sActivite:
				rang := a.reg.inscrire(ch[0])
				cle = a.aliaserNumeros(cle[:0], rang, ch[1], ch[3], ch[5])
			case sReseau:
				a.reg.inscrire(ch[0])
			case sFicheStructure:
				a.reg.inscrire(ch[0])
			}
		}
	}
	return nil
}

// aliaserNumeros makes a site known by its numbers.
func (a *atelier) aliaserNumeros(cle []byte, rang uint32, siret, finess, technique string) []byte {
	if siret != "" {
		a.reg.aliaser(append(append(cle[:0], 'C'), siret...), rang)
	}
	if finess != "" {
		a.reg.aliaser(append(append(cle[:0], 'F'), finess...), rang)
	}
	if technique != "" {
		a.reg.aliaser(append(cle[:0], technique...), rang)
	}
	return cle
}

func (a *atelier) aliasFINESS(ch []string, cle []byte) {
	rang := a.reg.inscrire(ch[0])
	x := ch[1:]
	if n := x[rass.STIDNat]; n != "" {
		a.reg.aliaser(append(append(cle[:0], "N|"...), n...), rang)
	}
	if !estJuridique(x[rass.STNature]) {
		a.aliaserNumeros(cle, rang, x[rass.STSIRET], x[rass.STFINESS], x[rass.STIDTechnique])
		return
	}
	a.reg.juridiques[rang>>6] |= 1 << (rang & 63)
	a.aliaserNumeros(cle, rang, x[rass.STSIRET], x[rass.STFINESSJuridique], x[rass.STIDTechnique])
	if x[rass.STSIREN] != "" {
		a.reg.aliaser(append(append(cle[:0], 'S'), x[rass.STSIREN]...), rang)
	}
}

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
