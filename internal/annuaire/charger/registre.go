package charger

import (
	"strings"
	"sync"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
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
