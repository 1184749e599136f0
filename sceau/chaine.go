package sceau

import (
	"errors"
	"slices"

	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// ErrChaine is wrapped by the errors of a message to which no list of relays can
// be given.
var ErrChaine = errors.New("liste des relais impossible à placer")

// origine is where a piece comes from: what a relay needs to send it further.
type origine struct {
	brut []byte
	soap *xmlsig.Resultat // nil in REST
	bloc Bloc             // header block of the relays, in SOAP
	// where the list stands, in REST, or where it may be inserted
	debut, fin int
}

// Enchainer appends to dst the message that the piece was opened from, with this
// list of relays in place of the one it had: the header block in SOAP, the object
// in REST. Every other byte stays as it came, and so what is sealed. ref: DEC 9
func (p *Piece) Enchainer(dst, chaine []byte) ([]byte, error) {
	o := &p.origine
	switch {
	case o.brut == nil:
		return dst, errors.Join(ErrChaine, errors.New("pièce qui n'a pas été ouverte"))
	case o.soap != nil && o.bloc == (Bloc{}):
		return dst, errors.Join(ErrChaine, errors.New("ouvreur sans nom d'en-tête pour les relais"))
	case o.soap != nil:
		out, err := xmlsig.InsererEnTete(slices.Grow(dst, len(o.brut)+len(chaine)), o.brut, o.soap, o.bloc, chaine)
		if err != nil {
			return dst, errors.Join(ErrChaine, err)
		}
		return out, nil
	}
	dst = append(slices.Grow(dst, len(o.brut)+len(chaine)+16), o.brut[:o.debut]...)
	if p.chaine != nil {
		return append(append(dst, chaine...), o.brut[o.fin:]...), nil
	}
	dst = append(append(dst, `"chaine":`...), chaine...)
	return append(append(dst, ','), o.brut[o.fin:]...), nil
}
