package xmlsig

import "github.com/ecluse-sante/ecluse/sceau/xmlflux"

// VerifierDocument opens a file sealed by an enveloped signature: a child of
// the root element that covers the whole root.
// ref: PKI §8.4
func VerifierDocument(doc []byte, o Options) (*Resultat, error) {
	v := nouvelleLecture(doc, o.Limites)
	defer v.rendre()
	if err := v.lireDocument(); err != nil {
		return nil, err
	}
	if !v.sceau.present {
		return nil, refus(MotifSansSceau, "la racine du document ne porte pas de signature")
	}
	return v.conclure(&o, v.digererDocument)
}

// lireDocument reads everything, and the signature on the way.
func (v *lecture) lireDocument() error {
	if _, err := v.suivant(); err != nil {
		return err
	}
	v.corps = v.ici()
	for {
		g, err := v.suivant()
		if err != nil {
			return err
		}
		if g == xmlflux.Fin && v.Profondeur() == 0 {
			v.enTete.fin, v.corps.fin = v.DebutBrut(), v.FinBrut()
		}
		if g == xmlflux.Debut && v.Profondeur() == 2 && v.Est(espaceDS, "Signature") {
			if err := v.lireSceau(); err != nil {
				return err
			}
		}
		if g == xmlflux.Termine {
			return nil
		}
	}
}

// digererDocument admits a reference to the root element, which is required,
// and references to parts of the signature itself.
func (v *lecture) digererDocument() error {
	for i := range v.sceau.references() {
		r := &v.sceau.refs[i]
		racine := len(r.uri) == 0
		if !racine {
			p, vu := v.idDe(r.uri[1:])
			racine = vu && p.debut == v.corps.debut
		}
		var err error
		if racine {
			err = v.digererRacine(r)
		} else {
			err = v.digererParId(r, v.sceau.place.debut, v.sceau.place.fin)
		}
		if err != nil {
			return err
		}
	}
	if v.canonique == nil {
		return refus(MotifCorpsNonScelle, "la racine du document n'est pas scellée")
	}
	return nil
}

func (v *lecture) digererRacine(r *referenceLue) error {
	if !r.enveloppee {
		return refus(MotifTransformation, "la référence au document n'écarte pas la signature elle-même")
	}
	if v.canonique != nil {
		return refus(MotifReference, "deux références au même élément")
	}
	forme, err := v.canoniser(make([]byte, 0, len(v.raw)), v.corps, r.inclus, v.sceau.place.debut)
	if err != nil {
		return err
	}
	v.canonique = forme
	r.cible, r.element, r.calculee = v.corps, v.cible, hacher(r.hachage, forme)
	return nil
}
