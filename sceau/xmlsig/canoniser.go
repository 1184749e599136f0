package xmlsig

import (
	"hash"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// Canoniser appends to dst the exclusive canonical form, without comments, of
// the element of doc with this Id, or of the root element when id is empty.
// The prefixes are those of an InclusiveNamespaces PrefixList ("#default" for
// the default namespace). It allocates nothing when dst has room.
func Canoniser(dst, doc []byte, id string, lim xmlflux.Limites, prefixes ...string) ([]byte, error) {
	v := nouvelleLecture(doc, lim)
	defer v.rendre()
	v.canon.commencer(dst, v.listePrefixes(prefixes))
	if err := v.canoniserId(id); err != nil {
		return dst, err
	}
	return v.canon.fini()
}

// Empreinte writes the same canonical form into h, which it does not reset,
// without keeping it.
func Empreinte(h hash.Hash, doc []byte, id string, lim xmlflux.Limites, prefixes ...string) error {
	v := nouvelleLecture(doc, lim)
	defer v.rendre()
	v.canon.commencer(v.brouillon[:0], v.listePrefixes(prefixes))
	v.canon.vers = h
	if err := v.canoniserId(id); err != nil {
		return err
	}
	v.canon.vers = nil
	brouillon, err := v.canon.fini()
	v.brouillon = brouillon[:0]
	return err
}

func (v *lecture) listePrefixes(prefixes []string) [][]byte {
	for _, p := range prefixes {
		if p == "#default" {
			p = ""
		}
		n := len(v.arene)
		v.arene = append(v.arene, p...)
		v.prefixes = append(v.prefixes, v.arene[n:])
	}
	return v.prefixes
}

// canoniserId reads the document once and writes the asked element on the way.
func (v *lecture) canoniserId(id string) error {
	dedans, vu := false, false
	for {
		deja := len(v.ids)
		g, err := v.suivant()
		switch {
		case err != nil:
			return err
		case g == xmlflux.Termine && !vu:
			return refus(MotifReference, "aucun élément ne porte cet identifiant")
		case g == xmlflux.Termine:
			return v.idsUniques()
		case g == xmlflux.Debut && !vu:
			vu = id == "" || porte(v.ids[deja:], id)
			dedans = vu
		}
		if dedans {
			dedans = !v.canon.recevoir(&v.Lecteur, g)
		}
	}
}

// porte tells whether one of the Ids is id.
func porte(ids []idVu, id string) bool {
	for i := range ids {
		if string(ids[i].valeur) == id {
			return true
		}
	}
	return false
}
