package sceau

import (
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// ErrForme is wrapped by the errors of a message that cannot even be read: the
// seal was not looked at. Any other error of an Ouvreur is about the seal, or is
// the *certificat.Refus of its certificate.
var ErrForme = errors.New("message illisible")

// ErrBaseline is returned when a partner must seal with baseline B properties
// and did not. ref: DEC 10
var ErrBaseline = errors.New("sceau sans les propriétés de base (XAdES B ou JAdES B) exigées de ce partenaire")

// Ouvreur opens sealed messages.
type Ouvreur struct {
	Juge Juge
	// Baseline asks XAdES B and JAdES B properties of this partner. ref: DEC 10
	Baseline bool
	// Relais names the SOAP header block that lists the relays crossed.
	Relais Bloc
	// Limite bounds a message in bytes; 1 MiB when zero.
	Limite int
	// Personnes lets natural persons seal too, with the signature key of their card,
	// beside structures with their cachet. Which of the two a message is owed is for who
	// reads it. ref: DEC 31
	Personnes bool
}

func (o *Ouvreur) limite() int {
	if o.Limite > 0 {
		return o.Limite
	}
	return 1 << 20
}

// juger judges the certificate of a seal and gives its key to the verification.
func (o *Ouvreur) juger(p *Piece, chaine [][]byte, a time.Time) func([]byte) (crypto.PublicKey, error) {
	return func(feuille []byte) (crypto.PublicKey, error) {
		v, err := o.Juge.Juger(feuille, chaine, certificat.UsageCachet, a)
		if o.Personnes && errors.Is(err, &certificat.Refus{Motif: certificat.MotifMauvaisTitulaire}) {
			v, err = o.Juge.Juger(feuille, chaine, certificat.UsageSignature, a)
		}
		if err != nil {
			return nil, err
		}
		p.verdict, p.juge = v, a
		return v.Porteur.Cle(), nil
	}
}

// REST opens a message written as Cachet.REST does. a is now: the certificate is
// judged at that instant. ref: ROC §16.3 (verify)
func (o *Ouvreur) REST(brut []byte, a time.Time) (*Piece, error) { return o.rest(brut, a, false) }

func (o *Ouvreur) rest(brut []byte, a time.Time, nu bool) (*Piece, error) {
	parts, err := lireREST(brut, o.limite())
	if err != nil {
		return nil, err
	}
	if parts.message == nil || parts.scellement == nil && !nu {
		return nil, fmt.Errorf("%w : membres « message » et « scellement » attendus", ErrForme)
	}
	p := &Piece{face: REST, chaine: parts.chaine, origine: origine{brut: brut, debut: parts.debut, fin: parts.fin}}
	p.contenu, err = jcs.Canoniser(make([]byte, 0, len(parts.message)), parts.message, jcs.Limites{Taille: o.limite()})
	if err != nil {
		return nil, fmt.Errorf("%w : %w", ErrForme, err)
	}
	if parts.scellement == nil {
		p.somme = sha256.Sum256(p.contenu)
		p.rapport = func() Rapport { return Rapport{} }
		return p, nil
	}
	s, err := jades.Lire(parts.scellement)
	if err != nil {
		return nil, err
	}
	e := s.Entete()
	if o.Baseline && (len(e.Empreinte) == 0 || e.Instant.IsZero()) {
		return nil, ErrBaseline
	}
	cle, err := o.juger(p, e.Chaine[1:], a)(s.Certificat())
	if err != nil {
		return nil, err
	}
	if err := s.Verifier(p.contenu, cle); err != nil {
		return nil, err
	}
	p.somme = sha256.Sum256(p.contenu)
	p.rapport = func() Rapport { return rapportREST(e, p) }
	return p, nil
}

func rapportREST(e *jades.Entete, p *Piece) Rapport {
	d := EmpreinteTexte(p.somme)
	profil := "JWS"
	if len(e.Empreinte) > 0 && !e.Instant.IsZero() {
		profil = "JAdES B"
	}
	return Rapport{Algorithme: e.Algorithme.String(), Instant: e.Instant, Profil: profil, References: []Reference{{
		Cible: "message (enveloppe et corps), JSON canonique RFC 8785", Transforms: []string{"RFC 8785"},
		Algorithme: "SHA-256", Attendue: d, Calculee: d, Concordante: true,
	}}}
}

// partsREST are the members of a REST message, as they stand in its bytes.
type partsREST struct {
	chaine, message, scellement []byte
	debut, fin                  int // where chaine stands, or where it may be inserted
}

func lireREST(brut []byte, limite int) (partsREST, error) {
	var l jcs.Lecteur
	var p partsREST
	l.Reset(brut, jcs.Limites{Taille: limite})
	if g, err := l.Suivant(); err != nil || g != jcs.ObjetDebut {
		return p, fmt.Errorf("%w : objet JSON attendu %w", ErrForme, errOuForme(err))
	}
	p.debut, p.fin = l.Fin(), l.Fin()
	for {
		g, err := l.Suivant()
		if err != nil {
			return p, fmt.Errorf("%w : %w", ErrForme, err)
		}
		if g == jcs.ObjetFin {
			break
		}
		if err := p.membre(&l, brut); err != nil {
			return p, err
		}
	}
	if g, err := l.Suivant(); err != nil || g != jcs.Termine {
		return p, fmt.Errorf("%w : %w", ErrForme, errOuForme(err))
	}
	return p, nil
}

func errOuForme(err error) error {
	if err != nil {
		return err
	}
	return errors.New("")
}

// membre reads one member, the key being the current token.
func (p *partsREST) membre(l *jcs.Lecteur, brut []byte) error {
	nom := string(l.Texte())
	g, err := l.Suivant()
	if err != nil {
		return fmt.Errorf("%w : %w", ErrForme, err)
	}
	debut := l.Position()
	switch {
	case nom == "scellement" && g == jcs.Chaine:
		if b := l.Brut(); len(b) == len(l.Texte())+2 { // without escapes, it is as it came
			p.scellement = b[1 : len(b)-1]
		} else {
			p.scellement = append([]byte(nil), l.Texte()...)
		}
		return nil
	case (nom == "message" || nom == "chaine") && g == jcs.ObjetDebut:
	default:
		return fmt.Errorf("%w : membre inattendu ; attendus : chaine, message, scellement", ErrForme)
	}
	if err := l.Passer(g); err != nil {
		return fmt.Errorf("%w : %w", ErrForme, err)
	}
	if nom == "message" {
		p.message = brut[debut:l.Fin()]
	} else {
		p.chaine, p.debut, p.fin = brut[debut:l.Fin()], debut, l.Fin()
	}
	return nil
}
