package sceau

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// EspaceSOAP is the namespace of SOAP 1.2.
const EspaceSOAP = "http://www.w3.org/2003/05/soap-envelope"

// Bloc is the expanded name of the SOAP header that lists the relays.
type Bloc = xmlsig.Nom

// EstSceau tells whether an error of an Ouvreur is about the seal itself.
func EstSceau(err error) bool {
	var x *xmlsig.Erreur
	return errors.As(err, &x) || errors.Is(err, jades.Err) || errors.Is(err, ErrBaseline)
}

// SOAP seals an element, already in exclusive canonical form, and writes the
// whole envelope around it. chaine is the header block of the relays, or nil; it
// is not sealed. ref: DEC 9, 10
func (c *Cachet) SOAP(element, chaine []byte, instant time.Time) (Scelle, error) {
	b, err := xmlsig.SignerSOAP(make([]byte, 0, len(element)+len(chaine)+8192), xmlsig.SOAPASigner{
		Contenu: element, EnTetes: chaine, Niveau: xmlsig.XAdESB,
	}, c.soap, instant)
	if err != nil {
		return Scelle{}, err
	}
	return Scelle{b, xmlsig.EmpreinteCorps(element)}, nil
}

// SOAP opens an envelope sealed as Cachet.SOAP does, or by an ordinary client.
// a is now: the certificate is judged at that instant. ref: ROC §16.3 (verify)
func (o *Ouvreur) SOAP(brut []byte, a time.Time) (*Piece, error) {
	p := &Piece{face: SOAP}
	opts := xmlsig.Options{
		Limites: xmlflux.Limites{Octets: o.limite()}, ExigerXAdES: o.Baseline,
		EnTetes: []xmlsig.Nom{o.Relais}, Cle: o.juger(p, nil, a),
	}
	if o.Relais == (Bloc{}) {
		opts.EnTetes = nil
	}
	r, err := xmlsig.VerifierSOAP(brut, opts)
	if err != nil {
		return nil, enForme(err)
	}
	if h := r.Horodatage; h != nil && !h.Expire.IsZero() && a.After(h.Expire.Add(ToleranceHorodatage)) {
		return nil, ErrPerime
	}
	p.contenu = r.Corps
	p.somme = sha256.Sum256(r.Corps)
	if len(r.EnTetes) > 0 {
		p.chaine = r.EnTetes[0].Canonique
	}
	p.rapport = func() Rapport { return rapportSOAP(r) }
	return p, nil
}

// ToleranceHorodatage is how long after the Expires of a WS-Security Timestamp a
// message is still read. ref: ROC §16.3
const ToleranceHorodatage = 300 * time.Second

// ErrPerime is returned for a message whose WS-Security Timestamp has expired.
var ErrPerime = errors.New("horodatage WS-Security expiré")

// enForme tells what could not be read from what was read and refused. The error
// of the judge of certificates comes as it is.
func enForme(err error) error {
	var c *certificat.Refus
	if errors.As(err, &c) {
		return err
	}
	for _, m := range []xmlsig.Motif{xmlsig.MotifXML, xmlsig.MotifSOAP, xmlsig.MotifLimite} {
		if errors.Is(err, m) {
			return fmt.Errorf("%w : %w", ErrForme, err)
		}
	}
	return err
}

func rapportSOAP(r *xmlsig.Resultat) Rapport {
	out := Rapport{Algorithme: r.Algorithme.String(), Profil: "WS-Security"}
	if r.Proprietes != nil && r.Proprietes.Certificat && !r.Proprietes.Instant.IsZero() {
		out.Profil, out.Instant = "WS-Security, XAdES B", r.Proprietes.Instant
	} else if r.Horodatage != nil {
		out.Instant = r.Horodatage.Cree
	}
	for _, f := range r.References {
		out.References = append(out.References, Reference{
			Cible: f.Element + " (" + f.URI + ")", Transforms: f.Transformations, Algorithme: f.Hachage.String(),
			Attendue: base64.StdEncoding.EncodeToString(f.Attendue), Calculee: base64.StdEncoding.EncodeToString(f.Calculee),
			Concordante: f.OK,
		})
	}
	return out
}

// Element is the local name of the first element of the signed Body, "" in REST.
func (p *Piece) Element() string {
	if p.face != SOAP {
		return ""
	}
	var l xmlflux.Lecteur
	l.Reset(p.contenu, xmlflux.Limites{Octets: len(p.contenu) + 1})
	for debuts := 0; ; {
		g, err := l.Suivant()
		if err != nil || g == xmlflux.Termine || g == xmlflux.Fin {
			return ""
		}
		if g == xmlflux.Debut {
			if debuts++; debuts == 2 {
				return string(l.Local())
			}
		}
	}
}
