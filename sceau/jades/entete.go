package jades

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// TailleEnteteMax bounds the encoded protected header.
const TailleEnteteMax = 16 << 10

// signatureMax bounds the encoded signature: RSA 8192.
const signatureMax = 1400

// critiquesMax bounds crit; we understand two names.
const critiquesMax = 8

// present is the set of header members read.
type present uint8

const (
	aAlg present = 1 << iota
	aB64
	aCrit
	aSigT
	aIat
	aEmpreinte
)

// Entete is the protected header as read, for who shows it.
type Entete struct {
	Algorithme    Algorithme
	NomAlgorithme string    // as written, even when refused
	ContenuBrut   bool      // b64:false, the payload is sealed as it is
	Critiques     []string  // crit
	Type          string    // cty
	Instant       time.Time // sigT or iat, UTC; zero when absent
	Empreinte     []byte    // x5t#S256; nil when absent
	Chaine        [][]byte  // x5c, DER, leaf first
	Brut          []byte    // the JSON

	presents  present
	sourceCle string // jwk, jku, x5u or sigD, if there
}

// decoder is base64url without padding, one writing for each value.
var decoder = base64.RawURLEncoding.Strict()

// b64url decodes a part of a compact form. The decoder of the standard library
// passes over line ends: they are refused here.
func b64url(src []byte) ([]byte, bool) {
	if finDeLigne(src) {
		return nil, false
	}
	dst, err := decoder.AppendDecode(make([]byte, 0, decoder.DecodedLen(len(src))), src)
	return dst, err == nil
}

// finDeLigne looks for line ends, one by one: each is a search that the processor
// does by blocks, a set of two is not.
func finDeLigne(b []byte) bool {
	return bytes.IndexByte(b, '\n') >= 0 || bytes.IndexByte(b, '\r') >= 0
}

// lireEntete decodes the header without judging it. Doubled members are refused
// by the reader. ref: RFC 7515 §4
func lireEntete(encode []byte) (*Entete, error) {
	brut, ok := b64url(encode)
	if !ok {
		return nil, refus(MotifEntete, "base64url")
	}
	e := &Entete{Brut: brut, ContenuBrut: false}
	var l jcs.Lecteur
	l.Reset(brut, jcs.Limites{Taille: TailleEnteteMax, Profondeur: 8})
	if g, err := l.Suivant(); err != nil || g != jcs.ObjetDebut {
		return nil, &Erreur{Motif: MotifEntete, Detail: "objet JSON attendu", Cause: err}
	}
	for {
		g, err := l.Suivant()
		if err != nil {
			return nil, &Erreur{Motif: MotifEntete, Cause: err}
		}
		if g != jcs.Cle {
			break
		}
		if err := e.membre(&l); err != nil {
			return nil, err
		}
	}
	if g, err := l.Suivant(); err != nil || g != jcs.Termine {
		return nil, &Erreur{Motif: MotifEntete, Cause: err}
	}
	return e, nil
}

// membre reads the value of one member. Members that we do not know and that are
// not critical are passed over. ref: RFC 7515 §4
func (e *Entete) membre(l *jcs.Lecteur) error {
	nom := string(l.Texte())
	switch nom {
	case "alg":
		e.presents |= aAlg
		s, err := chaine(l, nom)
		e.NomAlgorithme = cite([]byte(s))
		e.Algorithme = lireAlgorithme([]byte(s))
		return err
	case "b64":
		return e.lireB64(l)
	case "crit":
		e.presents |= aCrit
		return e.lireCrit(l)
	case "cty":
		s, err := chaine(l, nom)
		e.Type = s
		return err
	case "sigT":
		e.presents |= aSigT
		return e.lireSigT(l)
	case "iat":
		e.presents |= aIat
		return e.lireIat(l)
	case "x5t#S256":
		e.presents |= aEmpreinte
		return e.lireEmpreinte(l)
	case "x5c":
		return e.lireX5c(l)
	case "jwk", "jku", "x5u", "sigD":
		e.sourceCle = nom
	}
	return passer(l)
}

func passer(l *jcs.Lecteur) error {
	g, err := l.Suivant()
	if err == nil {
		err = l.Passer(g)
	}
	if err != nil {
		return &Erreur{Motif: MotifEntete, Cause: err}
	}
	return nil
}

func chaine(l *jcs.Lecteur, nom string) (string, error) {
	g, err := l.Suivant()
	if err != nil || g != jcs.Chaine {
		return "", &Erreur{Motif: MotifEntete, Detail: nom, Cause: err}
	}
	return string(l.Texte()), nil
}

func (e *Entete) lireB64(l *jcs.Lecteur) error {
	g, err := l.Suivant()
	if err != nil || g != jcs.Booleen {
		return &Erreur{Motif: MotifEntete, Detail: "b64", Cause: err}
	}
	e.presents |= aB64
	e.ContenuBrut = !l.Vrai()
	return nil
}

func (e *Entete) lireCrit(l *jcs.Lecteur) error {
	return tableau(l, "crit", critiquesMax, func(texte []byte) bool {
		e.Critiques = append(e.Critiques, string(texte))
		return true
	})
}

// lireX5c reads the certificates, in padded base64. ref: RFC 7515 §4.1.6
func (e *Entete) lireX5c(l *jcs.Lecteur) error {
	return tableau(l, "x5c", ChaineMax, func(texte []byte) bool {
		der, err := base64.StdEncoding.Strict().AppendDecode(make([]byte, 0, base64.StdEncoding.DecodedLen(len(texte))), texte)
		e.Chaine = append(e.Chaine, der)
		return err == nil && len(der) > 0 && !finDeLigne(texte)
	})
}

// tableau reads an array of one to max strings.
func tableau(l *jcs.Lecteur, nom string, max int, f func([]byte) bool) error {
	g, err := l.Suivant()
	if err != nil || g != jcs.TableauDebut {
		return &Erreur{Motif: MotifEntete, Detail: nom, Cause: err}
	}
	for n := 0; ; n++ {
		g, err := l.Suivant()
		if err == nil && g == jcs.TableauFin && n > 0 {
			return nil
		}
		if err != nil || g != jcs.Chaine || n == max || !f(l.Texte()) {
			return &Erreur{Motif: MotifEntete, Detail: nom, Cause: err}
		}
	}
}

func (e *Entete) lireEmpreinte(l *jcs.Lecteur) error {
	s, err := chaine(l, "x5t#S256")
	if err != nil {
		return err
	}
	v, ok := b64url([]byte(s))
	if !ok || len(v) != 32 {
		return refus(MotifEntete, "x5t#S256")
	}
	e.Empreinte = v
	return nil
}

// lireSigT accepts an RFC 3339 instant with its zone. ref: TS 119 182-1 v1.1.1 §5.2.1
func (e *Entete) lireSigT(l *jcs.Lecteur) error {
	s, err := chaine(l, "sigT")
	if err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return refus(MotifInstant, "sigT")
	}
	e.Instant = t.UTC()
	return nil
}

// lireIat accepts whole seconds since 1970, until the year 9999.
// ref: TS 119 182-1 v1.2.1 §5.1.11; RFC 7519 §2 (NumericDate)
func (e *Entete) lireIat(l *jcs.Lecteur) error {
	g, err := l.Suivant()
	if err != nil || g != jcs.Nombre {
		return &Erreur{Motif: MotifInstant, Detail: "iat", Cause: err}
	}
	n, err := strconv.ParseInt(string(l.Brut()), 10, 64)
	if err != nil || n < 0 || n > 253402300799 {
		return refus(MotifInstant, "iat")
	}
	e.Instant = time.Unix(n, 0).UTC()
	return nil
}
