package xmlsig

import (
	"bytes"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// horodatageLu is a wsu:Timestamp as it was read.
type horodatageLu struct {
	present      bool
	place        place
	cree, expire []byte
}

// VerifierSOAP opens a sealed SOAP envelope. The Body must be sealed; a
// Timestamp and XAdES properties are verified when they are there.
// ref: WSS 1.1 §8, DEC 10
func VerifierSOAP(raw []byte, o Options) (*Resultat, error) {
	v := nouvelleLecture(raw, o.Limites)
	defer v.rendre()
	soap11, err := v.lireEnveloppe(&o)
	if err != nil {
		return nil, err
	}
	r, err := v.conclure(&o, v.digererEnTetes)
	if r != nil {
		r.SOAP11 = soap11
		r.InsertionEnTete, r.EnTeteAbsent = v.insertion()
	}
	if err != nil {
		return r, err
	}
	if r.EnTetes, err = v.enTetesDemandes(&o); err != nil {
		return nil, err
	}
	return r, nil
}

// insertion is where a header block goes, or where a Header does when there is none
// to put it in.
func (v *lecture) insertion() (dans int, absent [2]int) {
	switch e := v.enTete; {
	case e == place{}:
		return 0, [2]int{v.corps.debut, v.corps.debut}
	case bytes.HasPrefix(v.raw[e.fin:], []byte("</")):
		return e.fin, absent
	default: // <soap:Header/>
		return 0, [2]int{e.debut, v.finEnTete}
	}
}

// lireEnveloppe reads the whole document: Envelope, Header, Body, nothing else.
// ref: SOAP 1.2 §5
func (v *lecture) lireEnveloppe(o *Options) (soap11 bool, err error) {
	if _, err := v.suivant(); err != nil {
		return false, err
	}
	espace := espaceSOAP12
	if soap11 = v.Est(espaceSOAP11, "Envelope"); soap11 && o.SOAP11 {
		espace = espaceSOAP11
	} else if !v.Est(espaceSOAP12, "Envelope") {
		return false, refus(MotifSOAP, "la racine n'est pas une enveloppe SOAP d'une version admise")
	}
	var enTete, corps bool
	for {
		dedans, err := v.enfant()
		if err != nil {
			return soap11, err
		}
		if !dedans {
			break
		}
		switch {
		case v.Est(espace, "Header") && !enTete && !corps:
			enTete = true
			err = v.lireHeader(o)
		case v.Est(espace, "Body") && !corps:
			corps = true
			err = v.lireBody(o)
		default:
			err = refus(MotifStructure, "élément inattendu dans l'enveloppe SOAP")
		}
		if err != nil {
			return soap11, err
		}
	}
	if !corps {
		return soap11, refus(MotifStructure, "enveloppe SOAP sans corps")
	}
	_, err = v.suivant()
	return soap11, err
}

func (v *lecture) lireHeader(o *Options) error {
	v.enTete = v.ici()
	for range o.EnTetes {
		v.entetes = append(v.entetes, place{debut: -1})
	}
	for securite := false; ; {
		dedans, err := v.enfant()
		if err != nil {
			return err
		}
		if !dedans {
			v.enTete.fin, v.finEnTete = v.DebutBrut(), v.FinBrut()
			return nil
		}
		// hyp: SECURITY-UNIQUE one Security header, whatever its role: no intermediary of the exchange adds its own.
		if v.Est(espaceWSSE, "Security") {
			if securite {
				return refus(MotifStructure, "plusieurs en-têtes Security")
			}
			securite, v.securite = true, true
			err = v.lireSecurity()
		} else {
			err = v.lireAutreEnTete(o)
		}
		if err != nil {
			return err
		}
	}
}

// lireAutreEnTete remembers where a header block asked by the caller stands.
func (v *lecture) lireAutreEnTete(o *Options) error {
	for i, n := range o.EnTetes {
		if !v.Est(n.Espace, n.Local) {
			continue
		}
		if v.entetes[i].debut >= 0 {
			return refus(MotifStructure, "en-tête répété")
		}
		v.entetes[i] = v.ici()
		err := v.sauter()
		v.entetes[i].fin = v.FinBrut()
		return err
	}
	return v.sauter()
}

func (v *lecture) lireSecurity() error {
	for {
		dedans, err := v.enfant()
		if err != nil || !dedans {
			return err
		}
		switch {
		case v.Est(espaceDS, "Signature"):
			err = v.lireSceau()
		case v.Est(espaceWSSE, "BinarySecurityToken"):
			err = v.lireJeton()
		case v.Est(espaceWSU, "Timestamp"):
			err = v.lireHorodatage()
		default:
			err = v.sauter()
		}
		if err != nil {
			return err
		}
	}
}

func (v *lecture) lireHorodatage() error {
	h := &v.horodatage
	if h.present {
		return refus(MotifStructure, "plusieurs horodatages")
	}
	h.present, h.place = true, v.ici()
	for {
		dedans, err := v.enfant()
		if err != nil || !dedans {
			return err
		}
		switch {
		case v.Est(espaceWSU, "Created") && h.cree == nil:
			h.cree, err = v.texteGarde()
		case v.Est(espaceWSU, "Expires") && h.expire == nil:
			h.expire, err = v.texteGarde()
		default:
			err = refus(MotifStructure, "élément inattendu dans l'horodatage")
		}
		if err != nil {
			return err
		}
	}
}

// lireBody digests the Body while reading it: the header, already read, tells
// how. What is returned to the caller is what went into the digest. The
// signature is never inside, so that an enveloped transform, which the npm
// module soap asks for, has nothing to leave out.
func (v *lecture) lireBody(o *Options) error {
	v.corps = v.ici()
	v.nu = o.SansSceau && !v.sceau.present && !v.securite
	if v.nu {
		_, err := v.canoniserBody(nil)
		return err
	}
	if !v.sceau.present {
		return refus(MotifSansSceau, "le message n'est pas scellé")
	}
	r := v.referenceAuCorps()
	if r == nil {
		return refus(MotifCorpsNonScelle, "le corps du message n'est pas scellé")
	}
	forme, err := v.canoniserBody(r.inclus)
	if err != nil {
		return err
	}
	r.cible, r.element, r.calculee = v.corps, v.Local(), hacher(r.hachage, forme)
	return nil
}

// canoniserBody reads the Body whose Debut is the current piece.
func (v *lecture) canoniserBody(inclus [][]byte) ([]byte, error) {
	v.canon.commencer(make([]byte, 0, len(v.raw)-v.corps.debut+64), inclus)
	g := xmlflux.Debut
	for !v.canon.recevoir(&v.Lecteur, g) {
		var err error
		if g, err = v.suivant(); err != nil {
			return nil, err
		}
	}
	v.corps.fin = v.FinBrut()
	forme, err := v.canon.fini()
	v.canonique = forme
	return forme, err
}

// referenceAuCorps finds the reference to an Id of the Body whose Debut is the
// current piece.
func (v *lecture) referenceAuCorps() *referenceLue {
	for i := range v.NbAttributs() {
		a := v.Attribut(i)
		if !estId(a) {
			continue
		}
		for j := range v.sceau.references() {
			if r := &v.sceau.refs[j]; len(r.uri) > 1 && bytes.Equal(r.uri[1:], a.Valeur) {
				return r
			}
		}
	}
	return nil
}

// digererEnTetes computes the digests of the references to parts of the
// header; nothing else of the envelope may be referenced.
func (v *lecture) digererEnTetes() error {
	for i := range v.sceau.references() {
		r := &v.sceau.refs[i]
		if r.calculee.n > 0 {
			continue
		}
		if len(r.uri) == 0 {
			return refus(MotifReference, "un message SOAP ne se scelle pas par une référence à tout le document")
		}
		if err := v.digererParId(r, v.enTete.debut, v.enTete.fin); err != nil {
			return err
		}
	}
	return nil
}

// conclureHorodatage reports the Timestamp.
// hyp: TIMESTAMP-NON-SCELLE one that is not sealed is tolerated and said so: DEC 10 does not require it.
func (v *lecture) conclureHorodatage(r *Resultat) (err error) {
	h := &v.horodatage
	if !h.present {
		return nil
	}
	r.Horodatage = &Horodatage{Scelle: v.scelle(h.place.debut)}
	if !r.Horodatage.Scelle && v.scelleUnHorodatage() {
		return refus(MotifReference, "l'horodatage scellé n'est pas celui de l'en-tête Security")
	}
	if h.cree != nil {
		if r.Horodatage.Cree, err = instantDe(h.cree); err != nil {
			return refus(MotifStructure, "date de création illisible dans l'horodatage")
		}
	}
	if h.expire != nil {
		if r.Horodatage.Expire, err = instantDe(h.expire); err != nil {
			return refus(MotifStructure, "date d'expiration illisible dans l'horodatage")
		}
	}
	return nil
}

// scelleUnHorodatage tells whether some Timestamp is covered, wherever it was put.
func (v *lecture) scelleUnHorodatage() bool {
	for i := range v.sceau.references() {
		if string(v.sceau.refs[i].element) == "Timestamp" {
			return true
		}
	}
	return false
}

func (v *lecture) enTetesDemandes(o *Options) ([]EnTete, error) {
	var trouves []EnTete
	for i, p := range v.entetes {
		if p.debut < 0 {
			continue
		}
		forme, err := v.canoniser(nil, p, nil, -1)
		if err != nil {
			return nil, err
		}
		trouves = append(trouves, EnTete{Nom: o.EnTetes[i], Canonique: forme, Debut: p.debut, Fin: p.fin, Scelle: v.scelle(p.debut)})
	}
	return trouves, nil
}
