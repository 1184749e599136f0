package pupitre

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Loupe opens sealed messages to show them. It judges them by a trust store, as
// a party would, and with the keys of that party reads the bodies encrypted for
// it.
type Loupe struct {
	Magasin *certificat.Magasin
	Cles    roc.Dechiffreur // may be nil
	// Autres read the messages of other profiles than that of the hospitals.
	Autres []Lecteur
	// Personnes lets the card of a professional seal, as some of these profiles want.
	Personnes bool
	// Lu is when a message of the past is shown. The revocation lists of its day are
	// then no longer there: its sealer is judged by those of this instant. Zero for a
	// message that is shown as it comes.
	Lu time.Time
}

// Juger judges a sealer at an instant, by the lists in hand. It makes a Loupe a
// sceau.Juge.
func (l *Loupe) Juger(feuille []byte, chaine [][]byte, usage certificat.Usage, a time.Time) (certificat.Verdict, error) {
	v, err := l.Magasin.Juger(feuille, chaine, usage, a)
	if l.tropTot(err) {
		return l.Magasin.Juger(feuille, chaine, usage, l.Lu)
	}
	return v, err
}

func (l *Loupe) tropTot(err error) bool {
	return !l.Lu.IsZero() && errors.Is(err, &certificat.Refus{Motif: certificat.MotifListeFuture})
}

// Voir opens a message at the instant a, which is when its certificate is
// judged. It always gives something to show: of a message whose seal is refused,
// why, check by check, and what it says, without any guarantee.
func (l *Loupe) Voir(octets []byte, face sceau.Face, a time.Time) *Vu {
	v := &Vu{Brut: octets, Face: face}
	o := sceau.Ouvreur{Juge: l, Relais: roc.BlocChaine, Personnes: l.Personnes}
	ouvrir := o.REST
	if face == sceau.SOAP {
		ouvrir = o.SOAP
	}
	p, err := ouvrir(octets, a)
	c := brut(face, octets)
	if err == nil {
		rapport := p.Rapport()
		c, v.Garanti, v.Sceau, v.Empreinte = scelle(p), true, &rapport, sceau.EmpreinteTexte(p.Empreinte())
		if ch, err := roc.LireChaine(p); err == nil {
			v.Relais = ch.Maillons
		}
	} else {
		v.Code, v.Echec = codeDuSceau(err), err.Error()
	}
	l.examiner(v, p, err, a)
	v.lire(c, l.Cles, l.Autres)
	return v
}

// VoirClair is Voir for a message of which we know the body in clear, because we
// wrote it: an encrypted body is shown as it was before.
func (l *Loupe) VoirClair(octets []byte, face sceau.Face, a time.Time, corps any) *Vu {
	v := l.Voir(octets, face, a)
	if !v.Chiffre || v.Clair || corps == nil {
		return v
	}
	if enfants := Arbre(corps); enfants != nil {
		for i := range enfants {
			prefixer(&enfants[i], "corps.")
		}
		v.Decode = append(v.Decode, Noeud{Nom: "corps", Chemin: "corps", Sens: "Corps, avant d'avoir été chiffré", Enfants: enfants})
		v.Clair = true
	}
	return v
}

func prefixer(n *Noeud, p string) {
	n.Chemin = p + n.Chemin
	for i := range n.Enfants {
		prefixer(&n.Enfants[i], p)
	}
}

func (v *Vu) lire(c contenu, cles roc.Dechiffreur, autres []Lecteur) {
	p, err := decoder(c, cles, autres)
	if err != nil {
		v.Illisible = err.Error()
		return
	}
	v.message, v.Decode = p, p.arbre()
	for _, n := range v.Decode {
		if n.Nom == "corpsChiffre" {
			v.Chiffre, v.Clair = true, p.corps() != nil
		}
	}
}

// codeDuSceau is the refusal that an error of opening deserves. ref: ROC §18
func codeDuSceau(err error) roc.Code {
	var c *certificat.Refus
	switch {
	case errors.As(err, &c):
		return roc.CertificatRefuse
	case errors.Is(err, sceau.ErrForme):
		return roc.Illisible
	case errors.Is(err, sceau.ErrPerime):
		return roc.Rejeu
	case sceau.EstSceau(err):
		return roc.SceauInvalide
	}
	return roc.Interne
}

// FaceDe guesses the face of a message from its first byte.
func FaceDe(octets []byte) sceau.Face {
	for _, c := range octets {
		switch c {
		case ' ', '\t', '\r', '\n', 0xEF, 0xBB, 0xBF:
			continue
		case '{':
			return sceau.REST
		}
		break
	}
	return sceau.SOAP
}

// scellementDe is the JWS of a REST message, "" when it has none.
func scellementDe(octets []byte) string {
	var m struct {
		Scellement string `json:"scellement"`
	}
	if json.Unmarshal(octets, &m) != nil {
		return ""
	}
	return m.Scellement
}
