package image

import (
	"encoding/binary"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// chaineMax is how many records a link of a chain may gather.
const chaineMax = 200_000

// chaine joins two natures of records: what this one refers to satisfies a criterion
// (Vers), or what refers to this one does (Depuis).
func (c *compilation) chaine(k *annuaire.Critere, profondeur int) (parcours, error) {
	if len(k.Fils) != 1 || genres[k.Champ] != parHachage || k.Nature < annuaire.Praticiens || k.Nature >= annuaire.NombreNatures {
		return nil, annuaire.ErrOperateur
	}
	lie, err := c.lies(k, profondeur)
	if err != nil {
		return nil, err
	}
	champ := k.Champ
	if k.Op == annuaire.Depuis {
		champ = annuaire.ParID
	}
	t := c.r.haches[champ]
	if t == nil {
		return vide(), nil
	}
	cle := string(append(cleDeCritere([]byte{'C', byte(c.n)}, k), byte(c.i), byte(c.i>>8)))
	if e, ok := c.v.memoire.chercher(cle); ok {
		return e.(*ensemble), nil
	}
	e := nouvelEnsemble(c.r.nombre())
	t.croiser(lie, e)
	c.v.memoire.garder(cle, e.compter(), 8*len(e.mots))
	return e, nil
}

// croiser adds the records of the values of l, which is sorted: one by one when they
// are few, in one pass over the two when they are many.
func (t *tableHachee) croiser(l []uint64, e *ensemble) {
	if len(l) < len(t.valeurs)/16 {
		for _, h := range l {
			e.ajouter(t.liste(h))
		}
		return
	}
	i := 0
	for j, h := range t.valeurs {
		for i < len(l) && l[i] < h {
			i++
		}
		if i == len(l) {
			return
		}
		if l[i] == h {
			e.ajouter(t.ords[j : j+1])
		}
	}
}

// lies gives, sorted, the 64 bits of the IDs that a link leads to: of the records of
// the other nature that satisfy its criterion, or of those that they refer to.
func (c *compilation) lies(k *annuaire.Critere, profondeur int) ([]uint64, error) {
	cle := string(cleDeCritere([]byte{'L'}, k))
	if l, ok := c.v.memoire.chercher(cle); ok {
		return l.([]uint64), nil
	}
	var l []uint64
	for i, s := range c.v.segments {
		d := compilation{v: c.v, i: i, s: s, n: k.Nature, r: &s.natures[k.Nature], reste: c.reste}
		p, err := d.compiler(&k.Fils[0], profondeur+1)
		if err != nil {
			return nil, err
		}
		m := &c.v.morts[i][k.Nature]
		var g gabarit
		for o := p.aller(0); o != fin; o = p.aller(o + 1) {
			if m.est(o) {
				continue
			}
			if len(l) == chaineMax {
				return nil, annuaire.ErrTropLarge
			}
			if k.Op == annuaire.Vers {
				l = append(l, hacher(s.id(k.Nature, o)))
				continue
			}
			lu := codage{b: s.natures[k.Nature].fiche(o), codes: &s.codes}
			l = references(l, g.lire(k.Nature, &lu), k.Champ)
		}
	}
	slices.Sort(l)
	l = slices.Compact(l)
	c.v.memoire.garder(cle, l, 8*len(l))
	return l, nil
}

// references adds the 64 bits of what a record refers to by a field.
func references(l []uint64, k *annuaire.Changement, ch annuaire.Champ) []uint64 {
	var id string
	switch {
	case k.Situation != nil && ch == annuaire.ParPraticien:
		id = k.Situation.Praticien
	case k.Situation != nil && ch == annuaire.ParStructure:
		id = k.Situation.Structure
	case k.Activite != nil && ch == annuaire.ParStructure:
		id = k.Activite.Structure
	case k.Equipement != nil && ch == annuaire.ParStructure:
		id = k.Equipement.Structure
	case k.Acces != nil && ch == annuaire.ParStructure:
		id = k.Acces.Organisme
	case k.Structure != nil && ch == annuaire.ParJuridique:
		id = k.Structure.Juridique
	case k.Structure != nil && ch == annuaire.ParMembre:
		for i := range k.Structure.Membres {
			l = append(l, hacher(k.Structure.Membres[i].ID))
		}
	}
	if id != "" {
		l = append(l, hacher(id))
	}
	return l
}

// cleDeCritere writes a criterion whole, so that two criteria are equal when their
// keys are.
func cleDeCritere(b []byte, k *annuaire.Critere) []byte {
	b = append(b, byte(k.Op), byte(k.Champ), byte(k.Nature))
	b = binary.AppendUvarint(b, uint64(len(k.Valeur)))
	b = append(b, k.Valeur...)
	for _, n := range [...]int64{k.De, k.A, int64(k.Latitude), int64(k.Longitude), int64(k.Rayon)} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.AppendUvarint(b, uint64(len(k.Fils)))
	for i := range k.Fils {
		b = cleDeCritere(b, &k.Fils[i])
	}
	return b
}
