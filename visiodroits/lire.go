package visiodroits

import (
	"slices"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/ecluse-sante/ecluse/trame"
)

var planEnTete = trame.Pour[EnTete](Espace)

// morceaux are the members of a list, as they stand in its bytes.
type morceaux struct {
	entete   EnTete
	entrees  [][]byte
	retraits []string
}

// LireEnTete reads the header of the message of a list, without its seal: nothing
// in it may be believed. The error is a *RefusListe.
func LireEnTete(message []byte) (EnTete, error) {
	m, err := decouper(message)
	return m.entete, err
}

// Lire reads the message of a list, without its seal: nothing in it may be
// believed. The error is a *RefusListe.
func Lire[E Entree[E]](message []byte) (*Liste[E], error) {
	m, err := decouper(message)
	if err != nil {
		return nil, err
	}
	return decoder[E](&m)
}

// decouper reads the header and finds the entries, which it does not decode.
func decouper(message []byte) (m morceaux, err error) {
	var l jcs.Lecteur
	l.Reset(message, jcs.Limites{Taille: TailleMax})
	if g, err := l.Suivant(); err != nil || g != jcs.ObjetDebut {
		return m, illisible(err, "objet attendu")
	}
	vus := map[string]bool{}
	for {
		g, err := l.Suivant()
		if err != nil {
			return m, illisible(err, "")
		}
		if g == jcs.ObjetFin {
			break
		}
		nom := string(l.Texte())
		vus[nom] = true
		if err := m.membre(nom, &l, message); err != nil {
			return m, err
		}
	}
	if g, err := l.Suivant(); err != nil || g != jcs.Termine {
		return m, illisible(err, "texte après la liste")
	}
	if !vus["entete"] || !vus["entrees"] {
		return m, illisible(nil, "membres « entete » et « entrees » attendus")
	}
	if detail := m.entete.incoherence(); detail != "" {
		return m, refuser(MotifDate, &m.entete, detail)
	}
	return m, nil
}

func (m *morceaux) membre(nom string, l *jcs.Lecteur, message []byte) error {
	g, err := l.Suivant()
	switch {
	case err != nil:
		return illisible(err, "")
	case nom == "entete" && g == jcs.ObjetDebut:
		debut := l.Position()
		if err := l.Passer(g); err != nil {
			return illisible(err, "")
		}
		if err := planEnTete.DecodeJSON(message[debut:l.Fin()], &m.entete); err != nil {
			return illisible(err, "en-tête")
		}
		return nil
	case nom == "entrees" && g == jcs.TableauDebut:
		return m.parcourir(l, jcs.ObjetDebut, func(debut int) {
			m.entrees = append(m.entrees, message[debut:l.Fin()])
		})
	case nom == "retraits" && g == jcs.TableauDebut:
		var texte string
		return m.parcourir(l, jcs.Chaine, func(int) {
			texte = string(l.Texte())
			m.retraits = append(m.retraits, texte)
		})
	}
	return illisible(nil, "membre inattendu ; attendus : entete, entrees, retraits")
}

// parcourir reads an array whose elements all begin with one token.
func (m *morceaux) parcourir(l *jcs.Lecteur, attendu jcs.Genre, prendre func(debut int)) error {
	for n := 0; ; n++ {
		g, err := l.Suivant()
		switch {
		case err != nil:
			return illisible(err, "")
		case g == jcs.TableauFin:
			return nil
		case g != attendu:
			return illisible(nil, "élément de tableau inattendu")
		case n == EntreesMax:
			return refuser(MotifTaille, &m.entete, "trop d'entrées")
		case g == jcs.Chaine && len(l.Texte()) > cleMax:
			return illisible(nil, "clé trop longue")
		}
		debut := l.Position()
		if err := l.Passer(g); err != nil {
			return illisible(err, "")
		}
		prendre(debut)
	}
}

// decoder reads the entries and checks them, each by itself and their order.
func decoder[E Entree[E]](m *morceaux) (*Liste[E], error) {
	var zero E
	h := &m.entete
	if h.Genre != zero.genre() {
		return nil, refuser(MotifGenre, h, "")
	}
	if !h.Partielle() && len(m.retraits) > 0 {
		return nil, refuser(MotifIllisible, h, "retraits dans une liste complète")
	}
	l := &Liste[E]{EnTete: *h, Entrees: make([]E, len(m.entrees)), Retraits: m.retraits}
	for i, b := range m.entrees {
		if err := lireEntree(b, &l.Entrees[i]); err != nil {
			return nil, refusEntree(h, i, err)
		}
		if i > 0 && l.Entrees[i-1].Cle() >= l.Entrees[i].Cle() {
			return nil, refusEntree(h, i, errOrdre)
		}
	}
	for i := range l.Retraits {
		if i > 0 && l.Retraits[i-1] >= l.Retraits[i] {
			return nil, refusEntree(h, i, errOrdre)
		}
		if _, ici := slices.BinarySearchFunc(l.Entrees, l.Retraits[i], comparerCle[E]); ici {
			return nil, refusEntree(h, i, errRetrait)
		}
	}
	if h.Partielle() {
		return l, nil
	}
	if err := l.conforme(h); err != nil {
		return nil, err
	}
	return l, nil
}

func comparerCle[E Entree[E]](e E, cle string) int {
	switch x := e.Cle(); {
	case x < cle:
		return -1
	case x > cle:
		return 1
	}
	return 0
}

func lireEntree[E Entree[E]](b []byte, e *E) error {
	if err := (*e).plan().DecodeJSON(b, e); err != nil {
		return err
	}
	if err := (*e).Valider(); err != nil {
		return err
	}
	if x, ok := any(e).(interface{ preparer() }); ok {
		x.preparer()
	}
	return nil
}
