package sceau

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
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
func (o *Ouvreur) SOAP(brut []byte, a time.Time) (*Piece, error) { return o.soap(brut, a, false) }

func (o *Ouvreur) soap(brut []byte, a time.Time, nu bool) (*Piece, error) {
	p := &Piece{face: SOAP}
	opts := xmlsig.Options{
		Limites: xmlflux.Limites{Octets: o.limite()}, ExigerXAdES: o.Baseline, SansSceau: nu,
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
	p.origine = origine{brut: brut, soap: r, bloc: o.Relais}
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

// Element is the local name of the element of the signed Body, "" in REST.
func (p *Piece) Element() string {
	var nom string
	if p.face == SOAP {
		lire(p.contenu, func(l *xmlflux.Lecteur) error {
			if err := descendre(l, ""); err != nil {
				return err
			}
			nom = string(l.Local())
			return nil
		})
	}
	return nom
}

// XML gives f a reader placed at the start of the element that chemin names,
// from the Body down; the Body holds one element. Signed bytes only are read.
func (p *Piece) XML(f func(l *xmlflux.Lecteur) error, chemin ...string) error {
	return lire(p.contenu, func(l *xmlflux.Lecteur) error {
		for _, nom := range chemin {
			if err := descendre(l, nom); err != nil {
				return err
			}
		}
		if err := f(l); err != nil {
			return err
		}
		return seul(l)
	})
}

func lire(contenu []byte, f func(l *xmlflux.Lecteur) error) error {
	l := lecteurs.Get().(*xmlflux.Lecteur)
	defer func() {
		l.Reset(nil, xmlflux.Limites{})
		lecteurs.Put(l)
	}()
	l.Reset(contenu, xmlflux.Limites{Octets: len(contenu) + 1})
	if g, err := l.Suivant(); err != nil || g != xmlflux.Debut {
		return fmt.Errorf("%w : corps SOAP", ErrForme)
	}
	return f(l)
}

// descendre moves to the first child of that name, any name when nom is "".
func descendre(l *xmlflux.Lecteur, nom string) error {
	for {
		g, err := l.Suivant()
		switch {
		case err != nil:
			return fmt.Errorf("%w : %w", ErrForme, err)
		case g == xmlflux.Debut && (nom == "" || string(l.Local()) == nom):
			return nil
		case g == xmlflux.Debut:
			if err := l.Sauter(); err != nil {
				return fmt.Errorf("%w : %w", ErrForme, err)
			}
		case g != xmlflux.Texte:
			return fmt.Errorf("%w : élément %s attendu", ErrForme, nom)
		}
	}
}

// seul checks that the Body holds nothing more.
func seul(l *xmlflux.Lecteur) error {
	for {
		g, err := l.Suivant()
		switch {
		case err != nil:
			return fmt.Errorf("%w : %w", ErrForme, err)
		case g == xmlflux.Termine:
			return nil
		case g == xmlflux.Debut && l.Profondeur() <= 2:
			return fmt.Errorf("%w : un seul élément attendu dans le corps SOAP", ErrForme)
		}
	}
}

var lecteurs = sync.Pool{New: func() any { return new(xmlflux.Lecteur) }}
